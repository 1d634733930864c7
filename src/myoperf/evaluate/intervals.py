"""95 % intervals in closed form. Each returns (low, high)."""

from collections.abc import Callable
from math import atanh, exp, sqrt, tanh

from scipy.special import ndtri

Z = float(ndtri(0.975))
Pair = tuple[float, float]


def wilson(hits: float, n: float) -> Pair:
    """Interval of the proportion hits / n, within 0..1; ValueError for n < 1. Source: Wilson 1927."""
    if n < 1 or not 0 <= hits <= n:
        raise ValueError(f"a proportion has 0 <= hits <= n and n >= 1, got {hits} of {n}")
    p, z2 = hits / n, Z * Z
    middle, half = p + z2 / (2 * n), Z * sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    low, high = (middle - half) / (1 + z2 / n), (middle + half) / (1 + z2 / n)
    return (0.0 if hits == 0 else low), (1.0 if hits == n else high)


def half_sum(first: tuple[float, Pair], second: tuple[float, Pair]) -> Pair:
    """Interval of (a + b) / 2 for independent estimates, each (value, (low, high)). Source: Newcombe 1998 (MOVER)."""
    (a, (a_low, a_high)), (b, (b_low, b_high)) = first, second
    middle = (a + b) / 2
    return middle - sqrt((a - a_low) ** 2 + (b - b_low) ** 2) / 2, middle + sqrt(
        (a_high - a) ** 2 + (b_high - b) ** 2
    ) / 2


def paired_difference(both: int, first: int, second: int, neither: int) -> Pair:
    """Interval of a difference of two proportions of the same patients, within -1..1.

    Counts of patients with both, with the first only, with the second only and with neither; the difference is
    (first - second) / n. ValueError without a patient. Source: Newcombe 1998 (paired, method 10, from Wilson's limits).
    """
    n = both + first + second + neither
    if n < 1 or min(both, first, second, neither) < 0:
        raise ValueError(f"counts are 0 or more and not all 0, got {both}, {first}, {second}, {neither}")
    hits = both + first, both + second
    p, q = (h / n for h in hits)
    (p_low, p_high), (q_low, q_high) = (wilson(h, n) for h in hits)
    product = float(hits[0]) * (n - hits[0]) * hits[1] * (n - hits[1])
    away = both * neither - first * second
    corrected = max(away - n / 2, 0.0) if away > 0 else float(away)
    phi = corrected / sqrt(product) if product > 0 else 0.0

    def side(a: float, b: float) -> float:
        return sqrt(max(a * a - 2 * phi * a * b + b * b, 0.0))

    return max(p - q - side(p - p_low, q_high - q), -1.0), min(p - q + side(p_high - p, q - q_low), 1.0)


def likelihood_ratio(above: float, n_above: float, below: float, n_below: float) -> Pair | None:
    """Interval of (above / n_above) / (below / n_below) on the log scale; None where a count is 0.

    Source: Simel 1991.
    """
    if min(above, below, n_above, n_below) <= 0:
        return None
    ratio = (above / n_above) / (below / n_below)
    spread = exp(Z * sqrt(max(1 / above - 1 / n_above + 1 / below - 1 / n_below, 0.0)))
    return ratio / spread, ratio * spread


def f1_interval(tp: float, fp: float, fn: float) -> Pair:
    """Interval of F1 = 2 p / (1 + p), where p = TP / (TP + FP + FN) is a proportion with a Wilson interval."""
    low, high = wilson(tp, tp + fp + fn)
    return 2 * low / (1 + low), 2 * high / (1 + high)


def kappa_interval(tp: float, fp: float, fn: float, tn: float) -> Pair | None:
    """Interval of Cohen's kappa by its large-sample variance; None where kappa is not defined or the variance is 0.

    Source: Fleiss, Cohen and Everitt 1969.
    """
    n = tp + fp + fn + tn
    if n == 0:
        return None
    cells = ((tn / n, fp / n), (fn / n, tp / n))
    rows = [sum(row) for row in cells]
    columns = [cells[0][k] + cells[1][k] for k in (0, 1)]
    agreement, chance = cells[0][0] + cells[1][1], sum(r * c for r, c in zip(rows, columns, strict=True))
    if chance >= 1 - 1e-12:
        return None
    kappa = (agreement - chance) / (1 - chance)
    on = sum(cells[k][k] * (1 - (rows[k] + columns[k]) * (1 - kappa)) ** 2 for k in (0, 1))
    off = (1 - kappa) ** 2 * sum(cells[i][j] * (columns[i] + rows[j]) ** 2 for i, j in ((0, 1), (1, 0)))
    variance = (on + off - (kappa - chance * (1 - kappa)) ** 2) / (n * (1 - chance) ** 2)
    if variance <= 1e-15:
        return None
    return max(kappa - Z * sqrt(variance), -1.0), min(kappa + Z * sqrt(variance), 1.0)


def mcc_interval(tp: float, fp: float, fn: float, tn: float) -> Pair | None:
    """Interval of Matthews' coefficient by the delta method on Fisher's z scale; None where it is +-1 or not defined.

    Source: large-sample variance of phi under multinomial sampling, as in Bishop, Fienberg and Holland 1975.
    """
    positive, negative, called, passed = tp + fn, fp + tn, tp + fp, fn + tn
    product = float(positive) * negative * called * passed
    if product <= 0:
        return None
    phi = (tp * tn - fp * fn) / sqrt(product)
    if abs(phi) > 1 - 1e-12:
        return None
    ends = {"tp": (tp, tn, positive, called), "tn": (tn, tp, negative, passed)}
    sides = {"fp": (fp, -fn, negative, called), "fn": (fn, -fp, positive, passed)}
    variance = sum(
        count * (other / sqrt(product) - phi / 2 * (1 / row + 1 / column)) ** 2
        for count, other, row, column in (ends | sides).values()
    )
    half = Z * sqrt(variance) / (1 - phi * phi)
    return tanh(atanh(phi) - half), tanh(atanh(phi) + half)


def auc_by_score_method(auc: float, positive: int, negative: int) -> Pair:
    """Interval of an AUC from its value and the numbers of positives and negatives alone.

    It stays honest at 0 and 1, where resampling gives an interval without width. ValueError where a class is missing.
    Source: Newcombe 2006, method 5 (Hanley and McNeil's variance at the limit itself).
    """
    if min(positive, negative) < 1 or not 0 <= auc <= 1:
        raise ValueError(f"an AUC is in 0..1 and needs both classes, got {auc} of {positive} and {negative}")
    extra = (positive + negative) / 2 - 1

    def gap(true: float) -> float:
        variance = true * (1 - true) * (1 + extra * (1 - true) / (2 - true) + extra * true / (1 + true))
        return abs(auc - true) - Z * sqrt(variance / (positive * negative))

    return _edge(gap, auc, 0.0), _edge(gap, auc, 1.0)


def _edge(gap: Callable[[float], float], inside: float, outside: float) -> float:
    """Where ``gap`` turns from below 0, as it is at ``inside``, to above 0, by halving; ``outside`` if they are one."""
    if inside == outside:
        return outside
    for _ in range(60):
        middle = (inside + outside) / 2
        inside, outside = (middle, outside) if gap(middle) < 0 else (inside, middle)
    return (inside + outside) / 2
