import numpy as np
import pytest

from myoperf.core.predictions import Predictions
from myoperf.evaluate import evaluate
from myoperf.evaluate.delong import delong
from myoperf.evaluate.judged_tables import kappa_table, kappa_word


@pytest.mark.parametrize(
    ("kappa", "ours", "landis"),
    [
        (-0.1, "poor", "poor"),
        (0.1, "poor", "slight"),
        (0.4, "poor", "fair"),
        (0.41, "moderate", "moderate"),
        (0.6, "moderate", "moderate"),
        (0.8, "high", "substantial"),
        (0.81, "very high", "almost perfect"),
        (1.0, "very high", "almost perfect"),
    ],
)
def test_every_band_has_its_word_and_its_upper_end(kappa: float, ours: str, landis: str) -> None:
    assert (kappa_word(kappa), kappa_word(kappa, "Landis and Koch 1977")) == (ours, landis)


def test_no_kappa_no_word() -> None:
    assert kappa_table(None) == {}
    with pytest.raises(ValueError, match="got"):
        kappa_word(1.2)
    with pytest.raises(ValueError, match="Fleiss"):
        kappa_word(0.2, "Fleiss")


def table(rows_each: int, flat: bool = False) -> Predictions:
    rng = np.random.default_rng(0)
    patient = np.repeat(np.arange(60), rows_each)
    truth = (patient % 3 == 0).astype(float)
    score = (
        np.full(patient.size, 0.5)
        if flat
        else rng.normal(size=60)[patient] + truth + 0.1 * rng.normal(size=patient.size)
    )
    return Predictions(columns={"patient_id": patient.astype(str), "truth": truth, "score": score})


def test_the_scorecard_holds_the_variance_with_all_digits() -> None:
    one = table(1)
    (row,) = evaluate(one, bootstrap=50).targets["target"].tables["auc"].rows
    wanted = delong(one["truth"] == 1, np.asarray(one["score"], dtype=float))
    assert row[:3] == (wanted.auc[0], wanted.covariance[0, 0], np.sqrt(wanted.covariance[0, 0]))
    assert row[3] == "DeLong 1988"
    (many,) = evaluate(table(5), bootstrap=50).targets["target"].tables["auc"].rows
    assert many[3] == "Obuchowski 1997"
    assert float(many[1] or 0) > 0.7 * float(row[1] or 0)


def test_what_cannot_be_ranked_has_no_table_and_one_patient_no_variance() -> None:
    assert "auc" not in evaluate(table(1, flat=True), bootstrap=20).targets["target"].tables
    few = Predictions(
        columns={"patient_id": np.array(["a", "b"]), "truth": np.array([0.0, 1]), "score": np.array([0.1, 0.9])}
    )
    (row,) = evaluate(few, bootstrap=20).targets["target"].tables["auc"].rows
    assert row[:3] == (1.0, None, None)
    assert "two patients of each class" in str(row[3])


def test_the_auc_has_delongs_interval_and_clusters_the_bootstrap() -> None:
    assert evaluate(table(1), bootstrap=50).targets["target"].metrics["auc"].method == "DeLong, on the logit scale"
    assert "patient bootstrap" in evaluate(table(5), bootstrap=50).targets["target"].metrics["auc"].method
