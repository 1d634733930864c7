from pathlib import Path
from typing import cast

import numpy as np
import pytest
from scipy.stats import ttest_1samp

from myoperf.core.errors import RefusedError
from myoperf.evaluate.overlap import compare_masks

SHIFTS = (0, 1, 2, 3, 1, 2)


def folder(path: Path, shifts: tuple[int, ...]) -> Path:
    """One patient a shift, two images each: a square of 10 rows, moved down."""
    for patient, shift in enumerate(shifts):
        mask = np.zeros((30, 30), dtype=bool)
        mask[5 + shift : 15 + shift, 5:15] = True
        for image in "ab":
            (path / f"p{patient}").mkdir(parents=True, exist_ok=True)
            np.save(path / f"p{patient}" / f"{image}.npy", mask)
    return path


def test_differences_of_patients_and_equivalence(tmp_path: Path) -> None:
    truth = folder(tmp_path / "t", (0,) * 6)
    model, observer = folder(tmp_path / "m", SHIFTS), folder(tmp_path / "o", (1,) * 6)
    found = compare_masks(truth, {"model": model, "observer": observer}, margin=0.2, bootstrap=50)
    differences = (1 - np.array(SHIFTS) / 10) - 0.9
    (row,) = found.card.comparisons
    tested = ttest_1samp(differences, 0)
    assert row["comparison"] == "model against observer"
    assert row["value"] == pytest.approx(differences.mean())
    assert (row["low"], row["high"]) == pytest.approx(tuple(tested.confidence_interval()))
    assert row["p"] == pytest.approx(tested.pvalue)
    assert row["n"] == 6
    lower = ttest_1samp(differences, -0.2, alternative="greater").pvalue
    upper = ttest_1samp(differences, 0.2, alternative="less").pvalue
    assert row["tost_p"] == pytest.approx(max(lower, upper))
    assert row["equivalent"] == (max(lower, upper) < 0.05)
    assert set(found.card.targets) == {"model", "observer"}
    assert found.card.targets["observer"].metrics["dice"].value == pytest.approx(0.9)


def test_the_margin_may_be_what_experts_disagree(tmp_path: Path) -> None:
    truth = folder(tmp_path / "t", (0,) * 6)
    model, observer = folder(tmp_path / "m", SHIFTS), folder(tmp_path / "o", (1,) * 6)
    found = compare_masks(truth, {"model": model, "observer": observer}, experts=(truth, observer), bootstrap=0)
    (row,) = found.card.comparisons
    assert row["margin"] == pytest.approx(0.1)
    assert "two experts" in cast(str, row["margin_from"])
    with pytest.raises(RefusedError, match="both"):
        compare_masks(truth, {"a": model, "b": observer}, experts=(truth, observer), margin=0.1)
    with pytest.raises(RefusedError, match="differ somewhere"):
        compare_masks(truth, {"a": model, "b": observer}, experts=(truth, truth))


def test_a_false_alarm_beside_a_rightly_empty_mask_counts(tmp_path: Path) -> None:
    truth = folder(tmp_path / "t", (0,) * 6)
    model, observer = folder(tmp_path / "m", (1,) * 6), folder(tmp_path / "o", (1,) * 6)
    for path in (truth, model):
        np.save(path / "p0" / "a.npy", np.zeros((30, 30), dtype=bool))
    (row,) = compare_masks(truth, {"model": model, "observer": observer}, bootstrap=0).card.comparisons
    assert row["value"] == pytest.approx(0.5 / 6)


def test_only_shared_images_are_compared(tmp_path: Path) -> None:
    truth = folder(tmp_path / "t", (0,) * 6)
    model, observer = folder(tmp_path / "m", SHIFTS), folder(tmp_path / "o", SHIFTS[:4])
    found = compare_masks(truth, {"model": model, "observer": observer}, bootstrap=0)
    assert found.card.n_patients == 4
    assert found.card.targets["model"].metrics["dice"].value == pytest.approx(0.85)
    assert len(found.refused) == 4
    (row,) = found.card.comparisons
    assert (row["value"], row["low"]) == (0.0, None)
    assert "the same in every patient" in cast(str, row["method"])


def test_what_cannot_be_compared(tmp_path: Path) -> None:
    truth = folder(tmp_path / "t", (0,) * 2)
    with pytest.raises(RefusedError, match="two or more"):
        compare_masks(truth, {"one": truth})
    with pytest.raises(RefusedError, match="margin"):
        compare_masks(truth, {"a": truth, "b": truth}, margin=0.0)
    one = folder(tmp_path / "one", (0,))
    (row,) = compare_masks(one, {"a": one, "b": one}, bootstrap=0).card.comparisons
    assert "needs two" in cast(str, row["method"])
