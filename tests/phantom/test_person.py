"""People at the door: facts, the published formula, and a prevalence that is hit."""

from dataclasses import replace

import numpy as np
import pytest

from myoperf.core.errors import RefusedError
from myoperf.core.terms import Sex
from myoperf.phantom.person import (
    CONSORTIUM_INTERCEPT,
    EVERYONE,
    Bell,
    Complaints,
    Intake,
    Person,
    Referral,
    Symptoms,
    draw_person,
    intercept,
    log_odds,
    probability_of_disease,
    with_past,
)

YOUNG_MAN = Person(
    sex=Sex.MALE,
    age=30,
    height_cm=178.0,
    weight_kg=76.0,
    bmi=24.0,
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
    symptoms=Symptoms.TYPICAL,
    low_likelihood=False,
)


def crowd(settings: Intake, count: int = 8000) -> list[Person]:
    random = np.random.default_rng(7)
    return [draw_person(random, settings) for _ in range(count)]


def consortium(person: Person) -> float:
    return float(1 / (1 + np.exp(-(log_odds(person) + CONSORTIUM_INTERCEPT))))


def test_the_formula_gives_the_published_chances() -> None:
    assert consortium(YOUNG_MAN) == pytest.approx(0.08714529, abs=1e-6)
    woman = replace(YOUNG_MAN, sex=Sex.FEMALE, age=45, diabetes=True)
    assert log_odds(woman) == pytest.approx(0.062 * 45 + 1.998 + 0.828 - 0.402)


@pytest.mark.parametrize(
    "settings", [Intake(), Intake(prevalence=0.62, women=0.3), Intake(prevalence=0.1, low_likelihood=0.3)]
)
def test_the_prevalence_asked_for_is_hit(settings: Intake) -> None:
    referred = [person for person in crowd(settings) if not person.low_likelihood]
    chances = np.array([probability_of_disease(person, settings) for person in referred])
    assert chances.mean() == pytest.approx(settings.prevalence, abs=0.01)
    assert len(referred) / 8000 == pytest.approx(1 - settings.low_likelihood, abs=0.02)
    women = np.array([person.sex is Sex.FEMALE for person in referred])
    assert women.mean() == pytest.approx(settings.women, abs=0.02)
    assert 0.03 < chances[women].mean() < chances[~women].mean()


def test_all_or_none_can_be_asked_for() -> None:
    assert probability_of_disease(YOUNG_MAN, Intake(prevalence=1.0)) == 1.0
    assert probability_of_disease(YOUNG_MAN, Intake(prevalence=0.0)) == 0.0


def test_the_low_likelihood_arm_has_low_likelihood() -> None:
    low = crowd(Intake(low_likelihood=1.0), 500)
    assert max(consortium(person) for person in low) < 0.05
    assert not any(person.risk_factors or person.known_disease or person.lbbb for person in low)
    assert {probability_of_disease(person, Intake()) for person in low} == {0.0}


def test_facts_hang_together() -> None:
    people = crowd(Intake(known_disease=0.4), 4000)
    for person in people[:200]:
        assert person.weight_kg == pytest.approx(person.bmi * (person.height_cm / 100) ** 2, abs=0.06)
    assert np.mean([person.known_disease for person in people]) == pytest.approx(0.4, abs=0.03)
    heavy = [person.diabetes for person in people if person.bmi > 32]
    light = [person.diabetes for person in people if person.bmi < 24]
    assert np.mean(heavy) > np.mean(light) + 0.1


def test_one_setting_leaves_the_other_facts_alone() -> None:
    one, other = crowd(Intake(), 20), crowd(Intake(prevalence=0.8, bmi=Bell(mean=35, sd=3, low=30, high=45)), 20)
    assert [p.age for p in one] == [p.age for p in other]
    assert one == crowd(Intake(), 20)
    assert intercept(Intake()) == intercept(Intake())


def test_the_history_agrees_with_the_heart() -> None:
    random = np.random.default_rng(0)
    had = replace(YOUNG_MAN, prior_mi=True)
    known = [with_past(random, YOUNG_MAN, Intake(), scar=True).prior_mi for _ in range(1000)]
    wrong = [with_past(random, had, Intake(), scar=False).prior_mi for _ in range(1000)]
    assert np.mean(known) == pytest.approx(0.75, abs=0.05)
    assert np.mean(wrong) == pytest.approx(0.2, abs=0.05)
    assert not any(with_past(random, YOUNG_MAN, Intake(), scar=False).prior_mi for _ in range(100))


def test_without_known_disease_scars_are_not_recognised_and_who_is_known_stays_so() -> None:
    random, none = np.random.default_rng(0), Intake(known_disease=0.0)
    assert not any(with_past(random, YOUNG_MAN, none, scar=True).known_disease for _ in range(50))
    had = replace(YOUNG_MAN, prior_mi=True)
    assert all(with_past(random, had, Intake(), scar=False).known_disease for _ in range(50))


def test_a_cut_distribution_keeps_its_middle_and_its_ends() -> None:
    bell = Bell(mean=60.0, sd=10.0, low=40.0, high=80.0)
    assert (bell.at(0.0), bell.at(0.5), bell.at(1.0)) == pytest.approx((40.0, 60.0, 80.0))


def test_who_goes_on_to_angiography() -> None:
    referral = Referral(normal=0.05, abnormal=0.3, per_point=0.02, typical=0.1)
    assert referral.chance(abnormal=False, summed_stress_score=0, symptoms=Symptoms.NONE) == 0.05
    chance = referral.chance(abnormal=True, summed_stress_score=10, symptoms=Symptoms.TYPICAL)
    assert chance == pytest.approx(0.6)
    assert referral.chance(abnormal=True, summed_stress_score=60, symptoms=Symptoms.NONE) == 1.0
    assert EVERYONE.chance(abnormal=False, summed_stress_score=0, symptoms=Symptoms.NONE) == 1.0


def test_settings_that_mean_nothing_are_refused() -> None:
    with pytest.raises(RefusedError, match=r"prevalence is a part of 1; got 35"):
        Intake(prevalence=35.0)
    with pytest.raises(RefusedError, match="not negative"):
        Complaints(none=-1.0)
    with pytest.raises(RefusedError, match="low < high"):
        Bell(mean=0.0, sd=1.0, low=2.0, high=1.0)
