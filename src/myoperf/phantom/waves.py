"""Smooth patterns over the wall: cosines along it times waves around it, as few numbers."""

import numpy as np

from .surface import Floats

Waves = tuple[tuple[float, ...], ...]
"""One row an order from 0, of cos(order pi s), times 1, cos, sin, cos 2, sin 2 ... of the angle."""

FADE = 0.15
"""What turns with the angle fades out below this s, for at the apex all angles meet."""


def pattern(waves: Waves, s: Floats, phi: Floats) -> Floats:
    """The sum of the waves on an (s, phi) table; whatever turns with the angle fades out towards the apex."""
    angle, rise = np.radians(phi), np.clip(s / FADE, 0.0, 1.0)
    turns = max((len(row) for row in waves), default=1) // 2
    around = (1.0, *(rise * wave(k * angle) for k in range(1, turns + 1) for wave in (np.cos, np.sin)))
    total = np.zeros(np.broadcast_shapes(s.shape, phi.shape))
    for order, row in enumerate(waves):
        total += np.cos(order * np.pi * s) * sum(part * wave for part, wave in zip(row, around, strict=False) if part)
    return total
