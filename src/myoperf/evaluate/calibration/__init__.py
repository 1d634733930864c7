"""Whether probabilities mean what they say, and what acting on them would bring."""

from .part import calibration

__all__ = ["calibration"]
