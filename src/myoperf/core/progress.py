"""How long work tells of its progress: one callable, given by the caller, called with step, done, total."""

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""``progress(step, done, total)``: e.g. ``progress("studies measured", 12, 96)``. Never raises."""


def silent(step: str, done: int, total: int) -> None:
    """Tell nobody."""
