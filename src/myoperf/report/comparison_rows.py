"""Comparisons of a scorecard as text, those of one pair together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .words import interval, metric_name, number, words

_CLAIMS = "Conclusions of the paper"


@dataclass(frozen=True, kw_only=True)
class Compared:
    """What was compared, for which target, and each figure of it: name, value, interval, p, n, method. first : what a
    reader wants before all else, never folded."""

    target: str
    comparison: str
    rows: tuple[Mapping[str, str], ...]
    first: bool = False


def compared(comparisons: Sequence[Mapping[str, object]]) -> list[Compared]:
    """Rows of ``comparisons`` by target and comparison, in their order; equal rows stand once.

    What is the same for every input of a target (sex alone, for one) would otherwise stand once an input.
    """
    groups: dict[tuple[str, str], dict[tuple[str, ...], Mapping[str, str]]] = {}
    for row in comparisons:
        key, text = _placed(row, _text(row))
        groups.setdefault(key, {})[tuple(text.values())] = text
    return [
        Compared(target=target, comparison=comparison, rows=tuple(rows.values()), first=target == _CLAIMS)
        for (target, comparison), rows in groups.items()
    ]


def _placed(row: Mapping[str, object], text: dict[str, str]) -> tuple[tuple[str, str], dict[str, str]]:
    """The table that a row stands in. Claims stand together, and so does all between two targets."""
    target, comparison = words(str(row.get("target", "")).split("/")[-1]), words(str(row.get("comparison", "")))
    if row.get("metric") == "claim":
        named = f"{target}: {comparison.removeprefix('claim: ')}"
        return (_CLAIMS, "tested on these figures"), {
            **text,
            "metric": named,
            "method": f"{row.get('verdict')}: {row.get('method')}",
        }
    if "targets" in row:
        named = f"{text['metric']}: {comparison}"
        return (target, "one target against the other, patients apart"), {**text, "metric": named}
    return (target, comparison), text


def claims_text(comparisons: Sequence[Mapping[str, object]]) -> list[str]:
    """One line a claim of the paper: what is claimed, the verdict, and the figure with its interval."""
    lines = []
    for row in comparisons:
        if row.get("metric") == "claim":
            text = _text(row)
            target = words(str(row.get("target", "")).split("/")[-1])
            figure = f"{text['value']} {text['range']}".strip()
            lines.append(f"{target}: {row.get('comparison')}: {row.get('verdict')}: {figure}, n {text['n']}")
    return lines


def _text(row: Mapping[str, object]) -> dict[str, str]:
    value, low, high = (row.get(name) for name in ("value", "low", "high"))
    verdict, name = row.get("verdict"), str(row.get("metric", ""))
    return {
        "metric": metric_name(name),
        "value": number(value if isinstance(value, float | int) else None, name),
        "range": interval(low, high, name) if isinstance(low, float | int) and isinstance(high, float | int) else "",
        "p": _p(row.get("p")),
        "p_holm": _p(row.get("p_holm")),
        "n": str(row.get("n", "")),
        "method": f"{row.get('method', '')}{f'; {verdict}' if verdict else ''}",
    }


def _p(value: object) -> str:
    if not isinstance(value, float | int):
        return ""
    return "< 0.001" if value < 0.001 else f"{value:.3f}"
