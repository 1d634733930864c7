"""Simulated readers: what they write down, what they disagree about, and how far."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import cohen_kappa_score, roc_auc_score

from myoperf.core.errors import RefusedError
from myoperf.core.terms import Tracer
from myoperf.phantom.consensus import consensus, summed_scores
from myoperf.phantom.reader import (
    ABNORMAL,
    CLINIC,
    HIGH,
    INTERMEDIATE,
    LOW,
    NORMAL,
    Panel,
    Reading,
    is_abnormal,
    panel_of,
    read_deficits,
)

Floats = NDArray[np.float64]
PERFECT = panel_of(1, criterion=3.0, segment_sd=0.0, impression_sd=0.0, impression_growth=0.0)
BEDS = ((7, 13, 1, 8, 14, 17), (10, 4, 15, 9, 3), (11, 12, 5, 6, 16), (13, 14, 17, 7, 8, 15))
PARTS = (1.0, 1.0, 0.8, 0.8, 0.6, 0.6)


def deficits(first: float, rest: float = 0.0) -> Floats:
    found = np.zeros((2, 17))
    found[:, 0] = first, rest
    return found


def one(tracer: Tracer, of: Floats, panel: Panel = PERFECT, **history: float) -> Reading:
    return read_deficits(np.random.default_rng(0), tracer, of, panel=panel, **history)[0]


def crowd_of_deficits(count: int = 500) -> list[Floats]:
    """Studies of which half have a defect in one bed, deepest in its middle."""
    random = np.random.default_rng(3)
    found = []
    for _ in range(count):
        study = random.uniform(0.0, 0.12, (2, 17)) * (random.random((2, 17)) < 0.3)
        if random.random() < 0.5:
            depth, kept = 0.5 + 3.3 * random.beta(1.2, 1.4), random.choice([0.0, 0.0, 0.5, 1.0])
            for number, part in zip(BEDS[random.integers(4)], PARTS, strict=False):
                study[:, number - 1] += depth * part, depth * part * kept
        found.append(np.clip(study, 0, 4))
    return found


def test_a_reader_without_error_writes_down_the_truth() -> None:
    reading = one(Tracer.TC99M, deficits(3.4, 1.2))
    assert reading.score_17_stress == (3, *(0,) * 16)
    assert reading.score_17_rest == (1, *(0,) * 16)
    assert reading.impression == ABNORMAL
    assert one(Tracer.TC99M, deficits(2.9)) == Reading(
        score_17_stress=(0,) * 17, score_17_rest=(0,) * 17, impression=NORMAL
    )


def test_thallium_is_read_as_risk() -> None:
    assert one(Tracer.TL201, deficits(0.4)).impression == LOW
    assert one(Tracer.TL201, deficits(3.4)).impression == INTERMEDIATE
    assert one(Tracer.TL201, np.full((2, 17), 1.0)).impression == HIGH


def test_who_calls_a_study_abnormal_marks_a_segment() -> None:
    faint = deficits(0.45)
    faint[0, 5:10] = 0.4
    assert sum(one(Tracer.TC99M, faint, history=2.0).score_17_stress) == 1
    assert one(Tracer.TC99M, faint, history=2.0).impression == ABNORMAL
    assert one(Tracer.TC99M, faint, history=-2.0).impression == NORMAL


def test_a_strict_reader_sees_more_than_a_mild_one() -> None:
    panel = panel_of(3, criterion=3.0, spread=0.2, segment_sd=0.0, impression_sd=0.0, impression_growth=0.0)
    middle, mild, strict = read_deficits(np.random.default_rng(0), Tracer.TC99M, deficits(2.6), panel=panel)
    assert [reading.impression for reading in (mild, middle, strict)] == [NORMAL, NORMAL, ABNORMAL]
    assert strict.score_17_stress[0] == 3


def test_the_consensus_is_the_middle_and_in_doubt_the_milder() -> None:
    scores = ((4, *(0,) * 16), (2, *(0,) * 16), (1, 1, *(0,) * 15))
    names = (HIGH, LOW, INTERMEDIATE)
    given = [
        Reading(score_17_stress=s, score_17_rest=(0,) * 17, impression=n) for s, n in zip(scores, names, strict=True)
    ]
    assert consensus(given) == Reading(score_17_stress=scores[1], score_17_rest=(0,) * 17, impression=INTERMEDIATE)
    assert consensus(given[:2]).impression == LOW
    assert consensus(given[:2]).score_17_stress[0] == 2
    assert consensus([given[0], given[1], given[1]]).impression == LOW
    with pytest.raises(ValueError, match="at least one"):
        consensus([])


def test_summed_scores_count_only_what_is_worse_at_stress() -> None:
    stress, rest = (3, 1, 0, *(0,) * 14), (1, 2, 0, *(0,) * 14)
    assert summed_scores(Reading(score_17_stress=stress, score_17_rest=rest, impression=ABNORMAL)) == (4, 3, 2)


def test_readings_repeat_and_do_not_depend_on_later_readers() -> None:
    three = read_deficits(np.random.default_rng([1, 2, 3]), Tracer.TC99M, deficits(2.0))
    assert three == read_deficits(np.random.default_rng([1, 2, 3]), Tracer.TC99M, deficits(2.0))
    less = replace(CLINIC, readers=CLINIC.readers[:2])
    assert read_deficits(np.random.default_rng([1, 2, 3]), Tracer.TC99M, deficits(2.0), panel=less) == three[:2]


def test_errors_that_are_wholly_shared_make_readers_one() -> None:
    panel = panel_of(3, spread=0.0, shared_segment=1.0, shared_impression=1.0)
    for number, study in enumerate(crowd_of_deficits(50)):
        first, *others = read_deficits(np.random.default_rng(number), Tracer.TC99M, study, panel=panel)
        assert all(replace(other) == first for other in others)


@pytest.fixture(scope="module")
def read() -> list[tuple[float, tuple[Reading, ...]]]:
    return [
        (float(study[0].sum()), read_deficits(np.random.default_rng([9, number]), Tracer.TC99M, study))
        for number, study in enumerate(crowd_of_deficits())
    ]


def test_readers_agree_substantially_not_fully(read: list[tuple[float, tuple[Reading, ...]]]) -> None:
    called = np.array([[is_abnormal(reading) for reading in readings] for _, readings in read])
    marked = np.array([[reading.score_17_stress for reading in readings] for _, readings in read])
    for first, second in combinations(range(3), 2):
        assert 0.50 < cohen_kappa_score(called[:, first], called[:, second]) < 0.85
        assert 0.50 < cohen_kappa_score(marked[:, first].ravel(), marked[:, second].ravel()) < 0.66


def test_the_report_follows_what_is_there_but_not_wholly(read: list[tuple[float, tuple[Reading, ...]]]) -> None:
    given = np.array([is_abnormal(consensus(readings)) for _, readings in read])
    assert 0.30 < given.mean() < 0.75
    assert 0.86 < roc_auc_score(given, [total for total, _ in read]) < 0.98


def test_a_panel_without_readers_is_refused() -> None:
    with pytest.raises(RefusedError, match="a panel has readers"):
        Panel(readers=())
    with pytest.raises(RefusedError, match="part of 1"):
        panel_of(3, shared_segment=1.5)
