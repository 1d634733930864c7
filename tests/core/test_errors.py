"""A refusal is one line, whatever the file that caused it put into it."""

from hypothesis import given
from hypothesis import strategies as st

from myoperf.core.errors import MyoperfError, RefusedError, one_line


def test_a_refusal_says_where_what_rule_what_came_and_what_to_do() -> None:
    error = RefusedError("cohort.csv row 7", rule="tracer is Tc-99m or Tl-201", came="Rb-82", do="correct the cell")
    assert str(error) == "cohort.csv row 7: tracer is Tc-99m or Tl-201; got Rb-82; correct the cell"
    assert (error.where, error.rule, error.came, error.do) == (
        "cohort.csv row 7",
        "tracer is Tc-99m or Tl-201",
        "Rb-82",
        "correct the cell",
    )
    assert isinstance(error, MyoperfError)


def test_anything_may_have_come() -> None:
    assert "got None;" in str(RefusedError("a.dcm", rule="a number", came=None, do="give one"))


@given(st.text())
def test_a_refusal_is_one_short_line_of_visible_text(text: str) -> None:
    line = str(RefusedError(text, rule="r", came=text, do="d"))
    assert len(line.splitlines()) == 1
    assert len(line) <= 600
    assert line.isprintable()


def test_control_characters_and_line_ends_are_folded() -> None:
    assert one_line("a\x1b[31m\n\tb\u2028c\u202ed\x00") == "a [31m b c d"


def test_a_long_line_is_cut_with_an_ellipsis() -> None:
    assert one_line("x" * 50, limit=10) == "x" * 9 + "…"
    assert one_line("x" * 10, limit=10) == "x" * 10
