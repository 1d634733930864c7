"""Limits of noise-free normals, for the truth of every virtual patient: made once by a command, and shipped.

They are of the general population's own camera, lying supine; other cameras and positions are judged by them too.
"""

from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from io import BytesIO

import numpy as np

from ..core.terms import State
from .acquisition import Image
from .patients import Patient, expected_image
from .population import draw_normal
from .truth import LimitsKey, TrueLimits, all_keys, true_map

NORMALS = 40
"""Virtual normals for each sex, tracer and state."""

STORED = "limits.npz"


def image_of(patient: Patient, state: State, physics: str) -> Image:
    """The image without noise in the field's crop, by either physics."""
    if physics == "full":
        from .tomography import expected_tomogram

        return expected_tomogram(patient, state)
    return expected_image(patient, state)


def true_limits(key: LimitsKey, physics: str = "fast", count: int = NORMALS) -> TrueLimits:
    """Limits from ``count`` virtual normals of the key; always the same for the same key."""
    sex, tracer, state = key
    normals = [draw_normal(number, sex, tracer) for number in range(count)]
    maps = np.stack([true_map(p, state, image_of(p, state, physics)).values for p in normals])
    mean = maps.mean(axis=0)
    return TrueLimits(mean=mean, deviation=np.abs(maps - mean).mean(axis=0))


@lru_cache(maxsize=2)
def stored_limits(physics: str) -> Mapping[LimitsKey, TrueLimits]:
    """The shipped limits of every sex, tracer and state; ``validation/phantom_limits.py`` makes them anew."""
    held = np.load(BytesIO((files(__package__) / STORED).read_bytes()), allow_pickle=False)
    found = {}
    for key in all_keys():
        mean, deviation = held[name_of(key, physics)].astype(np.float64)
        found[key] = TrueLimits(mean=mean, deviation=deviation)
    return found


def name_of(key: LimitsKey, physics: str) -> str:
    """Name of a key's array in the shipped file."""
    return "_".join((physics, *(str(part) for part in key)))
