"""Stenosis, flow reserve, beds and the labels that follow from them."""

from dataclasses import replace

import numpy as np
import pytest

from myoperf.core.errors import RefusedError
from myoperf.core.terms import Sex, Territory
from myoperf.phantom.bed import Bed, Borders, Dominance, Vessel, at_risk, draw_borders, supply
from myoperf.phantom.coronary import (
    Coronary,
    Lesion,
    arteries_of,
    background_reserve,
    gensini,
    obstructed,
    obstructive,
    open_share,
    reserve_behind,
    resistance,
)
from myoperf.phantom.stenoses import Disease, draw_coronary
from myoperf.phantom.surface import MidWall, wall_table

SURFACE = MidWall(width_mm=28.0, length_mm=60.0, valve_mm=25.0, slant=0.3)
TABLE = wall_table(24, 36)


def narrow(stenosis: float, artery: Vessel = Vessel.LAD, place: float = 0.1) -> Lesion:
    return Lesion(artery=artery, place=place, stenosis=stenosis)


def fed_at(vessel: Vessel, borders: Borders, s: float, phi: float) -> float:
    return float(supply(borders, SURFACE, np.array([[s]]), np.array([[phi]]))[vessel][0, 0])


def risk_at(bed: Bed, s: float, phi: float) -> float:
    return float(at_risk(bed, SURFACE, np.array([[s]]), np.array([[phi]]))[0, 0])


def test_resistance_and_flow_by_hand() -> None:
    assert resistance(narrow(75.0)) == pytest.approx(0.0055 * 255)
    open_ = Coronary()
    assert open_share(open_, (narrow(75.0),)) == pytest.approx(0.41623 + 0.58377 * 0.19, abs=1e-4)
    assert open_share(open_, (narrow(75.0), narrow(75.0))) == pytest.approx(0.26281 + 0.73719 * 0.19, abs=1e-4)
    assert open_share(open_, (narrow(100.0),)) == pytest.approx(0.19)
    assert open_share(open_, ()) == 1.0


def test_reserve_falls_from_half_closed_and_is_used_up_near_85_percent() -> None:
    reserve = [reserve_behind(Coronary(), (narrow(float(k)),)) for k in range(101)]
    assert all(np.diff(reserve) <= 0)
    assert reserve[0] == 3.5
    assert 3.2 < reserve[50] < 3.5
    assert 1.7 < reserve[75] < 2.4
    assert 0.7 < reserve[88] < 1.2


def test_diffuse_and_microvascular_disease_lower_the_reserve_everywhere_and_collaterals_help() -> None:
    sick = Coronary(diffuse=1.0, microvascular=1.0)
    assert background_reserve(sick) == pytest.approx(3.5 * 0.55 * 0.45)
    assert all(artery.flow_reserve == pytest.approx(0.87) for artery in arteries_of(sick))
    assert open_share(sick, (narrow(75.0),)) > open_share(Coronary(), (narrow(75.0),))
    assert open_share(Coronary(collaterals=1.0), (narrow(100.0),)) == pytest.approx(0.49)


def test_left_main_takes_the_reserve_of_both_its_arteries() -> None:
    coronary = Coronary(lesions=(narrow(80.0, Vessel.LM), narrow(60.0, Vessel.LCX)))
    lad, lcx, rca = arteries_of(coronary)
    assert [a.territory for a in (lad, lcx, rca)] == list(Territory)
    assert lad.stenosis == lcx.stenosis == 80.0
    assert rca.stenosis == 0.0
    assert rca.flow_reserve == 3.5
    assert lcx.flow_reserve < lad.flow_reserve < 2.0


def test_obstructive_from_70_percent_and_from_50_in_the_left_main() -> None:
    assert not obstructive(Coronary(lesions=(narrow(69.9),)))
    assert obstructed(Coronary(lesions=(narrow(70.0), narrow(80.0, Vessel.RCA)))) == (Vessel.LAD, Vessel.RCA)
    assert obstructed(Coronary(lesions=(narrow(50.0, Vessel.LM),))) == (Vessel.LM,)


def test_gensini_by_hand() -> None:
    lesions = (
        narrow(60.0, Vessel.LM),
        narrow(80.0, place=0.2),
        Lesion(artery=Vessel.LAD, place=0.2, stenosis=30.0, branch=True),
        narrow(100.0, Vessel.LCX, place=0.9),
        narrow(0.0, Vessel.RCA),
    )
    assert gensini(Coronary(lesions=lesions)) == 4 * 5 + 8 * 2.5 + 2 * 1 + 32 * 1
    assert gensini(Coronary(lesions=lesions, dominance=Dominance.LEFT)) == 4 * 5 + 8 * 2.5 + 2 * 1 + 32 * 2
    assert gensini(Coronary(lesions=(narrow(99.5, Vessel.RCA),))) == 16


def test_impossible_lesions_are_refused() -> None:
    with pytest.raises(RefusedError, match="0 to 100 percent"):
        narrow(101.0)
    with pytest.raises(RefusedError, match="proximal"):
        narrow(50.0, place=-0.1)


def test_beds_share_the_whole_wall_and_lie_where_they_should() -> None:
    borders = draw_borders(np.random.default_rng(1), Dominance.RIGHT)
    np.testing.assert_allclose(sum(supply(borders, SURFACE, *TABLE).values()), 1.0)
    mean = Borders()
    for vessel, s, phi in (
        (Vessel.LAD, 0.05, 270.0),
        (Vessel.LAD, 0.6, 110.0),
        (Vessel.RCA, 0.7, 250.0),
        (Vessel.LCX, 0.7, 0.0),
    ):
        assert fed_at(vessel, mean, s, phi) > 0.9, vessel


def test_dominance_moves_the_inferior_wall() -> None:
    right, left = Borders(), Borders(dominance=Dominance.LEFT)
    assert fed_at(Vessel.RCA, right, 0.7, 265.0) > 0.9
    assert fed_at(Vessel.LCX, left, 0.7, 265.0) > 0.9
    assert fed_at(Vessel.RCA, left, 0.7, 265.0) == 0.0


def test_left_main_feeds_the_beds_of_both_its_arteries() -> None:
    both = at_risk(Bed(vessel=Vessel.LM), SURFACE, *TABLE)
    fed = supply(Borders(), SURFACE, *TABLE)
    np.testing.assert_allclose(both, fed[Vessel.LAD] + fed[Vessel.LCX])


def test_the_further_down_the_smaller_the_bed() -> None:
    area = SURFACE.area(*TABLE)
    for vessel in (Vessel.LAD, Vessel.LCX, Vessel.RCA):
        at = [
            float((at_risk(Bed(vessel=vessel, place=p), SURFACE, *TABLE) * area).sum())
            for p in (0.0, 0.3, 0.65, 0.8, 1.0)
        ]
        assert all(np.diff(at) <= 1e-12), vessel
        assert at[-1] < 0.6 * at[0]
        branch = at_risk(Bed(vessel=vessel, branch=True), SURFACE, *TABLE)
        assert 0.02 < (branch * area).sum() < 0.75 * at[0]


def test_distal_lad_is_the_apex_and_proximal_lad_the_septum_too() -> None:
    distal, proximal = Bed(vessel=Vessel.LAD, place=0.8), Bed(vessel=Vessel.LAD)
    assert risk_at(distal, 0.1, 120.0) > 0.8
    assert risk_at(distal, 0.75, 120.0) < 0.1
    assert risk_at(proximal, 0.75, 120.0) > 0.8


def test_draws_are_repeatable_and_keep_their_promises() -> None:
    first, again = (
        draw_coronary(np.random.default_rng(3), probability_of_disease=1.0, sex=Sex.MALE, age=60.0) for _ in range(2)
    )
    assert first == again
    for seed in range(60):
        random = np.random.default_rng([4, seed])
        healthy = draw_coronary(random, probability_of_disease=0.0, sex=Sex.FEMALE, age=70.0)
        assert all(lesion.stenosis < 50.0 and lesion.scar is None for lesion in healthy.lesions)
        sick = draw_coronary(random, probability_of_disease=1.0, sex=Sex.FEMALE, age=70.0)
        assert any(lesion.stenosis >= 50.0 or lesion.scar is not None for lesion in sick.lesions)


def test_disease_is_spread_over_people_as_its_parameters_say() -> None:
    def crowd(settings: Disease, sex: Sex = Sex.MALE) -> list[Coronary]:
        return [
            draw_coronary(
                np.random.default_rng([9, seed]), probability_of_disease=1.0, sex=sex, age=61.0, settings=settings
            )
            for seed in range(300)
        ]

    people = crowd(Disease())
    counts = np.bincount([len(obstructed(c)) for c in people], minlength=4) / len(people)
    assert 0.1 < counts[0] < 0.4
    assert counts[1] > counts[2] > counts[3] > 0.0
    assert 0.6 < np.mean([obstructive(c) for c in people]) < 0.9
    assert {c.dominance for c in people} == set(Dominance)
    main = crowd(replace(Disease(), kinds=(1, 0, 0, 0, 0), vessels=(0, 0, 0, 1)))
    assert all(any(lesion.artery is Vessel.LM for lesion in c.lesions) for c in main)
    scarred = crowd(replace(Disease(), kinds=(0, 0, 0, 1, 0)), Sex.FEMALE)
    assert np.mean([any(lesion.scar for lesion in c.lesions) for c in scarred]) > 0.9
