"""Pairs of canonical pictures laid on each other: turn, size and shift found, then how little of one the other leaves.

Hearts resemble each other coarsely; noise and fine detail are shared by copies alone. So after the best fit of a
similarity (Lucas and Kanade 1981, with gain and offset) the likeness is how little of the variance in the content is
left unexplained by a cubic of the other picture's brightness: 1 % or more for two hearts, 0.6 % or less for a copy.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from .canonical import ANGLES, SIDE, Canonical

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Numbers = NDArray[np.intp]
"""Numbers of pictures, shape (pairs,), or of two pictures, shape (pairs, 2)."""

STARTS = 3
_BLOCK, _COARSE_BLOCK = 128, 1024
_SMOOTH, _SHARP = (2.0, 3, 7), (0.8, 1, 4)
"""Blur in pixels, step of the grid, and iterations of the two rounds of the fit."""
_JUDGED = 1.0
_EDGE = 0.92
"""Part of the canonical circle in which pictures are compared."""
_WORSE_START, _HOPELESS = 0.12, 0.25
_LEAST_CONTENT = 0.1


def turns_of(canon: Canonical, pairs: Numbers) -> tuple[Floats, Floats]:
    """Correlation of polar forms at the best turns, shape (pairs, STARTS), best first, and those turns in radians."""
    waves = np.fft.rfft(canon.polar * np.sqrt(np.arange(canon.polar.shape[1]) + 0.5)[None, :, None], axis=2)
    waves[:, :, 0] = 0
    waves = waves[:, :, : ANGLES // 3].astype(np.complex64)
    power = np.sqrt((np.abs(waves) ** 2).sum(axis=(1, 2)))
    best, turns = np.empty((len(pairs), STARTS), np.float32), np.empty((len(pairs), STARTS), np.float32)
    for start in range(0, len(pairs), _COARSE_BLOCK):
        part = slice(start, start + _COARSE_BLOCK)
        a, b = pairs[part].T
        over = np.fft.irfft((np.conj(waves[a]) * waves[b]).sum(axis=1), n=ANGLES, axis=1) * ANGLES
        over /= np.maximum(power[a] * power[b] * 2, 1e-12)[:, None]
        peak = np.where((over >= np.roll(over, 1, 1)) & (over >= np.roll(over, -1, 1)), over, -1)
        at = np.argsort(-peak, axis=1)[:, :STARTS]
        best[part] = np.take_along_axis(peak, at, 1)
        turns[part] = at * (2 * np.pi / ANGLES)
    return best, turns


def likeness(canon: Canonical, pairs: Numbers, best: Floats, turns: Floats) -> Floats:
    """Minus the decimal logarithm of the unexplained part of each pair, shape (pairs,); 0 unlike, 2 is 1 %.

    best, turns : as ``turns_of`` gives them.
    """
    found = np.zeros(len(pairs), dtype=np.float32)
    smooth, sharp, judged = (_blur(canon.values, sigma) for sigma in (_SMOOTH[0], _SHARP[0], _JUDGED))
    for start in range(0, len(pairs), _BLOCK):
        part = slice(start, start + _BLOCK)
        warp, error = _start(smooth, pairs[part], best[part], turns[part])
        good = np.flatnonzero(error < _HOPELESS)
        if good.size:
            fitted, _ = _fit(sharp, pairs[part][good], warp[good], *_SHARP[1:])
            found[start + good] = _judge(canon, judged, pairs[part][good], fitted)
    return found


def _start(smooth: Floats, pairs: Numbers, best: Floats, turns: Floats) -> tuple[Doubles, Doubles]:
    """The best warp of each pair's starts, and its error."""
    tried = (best >= best[:, :1] - _WORSE_START) & (best > 0)
    tried[:, 0] = True
    pair, start = np.nonzero(tried)
    warp = np.zeros((len(pair), 4))
    warp[:, 0], warp[:, 1] = np.cos(turns[pair, start]), np.sin(turns[pair, start])
    warp, error = _fit(smooth, pairs[pair], warp, *_SMOOTH[1:])
    order = np.lexsort((error, pair))
    first = order[np.unique(pair[order], return_index=True)[1]]
    return warp[first], error[first]


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
    """Values of images[which] at the grid points themselves."""
    shape = (len(which), y.size)
    middle = (SIDE - 1) / 2
    return _take(images, which, np.broadcast_to(y + middle, shape), np.broadcast_to(x + middle, shape))


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


def _judge(canon: Canonical, judged: Floats, pairs: Numbers, warp: Doubles) -> Floats:
    """Likeness of fitted pairs where both have content; 0 where too little of it is common, or sizes differ wildly."""
    y, x = _grid(1)
    a, b = pairs.T
    rows, columns = _warped(warp, y, x)
    known = canon.valid.astype(np.float32)
    there = (rows > 0) & (rows < SIDE - 1) & (columns > 0) & (columns < SIDE - 1)
    weight = (there & (_here(known, a, y, x) > 0.99) & (_take(known, b, rows, columns) > 0.99)).astype(np.float32)
    one, other = _here(judged, a, y, x), _take(judged, b, rows, columns)
    left = np.maximum(_unexplained(one, other, weight), _unexplained(other, one, weight))
    size = np.hypot(warp[:, 0], warp[:, 1])
    least = np.minimum(known[a].sum(axis=(1, 2)), known[b].sum(axis=(1, 2)))
    common = weight.sum(axis=1)
    fair = (common > _LEAST_CONTENT * y.size) & (common > 0.5 * least) & (size > 0.7) & (size < 1.4)
    return np.where(fair, -np.log10(np.clip(left, 1e-9, 1)), 0).astype(np.float32)


def _unexplained(want: Floats, got: Floats, weight: Floats) -> Doubles:
    """Part of the weighted variance of ``want`` that a cubic of ``got`` leaves, (pairs,)."""
    powers = np.stack([np.ones_like(got), got, got * got, got**3], axis=1).astype(np.float64) * weight[:, None]
    square = powers @ powers.transpose(0, 2, 1) + 1e-6 * np.eye(4)
    wanted = (want * weight).astype(np.float64)
    answer = np.linalg.solve(square, powers @ wanted[:, :, None])
    rest = wanted - (powers.transpose(0, 2, 1) @ answer)[:, :, 0]
    total = np.maximum(weight.sum(axis=1), 1)
    spread = (wanted**2).sum(axis=1) - wanted.sum(axis=1) ** 2 / total
    return np.asarray((rest**2).sum(axis=1) / np.maximum(spread, 1e-9))


def _blur(images: Floats, sigma: float) -> Floats:
    return np.asarray(gaussian_filter(images, (0, sigma, sigma)), dtype=np.float32)
