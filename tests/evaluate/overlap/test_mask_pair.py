import numpy as np
import pytest
from numpy.typing import NDArray

from myoperf.core.errors import RefusedError
from myoperf.evaluate.overlap import judge_pair
from myoperf.evaluate.overlap.classes import judge_classes
from myoperf.evaluate.overlap.pair import AREAS, DISTANCES, FIGURES


def mask(*rows: str) -> NDArray[np.bool_]:
    return np.array([[cell == "#" for cell in row] for row in rows])


def test_by_hand() -> None:
    truth, predicted = mask("##..", "##..", "...."), mask(".##.", ".##.", ".#..")
    found = judge_pair(truth, predicted).figures
    assert found["dice"] == 2 * 2 / (4 + 5)
    assert found["iou"] == 2 / 7
    assert found["precision"] == 2 / 5
    assert found["recall"] == 2 / 4


def test_a_perfect_mask() -> None:
    truth = mask("##..", "##..", "....")
    found = judge_pair(truth, truth)
    assert found.outcome == "found"
    assert [found.figures[name] for name in FIGURES] == [1, 1, 1, 1, 0, 0, 0]


def test_a_missed_or_false_mask_is_the_worst_of_all() -> None:
    empty, there = np.zeros((3, 4), dtype=bool), mask("#...", "....", "....")
    far = judge_pair(there, mask("....", "....", "...#"), (1.0, 1.0)).figures
    for truth, predicted, word in ((there, empty, "missed"), (empty, there, "false alarm")):
        found = judge_pair(truth, predicted, (1.0, 1.0))
        assert found.outcome == word
        assert all(found.figures[name] == 0 for name in AREAS)
        assert all(found.figures[name] == 5.0 for name in DISTANCES)
        assert all(found.figures[name] > far[name] for name in DISTANCES)


def test_two_empty_masks_have_no_figures() -> None:
    empty = np.zeros((3, 4), dtype=bool)
    found = judge_pair(empty, empty)
    assert found.outcome == "both empty"
    assert not found.figures


def test_other_arrays_and_spacings_are_refused() -> None:
    good = np.ones((3, 4), dtype=bool)
    for truth, predicted in ((good, good[:2]), (good.astype(int), good), (good[0], good[0]), (good[:0], good[:0])):
        with pytest.raises(RefusedError, match="one shape"):
            judge_pair(truth, predicted)
    for spacing in ((1.0,), (1.0, 0.0), (1.0, float("nan")), (1.0, 1.0, 1.0)):
        with pytest.raises(RefusedError, match="spacing"):
            judge_pair(good, good, spacing)


def test_classes_apart_together_and_background() -> None:
    truth = np.array([[0, 1, 1, 2], [0, 0, 2, 2]], dtype=np.uint16)
    predicted = np.array([[0, 1, 2, 2], [3, 0, 2, 2]], dtype=np.uint16)
    found = judge_classes(truth, predicted)
    assert found.by_class[1].figures["dice"] == 2 * 1 / 3
    assert found.by_class[2].figures["dice"] == 2 * 3 / 7
    assert found.by_class[3].outcome == "false alarm"
    assert found.whole.figures["dice"] == 2 * 5 / 11
    assert found.background == {"dice": 2 * 2 / 5, "iou": 2 / 3}


def test_white_is_class_one_unless_it_is_named() -> None:
    white = np.array([[0, 255]], dtype=np.uint16)
    one = np.array([[0, 1]], dtype=np.uint16)
    found = judge_classes(white, one)
    assert found.two_tone
    assert found.by_class[1].figures["dice"] == 1
    named = judge_classes(white, one, known=frozenset({255}))
    assert {number: part.outcome for number, part in named.by_class.items()} == {1: "false alarm", 255: "missed"}


def test_no_background_and_a_photo() -> None:
    full = np.ones((2, 2), dtype=np.uint16)
    assert judge_classes(full, full).background is None
    photo = np.arange(64, dtype=np.uint16).reshape(8, 8)
    with pytest.raises(RefusedError, match="at most 32 classes"):
        judge_classes(photo, photo)
    with pytest.raises(RefusedError, match="one size"):
        judge_classes(full, full[:1])
