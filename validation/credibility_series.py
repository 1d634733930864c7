"""What is measured on one short-axis series: its polar map and what surrounds the wall."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from myoperf.core.segments import segment_means
from myoperf.core.study import Series
from myoperf.quant.frame import counts_at
from myoperf.quant.maps import trace_series
from myoperf.quant.surface import Surface

Floats = NDArray[np.float64]

PROFILE_MM = np.arange(-36.0, 49.0, 2.0)
"""Places along the outward normal of the wall, 0 is the traced mid-wall; negative is towards the axis."""
QUADRANTS = {"lateral": 0.0, "anterior": 90.0, "septal": 180.0, "inferior": 270.0}
CUTOUT = 32
"""Side of the square around the heart that in-plane spectra are taken from, voxels."""
_BODY = slice(2, 8)


@dataclass(frozen=True, kw_only=True)
class SeriesMeasures:
    """One series; fields as in ``credibility_cases.Cases``, without the axis of patients."""

    maps: Floats
    weight: Floats
    segments: Floats
    profiles: Floats
    spectrum: Floats
    shape: dict[str, float]


def measure_series(series: Series) -> SeriesMeasures:
    """Everything that is compared. MyoperfError where the series cannot be quantified."""
    traced = trace_series(series)
    volume = series.load().sum(axis=0)
    spacing = series.geometry.spacing_mm
    values = _filled(traced.polar.values)
    reference = traced.polar.reference_counts
    return SeriesMeasures(
        maps=values,
        weight=traced.polar.weight,
        segments=segment_means(values, traced.polar.weight),
        profiles=_profiles(traced.surface, volume, spacing) / reference,
        spectrum=_spectrum(traced.surface, volume, spacing),
        shape={
            "unknown_share": float(traced.polar.weight[~np.isfinite(traced.polar.values)].sum()),
            "reference_counts": reference,
            **_sizes(traced.surface, spacing),
            **_field(volume),
            **_neighbours(traced.surface, volume / reference, spacing),
        },
    )


def _filled(values: Floats) -> Floats:
    """Unknown samples take the value of the next ring towards the apex, or that ring's mean."""
    filled = values.copy()
    for ring in range(len(filled)):
        gaps = ~np.isfinite(filled[ring])
        if gaps.any():
            filled[ring, gaps] = filled[ring - 1, gaps] if ring else np.nanmean(filled)
    return filled


def _profiles(surface: Surface, volume: NDArray[np.float32], spacing: tuple[float, float, float]) -> Floats:
    """Mean counts across the wall at mid height by quadrant, shape (4, places)."""
    rows = np.arange(len(surface.rays.start))[surface.cap_rows :][_BODY]
    start, spokes, radius = surface.rays.start[rows], surface.rays.direction[rows], surface.radius_mm[rows]
    places = radius[..., None] + PROFILE_MM
    points = start[:, None, None] + places[..., None] * spokes[:, :, None]
    counts = np.where(places > 0, counts_at(volume, spacing, points), np.nan)
    angles = np.arange(spokes.shape[1]) * 360.0 / spokes.shape[1]
    curves = []
    for middle in QUADRANTS.values():
        near = np.abs((angles - middle + 180.0) % 360.0 - 180.0) <= 30.0
        part = counts[:, near].reshape(-1, len(PROFILE_MM))
        known = np.isfinite(part).sum(axis=0)
        curves.append(np.where(known > 0, np.nansum(part, axis=0) / np.maximum(known, 1), np.nan))
    return np.stack(curves)


def _spectrum(surface: Surface, volume: NDArray[np.float32], spacing: tuple[float, float, float]) -> Floats:
    """In-plane power by radial frequency of the mid slices, windowed, each slice less its mean; sums to 1."""
    middle = surface.axis.at(np.asarray(0.0)) / np.asarray(spacing)
    half = CUTOUT // 2
    slices = np.clip(np.arange(round(float(middle[0])) - 2, round(float(middle[0])) + 3), 0, len(volume) - 1)
    row, column = (
        int(np.clip(round(float(m)), half, n - half)) for m, n in zip(middle[1:], volume.shape[1:], strict=True)
    )
    square = volume[slices, row - half : row + half, column - half : column + half].astype(np.float64)
    away = np.hypot(*np.meshgrid(*[(np.arange(CUTOUT) + 0.5) / half - 1] * 2))
    window = np.where(away < 1, np.cos(np.pi / 2 * np.minimum(away, 1)) ** 2, 0.0)
    square = (square - (square * window).sum(axis=(1, 2), keepdims=True) / window.sum()) * window
    power = (np.abs(np.fft.fft2(square)) ** 2).mean(axis=0)
    frequency = np.hypot(*np.meshgrid(*[np.fft.fftfreq(CUTOUT) * CUTOUT] * 2))
    rings = np.array([power[(frequency >= k) & (frequency < k + 1)].mean() for k in range(half)])
    spectrum: Floats = rings / rings.sum()
    return spectrum


def _sizes(surface: Surface, spacing: tuple[float, float, float]) -> dict[str, float]:
    """Size, shape and lie of the traced mid-wall surface."""
    points = surface.rays.points(surface.radius_mm)
    last = int(np.floor(surface.end_row))
    body = np.arange(surface.cap_rows, last + 1)
    along = (points - surface.axis.origin) @ surface.axis.direction
    length = float(along[last].mean() - along[0].mean())
    heights = np.diff(along[surface.cap_rows - 1 : last + 1].mean(axis=1))
    radius = surface.radius_mm[body]
    cap = 2 / 3 * np.pi * float(np.mean(surface.radius_mm[: surface.cap_rows] ** 3))
    mid = surface.radius_mm[surface.cap_rows :][_BODY]
    waves = np.abs(np.fft.rfft(mid, axis=1)).mean(axis=0) / mid.shape[1] / mid.mean()
    return {
        "radius_mm": float(mid.mean()),
        "length_mm": length,
        "length_over_radius": length / float(mid.mean()),
        "mid_wall_ml": (cap + float((np.pi * (radius**2).mean(axis=1) * heights[: len(body)]).sum())) / 1000,
        "basal_over_mid_radius": float(surface.radius_mm[last - 1 : last + 1].mean() / mid.mean()),
        "oval": float(2 * waves[2]),
        "ragged": float(2 * waves[4:8].sum()),
        "tilt_deg": float(np.degrees(np.arccos(np.clip(surface.axis.direction[0], -1, 1)))),
        "tilt_row": float(np.degrees(np.arcsin(surface.axis.direction[1]))),
        "tilt_column": float(np.degrees(np.arcsin(surface.axis.direction[2]))),
        "row": float(surface.axis.origin[1] / spacing[1]),
        "column": float(surface.axis.origin[2] / spacing[2]),
        "apex_slice": float(points[0, :, 0].mean() / spacing[0]),
        "base_slice": float(points[last, :, 0].mean() / spacing[0]),
        "valve_seen": float(surface.valve_seen),
    }


def _field(volume: NDArray[np.float32]) -> dict[str, float]:
    """The stored box: slices, how much of it is not empty, its peak."""
    filled = volume > 0
    extent = [np.flatnonzero(filled.any(axis=tuple(k for k in range(3) if k != axis))) for axis in range(3)]
    spans = [int(e[-1] - e[0] + 1) if len(e) else 0 for e in extent]
    return {
        "slices": float(len(volume)),
        "filled_share": float(filled.mean()),
        "filled_slices": float(spans[0]),
        "filled_rows": float(spans[1]),
        "filled_columns": float(spans[2]),
        "first_filled": float(extent[0][0]) if len(extent[0]) else 0.0,
        "zeros_inside": float(1 - filled[np.ix_(*[slice_range(e) for e in extent])].mean()) if filled.any() else 1.0,
        "peak_counts": float(volume.max()),
    }


def slice_range(places: NDArray[np.intp]) -> NDArray[np.intp]:
    """All numbers from the first to the last of some."""
    return np.arange(places[0], places[-1] + 1)


def _neighbours(surface: Surface, share: NDArray[np.float32], spacing: tuple[float, float, float]) -> dict[str, float]:
    """Hottest small neighbourhood outside the heart by side, and counts in the cavity, both over the reference."""
    places = np.stack(np.meshgrid(*[np.arange(n) for n in share.shape], indexing="ij"), axis=-1) * np.asarray(spacing)
    offset = places - surface.axis.origin
    along = offset @ surface.axis.direction
    across = offset - along[..., None] * surface.axis.direction
    distance = np.linalg.norm(across, axis=-1)
    radius = float(surface.radius_mm[surface.cap_rows :][_BODY].mean())
    centre = surface.rays.start[surface.cap_rows :][_BODY]
    low = float(((centre - surface.axis.origin) @ surface.axis.direction).min())
    level = (along > low - 20.0) & (along < low + 55.0) & (share > 0)
    angle = np.degrees(np.arctan2(-across[..., 1], across[..., 2])) % 360.0
    ring = level & (distance > radius + 22.0) & (distance < radius + 55.0)
    found: dict[str, float] = {}
    for name, middle in QUADRANTS.items():
        values = share[ring & (np.abs((angle - middle + 180) % 360 - 180) < 45)]
        enough = len(values) > 20
        found[f"{name}_top"] = float(np.percentile(values, 98)) if enough else float("nan")
        found[f"{name}_middle"] = float(np.median(values)) if enough else float("nan")
    cavity = share[(along > low) & (along < low + 20.0) & (distance < 7.0)]
    found["cavity"] = float(cavity.mean()) if cavity.size else float("nan")
    return found
