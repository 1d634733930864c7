"""What is true of a virtual patient, in the two meanings that "true TPD" has.

``tpd_image`` : the measuring formula (TPD after Slomka 2005) on the image without noise, at the image's resolution,
with limits from noise-free normals of the same sex, tracer and state. It is what a perfect measurement would read.
``tpd_activity`` : area times severity of the defect in the activity. Blur and attenuation have no part in it.

The surface is known, so nothing is searched for: counts are the largest along the known normal of the known mid-wall.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from ..core.polar import REFERENCE_PERCENTILE, RINGS, SECTORS, weighted_percentile
from ..core.segments import segment_means
from ..core.terms import Sex, State, Tracer
from .acquisition import Image
from .disease import uptake_seen
from .heart import to_voxels
from .patients import STATES, Patient
from .surface import Floats, wall_table

DEVIATIONS = 3.0
ABSENT = 0.30
_DEPTHS_MM = np.linspace(-6.0, 6.0, 7)
_SEVERITIES = 4.0


@dataclass(frozen=True, kw_only=True)
class TrueMap:
    """Uptake without noise on the polar disc in percent of its 98th percentile, and the area of each sample."""

    values: Floats
    weight: Floats


@dataclass(frozen=True, kw_only=True)
class TrueLimits:
    """Mean and mean absolute deviation of noise-free normal maps, shape (rings, sectors)."""

    mean: Floats
    deviation: Floats


@dataclass(frozen=True, kw_only=True)
class StateTruth:
    """Truth of one state.

    uptake_17 : percent of maximum. deficit_17 : mean score of the segment before rounding, 0 .. 4. score_17 : rounded.
    loss_17 : mean loss of activity by disease alone, 0 .. 1. tpd_image, tpd_activity : percent of the ventricle.
    """

    uptake_17: tuple[float, ...]
    deficit_17: tuple[float, ...]
    score_17: tuple[int, ...]
    loss_17: tuple[float, ...]
    tpd_image: float
    tpd_activity: float


LimitsKey = tuple[Sex, Tracer, State]


def true_map(patient: Patient, state: State, image: Image) -> TrueMap:
    """Sample the noise-free image (the crop of the patient's field) along the known wall."""
    scan = patient.scan(state)
    s, phi = wall_table(RINGS, SECTORS)
    surface = scan.anatomy.mid_wall
    place, normal = surface.points(s, phi)
    along = place[:, None] + normal[:, None] * _DEPTHS_MM[None, :, None, None]
    voxels = to_voxels(scan.anatomy, along, scan.field.spacing_mm)
    origin = np.array([part.start for part in scan.field.crop()]).reshape(3, 1, 1, 1)
    counts = ndimage.map_coordinates(image, voxels - origin, output=np.float64, order=3, mode="nearest").max(axis=0)
    weight = surface.area(s, phi)
    return TrueMap(values=100.0 * counts / weighted_percentile(counts, weight, REFERENCE_PERCENTILE), weight=weight)


def all_keys() -> tuple[LimitsKey, ...]:
    """Every sex, tracer and state."""
    return tuple((sex, tracer, state) for sex in Sex for tracer in Tracer for state in STATES)


def scaled_to_limits(values: Floats, weight: Floats, limits: TrueLimits) -> Floats:
    """Multiply a map so that the part of it that is not abnormal agrees with the normal mean."""
    floor = limits.mean - DEVIATIONS * limits.deviation
    scale = 1.0
    for _ in range(100):
        sound = scale * values >= floor
        if weight[sound].sum() < 0.15:
            scale = float(limits.mean.max() / weighted_percentile(values, weight, REFERENCE_PERCENTILE))
            break
        new = float((weight * limits.mean)[sound].sum() / (weight * values)[sound].sum())
        done = abs(new - scale) < 1e-6 * scale
        scale = new
        if done:
            break
    return scale * values


def deficit(true: TrueMap, limits: TrueLimits) -> Floats:
    """Score of every sample: 0 within limits, rising to 4 where uptake is 70 percent below the normal mean."""
    values = scaled_to_limits(true.values, true.weight, limits)
    floor = limits.mean - DEVIATIONS * limits.deviation
    depth = (floor - values) / np.maximum(floor - ABSENT * limits.mean, 1e-9)
    return np.clip(_SEVERITIES * depth, 0.0, _SEVERITIES)


def map_scores(seen: TrueMap, limits: TrueLimits) -> tuple[int, ...]:
    """Scores of the 17 segments that the formula gives a map, 0 .. 4."""
    return tuple(int(score) for score in np.floor(segment_means(deficit(seen, limits), seen.weight) + 0.5))


def state_truth(patient: Patient, state: State, image: Image, limits: TrueLimits) -> StateTruth:
    """All that is true of one state, from its noise-free image."""
    true = true_map(patient, state, image)
    scores = deficit(true, limits)
    of_segments = segment_means(scores, true.weight)
    loss = activity_loss(patient, state)
    return StateTruth(
        uptake_17=_rounded(segment_means(true.values, true.weight), 2),
        deficit_17=_rounded(of_segments, 4),
        score_17=map_scores(true, limits),
        loss_17=_rounded(segment_means(loss, true.weight), 4),
        tpd_image=round(float(100.0 * (true.weight * scores).sum() / _SEVERITIES), 4),
        tpd_activity=round(float(100.0 * (true.weight * loss).sum()), 4),
    )


def activity_loss(patient: Patient, state: State) -> Floats:
    """Part of the uptake in a state's image that disease takes at each place of the disc, 0 .. 1, (rings, sectors)."""
    s, phi = wall_table(RINGS, SECTORS)
    surface = patient.scan(state).anatomy.mid_wall
    return np.asarray(1.0 - uptake_seen(patient.defects, surface, s, phi, protocol=patient.plan, state=state))


def _rounded(values: Sequence[float] | Floats, digits: int) -> tuple[float, ...]:
    return tuple(round(float(value), digits) for value in values)


def truths(
    patient: Patient, images: Mapping[State, Image], limits: Mapping[LimitsKey, TrueLimits]
) -> dict[State, StateTruth]:
    """Truth of both states."""
    return {
        state: state_truth(patient, state, image, limits[patient.sex, patient.tracer, state])
        for state, image in images.items()
    }
