"""Slice pictures that a paper counts: how many, which, and what is written of them."""

import csv
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from myoperf.core.terms import Position, State, View
from myoperf.io.cohort import check_cohort
from myoperf.phantom.clinic import make_cohort, population_of, virtual_patient
from myoperf.phantom.planes import EXPORT, Candidate, Plane, Wanted, candidates, chosen_planes, evenly
from myoperf.phantom.preset import PRESETS, Output, preset_named
from myoperf.phantom.slices import SHORT_NAMES


def supply(patients: int, stress: int, ischaemic: int, rest: int) -> dict[int, list[Candidate]]:
    """Short-axis planes of patients, the first ``ischaemic`` under stress with ischaemia."""

    def one(state: State, number: int, ill: bool) -> Candidate:
        plane = Plane(state=state, position=Position.UPRIGHT, view=View.SHORT_AXIS, number=number)
        return Candidate(plane=plane, ischaemic=ill)

    mine = [one(State.STRESS, k, k < ischaemic) for k in range(stress)] + [
        one(State.REST, k, False) for k in range(rest)
    ]
    return dict.fromkeys(range(patients), mine)


def counted(found: dict[int, frozenset[Plane]], ischaemic: int) -> Counter[str]:
    kinds = [
        "rest" if p.state is State.REST else "ill" if p.number < ischaemic else "well"
        for v in found.values()
        for p in v
    ]
    return Counter(kinds)


def test_numbers_are_met_and_stress_is_thinned_alike() -> None:
    found = chosen_planes(supply(10, 30, 20, 30), Wanted(images=240, ischaemic=100))
    assert counted(found, 20) == {"ill": 100, "well": 50, "rest": 90}
    assert {len(planes) for planes in found.values()} == {24}


def test_too_few_planes_are_all_kept() -> None:
    found = chosen_planes(supply(2, 10, 4, 5), Wanted(images=100, ischaemic=40))
    assert counted(found, 4) == {"ill": 8, "well": 12, "rest": 10}
    none = chosen_planes(supply(2, 10, 0, 10), Wanted(images=10, ischaemic=4))
    assert counted(none, 0) == {"rest": 6}


def test_what_is_kept_is_spread_evenly() -> None:
    assert evenly(range(10), 3) == [3, 6, 9]
    assert evenly(range(4), 4) == [0, 1, 2, 3]
    assert evenly(range(4), 0) == []
    assert evenly([], 0) == []
    gaps = np.diff(evenly(range(5000), 2094))
    assert set(gaps.tolist()) == {2, 3}


def test_the_preset_has_the_papers_numbers_and_a_smaller_one_keeps_the_shares() -> None:
    assert (PRESETS["wang"].images, PRESETS["wang"].ischaemic_images) == (5008, 2094)
    small = preset_named("wang", 10)
    assert (small.images, small.ischaemic_images) == (486, 203)
    assert preset_named("samaras", 10).images is None


def test_candidates_are_both_states_in_both_positions() -> None:
    plan = PRESETS["wang"]
    patient = virtual_patient(0, 1, plan.tracers, population_of(plan))
    found = candidates(patient, plan.positions)
    assert {(one.plane.state, one.plane.position) for one in found} == {
        (state, position) for state in State for position in plan.positions
    }
    assert len({one.plane for one in found}) == len(found)
    ill = [one.plane for one in found if one.ischaemic]
    assert ill
    assert {plane.state for plane in ill} == {State.STRESS}


def test_a_small_cohort_of_the_paper(tmp_path: Path) -> None:
    table = make_cohort(tmp_path, preset="wang", patients=1, outputs=(Output.SHORT_AXIS, Output.SLICES), jobs=1)
    assert check_cohort(table) == ()
    with table.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    shown = []
    for row in rows:
        with (tmp_path / row["slices"]).open(newline="") as stream:
            mine = list(csv.DictReader(stream))
        assert {one["patient_id"] for one in mine} == {row["patient_id"]}
        shown += mine
    plan = preset_named("wang", 1)
    assert len(shown) == plan.images
    assert sum(one["ischaemia"] == "1" for one in shown) == plan.ischaemic_images
    assert {one["view"] for one in shown} == set(SHORT_NAMES.values())
    assert not [one for one in shown if one["state"] == "rest" and one["ischaemia"] == "1"]
    assert any("_supine_" in one["image"] for one in shown)
    assert len({one["image"] for one in shown}) == len(shown) == len(list((tmp_path / "slices").glob("*.png")))
    sizes = {float(one["pixel_mm"]) for one in shown}
    assert list(sizes) == pytest.approx([6.6 / (EXPORT.zoom or 1)])
    with Image.open(tmp_path / "slices" / shown[0]["image"]) as picture:
        assert picture.size == (512, 512)
