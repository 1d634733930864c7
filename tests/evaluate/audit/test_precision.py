import pytest
from statsmodels.stats.proportion import proportion_confint

from myoperf.core.errors import RefusedError
from myoperf.evaluate.audit.claim import claim_of
from myoperf.evaluate.audit.precision import plan


def test_the_planned_number_is_the_fewest_that_is_narrow_enough() -> None:
    found = plan(claim_of("accuracy=0.9"), width=0.1)
    assert found.width <= 0.1
    assert plan(claim_of("accuracy=0.9"), n=found.n - 1).width > 0.1
    low, high = proportion_confint(0.9 * found.n, found.n, method="wilson")
    assert (found.low, found.high) == pytest.approx((low, high))


def test_an_auc_of_few_patients_has_a_wide_interval() -> None:
    found = plan(claim_of("auc=0.88"), width=0.1, share=0.4)
    assert (found.positives, found.n) == (81, 202)
    assert plan(claim_of("auc=0.88"), n=50).width > 0.2
    assert plan(claim_of("auc=1.0"), n=20).width > 0.05


def test_a_sensitivity_needs_more_patients_where_fewer_are_ill() -> None:
    half, tenth = (plan(claim_of("se=0.9"), width=0.2, share=share) for share in (0.5, 0.1))
    assert tenth.n > 4.5 * half.n
    assert abs(tenth.positives - half.positives) <= 1


@pytest.mark.parametrize(
    ("figure", "options"),
    [
        ("kappa=0.8", {"width": 0.1}),
        ("auc=0.88", {}),
        ("auc=0.88", {"width": 0.1, "n": 50}),
        ("auc=0.88", {"width": -1.0}),
        ("auc=0.88", {"width": 1e-6}),
        ("auc=0.88", {"n": 2}),
        ("auc=0.88", {"width": 0.1, "share": 1.0}),
    ],
)
def test_what_cannot_be_planned_is_refused(figure: str, options: dict[str, float]) -> None:
    with pytest.raises(RefusedError):
        plan(claim_of(figure), **options)  # type: ignore[arg-type]  # n comes as the whole number it is
