"""Mean uptake of the 17 segments as a row of values."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from myoperf.core.errors import RefusedError
from myoperf.core.polar import PolarMap
from myoperf.core.segments import AHA17, membership, segment_means
from myoperf.core.terms import State


@dataclass(frozen=True, kw_only=True)
class Regions:
    """Segment values, percent of maximum, of some states one after the other.

    difference : append stress - rest of every segment (both states are then needed).
    """

    kind: Literal["regions"] = "regions"
    states: tuple[State, ...] = (State.STRESS,)
    difference: bool = False

    def __post_init__(self) -> None:
        if self.difference and set(self.states) != set(State):
            raise ValueError(f"a difference needs stress and rest, got {', '.join(self.states)}")


def region_values(view: Regions, maps: Mapping[State, PolarMap]) -> NDArray[np.float64]:
    """One row of values: 17 a state, then 17 differences if asked for. NaN where a segment lies outside the field.

    RefusedError where a state's map is missing.
    """
    missing = [state for state in view.states if state not in maps]
    if missing:
        raise RefusedError(
            "study",
            rule=f"maps of {' and '.join(view.states)} are needed",
            came=f"none of {' and '.join(missing)}",
            do="leave the study out or choose a variant without this input",
        )
    rows = {state: segment_means(maps[state].values, maps[state].weight) for state in view.states}
    parts = [rows[state] for state in view.states]
    if view.difference:
        parts.append(rows[State.STRESS] - rows[State.REST])
    return np.concatenate(parts)


def region_names(view: Regions) -> tuple[str, ...]:
    """Names of the values: us01..us17 (stress), ur01..ur17 (rest), ud01..ud17 (stress - rest)."""
    letters = ["us" if state is State.STRESS else "ur" for state in view.states] + ["ud"] * view.difference
    return tuple(f"{letter}{number:02d}" for letter in letters for number in range(1, 18))


def region_shares(weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of the ventricle's area in each of the 17 segments, shape (17,), by the area weight of a map's samples."""
    area = weight / weight.sum()
    shares: NDArray[np.float64] = (membership(*area.shape, AHA17) * area).sum(axis=(1, 2))
    return shares
