import numpy as np
import pytest

from myoperf.core.errors import RefusedError
from myoperf.evaluate.agreement import rates
from myoperf.evaluate.audit import every_table
from myoperf.evaluate.audit.attainability import attainable, together
from myoperf.evaluate.audit.claim import OF_A_TABLE, claim_of

TABLES = 100


def test_an_accuracy_that_thirteen_patients_cannot_give() -> None:
    found = attainable(claim_of("accuracy=0.948"), 13)
    assert found.attainable is False
    assert found.nearest == (12 / 13, 1.0)
    assert found.counts == ("12 of 13", "13 of 13")
    assert found.smallest_n == 58
    assert attainable(claim_of("accuracy=94.8%"), 58).attainable is True
    assert not any(attainable(claim_of("acc=94.8"), n).attainable for n in range(1, 58))


def test_a_sensitivity_may_have_any_denominator_unless_it_is_told() -> None:
    claim = claim_of("se=0.833")
    assert attainable(claim, 13).attainable is True
    assert attainable(claim, 13, positives=7).attainable is False
    assert attainable(claim, 13, positives=7).nearest == (5 / 7, 6 / 7)
    assert attainable(claim_of("sp=0.5"), 13, positives=7).attainable is True
    assert attainable(claim_of("sp=0.5"), 13, positives=13).why == "nobody is in its denominator"


def test_an_auc_counts_half_pairs() -> None:
    assert attainable(claim_of("auc=0.9625"), 13, positives=5).attainable is True
    found = attainable(claim_of("auc=0.948"), 13, positives=5)
    assert (found.attainable, found.nearest) == (False, (75 / 80, 76 / 80))
    assert found.counts[0] == "75 of 80 half pairs"
    assert attainable(claim_of("auc=0.9"), 5, positives=0).why == "an AUC needs both classes"


def test_a_kappa_is_searched_over_all_tables() -> None:
    found = attainable(claim_of("kappa=0.823"), 13)
    tables = [(a, b, c, 13 - a - b - c) for a in range(14) for b in range(14 - a) for c in range(14 - a - b)]
    every = rates(*np.array(tables, dtype=np.float64).T)["kappa"]
    every = every[np.isfinite(every)]
    assert not ((every > 0.8225) & (every < 0.8235)).any()
    assert found.attainable is False
    assert found.nearest == pytest.approx((every[every < 0.823].max(), every[every > 0.823].min()))


def test_a_figure_that_is_only_cut_off_is_told() -> None:
    found = attainable(claim_of("accuracy=0.66"), 3)
    assert (found.attainable, found.only_cut_off) == (False, True)


def test_a_value_that_the_figure_never_has() -> None:
    assert "cannot take" in attainable(claim_of("accuracy=1.2"), 13).why
    assert "cannot take" in attainable(claim_of("accuracy=120"), 13).why
    assert attainable(claim_of("mcc=-0.5"), 20).attainable is True


def test_the_figures_of_a_published_table_fit_one_table_only_without_its_slips() -> None:
    right = ["se=91.00", "sp=91.67", "lr+=10.92", "ppv=87.41", "npv=94.13", "yi=0.83", "ar=91.41", "kappa=0.82"]
    found = together([claim_of(text) for text in right], 1001)
    assert (found.attainable, found.tables, found.example) == (True, 1, (354, 51, 35, 561))
    slipped = [text.replace("94.13", "94.31") for text in right]
    assert together([claim_of(text) for text in slipped], 1001).attainable is False


def test_an_auc_is_bounded_by_the_table_that_its_cut_makes() -> None:
    claims = [claim_of("se=0.6"), claim_of("sp=0.6")]
    assert together([*claims, claim_of("auc=0.84")], 20, positives=10).attainable is True
    assert together([*claims, claim_of("auc=0.95")], 20, positives=10).attainable is False


@pytest.mark.parametrize("known", [True, False])
def test_true_tables_raise_no_false_alarm(known: bool) -> None:
    rng = np.random.default_rng(3)
    judged = 0
    for _ in range(TABLES):
        tp, fp, fn, tn = (int(k) for k in rng.integers(0, 12, 4))
        n = tp + fp + fn + tn
        if n == 0:
            continue
        figures = rates(*(np.array([float(k)]) for k in (tp, fp, fn, tn)))
        digits = int(rng.integers(2, 5))
        printed = {name: float(v[0]) for name, v in figures.items() if np.isfinite(v[0])}
        claims = [claim_of(f"{name}={value:.{digits}f}") for name, value in printed.items()]
        for claim in claims[:: 1 if known else 6]:
            assert attainable(claim, n, tp + fn if known else None).attainable is True, (claim, n)
            judged += 1
        assert together(claims, n, tp + fn if known else None).attainable is True
    assert judged > TABLES


def test_too_many_tables_are_not_settled_rather_than_denied(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(every_table, "MOST_TABLES", 2_000_000)
    found = attainable(claim_of("kappa=0.123456789012"), 900)
    assert found.attainable is None
    assert "--positives" in found.why
    assert attainable(claim_of("kappa=0.82"), 900).attainable is True
    assert attainable(claim_of("balanced_accuracy=0.853"), 100_000).attainable is True


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("accuracy", "a claim is NAME=VALUE"),
        ("brilliance=0.9", "names a figure that follows from counts"),
        ("accuracy=0,948", "a number with a decimal point"),
        ("accuracy=nan", "a number with a decimal point"),
        ("accuracy=", "a number with a decimal point"),
    ],
)
def test_a_claim_that_cannot_be_read_is_refused(text: str, says: str) -> None:
    with pytest.raises(RefusedError, match=says):
        claim_of(text)


@pytest.mark.parametrize(("n", "positives"), [(0, None), (-3, None), (5, 6), (5, -1), (10**7, None)])
def test_impossible_numbers_of_patients_are_refused(n: int, positives: int | None) -> None:
    with pytest.raises(RefusedError, match=r"--n|--positives"):
        attainable(claim_of("accuracy=0.9"), n, positives)


def test_usual_names_are_known() -> None:
    names = {"se": "sensitivity", "SP": "specificity", "lr+": "lr_positive", "-LR": "lr_negative", "YI": "youden"}
    names |= {"AR": "accuracy", "recall": "sensitivity", "precision": "ppv", "Cohen kappa": "kappa"}
    for given, name in names.items():
        assert claim_of(f"{given}=0.5").name == name
    assert set(OF_A_TABLE) == set(rates(*(np.ones(1),) * 4))


@pytest.mark.parametrize(
    ("text", "n", "positives"), [("ppv=0.92", 13, 4), ("npv=0.32", 31, 10), ("npv=0.11", 20, 6), ("npv=0.19", 20, 6)]
)
def test_predictive_values_need_patients_who_are_there(text: str, n: int, positives: int) -> None:
    claim, negatives = claim_of(text), n - positives
    of, rest = (positives, negatives) if claim.name == "ppv" else (negatives, positives)
    tables = [k / (k + m) for k in range(of + 1) for m in range(rest + 1) if k + m]
    assert not claim.rounds(np.array(tables)).any()
    found = attainable(claim, n, positives)
    assert found.attainable is False
    assert min(abs(value - claim.value) for value in found.nearest) == min(abs(value - claim.value) for value in tables)


def test_a_negative_kappa_is_no_percentage() -> None:
    assert attainable(claim_of("kappa=-2"), 10).why == "the figure cannot take such a value at all"
