"""Questions about small made-up reader studies."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from myoperf.core.predictions import Predictions
from myoperf.evaluate.metrics import Resampling
from myoperf.evaluate.question import Question

Row = tuple[str, str, str, float, float]
"""Reader, condition, patient, truth, rating."""


def question(rows: Iterable[Row], *, threshold: float | None = None, replicates: int = 100, **more: object) -> Question:
    """A question about rows; ``more`` are further columns."""
    columns = dict(zip(("reader", "condition", "patient_id", "truth", "score"), zip(*rows, strict=True), strict=True))
    table = {
        name: np.array(cells, dtype=float if name in ("truth", "score") else str) for name, cells in columns.items()
    }
    for name, cells in more.items():
        table[name] = np.array(cells, dtype=float if name in ("repeat", "fold") else str)
    predictions = Predictions(columns=table)
    return Question(
        name="abnormal",
        key=("", "", "abnormal"),
        predictions=predictions,
        rows=np.ones(len(predictions), dtype=bool),
        split="test",
        threshold=threshold,
        resampling=Resampling(replicates=replicates, seed=0),
    )


def crossed(conditions: Iterable[str], readers: Iterable[str], cases: int = 40, seed: int = 0) -> list[Row]:
    """Every reader's rating, 1 to 5, of every case in every condition; every third case is positive."""
    rng = np.random.default_rng(seed)
    truth = np.arange(cases) % 3 == 0
    case = rng.normal(size=cases) + 1.5 * truth
    rows = []
    for condition in conditions:
        for reader in readers:
            rating = np.clip(np.round(3 + case + rng.normal(size=cases)), 1, 5)
            rows += [(reader, condition, f"P{k}", float(truth[k]), float(rating[k])) for k in range(cases)]
    return rows


def van_dyke() -> list[Row]:
    """The published study, conditions named "cine" and "spin echo"."""
    path = Path(__file__).parents[2] / "reference" / "van_dyke_ratings.csv"
    table = np.genfromtxt(path, delimiter=",", names=True)
    return [
        (f"R{reader}", condition.replace("_", " "), f"P{k + 1}", float(table["truth"][k]), float(rating))
        for condition in ("cine", "spin_echo")
        for reader in range(1, 6)
        for k, rating in enumerate(table[f"{condition}_{reader}"])
    ]
