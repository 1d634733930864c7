"""One report from several readings, and how far the readers agree."""

from collections.abc import Sequence

from .reader import ABNORMAL, HIGH, INTERMEDIATE, LOW, NORMAL, Reading

_ORDER = (NORMAL, ABNORMAL, LOW, INTERMEDIATE, HIGH)
"""Impressions from mild to severe, within either tracer's own words."""


def consensus(readings: Sequence[Reading]) -> Reading:
    """The middle reading: the median score of every segment and the middle impression in order of severity.

    The middle impression is that of the majority wherever there is one. With an even number of readers the milder of
    the two middle ones is taken, in segments and impression. ValueError without readings.
    """
    if not readings:
        raise ValueError("a consensus needs at least one reading")
    impression = _middle([_ORDER.index(reading.impression) for reading in readings])
    return Reading(
        score_17_stress=_segments([reading.score_17_stress for reading in readings]),
        score_17_rest=_segments([reading.score_17_rest for reading in readings]),
        impression=_ORDER[impression],
    )


def summed_scores(reading: Reading) -> tuple[int, int, int]:
    """Summed stress, rest and difference score; the difference counts only segments that are worse at stress."""
    pairs = list(zip(reading.score_17_stress, reading.score_17_rest, strict=True))
    return sum(s for s, _ in pairs), sum(r for _, r in pairs), sum(max(0, s - r) for s, r in pairs)


def _middle(values: Sequence[int]) -> int:
    return sorted(values)[(len(values) - 1) // 2]


def _segments(scores: Sequence[Sequence[int]]) -> tuple[int, ...]:
    return tuple(_middle(of_segment) for of_segment in zip(*scores, strict=True))
