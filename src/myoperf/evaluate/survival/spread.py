"""95 % intervals of survival figures by drawing patients."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit

from ..intervals import Pair, Z
from ..metrics import Resampling
from ..resampling import bootstrap, draw, interval
from .figures import Prepared, figures
from .survivor import Floats

_CELLS = 10_000_000
_FEWEST = 200


@dataclass(frozen=True, kw_only=True)
class Spread:
    """Figures of resamples, each of shape (replicates,). left_out : with patients left out in turn; None for a large
    cohort, whose interval is normal. patients : how many are drawn from. why : why there are no resamples; empty where
    there are.
    """

    values: Mapping[str, Floats]
    left_out: Mapping[str, Floats] | None
    redrawn: int = 0
    patients: int | None = None
    why: str = ""


def spread(ready: Prepared, resampling: Resampling) -> Spread:
    """Draw patients as often as asked; where that would pass 10 million rows, less often (200 times at least)."""
    cohort = ready.cohort
    hits = len(np.unique(cohort.patient[cohort.hit]))
    if resampling.replicates < 1:
        return Spread(values={}, left_out=None, why="no interval: none was asked for")
    if cohort.patients < 2 or hits == 1:
        return Spread(values={}, left_out=None, why="no interval: resampling needs two patients with the event")
    classes = np.zeros((cohort.patients, 2), dtype=bool)
    classes[cohort.patient, cohort.hit.astype(np.intp)] = True
    classes |= ~classes.any(axis=0)
    rng = np.random.default_rng(resampling.seed)
    if resampling.replicates * len(cohort) <= _CELLS:
        found = bootstrap(
            lambda weight: figures(ready, weight), classes, rows=len(cohort), replicates=resampling.replicates, rng=rng
        )
        return Spread(values=found.values, left_out=found.left_out, redrawn=found.redrawn, patients=found.patients)
    replicates = min(resampling.replicates, max(_FEWEST, _CELLS // len(cohort)))
    weight, redrawn = draw(cohort.patients, replicates, classes, rng)
    return Spread(values=figures(ready, weight), left_out=None, redrawn=redrawn)


def interval_of(name: str, value: float, found: Spread) -> tuple[Pair | None, str]:
    """The interval of a figure, or None, and how it was made or why it was not."""
    if found.why:
        return None, found.why
    values = found.values[name]
    known = values[np.isfinite(values)]
    again = f", {found.redrawn} redrawn without the event" if found.redrawn else ""
    gone = f", {values.size - known.size} undefined" if known.size < values.size else ""
    if found.left_out is not None:
        pair = interval(value, values, found.left_out[name], found.patients)
        said = f"patient bootstrap (BCa, {values.size} replicates{again}{gone})"
    else:
        pair = _normal(value, known) if known.size >= max(0.9 * values.size, 20) and np.ptp(known) > 1e-12 else None
        said = f"patient bootstrap (normal, on the logit scale within 0..1, {values.size} replicates{again}{gone})"
    return pair, said if pair else "no interval: replicates are all equal or mostly undefined"


def _normal(value: float, known: Floats) -> Pair:
    if min(value, known.min()) > 0 and max(value, known.max()) < 1:
        half = Z * float(logit(known).std(ddof=1))
        return float(expit(logit(value) - half)), float(expit(logit(value) + half))
    half = Z * float(known.std(ddof=1))
    return value - half, value + half
