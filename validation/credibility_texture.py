"""Features of polar maps that tell where an image came from: levels, roughness, spectra, and stress against rest."""

import numpy as np
from credibility_cases import Cases, Floats
from scipy import fft, ndimage

from myoperf.core.terms import State

RING_GROUPS = {"apex": slice(1, 6), "distal": slice(6, 12), "mid": slice(12, 18), "base": slice(18, 24)}
_WAVES, _STEPS = 12, 8
_PERCENTILES = (2, 10, 25, 50, 75, 90)


def roughness(maps: Floats) -> Floats:
    """Standard deviation of what smoothing over neighbours takes away, by ring, percent of maximum; shape (n, 24)."""
    smooth = ndimage.gaussian_filter(maps, (0, 1.5, 2.0), mode=("nearest", "nearest", "wrap"))
    rough: Floats = (maps - smooth).std(axis=2)
    return rough


def around(maps: Floats) -> Floats:
    """Amplitude of waves around the disc by ring group, percent of maximum, shape (n, 4, waves 1 .. 12)."""
    waves = np.abs(np.fft.rfft(maps, axis=2))[..., 1 : _WAVES + 1] * (2 / maps.shape[2])
    return np.stack([np.sqrt((waves[:, rings] ** 2).mean(axis=1)) for rings in RING_GROUPS.values()], axis=1)


def along(maps: Floats) -> Floats:
    """Amplitude of cosines from apex to base, root mean square over sectors, shape (n, cosines 1 .. 8)."""
    steps: Floats = np.sqrt((fft.dct(maps, axis=1, norm="ortho")[:, 1 : _STEPS + 1] ** 2).mean(axis=2))
    return steps


def texture(cases: Cases) -> tuple[Floats, list[str]]:
    """All features of both states and of their difference, shape (n, features), and their names."""
    columns: list[Floats] = []
    names: list[str] = []

    def add(values: Floats, labels: list[str]) -> None:
        columns.append(values.reshape(len(values), -1))
        names.extend(labels)

    for state in State:
        maps = cases.maps[state]
        add(maps.mean(axis=2), [f"{state}: mean of ring {k}" for k in range(maps.shape[1])])
        add(np.log(roughness(maps)), [f"{state}: roughness of ring {k}" for k in range(maps.shape[1])])
        add(np.log(around(maps)), [f"{state}: {g} wave {k + 1}" for g in RING_GROUPS for k in range(_WAVES)])
        add(np.log(along(maps)), [f"{state}: along, cosine {k + 1}" for k in range(_STEPS)])
        add(np.percentile(maps, _PERCENTILES, axis=(1, 2)).T, [f"{state}: percentile {p}" for p in _PERCENTILES])
        add(maps.max(axis=(1, 2)), [f"{state}: maximum"])
    first, second = cases.maps[State.STRESS], cases.maps[State.REST]
    add(np.log((first - second).std(axis=2)), [f"stress - rest: spread in ring {k}" for k in range(first.shape[1])])
    add(np.log(roughness(first - second)), [f"stress - rest: roughness of ring {k}" for k in range(first.shape[1])])
    return np.concatenate(columns, axis=1), names
