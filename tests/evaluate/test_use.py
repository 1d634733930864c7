from dataclasses import FrozenInstanceError
from math import inf, nan
from typing import Any

import pytest

from myoperf.core.errors import RefusedError
from myoperf.evaluate.use import Use


def test_nothing_is_wished_unless_it_is_said() -> None:
    wish = Use()
    assert (wish.against, wish.margin, wish.npv, wish.prevalence, wish.rest_dose) == (None,) * 5
    with pytest.raises(FrozenInstanceError):
        wish.npv = 0.9  # type: ignore[misc]  # that it cannot be set is the test


@pytest.mark.parametrize(
    "wish", [{"margin": 1e-9}, {"margin": 4.0}, {"npv": 0.999}, {"prevalence": 1e-6}, {"rest_dose": 0.0}]
)
def test_the_ends_of_what_is_taken(wish: dict[str, Any]) -> None:
    ((name, value),) = wish.items()
    assert getattr(Use(**wish), name) == value


@pytest.mark.parametrize(
    ("name", "values", "rule"),
    [
        ("margin", (0.0, -0.1, inf, nan), "the margin is above 0"),
        ("npv", (0.0, 1.0, 95.0, -0.5, nan), "a negative predictive value to reach lies between 0 and 1"),
        ("prevalence", (0.0, 1.0, 7.0, -0.5, nan), "a prevalence lies between 0 and 1"),
        ("rest_dose", (-0.1, inf, nan), "a dose is 0 mSv or more"),
        ("against", ("",), "it names one system, or a column of numbers"),
    ],
)
def test_what_is_out_of_range_is_refused(name: str, values: tuple[Any, ...], rule: str) -> None:
    for value in values:
        with pytest.raises(RefusedError) as error:
            Use(**{name: value})
        assert error.value.rule == rule
        assert "\n" not in str(error.value)
