"""From a series to its polar map: laid right, found, traced, sampled; kept in a cache where one is given."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from ..core.errors import RefusedError
from ..core.measures import Caution
from ..core.polar import PolarMap
from ..core.study import Series, Study
from ..core.terms import State, View
from ..io.nm import require_short_axis
from . import frame, locate, sampling, surface
from .frame import LongAxis
from .locate import Image
from .orientation import (
    CLEARLY_CLOSED,
    CLOSED_RATIO,
    CONTRADICTION,
    ELSEWHERE,
    LEAST_LIKENESS,
    LEAST_MARGIN,
    LEAST_MARGIN_UNTOLD,
    judge,
    lay,
    surroundings,
)
from .quality import LEAST_KNOWN_AREA, contour_flags
from .surface import Surface

Spacing = tuple[float, float, float]
RING_CORRELATION = 0.60
"""Long-axis slices of 96 real hearts reached 0.49 at most; half of the short-axis ones exceed 0.74."""


@dataclass(frozen=True, kw_only=True)
class Traced:
    """A series' polar map, the surface it was sampled from, and cautions about the contour."""

    polar: PolarMap
    surface: Surface
    cautions: tuple[Caution, ...]


def series_map(series: Series) -> PolarMap:
    """Polar map of one short-axis series (gates summed). Raises RefusedError with the reason."""
    return trace_series(series).polar


def study_maps(study: Study) -> dict[State, PolarMap]:
    """Polar maps of a study's stress and rest series, gated series only where there is no other."""
    return {state: series_map(series) for state, series in chosen_series(study).items()}


def chosen_series(study: Study) -> dict[State, Series]:
    """One series a state: the first ungated one, else the first gated."""
    chosen: dict[State, Series] = {}
    for series in sorted(study.series, key=lambda s: s.gates > 1):
        if series.state is not None:
            chosen.setdefault(series.state, series)
    return chosen


def trace_series(series: Series) -> Traced:
    """Find and trace the left ventricle of a series. Raises RefusedError where that cannot be done or trusted."""
    volume = series.load()
    image: Image = volume[0] if len(volume) == 1 else volume.sum(axis=0)
    spacing = series.geometry.spacing_mm
    if series.view is not View.UNTOLD or not _shows_rings(image, spacing, series.source):
        require_short_axis(series)
    cautions: tuple[Caution, ...] = ()
    if not series.geometry.oriented:
        image, spacing, found = _laid_right(image, spacing, series)
        cautions = (Caution(code="orientation_from_image", text=found),)
    traced = _traced(image, spacing, series.source)
    if series.geometry.oriented:
        _refuse_contradiction(traced, image, spacing, series.source)
    polar = sampling.polar_map(traced, state=series.state, source=series.source)
    known = float(polar.weight[np.isfinite(polar.values)].sum())
    if known < LEAST_KNOWN_AREA:
        raise RefusedError(
            series.source,
            rule=f"at least {LEAST_KNOWN_AREA:.0%} of the wall must lie in the image",
            came=f"{known:.0%}",
            do="export the whole left ventricle",
        )
    cautions += contour_flags(traced, polar, image, spacing)
    return Traced(polar=polar, surface=traced, cautions=cautions)


def _shows_rings(image: Image, spacing: Spacing, source: str) -> bool:
    """Whether a stack whose view is told nowhere is plainly a short-axis one: long-axis slices show no rings."""
    return locate.locate(image, spacing, source=source).correlation >= RING_CORRELATION


def _traced(image: Image, spacing: Spacing, source: str) -> Surface:
    return surface.trace(image, spacing, locate.locate(image, spacing, source=source))


def _laid_right(image: Image, spacing: Spacing, series: Series) -> tuple[Image, Spacing, str]:
    """Turn a volume without a told orientation: apex first, then septum left and anterior up; or refuse."""
    backwards = _open_over_closed(image, spacing, series.source)
    if CLOSED_RATIO < backwards < 1 / CLOSED_RATIO:
        raise _undecided(series, f"both ends of the ventricle look alike (ratio {backwards:.2f})")
    reversed_ = backwards > 1
    if series.geometry.apex_first and reversed_:
        raise _undecided(series, f"slice 0 is told to be apical, yet the closed end lies far from it ({backwards:.2f})")
    if reversed_:
        image = np.ascontiguousarray(image[::-1])
    right_handed = series.geometry.right_handed
    mirrored = None if right_handed is None else right_handed == reversed_
    rows = surroundings(_traced(image, spacing, series.source), image, spacing)
    verdict = judge(rows, mirrored=mirrored)
    margin = LEAST_MARGIN if mirrored is not None else LEAST_MARGIN_UNTOLD
    if verdict.likeness < LEAST_LIKENESS or verdict.margin < margin or not verdict.agreed:
        raise _undecided(
            series,
            f"the surroundings fit no one way clearly (likeness {verdict.likeness:.2f}, "
            f"margin {verdict.margin:.2f}, asked {LEAST_LIKENESS} and {margin})",
        )
    if verdict.turn.quarters % 2:
        spacing = (spacing[0], spacing[2], spacing[1])
    view = "" if series.view is View.SHORT_AXIS else "view and "
    found = (
        f"the header tells no {view}orientation; read from the image (margin {verdict.margin:.2f}): look at the slices"
    )
    return lay(image, verdict.turn), spacing, found


def _undecided(series: Series, came: str) -> RefusedError:
    return RefusedError(
        series.source,
        rule="the header tells no orientation, so the image must show it clearly",
        came=came,
        do="export again with Image Orientation (Patient)",
    )


def _open_over_closed(image: Image, spacing: Spacing, source: str) -> float:
    """How well an apical cap fits the far end of the stack, as a share of how well it fits the near end."""
    axis, radius = surface.body_axis(image, spacing, locate.locate(image, spacing, source=source))
    _, near = surface.closed_end(image, spacing, axis, radius)
    _, far = surface.closed_end(image, spacing, LongAxis(origin=axis.origin, direction=-axis.direction), radius)
    return max(far, 0.0) / max(near, 1e-9)


def _refuse_contradiction(traced: Surface, image: Image, spacing: Spacing, source: str) -> None:
    """A header that says one thing about a heart that clearly shows another is not believed, nor is the image."""
    verdict = judge(surroundings(traced, image, spacing), mirrored=None)
    far_axis = LongAxis(origin=traced.axis.origin, direction=-traced.axis.direction)
    radius = float(np.median(traced.radius_mm[traced.cap_rows :]))
    near, far = (surface.closed_end(image, spacing, axis, radius)[1] for axis in (traced.axis, far_axis))
    ratio, came = far / max(near, 1e-9), ""
    if ratio > CLEARLY_CLOSED or (ratio > 1 / CLOSED_RATIO and verdict.behind > ELSEWHERE):
        came = f"the closed end lies on the basal side (ratio {ratio:.2f})"
    elif verdict.behind > CONTRADICTION and verdict.agreed:
        came = f"the right ventricle lies elsewhere ({verdict.behind:.2f} better under another turn)"
    if came:
        raise RefusedError(
            source,
            rule="header and image must agree which way the heart lies",
            came=came,
            do="check Image Orientation (Patient) and Spacing Between Slices",
        )


@lru_cache(maxsize=1)
def method_version() -> str:
    """Digest of the code that makes a polar map, so that a cache never outlives it."""
    files = [Path(str(m.__file__)) for m in (frame, locate, sampling, surface)] + [Path(__file__)]
    return hashlib.sha256(b"".join(f.read_bytes() for f in files)).hexdigest()[:16]


def map_arrays(polar: PolarMap) -> dict[str, np.ndarray]:
    """A polar map as named arrays, for a cache."""
    return {
        "values": polar.values,
        "weight": polar.weight,
        "ring_mm": polar.ring_mm,
        "reference": np.array(polar.reference_counts),
        "source": np.array(polar.source),
    }


def map_from_arrays(arrays: Mapping[str, np.ndarray], state: State) -> PolarMap:
    """The way back of ``map_arrays``."""
    return PolarMap(
        values=arrays["values"],
        weight=arrays["weight"],
        ring_mm=arrays["ring_mm"],
        reference_counts=float(arrays["reference"]),
        state=state,
        source=str(arrays["source"]),
    )
