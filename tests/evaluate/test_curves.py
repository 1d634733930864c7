import numpy as np
import pytest

from myoperf.core.predictions import Predictions
from myoperf.evaluate.curves import pr_curves, roc_curves
from myoperf.evaluate.metrics import Resampling
from myoperf.evaluate.sample import Sample, sample_of

BY = Resampling(replicates=200, seed=0)


def sample(truth: list[int], score: list[float], patient: list[str] | None = None) -> Sample:
    names = patient or [f"P{k}" for k in range(len(truth))]
    columns = {"patient_id": np.array(names), "truth": np.array(truth, float), "score": np.array(score, float)}
    return sample_of(Predictions(columns=columns), np.ones(len(truth), dtype=bool))


def test_both_curves_counted_by_hand() -> None:
    made = sample([0, 1, 0, 1], [0.1, 0.2, 0.3, 0.4])
    roc, pr = roc_curves(made, BY)["roc"], pr_curves(made, BY)["pr"]
    assert roc.x == pytest.approx((0, 0, 0.5, 0.5, 1))
    assert roc.y == pytest.approx((0, 0.5, 0.5, 1, 1))
    assert pr.x == pytest.approx((0.5, 0.5, 1, 1))
    assert pr.y == pytest.approx((1, 0.5, 2 / 3, 0.5))


def test_bands_lie_around_their_curves_and_narrow_with_more_patients() -> None:
    widths = []
    for n in (60, 600):
        rng = np.random.default_rng(1)
        truth = np.arange(n) % 3 == 0
        made = sample(truth.astype(int).tolist(), (rng.normal(size=n) + 1.5 * truth).tolist())
        found = roc_curves(made, BY) | pr_curves(made, BY)
        for name in ("roc", "pr"):
            low, high = np.array(found[f"{name}_low"].y), np.array(found[f"{name}_high"].y)
            assert ((low >= 0) & (low <= high) & (high <= 1)).all()
            grid = np.array(found[f"{name}_low"].x)
            curve = np.interp(grid, found[name].x, found[name].y)
            inside = (low - 0.05 <= curve) & (curve <= high + 0.05)
            assert inside[10:].mean() > 0.95
        widths.append(np.mean(np.array(found["pr_high"].y) - np.array(found["pr_low"].y)))
    assert widths[1] < 0.6 * widths[0]


def test_no_curve_where_nothing_can_be_ranked_and_no_band_of_one_patient() -> None:
    for truth, score in (([1, 1], [0.1, 0.2]), ([0, 1], [0.3, 0.3])):
        assert roc_curves(sample(truth, score), BY) == pr_curves(sample(truth, score), BY) == {}
    assert set(pr_curves(sample([0, 0, 1], [0.1, 0.2, 0.3]), BY)) == {"pr"}
    many = sample([0, 0, 1, 1], [0.1, 0.2, 0.3, 0.4], ["a", "a", "b", "b"])
    assert set(roc_curves(many, BY)) == {"roc"}
    assert set(roc_curves(sample([0, 0, 1, 1], [1, 2, 3, 4]), Resampling(replicates=0, seed=0))) == {"roc"}
