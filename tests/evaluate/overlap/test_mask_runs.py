"""Five numbers and histograms of several runs of masks."""

import numpy as np
import pytest

from myoperf.evaluate.overlap.classes import judge_classes
from myoperf.evaluate.overlap.observed import ImageFigures, Observed, observed
from myoperf.evaluate.overlap.runs import run_tables


def shifted(name: str, pixels: int) -> ImageFigures:
    """A square of 4 x 4 pixels, called so many pixels further right; 20 means that nothing is called."""
    truth, called = np.zeros((30, 30), np.uint16), np.zeros((30, 30), np.uint16)
    truth[10:14, 5:9] = 1
    if pixels < 20:
        called[10:14, 5 + pixels : 9 + pixels] = 1
    return ImageFigures(name=name, patient=name[0], found=judge_classes(truth, called))


def run(*shifts: int) -> Observed:
    return observed([shifted(f"{'ab'[k % 2]}{k}", shift) for k, shift in enumerate(shifts)], {})


def test_five_numbers_are_those_worked_out_by_hand() -> None:
    sizes = {f"{'ab'[k % 2]}{k}": 0.5 for k in range(5)}
    table = run_tables({"run 1": run(0, 1, 2, 3, 8)}, sizes)["run_five_numbers"]
    rows = {(row[1], row[2]): row for row in table.rows}
    assert table.columns[6:] == ("min", "P25", "median", "P75", "max")
    assert rows["dice", "fraction"][3:6] == (2, 5, 0)
    assert rows["dice", "fraction"][6:] == pytest.approx((0.0, 0.25, 0.5, 0.75, 1.0))
    assert rows["iou", "fraction"][8] == pytest.approx(8 / 24)
    assert rows["hausdorff", "pixels"][6:] == pytest.approx((0, 1, 2, 3, 8))
    assert rows["hausdorff", "mm"][6:] == pytest.approx((0, 0.5, 1, 1.5, 4))


def test_without_a_pixel_size_there_are_no_mm_and_a_missed_area_is_counted() -> None:
    tables = run_tables({"run 1": run(0, 20), "run 2": run(1, 1)}, {"a0": 0.5})
    rows = [row for row in tables["run_five_numbers"].rows if row[1] == "hausdorff"]
    assert {row[2] for row in rows} == {"pixels"}
    assert [row[5] for row in rows] == [1, 0]
    assert rows[0][-1] == pytest.approx(np.hypot(30, 30), abs=1.5)
    shown = [row for row in tables["run_histograms"].rows if row[1] == "hausdorff"]
    assert sum(float(row[5] or 0) for row in shown) == 4
    assert len({(row[3], row[4]) for row in shown}) == 20


def test_no_runs_have_no_tables() -> None:
    assert run_tables({}) == {}
