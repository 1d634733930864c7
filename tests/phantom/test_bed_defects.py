"""From arteries and protocol to the uptake of the wall."""

from dataclasses import asdict, replace

import numpy as np
import pytest

from myoperf.core.segments import segment_means
from myoperf.core.terms import Sex, State, Territory, Tracer
from myoperf.phantom.bed import Dominance, Vessel
from myoperf.phantom.coronary import Coronary, Lesion, Scar, obstructive
from myoperf.phantom.disease import BedDefect, defects_of, lost_share, uptake_left, uptake_seen
from myoperf.phantom.kinetics import Agent
from myoperf.phantom.protocol import REDISTRIBUTION, STRESS_REST, TWO_DAY, Protocol, Stressor, draw_protocol, mixture
from myoperf.phantom.stenoses import draw_coronary
from myoperf.phantom.surface import Floats, MidWall, wall_table

SURFACE = MidWall(width_mm=28.0, length_mm=60.0, valve_mm=25.0, slant=0.3)
TABLE = wall_table(20, 36)
AREA = SURFACE.area(*TABLE)
TWO = Protocol(
    name=TWO_DAY,
    agent=Agent.SESTAMIBI,
    stressor=Stressor.VASODILATOR,
    effort=1.0,
    stress_mbq=450.0,
    rest_mbq=450.0,
    delay_h=48.0,
)
LATE = replace(TWO, name=REDISTRIBUTION, agent=Agent.THALLIUM, stress_mbq=80.0, rest_mbq=0.0, delay_h=4.0, washout=0.4)


def lesion(stenosis: float, artery: Vessel = Vessel.LAD, scar: Scar | None = None) -> Lesion:
    return Lesion(artery=artery, place=0.0, stenosis=stenosis, scar=scar)


def made(*lesions: Lesion, protocol: Protocol = TWO, dominance: Dominance = Dominance.RIGHT) -> tuple[BedDefect, ...]:
    coronary = Coronary(lesions=lesions, dominance=dominance)
    coronary = replace(coronary, borders=replace(coronary.borders, dominance=dominance))
    return defects_of(coronary, protocol, np.random.default_rng(1))


def left(defects: tuple[BedDefect, ...], state: State = State.STRESS) -> Floats:
    return uptake_left(defects, state, SURFACE, *TABLE)


def in_segments(uptake: Floats) -> Floats:
    return segment_means(uptake, AREA)


def test_no_stenosis_no_defect() -> None:
    assert made() == ()
    assert made(lesion(0.0), lesion(10.0, Vessel.RCA)) == ()


def test_severity_by_hand() -> None:
    """75 percent: 0.52715 of a reserve of 3.5 is left, 1.84502; sestamibi with PS 3.5."""
    (defect,) = made(lesion(75.0))
    expected = 1 - 1.84502 * (1 - np.exp(-3.5 / 1.84502)) / (3.5 * (1 - np.exp(-1)))
    assert defect.stress == pytest.approx(expected, abs=1e-4)
    assert defect.rest == 0.0
    assert defect.territory is Territory.LAD


def test_more_stenosis_never_more_uptake_anywhere() -> None:
    before = np.ones_like(AREA)
    for stenosis in (0, 40, 60, 70, 80, 90, 100):
        now = left(made(lesion(float(stenosis))))
        assert (now <= before + 1e-12).all()
        before = now
    assert before.min() < 0.5


def test_tracers_show_the_same_stenosis_as_their_roll_off_says() -> None:
    shown = [made(lesion(80.0), protocol=replace(TWO, agent=agent))[0].stress for agent in list(Agent)[:2]]
    thallium = made(lesion(80.0), protocol=LATE)[0].stress
    assert shown[1] < shown[0] < thallium


def test_exercise_shows_less_than_a_vasodilator() -> None:
    exercise = replace(TWO, stressor=Stressor.EXERCISE, effort=0.6)
    assert made(lesion(80.0), protocol=exercise)[0].stress < made(lesion(80.0))[0].stress


def test_left_main_hits_anterior_and_lateral_walls_and_spares_the_inferior() -> None:
    means = in_segments(left(made(lesion(85.0, Vessel.LM))))
    assert means[[0, 6, 4, 10]].max() < 0.75
    assert means[[3, 9]].min() > 0.85


def test_lesions_in_series_add_up_to_the_flow_behind_both() -> None:
    first, second = made(lesion(70.0, Vessel.LM), lesion(70.0))
    alone = made(lesion(70.0))[0]
    assert second.stress > 0.0
    both = (1 - first.stress) * (1 - second.stress)
    assert both < 1 - alone.stress
    assert first.stress == pytest.approx(alone.stress)


def test_dominance_moves_the_defect_of_the_inferior_wall() -> None:
    right, moved = (
        in_segments(left(made(lesion(90.0, Vessel.RCA), dominance=way))) for way in (Dominance.RIGHT, Dominance.LEFT)
    )
    assert right[3] < 0.65
    assert moved.min() > 0.99
    assert in_segments(left(made(lesion(90.0, Vessel.LCX), dominance=Dominance.LEFT)))[3] < 0.65


def test_balanced_and_diffuse_disease_hide_themselves() -> None:
    alike = left(made(lesion(80.0), lesion(80.0, Vessel.LCX), lesion(80.0, Vessel.RCA)))
    assert np.ptp(in_segments(alike)) < 0.5 * np.ptp(in_segments(left(made(lesion(80.0)))))
    sick = Coronary(lesions=(lesion(80.0),), diffuse=1.0, microvascular=0.5)
    assert defects_of(sick, TWO, np.random.default_rng(1))[0].stress < made(lesion(80.0))[0].stress


def test_scar_is_in_both_states_smaller_than_the_bed_and_counted_apart() -> None:
    only = made(lesion(0.0, scar=Scar(transmurality=0.6, spared=0.5)))
    assert [d.scar for d in only] == [True]
    assert [only[0].stress, only[0].rest] == pytest.approx([0.54, 0.54])
    np.testing.assert_array_equal(left(only), left(only, State.REST))
    whole = made(lesion(0.0, scar=Scar(transmurality=0.6, spared=0.0)))
    assert 0 < lost_share(only, State.STRESS, SURFACE) < lost_share(whole, State.STRESS, SURFACE)
    mixed = made(lesion(85.0, scar=Scar(transmurality=0.6, spared=0.5)))
    assert lost_share(mixed, State.STRESS, SURFACE, scar_only=True) == pytest.approx(
        lost_share(only, State.STRESS, SURFACE)
    )
    assert lost_share(mixed, State.STRESS, SURFACE) > lost_share(only, State.STRESS, SURFACE)


def test_thallium_fills_in_partly_until_the_late_image() -> None:
    coronary = Coronary(lesions=(lesion(80.0),))
    late = [defects_of(coronary, LATE, np.random.default_rng(seed))[0] for seed in range(100)]
    worse = [d.rest for d in late if d.rest > d.stress]
    partly = [d.rest / d.stress for d in late if d.rest <= d.stress]
    assert len(worse) + sum(d.rest > 0.6 * d.stress for d in late) < 10
    assert 0.1 < np.mean(partly) < 0.5


def test_residual_activity_lets_the_stress_defect_shine_through() -> None:
    defects = made(lesion(90.0))
    one_day = replace(TWO, name=STRESS_REST, stress_mbq=250.0, rest_mbq=750.0, delay_h=2.0)
    share = mixture(one_day, State.REST)[State.STRESS]
    seen = uptake_seen(defects, SURFACE, *TABLE, protocol=one_day, state=State.REST)
    np.testing.assert_allclose(seen, share * left(defects) + (1 - share) * left(defects, State.REST))
    assert seen.min() < left(defects, State.REST).min() - 0.05
    np.testing.assert_array_equal(
        uptake_seen(defects, SURFACE, *TABLE, protocol=one_day, state=State.STRESS), left(defects)
    )


def test_a_defect_can_be_written_down() -> None:
    record = asdict(made(lesion(80.0))[0])
    assert record["bed"]["vessel"] == "LAD"
    assert record["bed"]["borders"]["wrap"] == 0.30


def test_crowd_spreads_widely_and_flow_and_anatomy_disagree_at_times() -> None:
    lost, narrowed, kinds = [], [], set()
    for seed in range(250):
        random = np.random.default_rng([11, seed])
        sex = Sex.MALE if seed % 2 else Sex.FEMALE
        coronary = draw_coronary(random, probability_of_disease=0.5, sex=sex, age=62.0)
        defects = defects_of(coronary, draw_protocol(random, Tracer.TC99M), random)
        lost.append(lost_share(defects, State.STRESS, SURFACE))
        narrowed.append(obstructive(coronary))
        kinds |= {(sex, d.scar) for d in defects if d.stress > 0.15}
    loss, label = np.array(lost), np.array(narrowed)
    assert len(kinds) == 4
    low, middle, high = np.percentile(loss[label], [10, 50, 90])
    assert 0.005 < low < 0.08 < middle < 0.26 < high < 0.6
    assert np.percentile(loss[~label], 75) < 0.01
    assert (loss[~label] > 0.04).any()
    assert (loss[label] < 0.02).any()
