"""Questions with several classes, made for tests."""

from collections.abc import Sequence

import numpy as np

from myoperf.core.predictions import Predictions
from myoperf.evaluate.judgement import Judgement
from myoperf.evaluate.metrics import Resampling
from myoperf.evaluate.question import Question

TRIAD = ("infarction", "ischaemia", "normal")


def ask(
    truth: Sequence[float] | np.ndarray,
    score: object,
    names: Sequence[str] = (),
    *,
    split: str = "test",
    replicates: int = 200,
    threshold: float | None = None,
    **more: object,
) -> Question:
    """A question of one system; score has shape (rows, classes)."""
    table, rows = np.asarray(score, dtype=float), len(truth)
    columns = {
        "patient_id": np.array([f"P{k}" for k in range(rows)]),
        "truth": np.asarray(truth, dtype=float),
        "score": np.full(rows, np.nan),
        "split": np.full(rows, split),
    }
    columns |= {f"class_{name}": table[:, k] for k, name in enumerate(names or map(str, range(table.shape[1])))}
    columns |= {name: np.asarray(column) for name, column in more.items()}
    return Question(
        name="triad",
        key=("", "", "target"),
        predictions=Predictions(columns=columns),
        rows=np.ones(rows, dtype=bool),
        split=split,
        threshold=threshold,
        resampling=Resampling(replicates=replicates, seed=0),
    )


def value(judgement: Judgement, name: str) -> float:
    found = judgement.score.metrics[name].value
    assert found is not None, judgement.score.metrics[name].method
    return found


def likely(truth: np.ndarray, classes: int, seed: int = 0, shift: float = 1.0) -> np.ndarray:
    """Probabilities that lean to the truth, rounded so that some are tied."""
    raw = np.exp(np.random.default_rng(seed).normal(size=(len(truth), classes)) + shift * np.eye(classes)[truth])
    part: np.ndarray = np.round(raw / raw.sum(axis=1, keepdims=True), 2)
    part[np.arange(len(truth)), part.argmax(axis=1)] += 1 - part.sum(axis=1)
    return part
