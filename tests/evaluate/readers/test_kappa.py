import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import aggregate_raters, fleiss_kappa

from myoperf.evaluate.readers.kappa import FLEISS, MEAN, kappas, said_of


def test_three_readers_by_hand() -> None:
    # votes for "yes": 3, 2, 1, 0 of 3; agreement 1, 1/3, 1/3, 1; half of all votes are "yes"
    said = said_of(np.array([[1, 1, 1, 0], [1, 1, 0, 0], [1, 0, 0, 0]]))
    found = kappas(said, np.ones((1, 4)))
    assert found[FLEISS] == pytest.approx([(2 / 3 - 0.5) / 0.5])
    assert found["0, 1"] == pytest.approx([0.5])
    assert found["0, 2"] == pytest.approx([0.2])
    assert found["1, 2"] == pytest.approx([0.5])
    assert found[MEAN] == pytest.approx([0.4])


def test_same_as_statsmodels_and_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    code = np.clip(rng.integers(0, 4, 60) + rng.integers(-1, 2, (5, 60)), 0, 3)
    found = kappas(said_of(code), np.ones((1, 60)))
    assert found[FLEISS] == pytest.approx([fleiss_kappa(aggregate_raters(code.T)[0])])
    for i in range(5):
        for j in range(i):
            assert found[f"{j}, {i}"] == pytest.approx([cohen_kappa_score(code[i], code[j])])


def test_a_weight_is_a_repeated_case() -> None:
    rng = np.random.default_rng(1)
    code, weight = rng.integers(0, 3, (4, 25)), rng.integers(0, 4, 25)
    weighted = kappas(said_of(code), weight[None].astype(float))
    repeated = kappas(said_of(np.repeat(code, weight, axis=1)), np.ones((1, weight.sum())))
    assert {n: v[0] for n, v in weighted.items()} == pytest.approx({n: v[0] for n, v in repeated.items()})


def test_no_kappa_where_all_say_the_same() -> None:
    found = kappas(said_of(np.ones((3, 5), dtype=int)), np.ones((1, 5)))
    assert all(np.isnan(value).all() for value in found.values())


def test_many_readers_are_not_named_in_pairs_and_very_many_not_paired() -> None:
    code = np.random.default_rng(0).integers(0, 2, (60, 30))
    assert list(kappas(said_of(code[:11]), np.ones((1, 30)))) == [FLEISS, MEAN]
    assert list(kappas(said_of(code), np.ones((1, 30)))) == [FLEISS]


def test_one_reader_agrees_with_nobody() -> None:
    with pytest.raises(ValueError, match="two readers"):
        said_of(np.ones((1, 5), dtype=int))
