"""The clinical record: what follows from what, and the columns that published systems ask for."""

from dataclasses import replace

import numpy as np
import pytest

from myoperf.core.errors import RefusedError
from myoperf.core.terms import Sex
from myoperf.phantom.person import Intake, Person, Symptoms, draw_person
from myoperf.phantom.record import (
    GROUPS,
    INPUTS,
    CoronaryFacts,
    HeartFacts,
    Precision,
    Record,
    columns,
    draw_record,
    history_points,
    with_gaps,
)

CLEAN = CoronaryFacts(stenosis={}, flow_reserve={}, ischaemia=0.0)
ILL = CoronaryFacts(stenosis={"LAD": 85.0, "RCA": 30.0}, flow_reserve={"LAD": 1.4}, ischaemia=14.0)
HEART = HeartFacts(ed_volume_ml=100.0, es_volume_ml=38.0, length_mm=88.0)
EXACT = Precision(volume=0.0, stenosis=0.0, blooming=0.0, flow=0.0)


def people(count: int) -> list[Person]:
    random = np.random.default_rng(4)
    return [draw_person(random, Intake()) for _ in range(count)]


def record(person: Person, number: int, coronary: CoronaryFacts = ILL, stressor: str = "exercise") -> Record:
    return draw_record(
        np.random.default_rng(number), person, coronary=coronary, heart=HEART, stressor=stressor, precision=EXACT
    )


def records(coronary: CoronaryFacts, stressor: str) -> list[Record]:
    return [record(person, number, coronary, stressor) for number, person in enumerate(people(300)) if not person.lbbb]


def positive(coronary: CoronaryFacts, stressor: str) -> float:
    return float(np.mean([r.stress_test.ecg_response == "positive" for r in records(coronary, stressor)]))


def test_without_error_the_record_says_what_is() -> None:
    row = columns(record(people(1)[0], 1))
    assert (row["edv_ml"], row["esv_ml"], row["ejection_fraction"], row["lv_length_mm"]) == (100.0, 38.0, 62, 88.0)
    assert (row["cta_stenosis_lad"], row["cta_stenosis_rca"], row["cta_stenosis_lcx"]) == (85, 30, 0)
    assert row["cta_obstructed_vessels"] == 1
    assert row["flow_reserve_lad"] == row["flow_reserve_least"] == pytest.approx(1.4, abs=0.03)
    assert row["flow_reserve_lcx"] == pytest.approx(3.2, abs=0.03)


def test_the_ecg_of_exercise_is_as_good_as_published_and_that_of_vasodilators_is_not() -> None:
    assert 0.60 < positive(ILL, "exercise") < 0.90
    assert 0.10 < positive(CLEAN, "exercise") < 0.28
    assert positive(CLEAN, "vasodilator") < 0.09 < positive(ILL, "vasodilator") < 0.50
    blocked = replace(people(1)[0], lbbb=True)
    assert columns(record(blocked, 0))["ecg_response"] == "non-diagnostic"
    assert columns(record(blocked, 0))["st_depression_mm"] == ""


def test_only_exercise_has_work_and_it_follows_age_and_disease() -> None:
    assert all(r.stress_test.mets is None for r in records(ILL, "vasodilator"))
    well, ill = (np.mean([r.stress_test.mets for r in records(c, "exercise")]) for c in (CLEAN, ILL))
    assert 5.5 < ill < well < 9.5
    rates = [columns(r)["percent_of_maximum_heart_rate"] for r in records(CLEAN, "exercise")]
    assert 80 < np.mean(np.array(rates, float)) < 100


def test_calcium_comes_with_age_sex_and_stenosis() -> None:
    young, old = (replace(people(1)[0], sex=Sex.FEMALE, age=age) for age in (40, 78))
    none = {
        name: np.mean([record(who, k, state).ct.calcium_score == 0 for k in range(200)])
        for name, who, state in (("young", young, CLEAN), ("old", old, CLEAN), ("ill", old, ILL))
    }
    assert none["young"] > 0.6 > none["old"] > none["ill"]
    assert {record(young, 3, CLEAN).ct.stenosis["LAD"] for _ in range(1)} == {0}


def test_ct_is_a_noisy_reading() -> None:
    read = [
        draw_record(np.random.default_rng(k), who, coronary=ILL, heart=HEART, stressor="exercise").ct.stenosis["LAD"]
        for k, who in enumerate(people(300))
    ]
    assert np.mean(read) == pytest.approx(85, abs=4)
    assert 6 < np.std(read) < 13
    assert all(value % 5 == 0 and 0 <= value <= 100 for value in read)


def test_readers_hear_of_angina_and_of_the_ecg() -> None:
    plain = replace(people(1)[0], symptoms=Symptoms.NONE, prior_mi=False, prior_pci=False, prior_cabg=False)
    angina = replace(plain, symptoms=Symptoms.TYPICAL, prior_pci=True)
    assert history_points(record(angina, 0)) - history_points(record(plain, 0)) == pytest.approx(0.8)
    usual = [history_points(r) for r in records(CLEAN, "exercise") + records(ILL, "vasodilator")]
    assert abs(np.mean(usual)) < 0.25


def test_every_published_system_finds_its_inputs() -> None:
    row = columns(record(people(1)[0], 0))
    for names in INPUTS.values():
        assert set(names) <= set(row)
        assert len(set(names)) == len(names)
    assert len(INPUTS["teuho"]) == 35
    assert len(INPUTS["pieszko"]) == 15
    assert {type(value) for value in row.values()} <= {int, float, str}
    assert all(name == name.lower() and name.replace("_", "").isalnum() for name in row)


def test_groups_choose_what_is_written() -> None:
    one = record(people(1)[0], 0)
    parts = [columns(one, (group,)) for group in GROUPS]
    assert sum(len(part) for part in parts) == len(columns(one))
    assert "calcium_score" not in columns(one, ("person", "visit"))
    assert "low_likelihood" not in columns(one)
    with pytest.raises(RefusedError, match="groups are person"):
        columns(one, ("genes",))


def test_gaps_are_as_frequent_as_told() -> None:
    row = columns(record(people(1)[0], 0))
    assert with_gaps(np.random.default_rng(0), row, 0.0) == row
    gone = with_gaps(np.random.default_rng(0), row, 1.0, keep=("bmi",))
    assert {name for name, value in gone.items() if value != ""} == {"sex", "age", "bmi"}
    some = [with_gaps(np.random.default_rng(k), row, 0.2)["diastolic"] == "" for k in range(500)]
    assert np.mean(some) == pytest.approx(0.2, abs=0.05)
    with pytest.raises(RefusedError, match="part of 1"):
        with_gaps(np.random.default_rng(0), row, 20.0)


def test_the_record_repeats() -> None:
    assert record(people(1)[0], 8) == record(people(1)[0], 8)


def test_other_stressors_and_vessels_are_refused() -> None:
    with pytest.raises(RefusedError, match="exercise or vasodilator"):
        record(people(1)[0], 0, stressor="caffeine")
    with pytest.raises(RefusedError, match="a vessel is one of LM, LAD, LCX, RCA"):
        CoronaryFacts(stenosis={"D1": 50.0}, flow_reserve={}, ischaemia=0.0)
