"""Whatever way a heart is stored, it comes out in one orientation, or is refused, or is said not to be oriented."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import Dataset

from myoperf.core.errors import RefusedError
from myoperf.core.terms import View
from myoperf.io.nm import NMObject, read_series, write_series
from myoperf.io.nm_directions import USUAL_HEART, letters_direction, match_heart, turn_of, turned_frame
from myoperf.io.nm_object import Place, StoredOrder, stored_orders
from myoperf.io.nm_write import heart_frame

Edited = Callable[..., Path]
SHORT_AXIS = [0.81, 0.58, 0.0, -0.17, 0.24, -0.956]


def all_orders(place: Place) -> list[StoredOrder]:
    return [replace(order, frames=way) for order in stored_orders(place) for way in ("rising", "falling", "shuffled")]


@pytest.mark.parametrize("place", ["detector", "top", "letters"])
def test_every_stored_order_comes_out_the_same(tmp_path: Path, heart: NMObject, place: Place) -> None:
    for order in all_orders(place):
        series = read_series(write_series(tmp_path / "o.dcm", replace(heart, stored=order)))
        assert series.geometry.oriented, order
        assert series.geometry.right_handed
        assert series.geometry.spacing_mm == heart.spacing_mm
        np.testing.assert_array_equal(series.load(), heart.counts, err_msg=str(order))
        assert series.geometry.directions is not None
        limit = 0.999 if place != "letters" else 0.7
        assert (np.sum(series.geometry.directions * heart_frame(heart), axis=1) > limit).all()


def test_both_signs_of_spacing_are_among_the_orders(tmp_path: Path, heart: NMObject) -> None:
    signs = []
    for order in stored_orders("nowhere"):
        series = read_series(write_series(tmp_path / "o.dcm", replace(heart, stored=order)))
        signs.append((order.base_first, series.geometry.right_handed))
    assert {pair: signs.count(pair) for pair in set(signs)} == dict.fromkeys(
        [(False, True), (False, False), (True, True), (True, False)], 4
    )


def test_without_directions_the_array_stays_as_stored_with_its_handedness(tmp_path: Path, heart: NMObject) -> None:
    for order in all_orders("nowhere"):
        series = read_series(write_series(tmp_path / "o.dcm", replace(heart, stored=order)))
        stored = heart.counts.swapaxes(2, 3) if order.transposed else heart.counts
        for axis, flip in enumerate((order.base_first, order.rows_reversed, order.columns_reversed), start=1):
            stored = np.flip(stored, axis) if flip else stored
        np.testing.assert_array_equal(series.load(), stored)
        mirrored = sum((order.base_first, order.transposed, order.rows_reversed, order.columns_reversed)) % 2
        assert series.geometry.right_handed == (not mirrored)
        assert not series.geometry.oriented
        assert series.view is View.SHORT_AXIS


def test_slice_progression_alone_puts_the_apex_first(edited: Edited, heart: NMObject) -> None:
    def told(dataset: Dataset) -> None:
        dataset.SliceProgressionDirection = "BASE_TO_APEX"

    order = StoredOrder(place="nowhere", base_first=True)
    series = read_series(edited(told, replace(heart, stored=order)))
    assert series.geometry.apex_first
    assert series.geometry.right_handed
    np.testing.assert_array_equal(series.load(), heart.counts)


def test_slice_progression_counts_frames_as_they_are_encoded(edited: Edited, heart: NMObject) -> None:
    def told(dataset: Dataset) -> None:
        dataset.SliceProgressionDirection = "APEX_TO_BASE"

    order = StoredOrder(place="nowhere", base_first=True, frames="falling")
    np.testing.assert_array_equal(read_series(edited(told, replace(heart, stored=order))).load(), heart.counts)


@given(
    st.tuples(*[st.floats(-25, 25)] * 3),
    st.sampled_from(stored_orders("detector")),
)
def test_hearts_turned_by_up_to_25_degrees_about_each_axis_are_never_mistaken(
    angles: tuple[float, float, float], order: StoredOrder
) -> None:
    turn = np.eye(3)
    for axis, angle in enumerate(np.radians(angles)):
        c, s = np.cos(angle), np.sin(angle)
        one = np.eye(3)
        i, j = [k for k in range(3) if k != axis]
        one[i, i] = one[j, j] = c
        one[i, j], one[j, i] = -s, s
        turn = turn @ one
    frame = USUAL_HEART @ turn.T
    rows, columns = (frame[2], frame[1]) if order.transposed else (frame[1], frame[2])
    signs = [-1 if flip else 1 for flip in (order.base_first, order.rows_reversed, order.columns_reversed)]
    stored = np.stack([frame[0], rows, columns]) * np.array(signs)[:, None]
    match = match_heart(stored, slices_along_base=True)
    if match.clear:
        np.testing.assert_allclose(turned_frame(stored, turn_of(match)), frame)


def test_letters_are_read_strongest_first() -> None:
    direction = letters_direction("LP")
    assert direction is not None
    assert direction[0] > direction[1] > 0
    assert letters_direction("LR") is None
    assert letters_direction("X") is None


def _cosines(values: list[float]) -> Callable[[Dataset], None]:
    def edit(dataset: Dataset) -> None:
        dataset.DetectorInformationSequence[0].ImageOrientationPatient = values

    return edit


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ([1, 0, 0, 0, 1, 0], "transverse"),
        ([0, 1, 0, 0, 0, -1], "run along the heart's axes"),
        ([1, 0, 0, 1, 0, 0], "right angles"),
        ([2, 0, 0, 0, 2, 0], "right angles"),
        ([0.17, -0.24, 0.956, -0.56, 0.78, 0.29], "vertical long axis"),
        ([0.0, 0.0, 1.0, 0.9239, -0.3827, 0.0], "agree|heart's axes"),
    ],
)
def test_directions_that_contradict_the_view_are_refused(edited: Edited, values: list[float], reason: str) -> None:
    with pytest.raises(RefusedError, match=reason):
        read_series(edited(_cosines(values)))


def test_a_heart_drawn_along_the_axes_of_the_body_is_oriented(edited: Edited, heart: NMObject) -> None:
    series = read_series(edited(_cosines([1, 0, 0, 0, 0, -1])))
    assert series.geometry.oriented
    np.testing.assert_array_equal(series.load(), heart.counts)


def test_two_places_that_disagree_are_refused(edited: Edited) -> None:
    def two(dataset: Dataset) -> None:
        dataset.ImageOrientationPatient = [-c for c in SHORT_AXIS[:3]] + SHORT_AXIS[3:]

    def letters(dataset: Dataset) -> None:
        dataset.PatientOrientation = ["RA", "F"]

    def progress(dataset: Dataset) -> None:
        dataset.SliceProgressionDirection = "BASE_TO_APEX"

    for edit, reason in ((two, "disagree"), (letters, "disagree"), (progress, "SliceProgressionDirection")):
        with pytest.raises(RefusedError, match=reason):
            read_series(edited(edit))


def test_without_spacing_between_slices_the_stacking_is_not_guessed(edited: Edited) -> None:
    def absent(dataset: Dataset) -> None:
        dataset.SpacingBetweenSlices = None
        del dataset.SliceProgressionDirection

    series = read_series(edited(absent))
    assert not series.geometry.oriented
    assert series.geometry.right_handed is None
    assert series.geometry.spacing_mm[0] == 6.0
    assert any("Slice Thickness" in w for w in series.warnings)


def test_a_missing_view_code_is_recognised_from_directions_or_text(edited: Edited) -> None:
    def directions(dataset: Dataset) -> None:
        del dataset.DetectorInformationSequence[0].ViewCodeSequence
        dataset.SeriesDescription = "Stress"

    def text(dataset: Dataset) -> None:
        del dataset.DetectorInformationSequence
        dataset.SeriesDescription = "STRESS_SAX"

    def vertical(dataset: Dataset) -> None:
        directions(dataset)
        dataset.DetectorInformationSequence[0].ImageOrientationPatient = [-0.56, 0.78, 0.29, -0.17, 0.236, -0.957]
        del dataset.SliceProgressionDirection

    seen = read_series(edited(directions))
    assert (seen.view, seen.geometry.oriented) == (View.SHORT_AXIS, True)
    named = read_series(edited(text))
    assert (named.view, named.geometry.oriented) == (View.SHORT_AXIS, False)
    assert read_series(edited(vertical)).view is View.VERTICAL_LONG_AXIS
