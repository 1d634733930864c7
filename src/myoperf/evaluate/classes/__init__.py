"""A target with several classes: every class against the rest, and all of them together."""

from .judge import judge_classes

__all__ = ["judge_classes"]
