"""Hazards added up by hand, what follow-up hides, and rates that are near the published ones."""

from dataclasses import replace

import numpy as np
import pytest

from myoperf.core.errors import RefusedError
from myoperf.core.terms import Sex
from myoperf.phantom.outcome import (
    YEAR_DAYS,
    Facts,
    FollowUp,
    Hazards,
    Outcome,
    Rate,
    Steps,
    columns,
    draw_outcome,
)
from myoperf.phantom.person import EVERYONE, Intake, Person, Referral, Symptoms, draw_person

WOMAN = Person(
    sex=Sex.FEMALE,
    age=65,
    height_cm=165.0,
    weight_kg=70.0,
    bmi=25.7,
    hypertension=False,
    diabetes=False,
    dyslipidaemia=False,
    smoking=False,
    family_history=False,
    prior_mi=False,
    prior_pci=False,
    prior_cabg=False,
    peripheral_artery_disease=False,
    lbbb=False,
    atrial_fibrillation=False,
    symptoms=Symptoms.NON_ANGINAL,
    low_likelihood=False,
)
WELL = Facts(
    person=WOMAN,
    ischaemia=0.0,
    scar=0.0,
    ejection_fraction=65.0,
    obstructed=0,
    exercised=True,
    abnormal=False,
    summed_stress_score=0,
    summed_difference_score=0,
)
NEVER = Rate(yearly=0.0, coefficients={})
NOTHING = Hazards(death=NEVER, acs=NEVER, early=NEVER, late=NEVER)
WHOLE = FollowUp(least_years=3.0, most_years=3.0, lost_yearly=0.0)
NOBODY = Referral(normal=0.0, abnormal=0.0, per_point=0.0, typical=0.0)


def fate(facts: Facts, hazards: Hazards, number: int, referral: Referral = EVERYONE) -> Outcome:
    return draw_outcome(np.random.default_rng(number), facts, referral=referral, hazards=hazards, follow_up=WHOLE)


def test_a_hazard_in_steps_is_added_up_by_hand() -> None:
    steps = Steps(days=(0.0, 100.0, 300.0), yearly=(0.36525, 0.0, 0.73050))
    assert steps.cumulative(50.0) == pytest.approx(0.05)
    assert steps.cumulative(250.0) == pytest.approx(0.10)
    assert steps.cumulative(400.0) == pytest.approx(0.30)
    assert steps.reached(0.05) == pytest.approx(50.0)
    assert steps.reached(0.20) == pytest.approx(350.0)
    assert Steps(days=(0.0, 90.0), yearly=(0.1, 0.0)).reached(1.0) == float("inf")


def test_a_rate_is_its_formula() -> None:
    rate = Rate(yearly=0.01, coefficients={"years_over_65": 0.1, "diabetes": 0.5, "ef_below_55": 0.02})
    older = replace(WELL, person=replace(WOMAN, age=70, diabetes=True), ejection_fraction=40.0)
    assert rate.of(WELL) == pytest.approx(0.01)
    assert rate.of(older) == pytest.approx(0.01 * np.exp(0.5 + 0.5 + 0.3))
    with pytest.raises(KeyError):
        Rate(yearly=0.01, coefficients={"luck": 1.0}).of(WELL)


def test_without_hazards_nothing_happens_until_the_end() -> None:
    outcome = fate(WELL, NOTHING, 0)
    assert (outcome.event, outcome.time_days, outcome.follow_up_days) == (0, 1096, 1096)
    assert outcome.first_event == (0, 1096)
    assert columns(outcome)["death_days"] == ""
    assert columns(outcome)["angiography"] == 1


def test_the_share_of_deaths_is_the_integral_of_the_hazard() -> None:
    hazards = replace(NOTHING, death=Rate(yearly=0.2, coefficients={}))
    dead = [fate(WELL, hazards, number).event for number in range(3000)]
    assert np.mean(dead) == pytest.approx(1 - np.exp(-0.6), abs=0.025)


def test_after_revascularisation_a_syndrome_is_rarer_and_after_it_death_is_more_frequent() -> None:
    hazards = replace(NOTHING, late=Rate(yearly=1e6, coefficients={}), acs=Rate(yearly=1.0, coefficients={}))
    spared = [fate(WELL, replace(hazards, after_revascularisation=0.5), number) for number in range(1500)]
    assert {outcome.late_revascularisation_days for outcome in spared if outcome.late_revascularisation_days} == {91}
    late = (3 - 90 / YEAR_DAYS) * 0.5 + 90 / YEAR_DAYS
    assert np.mean([outcome.acs_days is not None for outcome in spared]) == pytest.approx(1 - np.exp(-late), abs=0.035)
    deadly = replace(NOTHING, acs=Rate(yearly=1e6, coefficients={}), death=Rate(yearly=0.1, coefficients={}))
    dead = [fate(WELL, replace(deadly, after_acs=4.0), number).death_days is not None for number in range(1500)]
    assert np.mean(dead) == pytest.approx(1 - np.exp(-1.2), abs=0.035)


def test_early_revascularisation_takes_a_report_and_an_obstructed_artery() -> None:
    false = replace(WELL, abnormal=True, summed_stress_score=14, summed_difference_score=14)
    told = replace(false, obstructed=1)
    ill = replace(WELL, ischaemia=25.0, obstructed=3)
    early = {
        name: np.mean([fate(f, Hazards(), k, Referral()).early_revascularisation_days is not None for k in range(800)])
        for name, f in (("well", WELL), ("told", told), ("ill", ill), ("false", false))
    }
    assert early["told"] > 0.25
    assert max(early["ill"], early["well"]) < 0.03
    assert early["false"] < 0.2 * early["told"]
    assert all(fate(told, Hazards(), k, NOBODY).early_revascularisation_days is None for k in range(50))


def test_nothing_is_known_after_death_or_the_end() -> None:
    hazards = Hazards(
        death=Rate(yearly=0.3, coefficients={}),
        acs=Rate(yearly=0.4, coefficients={}),
        early=Rate(yearly=1.0, coefficients={}),
        late=Rate(yearly=0.3, coefficients={}),
    )
    for number in range(300):
        outcome = draw_outcome(np.random.default_rng(number), WELL, referral=EVERYONE, hazards=hazards)
        days = [outcome.acs_days, outcome.early_revascularisation_days, outcome.late_revascularisation_days]
        assert all(day is None or 1 <= day <= outcome.follow_up_days for day in days)
        assert outcome.death_days in (None, outcome.follow_up_days)
        assert outcome.early_revascularisation_days is None or outcome.early_revascularisation_days <= 90
        assert outcome.late_revascularisation_days is None or outcome.late_revascularisation_days > 90
        assert outcome.event == int(outcome.death_days is not None or outcome.acs_days is not None)
        assert outcome.time_days <= outcome.follow_up_days <= 5 * 366
        kind, day = outcome.first_event
        assert (kind == 0) == (day == outcome.follow_up_days and not outcome.event and not any(days))
        assert outcome == draw_outcome(np.random.default_rng(number), WELL, referral=EVERYONE, hazards=hazards)


def test_yearly_rates_by_quarter_of_defect_are_like_the_published() -> None:
    random = np.random.default_rng(5)
    rows = []
    for _ in range(4000):
        ill = random.random() < 0.35
        lost = 30.0 * float(random.beta(0.9, 2.5)) if ill else 0.0
        part = float(random.choice([1.0, 1.0, 0.5, 0.1]))
        facts = replace(
            WELL,
            person=draw_person(random, Intake()),
            ischaemia=lost * part,
            scar=lost * (1 - part),
            ejection_fraction=float(np.clip(random.normal(63, 6) - 0.7 * lost * (1 - part), 20, 80)),
            obstructed=int(ill),
            exercised=bool(random.random() < 0.55),
        )
        outcome = draw_outcome(random, facts, referral=Referral())
        risk = Hazards().death.of(facts) + Hazards().acs.of(facts)
        rows.append((lost, risk, outcome.event, outcome.time_days / YEAR_DAYS))
    defect, risk, event, years = np.array(rows).T
    quarter = np.searchsorted(np.quantile(risk, (0.25, 0.5, 0.75)), risk)
    rates = [100 * event[quarter == k].sum() / years[quarter == k].sum() for k in range(4)]
    assert 0.2 < rates[0] < 1.0
    assert 3.0 < rates[3] < 7.5
    large, none = defect > 8, defect == 0
    assert event[large].sum() / years[large].sum() > 1.3 * event[none].sum() / years[none].sum()


def test_follow_up_without_years_is_refused() -> None:
    with pytest.raises(RefusedError, match="follow-up has years"):
        FollowUp(least_years=4.0, most_years=2.0)
