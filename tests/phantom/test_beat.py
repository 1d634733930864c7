"""The beat: known volumes, muscle that is kept, regions that move as they are told; and the forms hearts come in."""

from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pytest

from myoperf.core.errors import RefusedError
from myoperf.core.terms import Sex
from myoperf.phantom.beat import (
    SEGMENTS,
    SEPTUM,
    Beat,
    beat_truth,
    contraction,
    draw_beat,
    gate_anatomies,
    gate_volumes,
)
from myoperf.phantom.forms import Form, draw_form, draw_heart, draw_volumes, septal_relief, septal_uptake
from myoperf.phantom.heart import MUSCLE_G_PER_ML, Anatomy, cut_ellipsoid, cut_relief
from myoperf.phantom.painting import Grid, paint_heart
from myoperf.phantom.surface import wall_table

STEP = 2.5
_axis = np.asarray((np.arange(60) - 29.5) * STEP, dtype=np.float64)
GRID = Grid(slices=_axis, rows=_axis, columns=_axis, step_mm=STEP)
EMPTY = np.zeros((len(GRID.slices), len(GRID.rows), len(GRID.columns)), dtype=np.float32)
WALL = np.ones((12, 24))
PLAIN = Beat(ed_volume_ml=120.0, es_volume_ml=48.0, heart_rate=65.0)


def heart(form: Form = Form.NORMAL, beat: Beat = PLAIN) -> Anatomy:
    random = np.random.default_rng(11)
    volumes = {"ed_volume_ml": beat.ed_volume_ml, "es_volume_ml": beat.es_volume_ml}
    return draw_heart(random, sex=Sex.MALE, form=form, **volumes, blood=0.1)


def only(segments: tuple[int, ...], value: float, other: float) -> tuple[float, ...]:
    return tuple(value if number in segments else other for number in range(1, SEGMENTS + 1))


def painted_ml(anatomy: Anatomy) -> tuple[float, float]:
    """Volumes of cavity and muscle on the grid, everything else left out."""
    right = replace(anatomy.right, reach_mm=-60.0, span_mm=1.0, uptake=0.0, seams=(0.0, 0.0))
    bare = replace(anatomy, right=right, atria=None, papillary_mm=(0.0, 0.0))
    cavity = paint_heart(replace(bare, blood=1.0), 0.0 * WALL, GRID, EMPTY.copy()).sum()
    muscle = paint_heart(replace(bare, blood=0.0), WALL, GRID, EMPTY.copy()).sum()
    return float(cavity * STEP**3 / 1000), float(muscle * STEP**3 / 1000)


def test_the_course_of_a_beat() -> None:
    time = np.linspace(0.0, 1.0, 1001)
    course = contraction(PLAIN, time)
    assert course[0] == course[-1] == pytest.approx(0.0)
    assert course.max() == pytest.approx(1.0)
    assert time[course.argmax()] == pytest.approx(0.36, abs=0.005)
    assert contraction(PLAIN, np.asarray(1.36)) == pytest.approx(1.0)
    assert course[700] == pytest.approx(0.28, abs=0.05)
    fast = replace(PLAIN, heart_rate=95.0)
    assert fast.systole > PLAIN.systole
    assert PLAIN.ef == pytest.approx(60.0)


@pytest.mark.parametrize("gates", [8, 16])
def test_gates_lie_between_the_ends_and_more_gates_come_nearer(gates: int) -> None:
    volumes = gate_volumes(PLAIN, gates)
    assert len(volumes) == gates
    assert 48.0 < min(volumes) < max(volumes) < 120.0
    assert np.argmax(volumes) in (0, gates - 1)
    eight = gate_volumes(PLAIN, 8)
    assert min(gate_volumes(PLAIN, 16)) < min(eight)
    with pytest.raises(RefusedError, match="8 or 16"):
        gate_volumes(PLAIN, 12)


UNEVEN = {
    "even": PLAIN,
    "infarct": replace(PLAIN, amplitude=only((7, 8, 13, 14, 17), 0.0, 1.0)),
    "late septum": replace(PLAIN, delay_deg=only(SEPTUM, 60.0, 0.0)),
}


@pytest.mark.parametrize("name", list(UNEVEN))
@pytest.mark.parametrize("form", [Form.NORMAL, Form.SEPTAL])
def test_painted_gates_have_their_volumes_and_the_same_muscle(name: str, form: Form) -> None:
    anatomy = heart(form)
    gates = gate_anatomies(anatomy, UNEVEN[name], 8)
    volumes = gate_volumes(UNEVEN[name], 8)
    for number in (0, 2, 4):
        cavity, muscle = painted_ml(gates[number])
        assert cavity == pytest.approx(volumes[number], rel=0.02)
        assert muscle == pytest.approx(anatomy.mass_g / MUSCLE_G_PER_ML, rel=0.02)
        assert gates[number].mass_g == pytest.approx(anatomy.mass_g, rel=0.003)


def test_the_wall_thickens_the_base_descends_and_the_apex_stays() -> None:
    diastole, _, systole, *_ = gate_anatomies(heart(), PLAIN, 8)
    assert systole.wall_mm > 1.2 * diastole.wall_mm
    assert 5.0 < diastole.mid_wall.valve_mm - systole.mid_wall.valve_mm < 13.0
    assert diastole.outer[1] == pytest.approx(systole.outer[1])
    assert systole.right.reach_mm < diastole.right.reach_mm
    assert systole.papillary_mm[0] > diastole.papillary_mm[0]
    assert max(diastole.beat_mm) < max(heart().beat_mm)


def test_a_synchronous_heart_has_no_spread_and_its_known_function() -> None:
    truth = beat_truth(heart(), PLAIN, 8)
    assert (truth.ed_volume_ml, truth.es_volume_ml) == (120.0, 48.0)
    assert truth.ef == pytest.approx(60.0)
    assert truth.volumes_ml == gate_volumes(PLAIN, 8)
    assert truth.phase_sd_deg < 2.0
    time = np.arange(360) / 360
    wave = np.degrees(-np.angle((contraction(PLAIN, time) * np.exp(-2j * np.pi * time)).sum()))
    assert truth.phase_deg[:16] == pytest.approx([wave] * 16, abs=4.0)


def test_a_late_septum_is_late_by_about_what_it_was_told() -> None:
    even, late = (beat_truth(heart(), UNEVEN[name], 8) for name in ("even", "late septum"))
    behind = np.asarray(late.phase_deg) - np.asarray(even.phase_deg)
    septum = [number - 1 for number in SEPTUM]
    assert behind[[1, 2, 7, 8]].mean() == pytest.approx(55.0, abs=15.0)
    assert abs(behind[[3, 4, 5, 9, 10, 11]]).max() < 20.0
    assert late.phase_sd_deg > 12.0
    assert late.bandwidth_deg > 45.0
    assert min(behind[septum]) > 25.0


def test_infarcted_muscle_does_not_thicken() -> None:
    truth = beat_truth(heart(), UNEVEN["infarct"], 8)
    thick = np.asarray(truth.thickening)
    assert thick[[6, 7]].max() < 0.5 * thick[[3, 4, 9, 10]].min()
    assert truth.ef == pytest.approx(60.0)


def test_amplitude_over_all_changes_nothing() -> None:
    """Volumes rule: a heart whose regions all move half as much, at the same volumes, moves as ever."""
    half = replace(PLAIN, amplitude=(0.5,) * SEGMENTS)
    assert beat_truth(heart(), half, 8).thickening == pytest.approx(beat_truth(heart(), PLAIN, 8).thickening, rel=0.05)


def test_beats_that_cannot_be_are_refused() -> None:
    with pytest.raises(RefusedError, match="larger than systole"):
        Beat(ed_volume_ml=50.0, es_volume_ml=60.0, heart_rate=60.0)
    with pytest.raises(RefusedError, match="17 amplitudes"):
        replace(PLAIN, amplitude=(1.0,) * 16)


def test_drawn_beats_follow_scar_and_bundle_branch() -> None:

    def drawn(scar: tuple[float, ...] = (0.0,) * SEGMENTS, *, lbbb: bool = False) -> Beat:
        random = np.random.default_rng(1)
        return draw_beat(random, ed_volume_ml=120.0, es_volume_ml=60.0, scar=scar, lbbb=lbbb)

    well, scarred = drawn(), drawn(only((4, 10), 1.0, 0.0))
    assert well == drawn()
    assert scarred.amplitude[3] == scarred.amplitude[9] == 0.0
    assert scarred.amplitude[0] == well.amplitude[0]
    blocked = drawn(lbbb=True)
    assert blocked.delay_deg[1] > well.delay_deg[1] + 24.0
    assert blocked.amplitude[8] == pytest.approx(0.5 * well.amplitude[8])


def test_relief_of_nothing_is_a_plain_ellipsoid_and_a_bulge_keeps_the_cavity() -> None:
    flat = ((0.0,) * 24,) * 13
    assert cut_relief(flat, 0.55, 0.0) == pytest.approx(np.pi * cut_ellipsoid(0.55), rel=0.003)
    grown = ((0.1,) * 24,) * 13
    assert cut_relief(grown, 5.0, 0.0) == pytest.approx(4 / 3 * np.pi * 1.1**3, rel=0.003)
    plain = heart()
    thick = replace(plain, relief=septal_relief(plain, 6.0))
    assert painted_ml(thick)[0] == pytest.approx(plain.cavity_ml, rel=0.025)
    assert thick.mass_g > plain.mass_g


@pytest.mark.parametrize("sex", list(Sex))
def test_sizes_by_sex_and_form(sex: Sex) -> None:
    def means(form: Form) -> dict[str, float]:
        found = []
        for number in range(40):
            random = np.random.default_rng(number)
            ed_volume, es_volume = draw_volumes(random, sex, form)
            one = draw_heart(random, sex=sex, form=form, ed_volume_ml=ed_volume, es_volume_ml=es_volume, blood=0.1)
            found.append((ed_volume, 100 * (1 - es_volume / ed_volume), one.mass_g, one.wall_mm))
        return dict(zip(("ed", "ef", "mass", "wall"), np.mean(found, axis=0), strict=True))

    normal = means(Form.NORMAL)
    expected = (130.0, 162.0) if sex is Sex.MALE else (108.0, 131.0)
    assert (normal["ed"], normal["mass"]) == pytest.approx(expected, rel=0.08)
    assert normal["ef"] == pytest.approx(63.0, abs=2.0)
    assert means(Form.SMALL)["ed"] < 60.0
    assert means(Form.CONCENTRIC)["mass"] > 1.25 * normal["mass"]
    assert means(Form.DILATED)["ed"] > 1.5 * normal["ed"]
    assert means(Form.DILATED)["ef"] < 42.0


def test_forms_come_as_often_as_asked() -> None:
    random = np.random.default_rng(4)
    drawn = [draw_form(random, Sex.FEMALE) for _ in range(800)]
    assert drawn.count(Form.SMALL) / 800 == pytest.approx(0.06, abs=0.03)
    assert drawn.count(Form.NORMAL) / 800 == pytest.approx(0.80, abs=0.05)
    always = {sex: MappingProxyType({Form.LBBB: 1.0}) for sex in Sex}
    assert draw_form(random, Sex.MALE, always) is Form.LBBB
    with pytest.raises(RefusedError, match="sum to 1"):
        draw_form(random, Sex.MALE, {sex: MappingProxyType({Form.LBBB: 1.4}) for sex in Sex})


def test_bundle_branch_block_takes_uptake_from_the_septum_alone() -> None:
    s, phi = wall_table(12, 24)
    left = septal_uptake(0.3, s, phi)
    row, column = np.unravel_index(left.argmin(), left.shape)
    assert left.min() == pytest.approx(0.7, abs=0.01)
    assert abs(phi[row, column] - 170.0) < 16.0
    assert (left[np.abs((phi - 350.0 + 180.0) % 360.0 - 180.0) < 100.0] == 1).all()
    assert (left[0] == 1).all()
