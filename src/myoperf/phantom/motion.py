"""Movement that spoils an acquisition: breathing, a patient who shifts on the table, a camera that is too narrow.

Plain values and their weights; whoever projects applies them. Body frame: x to the left, y to posterior, z to the
head, in mm.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..core.errors import RefusedError
from ..core.terms import Position, Sex
from .surface import Floats

Random = np.random.Generator


@dataclass(frozen=True, kw_only=True)
class Respiration:
    """Breathing: heart and upper abdomen move along z, ``amplitude_mm`` from end of expiration to full inspiration."""

    amplitude_mm: float


@dataclass(frozen=True, kw_only=True)
class PatientMotion:
    """From view ``from_view`` on (counted from 0) the patient lies shifted by (x, y, z) in mm."""

    from_view: int
    shift_mm: tuple[float, float, float]

    @cached_property
    def size_mm(self) -> float:
        """Length of the shift."""
        return float(np.linalg.norm(self.shift_mm))


@dataclass(frozen=True, kw_only=True)
class Truncation:
    """Bins farther than ``half_width_mm`` from the middle of the detector are lost; infinite for none."""

    half_width_mm: float


_BREATH_POWER = 4
_BREATH_STEPS = 256


def respiration_weights(respiration: Respiration, *, shifts: int = 5) -> tuple[Floats, Floats]:
    """Shifts along z (mm, negative towards the feet) and the share of time spent at each; both of shape (shifts,).

    The depth of breath follows cos^4, which lingers at the end of expiration (Lujan, Med Phys 1999); the mean over
    time is at 0, so that breathing blurs and does not displace. RefusedError for no shift or a negative amplitude.
    """
    if shifts < 1 or respiration.amplitude_mm < 0:
        raise RefusedError(
            "respiration",
            rule="has at least 1 shift and an amplitude of 0 mm or more",
            came=f"{shifts} shifts and {respiration.amplitude_mm} mm",
            do="give others",
        )
    time = (np.arange(_BREATH_STEPS) + 0.5) * (np.pi / _BREATH_STEPS)
    depth = np.cos(time) ** _BREATH_POWER
    share = np.histogram(depth, bins=shifts, range=(0.0, 1.0))[0] / _BREATH_STEPS
    place = (np.arange(shifts) + 0.5) / shifts if shifts > 1 else np.zeros(1)
    down = respiration.amplitude_mm * (place - (place * share).sum())
    return np.asarray(-down, dtype=np.float64), np.asarray(share, dtype=np.float64)


def view_shifts(motion: PatientMotion | None, views: int) -> Floats:
    """Shift (x, y, z) of the patient in every view, mm, shape (views, 3)."""
    shifts = np.zeros((views, 3))
    if motion is not None:
        shifts[motion.from_view :] = motion.shift_mm
    return shifts


def projected_shifts(shifts_mm: Floats, angles_deg: Floats) -> Floats:
    """Shifts as the detector sees them: along its bins (x cos + y sin) and along z, mm, shape (views, 2).

    A parallel-hole camera does not see the part along its own direction. angles_deg : of the views, shape (views,).
    """
    angle = np.radians(angles_deg)
    along = shifts_mm[:, 0] * np.cos(angle) + shifts_mm[:, 1] * np.sin(angle)
    return np.stack([along, shifts_mm[:, 2]], axis=1)


def kept_bins(truncation: Truncation | None, bins: int, step_mm: float) -> Floats:
    """Part of every bin that the detector covers, 0 .. 1, shape (bins,)."""
    if truncation is None or np.isinf(truncation.half_width_mm):
        return np.ones(bins)
    away = np.abs(np.arange(bins) - (bins - 1) / 2) * step_mm
    kept: Floats = np.clip((truncation.half_width_mm - away) / step_mm + 0.5, 0.0, 1.0)
    return kept


def draw_respiration(random: Random, position: Position = Position.SUPINE) -> Respiration:
    """Breathing of one person: 8 mm of the heart lying supine in the median, more than 10 mm in a third.

    Fitted to Pretorius (J Nucl Cardiol 2020;27:80): 33 percent of 1103 patients above 10 mm, range 1 to 37 mm. A third
    less when prone and a fifth less upright are our assumptions.
    """
    less = {Position.SUPINE: 1.0, Position.PRONE: 0.67, Position.UPRIGHT: 0.8}[position]
    return Respiration(amplitude_mm=float(np.clip(8.0 * np.exp(random.normal(0.0, 0.5)), 1.1, 37.0)) * less)


def draw_motion(
    random: Random,
    views: int,
    *,
    chance: float = 0.49,
    least_mm: float = 3.0,
    beyond_mm: float = 1.9,
    position: Position = Position.SUPINE,
) -> PatientMotion | None:
    """A step in the patient's place, or None.

    chance : of a step of ``least_mm`` or more; half of it prone, where the chest is held (our assumption). beyond_mm :
    mean of what is beyond that. By default 39 percent of studies shift by 3 to 6 mm and 10 percent by more (Mukherjee,
    IEEE Nuclear Science Symposium 2008, 80 studies); that it is one step, and mostly along z, is ours.
    """
    _check(chance, "chance of motion")
    held = 0.5 if position is Position.PRONE else 1.0
    if views < 2 or random.random() >= chance * held:
        return None
    size = min(25.0, least_mm + float(random.exponential(beyond_mm)))
    way = random.normal(0.0, (0.4, 0.25, 1.0))
    way *= size / np.linalg.norm(way)
    return PatientMotion(
        from_view=int(random.integers(1, views)), shift_mm=(float(way[0]), float(way[1]), float(way[2]))
    )


def draw_truncation(
    random: Random, *, sex: Sex, bmi: float, half_field_mm: float, chance: float = 0.02
) -> Truncation | None:
    """Truncation of one study, or None: likelier in the heavy, whose body does not fit the field of a small camera.

    half_field_mm : half width of the field of view. chance : at 30 kg/m2; it doubles every 5 kg/m2 (our assumption).
    Of the field 60 to 95 percent are left, in women a little less (breasts laid aside).
    """
    _check(chance, "chance of truncation")
    if random.random() >= min(0.9, chance * 2 ** ((bmi - 30.0) / 5.0)):
        return None
    left = random.uniform(0.60, 0.95) - (0.03 if sex is Sex.FEMALE else 0.0)
    return Truncation(half_width_mm=float(left * half_field_mm))


def _check(chance: float, name: str) -> None:
    if not 0.0 <= chance <= 1.0:
        raise RefusedError(name, rule="lies in 0 to 1", came=chance, do="give a part of the studies")
