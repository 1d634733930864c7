"""Defects land where they are put, with the area they are given."""

from dataclasses import replace

import numpy as np
import pytest

from myoperf.core.segments import AHA17, segment_at
from myoperf.core.terms import State, Territory
from myoperf.phantom.disease import LEAST_UPTAKE, Defect, defect_share, segment_defect, uptake_left
from myoperf.phantom.matrix import hit_segment, segment_patient
from myoperf.phantom.patients import expected_image
from myoperf.phantom.surface import MidWall, wall_table

SURFACE = MidWall(width_mm=28.0, length_mm=60.0, valve_mm=25.0, slant=0.3)
FINE = wall_table(200, 360)


def at_apex(radius_mm: float, stress: float) -> Defect:
    return Defect(
        territory=Territory.LAD,
        s=0.0,
        phi_deg=0.0,
        along_mm=radius_mm,
        around_mm=radius_mm,
        border=0.02,
        stress=stress,
        rest=0.0,
    )


def test_a_total_defect_of_known_area() -> None:
    sphere = MidWall(width_mm=30.0, length_mm=30.0, valve_mm=0.0, slant=0.0)
    loss = 1 - uptake_left([at_apex(30.0 * np.pi / 3, 0.8)], State.STRESS, sphere, *FINE)
    area = (loss * sphere.area(*FINE)).sum()
    assert area == pytest.approx(0.8 * (1 - np.cos(np.pi / 3)), abs=0.005)


def test_uptake_never_vanishes_and_rest_has_its_own_severity() -> None:
    defect = replace(at_apex(30.0, 1.0), rest=0.5)
    assert uptake_left([defect], State.STRESS, SURFACE, *FINE).min() == LEAST_UPTAKE
    assert uptake_left([defect], State.REST, SURFACE, *FINE).min() == pytest.approx(0.5)
    assert (uptake_left([], State.STRESS, SURFACE, *FINE) == 1).all()


def test_border_is_soft_and_cyclic() -> None:
    defect = replace(at_apex(20.0, 1.0), s=0.6, phi_deg=355.0, border=0.6)
    share = defect_share(defect, SURFACE, *FINE)
    assert set(np.unique(share[[0, -1]])) == {0.0}
    assert share[120, 10] == pytest.approx(share[120, 340], abs=0.01)
    assert ((share > 0.1) & (share < 0.9)).any()


@pytest.mark.parametrize("number", range(1, 18))
def test_segment_defect_fills_its_segment(number: int) -> None:
    share = defect_share(segment_defect(number, SURFACE, stress=1.0), SURFACE, *FINE)
    weighted = share * SURFACE.area(*FINE)
    segments = np.array([[segment_at(s, phi) for s, phi in zip(*row, strict=True)] for row in zip(*FINE, strict=True)])
    inside = segments == number
    assert weighted[inside].sum() > 0.6 * weighted.sum()
    assert share[inside].mean() > 0.7


def test_only_seventeen_segments() -> None:
    with pytest.raises(ValueError, match=r"1\.\.17, got 18"):
        segment_defect(18, SURFACE, stress=0.5)


@pytest.mark.parametrize("number", range(1, 18))
def test_defect_lands_on_the_right_side_of_the_image(number: int) -> None:
    """Where counts fall most, in voxels, against the segment's own words."""
    patient = segment_patient(number)
    assert hit_segment(patient) == number
    healthy = replace(patient, defects=())
    lost = expected_image(healthy, State.STRESS) - expected_image(patient, State.STRESS)
    lost = np.where(lost > 0.5 * lost.max(), lost, 0)
    scan = patient.stress
    origin = [part.start for part in scan.field.crop()]
    grid = np.indices(lost.shape)
    place = [(grid[axis] * lost).sum() / lost.sum() + origin[axis] for axis in range(3)]
    along = scan.anatomy.turn @ np.array(
        [
            (place[2] - scan.anatomy.centre[2]) * scan.field.spacing_mm[2],
            (scan.anatomy.centre[1] - place[1]) * scan.field.spacing_mm[1],
            (place[0] - scan.anatomy.centre[0]) * scan.field.spacing_mm[0],
        ]
    )
    name = AHA17[number - 1].name
    for word, direction in (("anter", along[1]), ("infer", -along[1]), ("lateral", along[0]), ("sept", -along[0])):
        if word in name:
            assert direction > 8.0, name
    heights = {"basal": (0.0, 60.0), "mid": (-30.0, 10.0), "apical": (-50.0, -10.0), "apex": (-75.0, -35.0)}
    low, high = heights[name.split()[0]]
    assert low < along[2] < high, name
