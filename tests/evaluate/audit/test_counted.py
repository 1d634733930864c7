import pytest

from myoperf.core.errors import RefusedError
from myoperf.evaluate.audit.claim import claim_of
from myoperf.evaluate.audit.counted import check_counts

NAMES = ("se", "sp", "lr+", "lr-", "ppv", "npv", "yi", "ar", "kappa")
# Table 2 (TP, FP, FN, TN) and Table 3 of the D-SPECT paper of Wang and others, all five runs
PUBLISHED = (
    ((354, 51, 35, 561), "91.00 91.67 10.92 0.09 87.41 94.31 0.83 91.41 0.82"),
    ((385, 30, 41, 545), "90.38 94.78 17.32 0.10 92.77 93.00 0.85 92.91 0.85"),
    ((385, 39, 41, 536), "90.38 93.22 13.32 0.10 90.80 92.89 0.84 92.01 0.84"),
    ((367, 28, 41, 565), "89.95 95.28 19.05 0.11 92.91 93.23 0.85 93.11 0.86"),
    ((388, 28, 63, 522), "86.03 94.91 16.90 0.15 93.27 89.23 0.81 90.91 0.82"),
)


def test_of_45_published_figures_two_do_not_follow_and_are_named() -> None:
    rows = []
    for run, (cells, line) in enumerate(PUBLISHED, 1):
        claims = [claim_of(f"{name}={value}") for name, value in zip(NAMES, line.split(), strict=True)]
        rows += [(run, row) for row in check_counts(cells, claims)]
    assert len(rows) == 45
    wrong = [(run, row.index) for run, row in rows if row.verdict == "differs"]
    assert wrong == [(1, "lr_negative"), (1, "npv")]
    npv = next(row for run, row in rows if (run, row.index) == (1, "npv"))
    assert npv.computed == pytest.approx(561 / 596)
    assert npv.why == "two digits are exchanged: 0.9431 for 0.9413"
    lr = next(row for run, row in rows if (run, row.index) == (1, "lr_negative"))
    assert (lr.printed, lr.why) == ("0.10", "further digits were cut off instead of rounded")


def test_without_claims_every_index_is_listed() -> None:
    rows = {row.index: row for row in check_counts((3, 0, 1, 4))}
    assert rows["sensitivity"].computed == 0.75
    assert rows["lr_positive"].computed is None
    assert "no false alarm" in rows["lr_positive"].why
    assert all(row.claimed is None and row.verdict == "not claimed" for row in rows.values())


def test_a_claim_of_another_index_is_recognised() -> None:
    (row,) = check_counts((30, 10, 5, 55), [claim_of(f"npv={30 / 40:.3f}")])
    assert (row.verdict, row.why) == ("differs", "it is the ppv of this table")


def test_a_half_may_be_rounded_either_way() -> None:
    for text in ("accuracy=0.12", "accuracy=0.13"):
        assert check_counts((1, 7, 0, 0), [claim_of(text)])[0].verdict == "agrees"


def test_what_does_not_follow_from_counts_is_said() -> None:
    (auc,) = check_counts((3, 1, 1, 4), [claim_of("auc=0.9")])
    assert (auc.verdict, auc.computed) == ("not decided", None)
    (lr,) = check_counts((3, 0, 1, 4), [claim_of("lr+=9")])
    assert lr.verdict == "differs"


@pytest.mark.parametrize("cells", [(0, 0, 0, 0), (-1, 2, 3, 4)])
def test_impossible_counts_are_refused(cells: tuple[int, int, int, int]) -> None:
    with pytest.raises(RefusedError, match="counts are 0 or more"):
        check_counts(cells)
