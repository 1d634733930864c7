import numpy as np
import pytest

from myoperf.evaluate.cluster_means import Rows, cluster_means
from myoperf.evaluate.metrics import Resampling

QUICK = Resampling(replicates=400, seed=0)


def test_every_row_counts_the_same_and_missing_ones_do_not() -> None:
    rows = Rows(
        patient=np.array([0, 0, 1]),
        columns={"a": np.array([1.0, 2.0, 6.0]), "b": np.array([np.nan, 4.0, np.nan]), "c": np.full(3, np.nan)},
        together={"ab": ("a", "b", "c")},
    )
    found = cluster_means(rows, QUICK, {"a": "said"})
    assert (found["a"].value, found["a"].n) == (3.0, 2)
    assert found["a"].method.startswith("said; mean over 3 images of 2 patients; no interval: fewer than 5")
    assert (found["b"].value, found["b"].n) == (4.0, 1)
    assert (found["c"].value, found["c"].n) == (None, 0)
    assert found["ab"].value == 3.5


def test_whole_patients_are_drawn() -> None:
    rng = np.random.default_rng(1)
    own = rng.normal(size=40)
    patient = np.repeat(np.arange(40), 10)
    values = own[patient] + 0.1 * rng.normal(size=400)
    clustered = cluster_means(Rows(patient=patient, columns={"a": values}), QUICK)["a"]
    naive = cluster_means(Rows(patient=np.arange(400), columns={"a": values}), QUICK)["a"]
    width = [(one.high or 0) - (one.low or 0) for one in (clustered, naive)]
    assert width[0] == pytest.approx(2 * 1.96 * own.std() / np.sqrt(40), rel=0.15)
    assert width[0] > 2.5 * width[1]


def test_no_interval_where_nothing_varies_or_none_is_asked_for() -> None:
    same = Rows(patient=np.arange(9), columns={"a": np.ones(9)})
    assert "the same in every resample" in cluster_means(same, QUICK)["a"].method
    none = cluster_means(same, Resampling(replicates=0, seed=0))["a"]
    assert (none.value, none.low) == (1.0, None)
    assert "no resampling" in none.method
    nobody = cluster_means(Rows(patient=np.zeros(0, dtype=np.intp), columns={"a": np.zeros(0)}), QUICK)
    assert nobody["a"].value is None
