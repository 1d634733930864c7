import pytest
from hypothesis import given
from hypothesis import strategies as st

from myoperf.io.cells import guard, unguard


@pytest.mark.parametrize("text", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\tx", "\r=1", "'=x"])
def test_a_formula_gets_an_apostrophe(text: str) -> None:
    assert guard(text) == "'" + text


@pytest.mark.parametrize("text", ["P001", "-3.5", "+2", "-1e-05", "", "a=b", "'quoted'", "Müller-Lüdenscheidt"])
def test_plain_text_and_numbers_stay(text: str) -> None:
    assert guard(text) == text


@given(st.text())
def test_what_is_guarded_comes_back(text: str) -> None:
    assert unguard(guard(text)) == text
