"""Frames with the heart marked: how many, which, and which way up."""

from pathlib import Path

import numpy as np
import pytest

from myoperf.core.errors import RefusedError
from myoperf.io.picture_stack import Cell, read_stack
from myoperf.phantom.frames import Gated, frames_of, write_frames


def a_state(first: int) -> Gated:
    """Two gates of three views of 4 x 5 bins; the count tells state, gate, view; the heart is its uppermost row."""
    counts = np.zeros((2, 3, 4, 5), dtype=np.uint16)
    counts += (first + np.arange(6, dtype=np.uint16)).reshape(2, 3, 1, 1)
    heart = np.zeros((3, 4, 5), dtype=bool)
    heart[:, -1] = True
    counts[:, :, -1] += 100
    return Gated(counts=counts, heart=heart)


def test_frames_are_shared_out_to_the_last_one() -> None:
    shares = [frames_of(number, 4560, 100) for number in range(100)]
    assert sum(shares) == 4560
    assert set(shares) == {45, 46}


def test_frames_and_masks_are_read_as_a_stack_with_the_head_up(tmp_path: Path) -> None:
    path = write_frames(tmp_path / "P.npz", [a_state(10), a_state(30)], 4)
    stack = read_stack(Cell(path=path, inside="frames"), Cell(path=path, inside="heart"))
    assert stack.images.shape == (4, 4, 5)
    assert stack.masks is not None
    np.testing.assert_array_equal(stack.images[:, 1, 0], [10, 14, 31, 35])
    np.testing.assert_array_equal(stack.images[:, 0, 0], [110, 114, 131, 135])
    assert stack.masks[:, 0].all()
    assert not stack.masks[:, 1:].any()


def test_a_study_without_frames_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="a study has frames"):
        write_frames(tmp_path / "P.npz", [a_state(0)], 0)
