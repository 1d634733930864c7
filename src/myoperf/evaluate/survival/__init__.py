"""Times to an event: how well scores order them, and whether predicted risks come true."""

from .judge import judge_survival

__all__ = ["judge_survival"]
