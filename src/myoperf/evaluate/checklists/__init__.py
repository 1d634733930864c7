"""Reporting checklists, filled with what a run tells."""

from .facts import Facts
from .filled import checklists

__all__ = ["Facts", "checklists"]
