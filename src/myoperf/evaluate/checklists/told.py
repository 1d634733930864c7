"""What a scorecard and the facts of its run tell, as answers by name."""

from collections.abc import Iterable
from dataclasses import asdict

from myoperf.core.scorecard import Metric, Scorecard, TargetScore

from .facts import Facts

_MOST = 12


def told(card: Scorecard, facts: Facts) -> dict[str, str]:
    """Answers by name; those that nothing is known of are empty."""
    known = {name: str(text) for name, text in asdict(facts).items() if name != "opened" and text}
    found = {
        "title": card.title,
        "performance": _performance(card),
        "precision": _precision(card),
        "figures": _figures(card),
        "uncertainty": _uncertainty(card),
        "numbers": f"{card.n_patients} patients and {card.n_rows} rows in the {card.split} part; {_classes(card)}",
        "missing": _left_out(card),
        "groups": _groups(card),
        "calibration": _calibration(card),
        "output": _threshold(card),
        "comparison": _comparisons(card),
        "published": _published(card),
        "opened": _opened(facts.opened),
        "threshold_before": _threshold_before(card),
        "everyone": _everyone(card),
    }
    return {**known, **{name: text for name, text in found.items() if text}}


def _opened(times: int | None) -> str:
    return "" if times is None else f"the test part was opened {times} {'time' if times == 1 else 'times'}"


def _named(figures: Iterable[str]) -> str:
    names = list(dict.fromkeys(figures))
    more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
    return ", ".join(names[:_MOST]).replace("_", " ") + more


def _made(score: TargetScore) -> dict[str, Metric]:
    return {name: metric for name, metric in score.metrics.items() if metric.value is not None}


def _figures(card: Scorecard) -> str:
    return _named(name for score in card.targets.values() for name in _made(score))


def _performance(card: Scorecard) -> str:
    """The first figure of every target, with its interval."""
    return "; ".join(f"{key}: {_first(score)}" for key, score in card.targets.items() if _made(score))


def _first(score: TargetScore) -> str:
    name, metric = next(iter(_made(score).items()))
    spread = "" if metric.low is None or metric.high is None else f" [{metric.low:.2f}, {metric.high:.2f}]"
    return f"{name.replace('_', ' ')} {metric.value:.2f}{spread}, n {metric.n}"


def _precision(card: Scorecard) -> str:
    figures = [metric for score in card.targets.values() for metric in _made(score).values()]
    with_interval = sum(metric.low is not None for metric in figures)
    return f"{with_interval} of {len(figures)} figures have a 95 % interval" if figures else ""


def _uncertainty(card: Scorecard) -> str:
    methods = (m.method for score in card.targets.values() for m in _made(score).values() if m.low is not None)
    names = {method.partition(" (")[0].partition(":")[0] for method in methods}
    return f"95 % intervals: {_named(sorted(names))}" if names else ""


def _classes(card: Scorecard) -> str:
    counted = [(key, score) for key, score in card.targets.items() if score.confusion]
    return "; ".join(
        f"{key}: " + ", ".join(f"{sum(row)} {name}" for name, row in zip(score.classes, score.confusion, strict=True))
        for key, score in counted
    )


def _left_out(card: Scorecard) -> str:
    lines = [line for line in card.warnings if "left out" in line or "not judged" in line]
    return "; ".join(lines) if lines else "no row of the judged part lacks a truth or a score"


def _everyone(card: Scorecard) -> str:
    return "no: " + _left_out(card) if any("left out" in line for line in card.warnings) else "yes, of the rows given"


def _groups(card: Scorecard) -> str:
    return _named(name for score in card.targets.values() for name in score.subgroups)


def _calibration(card: Scorecard) -> str:
    names = ("calibration_slope", "calibration_intercept", "ece", "brier", "integrated_brier")
    return _named(name for score in card.targets.values() for name in names if name in _made(score))


def _threshold(card: Scorecard) -> str:
    texts = dict.fromkeys(s.threshold.chosen_on for s in card.targets.values() if s.threshold is not None)
    return "; ".join(f"threshold: {text}" for text in texts)


def _threshold_before(card: Scorecard) -> str:
    """Whether the threshold was settled without the judged rows."""
    chosen = [s.threshold.chosen_on for s in card.targets.values() if s.threshold is not None]
    if not chosen:
        return ""
    settled = all(text.startswith(("given", "validation", "not chosen", "the other folds")) for text in chosen)
    return f"{'yes' if settled else 'unclear'}: {'; '.join(dict.fromkeys(chosen))}"


def _comparisons(card: Scorecard) -> str:
    return _named(str(row.get("comparison", "")) for row in card.comparisons)


def _published(card: Scorecard) -> str:
    verdicts = [row.verdict for row in card.published]
    kinds = dict.fromkeys(verdicts)
    return ", ".join(f"{verdicts.count(kind)} printed figures {kind}" for kind in kinds)
