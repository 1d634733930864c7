"""Findings and scorecards to documents: JSON, self-contained pages, figures. No torch."""

from .scorecard import write_scorecard

__all__ = ["write_scorecard"]
