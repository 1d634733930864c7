"""What evaluation found, ready to print. Field names are the keys of ``scorecard.json``."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One figure with its 95 % interval, how the interval was made, and the number of patients (or images) in it.

    ``value`` None: it cannot be computed; ``method`` then says why.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    method: str
    n: int


@dataclass(frozen=True, kw_only=True)
class Folds:
    """A figure over the folds of a cross-validation: mean, sample standard deviation, and every fold's value.

    low, high : 95 % interval of the mean, made as ``method`` says.
    names : "repeat 1 fold 3", one a fold; n : patients in each fold.
    """

    mean: float | None
    sd: float | None
    values: tuple[float | None, ...]
    low: float | None = None
    high: float | None = None
    method: str = ""
    names: tuple[str, ...] = ()
    n: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Curve:
    """Points of a curve to draw: x and y of equal length."""

    x: tuple[float, ...]
    y: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table to print: names of the columns, rows of text, numbers (None = missing), and a line on how to read it."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str | float | None, ...], ...]
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Threshold:
    """The score at and above which a patient is called positive, and the part of the data it was chosen on.

    ``value`` None: there is none, or every target has its own; ``chosen_on`` says which.
    """

    value: float | None
    chosen_on: str


@dataclass(frozen=True, kw_only=True)
class TargetScore:
    """Figures of one target (with its recipe and variant in the key of the scorecard).

    kind : what was asked: "binary", "classes", "survival", "number", "masks", "images" or "counts".
    confusion : counts of rows, [truth][called], in the order of ``classes``. tables : by name, e.g. "reliability".
    """

    metrics: Mapping[str, Metric]
    kind: str = "binary"
    folds: Mapping[str, Folds] = field(default_factory=dict)
    subgroups: Mapping[str, Mapping[str, Metric]] = field(default_factory=dict)
    curves: Mapping[str, Curve] = field(default_factory=dict)
    confusion: tuple[tuple[int, ...], ...] = ()
    classes: tuple[str, ...] = ()
    tables: Mapping[str, Table] = field(default_factory=dict)
    threshold: Threshold | None = None


@dataclass(frozen=True, kw_only=True)
class PublishedBesideOurs:
    """A printed figure beside ours; ``verdict`` is "inside", "outside", "not attainable" or "not comparable".

    low, high : 95 % interval of ours. target, split : the target and the part of the data that ours comes from.
    """

    metric: str
    published: float
    ours: float | None
    low: float | None
    high: float | None
    verdict: str
    where: str = ""
    target: str = ""
    split: str = ""
    published_sd: float | None = None
    published_low: float | None = None
    published_high: float | None = None


@dataclass(frozen=True, kw_only=True)
class ChecklistItem:
    """One item of a reporting checklist. answer : what the run tells; empty where it does not."""

    item: str
    topic: str
    answer: str = ""


@dataclass(frozen=True, kw_only=True)
class Scorecard:
    """All that evaluation found of one set of predictions.

    test_opened : how many times the test part was opened, this time included; None: not counted. checklists : by name.
    """

    title: str
    n_patients: int
    n_rows: int
    split: str
    threshold: Threshold
    targets: Mapping[str, TargetScore]
    comparisons: tuple[Mapping[str, object], ...] = ()
    published: tuple[PublishedBesideOurs, ...] = ()
    warnings: tuple[str, ...] = ()
    test_opened: int | None = None
    checklists: Mapping[str, tuple[ChecklistItem, ...]] = field(default_factory=dict)
