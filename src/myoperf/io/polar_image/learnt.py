"""What was learnt once on virtual patients and on printed letters, and is shipped: few coefficients, no picture.

``validation/polar_orientation.py`` makes the file anew.
"""

from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from io import BytesIO

import numpy as np
from numpy.typing import NDArray

from ...core.polar import Map

Layers = tuple[NDArray[np.float32], ...]
Odds = NDArray[np.float64]

STORED = "orientation.npz"
POSES: tuple[tuple[int, bool], ...] = tuple((turn, flip) for flip in (False, True) for turn in (0, 90, 180, 270))
"""What may have been done to a picture: mirrored left to right if True, then turned counter-clockwise (degrees)."""
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
BANDS = ((0, 2), (2, 5), (5, 9), (9, 13), (13, 17), (17, 21), (21, 24))
HARMONICS = 6
TURNS = tuple(range(0, 360, 45))


@dataclass(frozen=True, kw_only=True)
class Learnt:
    """Three small networks of one or two hidden layers (tanh): weights and biases in turn.

    pattern : from ``wall_features`` (less ``mean``, over ``spread``) to how upright a heart looks.
    poses, letters : from 256 values of ink to 8 poses, and to letters of upright signs.
    """

    mean: NDArray[np.float32] = field(repr=False)
    spread: NDArray[np.float32] = field(repr=False)
    pattern: Layers = field(repr=False)
    poses: Layers = field(repr=False)
    letters: Layers = field(repr=False)

    def glyph_poses(self, ink: NDArray[np.float32]) -> Odds:
        """Logarithms of the chances of ``POSES``, shape (signs, 8)."""
        return _log_shares(_passed(ink - 0.3, self.poses))

    def glyph_letters(self, ink: NDArray[np.float32]) -> Odds:
        """Logarithms of the chances of ``LETTERS``, shape (signs, letters)."""
        return _log_shares(_passed(ink - 0.3, self.letters))

    def heart_poses(self, values: Map) -> Odds:
        """How well a map fits an upright heart after each of 16 poses is undone: ``TURNS``, then mirrored ``TURNS``."""
        features = np.stack([wall_features(values, turn, mirrored=m) for m in (False, True) for turn in TURNS])
        scaled = ((features - self.mean) / self.spread).astype(np.float32)
        return np.asarray(_passed(scaled, self.pattern)[:, 0], dtype=np.float64)


def wall_features(values: Map, turn: int = 0, *, mirrored: bool = False) -> NDArray[np.float64]:
    """Uptake over its mean in seven bands of rings as cosines and sines of the angle, once a pose is undone.

    The pose is that of ``POSES``: it is undone by turning back, then mirroring.
    """
    held = np.clip(values, 0, 100)
    held = held / max(float(held.mean()), 1e-6)
    bands = np.stack([held[a:b].mean(axis=0) for a, b in BANDS])
    waves = np.fft.rfft(bands, axis=-1)[:, : HARMONICS + 1] / values.shape[1]
    order = np.arange(HARMONICS + 1)
    waves = waves * np.exp(1j * order * np.radians(turn))
    if mirrored:
        waves = np.conj(waves) * np.exp(-1j * order * np.pi)
    return np.concatenate([waves.real, waves.imag[:, 1:]], axis=1).ravel()


def _passed(values: NDArray[np.float32], layers: Layers) -> NDArray[np.float32]:
    """Through a network."""
    for k in range(0, len(layers), 2):
        values = values @ layers[k] + layers[k + 1]
        if k + 2 < len(layers):
            values = np.tanh(values)
    return values


def _log_shares(values: NDArray[np.float32]) -> Odds:
    high = values.max(axis=1, keepdims=True)
    shares: Odds = np.asarray(
        values - high - np.log(np.exp(values - high).sum(axis=1, keepdims=True)), dtype=np.float64
    )
    return shares


@lru_cache(maxsize=1)
def learnt() -> Learnt:
    """The shipped networks."""
    held = np.load(BytesIO((files(__package__) / STORED).read_bytes()), allow_pickle=False)
    parts = {name: held[name].astype(np.float32) for name in held.files}
    layers = {
        kind: tuple(parts[f"{kind}_{k}"] for k in range(sum(name.startswith(f"{kind}_") for name in parts)))
        for kind in ("pattern", "poses", "letters")
    }
    return Learnt(mean=parts["mean"], spread=parts["spread"], **layers)
