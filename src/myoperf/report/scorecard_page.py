"""A scorecard as a page to read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from myoperf.core.scorecard import Metric, PublishedBesideOurs, Scorecard, TargetScore

from .comparison_rows import compared
from .figures import confusion_picture, folds_picture, roc_picture
from .page import data_uri, page
from .recipe_facts import RecipeFacts, recipe_facts
from .scorecard_more import DRAWN_ONLY, Picture, Printed, filled, pictures, printed
from .words import interval, metric_name, number, spread, threshold_words, unit_of, words

_FOLD_COLUMNS = 10
_PARTS = {"validation": "cross-validation"}
_MAIN = {
    "binary": ("auc", "balanced_accuracy"),
    "classes": ("auc_macro", "balanced_accuracy"),
    "survival": ("c_index", "dynamic_auc"),
    "number": ("bias", "icc_agreement"),
    "masks": ("dice", "hausdorff"),
    "images": ("nmse", "ssim"),
}
"""The two figures of each kind of target that are read first."""


@dataclass(frozen=True, kw_only=True)
class _Cell:
    """One figure: as text, its interval, its number of patients, why it is missing, and the printed one."""

    value: str
    range: str = ""
    n: str = ""
    why: str = ""
    paper: str = ""
    verdict: str = ""


@dataclass(frozen=True, kw_only=True)
class _Key:
    """A key of the scorecard taken apart, with its score. label : tells it from the others of its target."""

    key: str
    recipe: str
    variant: str
    target: str
    score: TargetScore
    label: str


@dataclass(frozen=True, kw_only=True)
class _Group:
    """One target and the systems or inputs that were judged on it."""

    title: str
    meaning: str
    keys: tuple[_Key, ...]


def scorecard_page(
    scorecard: Scorecard,
    *,
    recipe: Mapping[str, object] | None = None,
    note: Sequence[str] = (),
    cases: Sequence[Picture] = (),
    training: Sequence[Picture] = (),
) -> str:
    """HTML text of the report. recipe : plain values as in ``recipe.json``, to tell tracers and what was assumed."""
    facts = recipe_facts(recipe)
    groups = _groups(scorecard, facts)
    columns = _columns(scorecard)
    return page(
        "scorecard.html.j2",
        title=scorecard.title,
        note=note,
        warnings=scorecard.warnings,
        card=scorecard,
        facts=facts,
        overview=[(group, [(key, _overview(scorecard, key, columns)) for key in group.keys]) for group in groups],
        columns=[(metric_name(metric), _PARTS.get(split, scorecard.split)) for metric, split in columns],
        rocs=[(group, [(key, _roc(key)) for key in group.keys if "roc" in key.score.curves]) for group in groups],
        confusions=[
            (group, [(key, _confusion(key, facts)) for key in group.keys if key.score.confusion]) for group in groups
        ],
        further=[(group, key, found) for group in groups for key in group.keys if (found := pictures(key.score))],
        cases=cases,
        training=training,
        shown=_shown(groups),
        checklists=[(name, items, filled(items)) for name, items in scorecard.checklists.items()],
        folds=_folds(groups),
        tables=[(group, _table(group)) for group in groups],
        subgroups=[(group, key, _subgroups(key)) for group in groups for key in group.keys if key.score.subgroups],
        comparisons=compared(scorecard.comparisons),
        published=[(row, _published_range(row), metric_name(row.metric), _ours(row)) for row in scorecard.published],
        words=words,
        number=number,
        interval=interval,
    )


def _shown(groups: Sequence[_Group]) -> list[tuple[_Group, _Key, list[Printed]]]:
    """The tables of every key that has any."""
    return [
        (group, key, [printed(name, table) for name, table in key.score.tables.items() if name not in DRAWN_ONLY])
        for group in groups
        for key in group.keys
        if key.score.tables
    ]


def _groups(scorecard: Scorecard, facts: RecipeFacts) -> list[_Group]:
    keys = []
    recipes = {"/".join(key.split("/")[:-2]) for key in scorecard.targets}
    for key, score in scorecard.targets.items():
        parts = key.split("/")
        recipe, variant = "/".join(parts[:-2]), parts[-2] if len(parts) > 1 else ""
        own = recipe if len(recipes) > 1 and recipe != facts.name else ""
        label = " ".join(words(part) for part in (own, variant or recipe or parts[-1]) if part)
        keys.append(_Key(key=key, recipe=recipe, variant=variant, target=parts[-1], score=score, label=label))
    there = dict.fromkeys(key.target for key in keys)
    targets = [name for name in facts.classes if name in there]
    targets += [name for name in there if name not in targets]
    return [
        _Group(
            title=" · ".join(part for part in (facts.tracer.get(target, ""), words(target)) if part),
            meaning=facts.meaning.get(target, ""),
            keys=tuple(key for key in keys if key.target == target),
        )
        for target in targets
    ]


def _columns(scorecard: Scorecard) -> list[tuple[str, str]]:
    """Columns of the overview: those of the cross-validation only where there are folds, none for counts alone."""
    scores = scorecard.targets.values()
    names = dict.fromkeys(name for score in scores for name in _MAIN.get(score.kind, ()) if name in score.metrics)
    across = {name for score in scores for name in score.folds}
    return [(name, part) for name in names for part in ("validation", "test") if part == "test" or name in across]


def _overview(scorecard: Scorecard, key: _Key, columns: Sequence[tuple[str, str]]) -> list[_Cell]:
    beside = {(row.metric, row.split): row for row in scorecard.published if row.target == key.key}
    cells = []
    for metric, split in columns:
        row = beside.get((metric, split))
        paper = "" if row is None else f"paper {_paper(row)}"
        verdict = "" if row is None else row.verdict
        if split == "validation":
            folds = key.score.folds.get(metric)
            text, n = ("–", "") if folds is None else (spread(folds.mean, folds.sd), f"{len(folds.values)} folds")
            cells.append(_Cell(value=text, n=n, paper=paper, verdict=verdict))
        else:
            figure = key.score.metrics.get(metric)
            cells.append(_cell(figure, metric, paper=paper, verdict=verdict))
    return cells


def _cell(figure: Metric | None, name: str, *, paper: str = "", verdict: str = "") -> _Cell:
    if figure is None:
        return _Cell(value="–")
    return _Cell(
        value=number(figure.value, name),
        range=interval(figure.low, figure.high, name) + unit_of(figure),
        n=f"n {figure.n}",
        why=figure.method if figure.value is None or figure.low is None else "",
        paper=paper,
        verdict=verdict,
    )


def _paper(row: PublishedBesideOurs) -> str:
    if row.published_sd is not None:
        return spread(row.published, row.published_sd)
    return f"{number(row.published)} {_published_range(row)}".strip()


def _ours(row: PublishedBesideOurs) -> str:
    """Which of our figures stands beside a printed one."""
    if not row.target:
        return "–"
    return ", ".join([*map(words, row.target.split("/")[-2:]), _PARTS.get(row.split, row.split)])


def _published_range(row: PublishedBesideOurs) -> str:
    return interval(row.published_low, row.published_high)


def _roc(key: _Key) -> tuple[str, _Cell]:
    return data_uri(roc_picture(key.score.curves)), _cell(key.score.metrics.get("auc"), "auc")


def _confusion(key: _Key, facts: RecipeFacts) -> tuple[str, str]:
    """Picture, and the threshold with where it comes from."""
    named = facts.classes.get(key.target, ())
    classes = [words(name) for name in (named if len(named) == len(key.score.confusion) else key.score.classes)]
    threshold = key.score.threshold
    told = "" if threshold is None else threshold_words(threshold)
    return data_uri(confusion_picture(key.score.confusion, classes)), told


def _folds(groups: Sequence[_Group]) -> list[dict[str, object]]:
    """Per target: a picture of all folds, and for each key rows of fold values."""
    found: list[dict[str, object]] = []
    for group in groups:
        folds = {key.label: key.score.folds["auc"] for key in group.keys if "auc" in key.score.folds}
        if not folds:
            continue
        tests = {key.label: key.score.metrics["auc"].value for key in group.keys if "auc" in key.score.metrics}
        split = {label: len(fold.values) for label, fold in folds.items()}
        rows = [
            (key.label, metric_name(name), key.score.folds[name], _chunks(key.score.folds[name].values))
            for key in group.keys
            for name in ("auc", "balanced_accuracy")
            if name in key.score.folds
        ]
        picture = data_uri(folds_picture(folds, tests, "AUC"))
        found.append(
            {"group": group, "picture": picture, "rows": rows, "most": min(max(split.values()), _FOLD_COLUMNS)}
        )
    return found


def _chunks(values: Sequence[float | None]) -> list[list[str]]:
    """Fold values as text, in lines of at most ten."""
    texts = [number(value) for value in values]
    return [texts[start : start + _FOLD_COLUMNS] for start in range(0, len(texts), _FOLD_COLUMNS)]


def _table(group: _Group) -> list[tuple[str, list[_Cell], str]]:
    """Every figure: name, one cell a key, and how the intervals were made. Figures that are all missing for one reason
    share a row."""
    names = dict.fromkeys(name for key in group.keys for name in key.score.metrics)
    rows: list[tuple[str, list[_Cell], str]] = []
    together: dict[tuple[str, ...], list[str]] = {}
    for name in names:
        figures = [key.score.metrics.get(name) for key in group.keys]
        if all(figure is None or figure.value is None for figure in figures):
            together.setdefault(tuple(f.method if f else "" for f in figures), []).append(name)
            continue
        methods = dict.fromkeys(f.method for f in figures if f is not None and f.low is not None)
        rows.append((metric_name(name), [_cell(figure, name) for figure in figures], "; ".join(methods)))
    for reasons, missing in together.items():
        rows.append((", ".join(map(metric_name, missing)), [_Cell(value="–", why=why) for why in reasons], ""))
    return rows


def _subgroups(key: _Key) -> tuple[list[str], list[tuple[str, list[_Cell]]]]:
    """Figures within each group; those that no group has are left out."""
    groups = key.score.subgroups
    known = [name for figures in groups.values() for name, figure in figures.items() if figure.value is not None]
    names = list(dict.fromkeys(known)) or ["auc"]
    rows = [
        (words(label).replace("=", ": "), [_cell(figures.get(name), name) for name in names])
        for label, figures in groups.items()
    ]
    return [metric_name(name) for name in names], rows
