"""How frequent the classes are, and what accuracy is worth against that."""

import numpy as np
from scipy.special import bdtrc

from myoperf.core.scorecard import Table

from ..judgement import Comparison, compared
from .sample import ClassSample

_UNEVEN = 2


def frequencies(sample: ClassSample) -> Table:
    """A row a class: patients, rows, share of the rows, rows called so."""
    classes = len(sample.names)
    rows = np.bincount(sample.truth, minlength=classes)
    called = np.bincount(sample.called, minlength=classes)
    return Table(
        columns=("class", "patients", "rows", "share", "rows called so"),
        rows=tuple(
            (name, int(sample.patients[k]), int(rows[k]), float(rows[k] / len(sample)), int(called[k]))
            for k, name in enumerate(sample.names)
        ),
        note="share: of the judged rows; a patient with rows of several classes is counted in each",
    )


def no_information_rate(sample: ClassSample) -> float:
    """Accuracy of calling every row the most frequent class."""
    return float(np.bincount(sample.truth).max() / len(sample))


def against_no_information(name: str, sample: ClassSample) -> Comparison:
    """Accuracy against that of always calling the most frequent class: one-sided exact binomial test.

    value : the no-information rate; p is missing with several rows a patient, which are not independent.
    """
    rate, right = no_information_rate(sample), int((sample.truth == sample.called).sum())
    testable = sample.alone and rate < 1
    p = float(bdtrc(right - 1, len(sample), rate)) if testable else None
    method = "binomial test, one-sided (accuracy above this rate, which is taken as known)"
    if not sample.alone:
        method = "no test: several rows of a patient are not independent"
    elif rate == 1:
        method = "no test: one class only"
    return compared(
        target=name,
        comparison="no-information rate: the most frequent class for everybody",
        metric="accuracy",
        value=rate,
        p=p,
        method=method,
        n=sample.rows.patients,
        ours=right / len(sample),
    )


def unevenness(name: str, sample: ClassSample) -> list[str]:
    """A caution where the largest class has at least twice the rows of the smallest that occurs."""
    rows = np.bincount(sample.truth, minlength=len(sample.names))
    if sample.present.sum() < 2 or rows.max() < _UNEVEN * rows[sample.present].min():
        return []
    largest = sample.names[int(rows.argmax())]
    counts = ", ".join(f"{one} {count}" for one, count in zip(sample.names, rows, strict=True))
    right = (sample.truth == sample.called).mean()
    recall = np.mean([(sample.called[sample.truth == k] == k).mean() for k in np.flatnonzero(sample.present)])
    return [
        f"{name}: classes are uneven ({counts}); calling everybody {largest} has accuracy"
        f" {no_information_rate(sample):.3f}, this system {right:.3f}; its balanced accuracy is {recall:.3f}, where"
        f" chance is {1 / sample.present.sum():.3f}"
    ]
