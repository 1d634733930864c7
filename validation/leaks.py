"""Does a patient ever stand on two sides? Random cohorts through every protocol that deals patients.

    python validation/leaks.py [--cohorts 1000] [--seed 0]

Each cohort has several sites, one to four studies a patient, and patients whose id is spelled differently from study to
study ("P007", "p7", "P 0007", full-width digits). Every row must stand in exactly one part of every fold, inner folds
too, and no person in a part that trains or chooses and in a part that is judged. The same cohorts dealt by image show
that the search finds leaks. Prints the counts; exit code 1 if a patient-level protocol leaks, or the search is blind.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping

import numpy as np

from myoperf.core.terms import Tracer
from myoperf.io.cohort import CohortRow
from myoperf.protocols import (
    External,
    Fold,
    Given,
    Holdout,
    LeaveOneGroupOut,
    Nested,
    Protocol,
    RandomSplits,
    RepeatedPatientCV,
    Splits,
    make_splits,
    protocol_text,
)
from myoperf.recipes import load_recipe
from myoperf.train.studies import choose, subjects

RECIPE = load_recipe("samaras2026_tracer_aware")
PROTOCOLS: tuple[Protocol, ...] = (
    RepeatedPatientCV(folds=5, repeats=3, test_fraction=0.15),
    RepeatedPatientCV(folds=5, repeats=1, test_fraction=0.0),
    Holdout(test_fraction=0.2),
    RandomSplits(repeats=5, test_fraction=0.2),
    Nested(outer=4, inner=3, test_fraction=0.1),
    LeaveOneGroupOut(column="center"),
    External(column="center", groups=("B",), folds=3, repeats=1),
    Given(),
)
BY_IMAGE = RepeatedPatientCV(folds=5, repeats=1, test_fraction=0.0, unit="image")
WIDE = str.maketrans("0123456789", "０１２３４５６７８９")


def spelled(person: int, rng: np.random.Generator) -> str:
    """One of the ways to write a person's id: whole numbers, or a letter with one."""
    if person % 2:
        return str(
            rng.choice([f"{person}", f"{person:03d}", f"{person:06d}", f" {person}", f"{person}".translate(WIDE)])
        )
    return str(rng.choice([f"P{person}", f"p{person:03d}", f"P {person:04d}", f"p {person}", f"P{person:03d} "]))


def random_rows(rng: np.random.Generator) -> tuple[list[CohortRow], dict[str, int]]:
    """Rows of a cohort in a random order, and the person behind every study."""
    rows: list[CohortRow] = []
    person_of: dict[str, int] = {}
    for person in range(1, int(rng.integers(40, 90))):
        site, ill = "ABC"[int(rng.integers(3))], int(rng.random() < 0.5)
        part = str(rng.choice(["train", "train", "train", "validation", "test"]))
        for number in range(int(rng.integers(1, 5))):
            study = f"s{person}#slice {number}"
            person_of[study] = person
            rows.append(
                CohortRow(
                    row=0,
                    patient_id=spelled(person, rng),
                    study_id=study,
                    tracer=Tracer.TC99M,
                    values={"label_abnormal": ill, "center": site, "split": part},
                )
            )
    return [rows[place] for place in rng.permutation(len(rows))], person_of


def sides(splits: Splits) -> Iterator[tuple[set[str], set[str], int]]:
    """Of every fold, inner ones too: units that train or choose, units that are judged, and how often all are named."""
    for fold in splits.folds:
        yield _side(fold, splits.test)
        for inner in fold.inner:
            yield _side(inner, (*fold.held_out, *splits.test))


def _side(fold: Fold, apart: tuple[str, ...]) -> tuple[set[str], set[str], int]:
    taught, judged = (*fold.train, *fold.validation), (*fold.held_out, *apart)
    return set(taught), set(judged), len(taught) + len(judged)


def leaks(splits: Splits, rows: list[CohortRow], person_of: Mapping[str, int]) -> tuple[int, int]:
    """Persons on two sides, and units that stand in no part or in several, summed over the folds."""
    persons: dict[str, set[int]] = {}
    for row in rows:
        unit = row.study_id if splits.unit == "image" else row.patient_id
        persons.setdefault(unit, set()).add(person_of[row.study_id])
    both = lost = 0
    for taught, judged, named in sides(splits):
        both += len({p for unit in taught for p in persons[unit]} & {p for unit in judged for p in persons[unit]})
        lost += abs(len(persons) - named) + len(set(persons) - taught - judged)
    return both, lost


def search(cohorts: int, seed: int) -> tuple[Counter[str], Counter[str], int]:
    """Leaks and lost units by protocol, and the cohorts in which a split by image leaks."""
    both: Counter[str] = Counter()
    lost: Counter[str] = Counter()
    seen = 0
    for number in range(cohorts):
        rng = np.random.default_rng([seed, number])
        rows, person_of = random_rows(rng)
        studies = choose(RECIPE, rows, labelled=True).studies
        for protocol in PROTOCOLS:
            splits = make_splits(protocol, subjects(RECIPE, studies, protocol), number)
            one, other = leaks(splits, rows, person_of)
            both[protocol_text(protocol)] += one
            lost[protocol_text(protocol)] += other
        by_image = make_splits(BY_IMAGE, subjects(RECIPE, studies, BY_IMAGE), number)
        seen += leaks(by_image, rows, person_of)[0] > 0
    return both, lost, seen


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cohorts", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    started = time.monotonic()
    both, lost, seen = search(options.cohorts, options.seed)
    for name, count in both.items():
        print(f"{name:24} patients on two sides: {count}   units in no part or in several: {lost[name]}")
    print(f"split by image: leaks found in {seen} of {options.cohorts} cohorts")
    good = not sum(both.values()) and not sum(lost.values()) and seen == options.cohorts
    print(f"{'pass' if good else 'FAIL'}: {options.cohorts} cohorts, {time.monotonic() - started:.0f} s")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
