"""How much less than normal: total perfusion deficit, extent and segment scores.

TPD after Slomka 2005 (J Nucl Cardiol 12:66). The constants are defaults of ours: a sample is abnormal below the normal
mean less 3 mean absolute deviations, and without uptake (4) at 30 percent of the normal mean. A segment is scored
from the same samples with 4 at 50 percent: blur and scatter fill an absent segment to about that, and readers call it
absent.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..core.polar import REFERENCE_PERCENTILE, Map, weighted_percentile
from ..core.segments import AHA17, membership, segment_means

LIMIT_DEVIATIONS = 3.0
ABSENT_FRACTION = 0.30
SEGMENT_ABSENT_FRACTION = 0.50
PERCENT_BANDS = (70.0, 50.0, 30.0, 10.0)
LEAST_NORMAL_AREA = 0.15


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Normal uptake of every sample: ``mean`` and mean absolute deviation ``mad``, shape (rings, sectors), in a
    common unit; only their ratio to each other matters, since a map is scaled to fit."""

    mean: Map
    mad: Map


@dataclass(frozen=True, kw_only=True)
class Deficit:
    """What a map lacks against normal limits.

    score : 0 normal .. 4 absent, every sample (higher is worse); NaN where the map is. scaled : the map in the unit
    of the limits. tpd, extent : percent of the known area. segment_scores : 0..4, shape (17,), NaN where unknown.
    territory_tpd : percent of the area of each territory. unknown : share of area outside the image, 0..1.
    """

    score: Map
    scaled: Map
    tpd: float
    extent: float
    segment_scores: NDArray[np.float64]
    territory_tpd: dict[str, float]
    unknown: float


def scale_to_normal(values: Map, weight: Map, limits: Limits) -> float:
    """Factor that brings a map to the level of the limits, judged on its normal samples alone.

    Repeats until the factor changes by less than 1e-6 of itself, 100 times at most. Where less than 15 percent of
    the area is normal, the 98th percentiles are matched instead.
    """
    known = np.isfinite(values)
    share = np.where(known, weight, 0.0)
    filled = np.where(known, values, 0.0)
    lowest = limits.mean - LIMIT_DEVIATIONS * limits.mad
    by_top = float(limits.mean.max()) / max(weighted_percentile(values, weight, REFERENCE_PERCENTILE), 1e-12)
    factor = by_top
    for _ in range(100):
        normal = known & (factor * filled >= lowest)
        area = float(share[normal].sum())
        if area < LEAST_NORMAL_AREA:
            return by_top
        new = float((share * limits.mean)[normal].sum() / max(float((share * filled)[normal].sum()), 1e-12))
        if abs(new - factor) < 1e-6 * factor:
            return new
        factor = new
    return factor


def deficit(values: Map, weight: Map, limits: Limits) -> Deficit:
    """Compare a map (any unit, NaN where unknown) with normal limits; ValueError where nothing is known."""
    scaled = values * scale_to_normal(values, weight, limits)
    score = _sample_scores(scaled, limits, ABSENT_FRACTION)
    share = np.where(np.isfinite(score), weight, 0.0)
    known = share.sum()
    filled = np.nan_to_num(score)
    means = segment_means(_sample_scores(scaled, limits, SEGMENT_ABSENT_FRACTION), weight)
    return Deficit(
        score=score,
        scaled=scaled,
        tpd=float(100 * (share * filled).sum() / (4 * known)),
        extent=float(100 * (share * (filled > 0)).sum() / known),
        segment_scores=np.floor(means + 0.5),
        territory_tpd=territory_tpd(filled, share),
        unknown=float(1 - known / weight.sum()),
    )


def _sample_scores(scaled: Map, limits: Limits, absent: float) -> Map:
    """0 at the limit, 4 at a fraction of the normal mean and below, straight between; NaN where the map is."""
    lowest = limits.mean - LIMIT_DEVIATIONS * limits.mad
    depth = 4.0 * (lowest - scaled) / np.maximum(lowest - absent * limits.mean, 1e-9)
    return np.where(np.isfinite(scaled), np.where(scaled >= lowest, 0.0, np.clip(depth, 0.0, 4.0)), np.nan)


def territory_tpd(score: Map, weight: Map) -> dict[str, float]:
    """TPD within each territory, percent of its area (0..100)."""
    share = membership(*score.shape) * weight
    found = {}
    for territory in dict.fromkeys(s.territory for s in AHA17):
        mine = share[[s.territory is territory for s in AHA17]].sum(axis=0)
        found[str(territory)] = float(100 * (mine * score).sum() / (4 * max(float(mine.sum()), 1e-12)))
    return found


def percent_scores(uptake: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scores 0..4 from mean uptake in percent of maximum: [70, ..) 0, [50, 70) 1, [30, 50) 2, [10, 30) 3, [0, 10) 4."""
    scores = np.sum([uptake < band for band in PERCENT_BANDS], axis=0).astype(float)
    return np.where(np.isfinite(uptake), scores, np.nan)
