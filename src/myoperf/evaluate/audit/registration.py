"""Pairs of canonical pictures laid on each other: turn, size and shift found, then how little of one the other leaves.

Hearts resemble each other coarsely; noise and fine detail are shared by copies alone. So after the best fit of a
similarity (Lucas and Kanade 1981, with gain and offset) the likeness is how little of the variance in the content is
left unexplained by a cubic of the other picture's brightness and by its detail, which stands for another sharpness:
1 % or more for two hearts, 0.5 % or less for a copy. The pictures are smoothed to the resolution of SPECT first, as
added noise is finer. Volumes are judged over several layers together, and what a fit explains by chance is taken off
by the number of independent samples.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from .canonical import ANGLES, SIDE, Canonical

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Numbers = NDArray[np.intp]
"""Numbers of pictures, shape (pairs,), or of two pictures, shape (pairs, 2)."""

STARTS = 4
_BLOCK, _COARSE_BLOCK = 128, 1024
_SMOOTH, _SHARP = (2.0, 3, 7), (0.8, 1, 4)
"""Blur in pixels, step of the grid, and iterations of the two rounds of the fit."""
_JUDGED = 1.5
_SAMPLE = 4 * np.pi * _JUDGED**2
"""Pixels that are one independent sample after that blur."""
_WORTH, _BONUS = 1.6, 0.4
"""Likeness from which the other layers are asked too, and how much less they must be alike."""
_EDGE = 0.92
"""Part of the canonical circle in which pictures are compared."""
_WORSE_START, _HOPELESS = 0.12, 0.25
_LEAST_CONTENT = 0.03


@dataclass(frozen=True, kw_only=True)
class Starts:
    """Turns to start from, each shape (pairs, STARTS), best first.

    best : correlation of polar forms there, -1 where there is none. turn : in radians. mirrored : the second picture
    upside down.
    """

    best: Floats
    turn: Floats
    mirrored: NDArray[np.bool_]

    def of(self, chosen: Numbers | slice) -> "Starts":
        """Those of some pairs."""
        return Starts(best=self.best[chosen], turn=self.turn[chosen], mirrored=self.mirrored[chosen])


def starts_of(canon: Canonical, pairs: Numbers) -> Starts:
    """The turns at which polar forms agree best, as they are and mirrored."""
    waves = np.fft.rfft(canon.polar * np.sqrt(np.arange(canon.polar.shape[1]) + 0.5)[None, :, None], axis=2)
    waves[:, :, 0] = 0
    waves = waves[:, :, : ANGLES // 3].astype(np.complex64)
    power = np.sqrt((np.abs(waves) ** 2).sum(axis=(1, 2)))
    best, place = np.empty((len(pairs), STARTS), np.float32), np.empty((len(pairs), STARTS), np.intp)
    for start in range(0, len(pairs), _COARSE_BLOCK):
        part = slice(start, start + _COARSE_BLOCK)
        a, b = pairs[part].T
        one, other = np.conj(waves[a]), waves[b]
        products = np.stack([(one * other).sum(axis=1), (one * np.conj(other)).sum(axis=1)], axis=1)
        over = np.fft.irfft(products, n=ANGLES, axis=2) * ANGLES
        over /= np.maximum(power[a] * power[b] * 2, 1e-12)[:, None, None]
        peak = np.where((over >= np.roll(over, 1, 2)) & (over >= np.roll(over, -1, 2)), over, -1).reshape(len(a), -1)
        place[part] = np.argsort(-peak, axis=1)[:, :STARTS]
        best[part] = np.take_along_axis(peak, place[part], 1)
    turn = (place % ANGLES) * np.float32(2 * np.pi / ANGLES)
    return Starts(best=best, turn=turn.astype(np.float32), mirrored=place >= ANGLES)


def likeness(layers: Floats, valid: NDArray[np.bool_], pairs: Numbers, starts: Starts) -> Floats:
    """Minus the decimal logarithm of the unexplained part of each pair, shape (pairs,); 0 unlike, 2 is 1 %.

    layers : canonical planes, shape (pictures, layers, 64, 64). valid : where the middle layers have content. Where
    there are several layers, all of them together must be alike too: one plane may be featureless.
    """
    found = np.zeros(len(pairs), dtype=np.float32)
    laid = np.zeros((len(pairs), 2), dtype=np.intp), np.zeros((len(pairs), 4))
    layers, known = np.concatenate([layers, layers[:, :, ::-1]]), np.concatenate([valid, valid[:, ::-1]])
    middle = layers[:, layers.shape[1] // 2].astype(np.float32)
    smooth, sharp = _blur(middle, _SMOOTH[0]), _blur(middle, _SHARP[0])
    judged, wide = _blur(middle, _JUDGED)[:, None], _blur(middle, 2 * _JUDGED)[:, None]
    for start in range(0, len(pairs), _BLOCK):
        part = slice(start, start + _BLOCK)
        two, warp, error = _start(smooth, pairs[part], starts.of(part))
        good = np.flatnonzero(error < _HOPELESS)
        if good.size:
            two, warp = two[good], _fit(sharp, two[good], warp[good], *_SHARP[1:])[0]
            found[start + good] = _judge(judged, wide, two, warp, _common(known, two, warp))
            laid[0][start + good], laid[1][start + good] = two, warp
    deep = np.flatnonzero(found > _WORTH) if layers.shape[1] > 1 else np.zeros(0, dtype=np.intp)
    for start in range(0, deep.size, _BLOCK):
        those = deep[start : start + _BLOCK]
        used, place = np.unique(laid[0][those], return_inverse=True)
        two, warp, few = place.reshape(-1, 2), laid[1][those], layers[used].astype(np.float32)
        like = _judge(_blur(few, _JUDGED), _blur(few, 2 * _JUDGED), two, warp, _common(known[used], two, warp))
        found[those] = np.minimum(found[those], like + _BONUS)
    return found


def _start(smooth: Floats, pairs: Numbers, starts: Starts) -> tuple[Numbers, Doubles, Doubles]:
    """The pairs, with the mirrored second picture where that fits better, their best warps and errors."""
    tried = (starts.best >= starts.best[:, :1] - _WORSE_START) & (starts.best > 0)
    tried[:, 0] = True
    pair, start = np.nonzero(tried)
    two = pairs[pair]
    two[:, 1] += np.where(starts.mirrored[pair, start], len(smooth) // 2, 0)
    warp = np.zeros((len(pair), 4))
    warp[:, 0], warp[:, 1] = np.cos(starts.turn[pair, start]), np.sin(starts.turn[pair, start])
    warp, error = _fit(smooth, two, warp, *_SMOOTH[1:])
    order = np.lexsort((error, pair))
    first = order[np.unique(pair[order], return_index=True)[1]]
    return two[first], warp[first], error[first]


def _grid(step: int) -> tuple[Floats, Floats]:
    """Coordinates from the centre of the pixels inside the compared circle, rows and columns, each (points,)."""
    axis = np.arange(0, SIDE, step) + (step - 1) / 2 - (SIDE - 1) / 2
    y, x = np.meshgrid(axis, axis, indexing="ij")
    inside = np.hypot(y, x) < _EDGE * SIDE / 2
    return y[inside].astype(np.float32), x[inside].astype(np.float32)


def _warped(warp: Doubles, y: Floats, x: Floats) -> tuple[Floats, Floats]:
    """Where each grid point lies in the other picture; warp : cosine, sine (times size), shift of rows, of columns."""
    c, s, ty, tx = (warp[:, k, None] for k in range(4))
    middle = (SIDE - 1) / 2
    return (s * x + c * y + ty + middle).astype(np.float32), (c * x - s * y + tx + middle).astype(np.float32)


def _take(images: Floats, which: Numbers, rows: Floats, columns: Floats) -> Floats:
    """Values of images[which] at (rows, columns), each (pairs, points)."""
    low_row = np.clip(rows.astype(np.int32), 0, SIDE - 2)
    low_column = np.clip(columns.astype(np.int32), 0, SIDE - 2)
    down, right = np.clip(rows - low_row, 0, 1), np.clip(columns - low_column, 0, 1)
    flat = images.reshape(-1)
    at = which[:, None].astype(np.int64) * (SIDE * SIDE) + low_row * SIDE + low_column
    upper = flat[at] * (1 - right) + flat[at + 1] * right
    lower = flat[at + SIDE] * (1 - right) + flat[at + SIDE + 1] * right
    return np.asarray(upper * (1 - down) + lower * down, dtype=np.float32)


def _here(images: Floats, which: Numbers, y: Floats, x: Floats) -> Floats:
    """Values of images[which] at the grid points themselves, which are pixels."""
    middle = (SIDE - 1) / 2
    at = ((y + middle) * SIDE + x + middle).astype(np.intp)
    return np.asarray(images.reshape(len(images), -1)[which[:, None], at], dtype=np.float32)


def _fit(images: Floats, pairs: Numbers, warp: Doubles, step: int, rounds: int) -> tuple[Doubles, Doubles]:
    """Improve the warps from first to second; returns them and the part of the variance that gain and offset leave."""
    y, x = _grid(step)
    a, b = pairs.T
    used, place = np.unique(b, return_inverse=True)
    moving = images[used]
    down, right = np.gradient(moving, axis=1), np.gradient(moving, axis=2)
    want = _here(images, a, y, x)
    for _ in range(rounds):
        rows, columns = _warped(warp, y, x)
        got = _take(moving, place, rows, columns)
        gy, gx = _take(down, place, rows, columns), _take(right, place, rows, columns)
        design = np.stack([gx * x + gy * y, gy * x - gx * y, gy, gx, got, np.ones_like(got)], axis=1)
        square = (design @ design.transpose(0, 2, 1)).astype(np.float64)
        square += np.eye(6) * 1e-3 * np.trace(square, axis1=1, axis2=2)[:, None, None] / 6
        answer = np.linalg.solve(square, (design @ want[:, :, None]).astype(np.float64))[:, :, 0]
        gain = np.maximum(answer[:, 4:5], 0.2)
        warp = warp + np.clip(answer[:, :4] / gain, [-0.15, -0.15, -3, -3], [0.15, 0.15, 3, 3])
    got = _take(moving, place, *_warped(warp, y, x))
    one, other = want - want.mean(axis=1, keepdims=True), got - got.mean(axis=1, keepdims=True)
    both = np.maximum((one * one).sum(axis=1) * (other * other).sum(axis=1), 1e-12)
    together = np.maximum((one * other).sum(axis=1), 0)
    return warp, np.asarray(1 - together**2 / both, dtype=np.float64)


def _common(known: Floats, pairs: Numbers, warp: Doubles) -> Floats:
    """Grid points where both have content, (pairs, points) of 0 and 1; none if too few are common or sizes differ."""
    y, x = _grid(1)
    a, b = pairs.T
    rows, columns = _warped(warp, y, x)
    there = (rows > 0) & (rows < SIDE - 1) & (columns > 0) & (columns < SIDE - 1)
    weight = there & (_here(known, a, y, x) > 0.5) & (_take(known, b, rows, columns) > 0.6)
    size = np.hypot(warp[:, 0], warp[:, 1])
    least = np.minimum(known[a].sum(axis=(1, 2)), known[b].sum(axis=(1, 2)))
    common = weight.sum(axis=1)
    fair = (common > _LEAST_CONTENT * y.size) & (common > 0.5 * least) & (size > 0.7) & (size < 1.4)
    return np.asarray(weight & fair[:, None], dtype=np.float32)


def _judge(judged: Floats, wide: Floats, pairs: Numbers, warp: Doubles, weight: Floats) -> Floats:
    """Likeness of fitted pairs over all layers, in the order of the second as it is or reversed; 0 without weight."""
    y, x = _grid(1)
    rows, columns = _warped(warp, y, x)
    count = judged.shape[1]

    def first(images: Floats, layer: int) -> Floats:
        return _here(images[:, layer], pairs[:, 0], y, x)

    def second(images: Floats, layer: int) -> Floats:
        return _take(images[:, layer], pairs[:, 1], rows, columns)

    detail = judged - wide
    across = np.gradient(judged, axis=1) if count > 1 else None
    parts = [(judged, detail, across, taken) for taken in (first, second)]
    one, other = (_terms(*part) for part in parts)
    whole = np.tile(weight, (1, count))
    left = np.ones(len(pairs))
    for reverse in (False, True) if count > 1 else (False,):
        turned = _reversed(other, count) if reverse else other
        worse = np.maximum(_unexplained(one[:, 1], turned, whole), _unexplained(turned[:, 1], one, whole))
        left = np.minimum(left, worse)
    return np.where(weight.any(axis=1), -np.log10(np.clip(left, 1e-9, 1)), 0).astype(np.float32)


def _terms(judged: Floats, detail: Floats, across: Floats | None, taken: Callable[[Floats, int], Floats]) -> Floats:
    """What may explain the other picture, (pairs, terms, layers * points): first a constant, then the picture itself.

    Powers of it stand for brightness, its detail for another sharpness, and its slope across the layers for layers
    that stand elsewhere or at another distance.
    """
    count = judged.shape[1]
    picture = np.concatenate([taken(judged, k) for k in range(count)], axis=1)
    fine = np.concatenate([taken(detail, k) for k in range(count)], axis=1)
    terms = [np.ones_like(picture), picture, picture**2, picture**3, fine]
    if across is not None:
        slope = [taken(across, k) for k in range(count)]
        terms += [np.concatenate(slope, axis=1)]
        terms += [np.concatenate([(k - count // 2) * part for k, part in enumerate(slope)], axis=1)]
    return np.stack(terms, axis=1)


def _reversed(terms: Floats, count: int) -> Floats:
    """The same with the layers in reversed order."""
    pairs, kinds, points = terms.shape
    return terms.reshape(pairs, kinds, count, points // count)[:, :, ::-1].reshape(terms.shape)


def _unexplained(want: Floats, terms: Floats, weight: Floats) -> Doubles:
    """Part of the weighted variance of ``want`` that the terms leave, freed of what chance explains, (pairs,)."""
    used = terms * weight[:, None]
    square = (used @ used.transpose(0, 2, 1)).astype(np.float64)
    square += 1e-6 * np.trace(square, axis1=1, axis2=2)[:, None, None] * np.eye(terms.shape[1]) + 1e-9 * np.eye(
        terms.shape[1]
    )
    wanted = want * weight
    answer = np.linalg.solve(square, (used @ wanted[:, :, None]).astype(np.float64))
    rest = wanted - (used.transpose(0, 2, 1) @ answer.astype(np.float32))[:, :, 0]
    total = np.maximum(weight.sum(axis=1, dtype=np.float64), 1)
    spread = (wanted**2).sum(axis=1, dtype=np.float64) - wanted.sum(axis=1, dtype=np.float64) ** 2 / total
    free = np.maximum(1 - terms.shape[1] * _SAMPLE / total, 0.1)
    return np.asarray((rest**2).sum(axis=1, dtype=np.float64) / np.maximum(spread, 1e-9) / free)


def _blur(images: Floats, sigma: float) -> Floats:
    return np.asarray(gaussian_filter(images, (*(0,) * (images.ndim - 2), sigma, sigma)), dtype=np.float32)
