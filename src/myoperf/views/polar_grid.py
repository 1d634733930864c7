"""Polar maps as they are: rings x sectors of every input."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from myoperf.core.errors import RefusedError
from myoperf.core.polar import PolarMap
from myoperf.core.terms import State

Grids = NDArray[np.float32]
"""Percent of maximum, shape (..., states, rings, sectors); NaN outside the field."""


@dataclass(frozen=True, kw_only=True)
class PolarGrid:
    """Maps of some states as channels, percent of maximum, ring 0 the apex."""

    kind: Literal["polar grid"] = "polar grid"
    states: tuple[State, ...] = (State.STRESS,)


def polar_grids(states: tuple[State, ...], maps: Mapping[State, PolarMap]) -> Grids:
    """Values of a study's maps, shape (states, rings, sectors).

    RefusedError where a map is missing, is empty, or differs in shape from the others.
    """
    missing = [state for state in states if state not in maps]
    if missing:
        raise RefusedError(
            "study",
            rule=f"maps of {' and '.join(states)} are needed",
            came=f"none of {' and '.join(missing)}",
            do="leave the study out or choose a variant without this input",
        )
    shapes = {maps[state].values.shape for state in states}
    if len(shapes) > 1:
        raise RefusedError("study", rule="all maps have one shape", came=sorted(shapes), do="sample them alike")
    grids = np.stack([maps[state].values for state in states]).astype(np.float32)
    if not np.isfinite(grids).any(axis=(1, 2)).all():
        raise RefusedError("study", rule="a map has values", came="a map without any", do="leave the study out")
    return grids
