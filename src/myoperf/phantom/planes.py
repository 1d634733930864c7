"""Which slice pictures of a cohort are written, where a paper counts its pictures."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from ..core.terms import Position, State, View
from .patients import STATES, Patient
from .slices import SliceStyle, drawn_planes
from .ventricle import ischaemic_mask, ventricle_masks

Item = TypeVar("Item")
EXPORT = SliceStyle(zoom=16.0)
"""Pictures as a workstation exports them: enlarged 16 times, 512 pixels around the left ventricle (Wang 2022)."""


@dataclass(frozen=True, kw_only=True)
class Plane:
    """One slice picture of a patient. number : of the plane in the order of display, from 1."""

    state: State
    position: Position
    view: View
    number: int


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A plane that could be written, and whether it shows ischaemia."""

    plane: Plane
    ischaemic: bool


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """How many pictures a cohort has, and how many of them show ischaemia."""

    images: int
    ischaemic: int


def candidates(patient: Patient, positions: Iterable[Position], style: SliceStyle = EXPORT) -> list[Candidate]:
    """Every plane through the wall: both states in each position, all views. Only stress shows ischaemia."""
    found = []
    for state in STATES:
        wall = ventricle_masks(patient, state).wall
        ill = ischaemic_mask(patient, wall) if state is State.STRESS else np.zeros_like(wall)
        for position in positions:
            for view, number, _, ischaemic in drawn_planes(wall, ill, style):
                plane = Plane(state=state, position=position, view=view, number=number)
                found.append(Candidate(plane=plane, ischaemic=ischaemic))
    return found


def chosen_planes(supply: Mapping[int, Sequence[Candidate]], wanted: Wanted) -> dict[int, frozenset[Plane]]:
    """Planes of every patient (by number) that make up a cohort's pictures.

    Of the planes under stress the same share is kept with and without ischaemia: the share that gives the number with
    ischaemia. Planes at rest fill up the number without. Each of the three kinds is thinned evenly over patients,
    positions, views and planes. Where there are too few planes, all of them are kept and the cohort has fewer pictures.
    """
    every = [(number, one) for number, mine in supply.items() for one in mine]
    ill = [pair for pair in every if pair[1].ischaemic]
    well = [pair for pair in every if not pair[1].ischaemic and pair[1].plane.state is State.STRESS]
    rest = [pair for pair in every if pair[1].plane.state is State.REST]
    most = min(wanted.ischaemic, len(ill))
    without = wanted.images - wanted.ischaemic
    same_share = min(round(len(well) * most / len(ill)), without) if ill else 0
    at_rest = min(without - same_share, len(rest))
    kept = [*evenly(ill, most), *evenly(well, min(without - at_rest, len(well))), *evenly(rest, at_rest)]
    return {number: frozenset(one.plane for whose, one in kept if whose == number) for number in supply}


def evenly(items: Sequence[Item], count: int) -> list[Item]:
    """``count`` of the items (0 .. all), as evenly spread over their order as can be."""
    total = len(items)
    return [item for k, item in enumerate(items) if (k + 1) * count // total > k * count // total]
