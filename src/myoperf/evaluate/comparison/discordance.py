"""McNemar's test of two calls on the same patients."""

from dataclasses import dataclass

from scipy.special import bdtr, chdtrc

_FEW = 25


@dataclass(frozen=True, kw_only=True)
class McNemar:
    """Statistic (b - c)^2 / (b + c), two-sided p, and how p was made; both None without a discordant patient."""

    statistic: float | None
    p: float | None
    method: str


def mcnemar(b: int, c: int) -> McNemar:
    """Test whether ``b`` (patients that only the first gets right) and ``c`` (only the second) are alike.

    Below 25 discordant patients exact (binomial), else chi-square with one degree of freedom, without correction.
    Every patient counts once; several rows of a patient are not accepted. ValueError for a negative count.
    Source: McNemar 1947.
    """
    if min(b, c) < 0:
        raise ValueError(f"discordant counts are 0 or more, got {b} and {c}")
    if b + c == 0:
        return McNemar(statistic=None, p=None, method="McNemar: no patient is judged differently")
    statistic = (b - c) ** 2 / (b + c)
    if b + c < _FEW:
        p = min(2 * float(bdtr(min(b, c), b + c, 0.5)), 1.0)
        return McNemar(statistic=statistic, p=p, method=f"McNemar, exact ({b} against {c})")
    text = f"McNemar, chi-square with one degree of freedom, no correction ({b} against {c})"
    return McNemar(statistic=statistic, p=float(chdtrc(1, statistic)), method=text)
