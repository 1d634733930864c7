"""A network that has seen only virtual patients, judged on real men, beside the same network trained on real men.

    python validation/virtual_to_real.py VIRTUAL/cohort.csv REAL/cohort.csv [--repeats 2] [--jobs 2] [-o FOLDER]

The network is the recipe ``samaras2026_tracer_aware`` (stress) at quick size, untouched. Virtual: trained on the Tc-99m
patients of the virtual table, both sexes; the mean of its models is applied to the real men, who took no part in any
choice. Real: 5-fold cross-validation repeated on the real men; the score of a man is the mean of the models that did
not see him. Both are then judged on the same men; the difference of the two AUC has an interval from resampled men.
"""

import argparse
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from myoperf.core.progress import Progress, silent
from myoperf.train import train
from myoperf.train.predicting import predict

RECIPE, VARIANT = "samaras2026_tracer_aware", "stress"
MEN = "sex == 'M'"
REPLICATES = 4000


@dataclass(frozen=True, kw_only=True)
class Transfer:
    """AUC on the same real men with 95 % intervals: (value, low, high); ``gap`` is virtual less real.

    men, abnormal : how many men, and how many of them are abnormal. trained : virtual patients learnt from.
    within : AUC of the same virtual training on virtual patients that it did not see.
    """

    virtual: tuple[float, float, float]
    real: tuple[float, float, float]
    gap: tuple[float, float, float]
    men: int
    abnormal: int
    trained: int
    within: float


def transfer(
    virtual: Path, real: Path, folder: Path, *, repeats: int = 2, jobs: int = 2, progress: Progress = silent
) -> Transfer:
    """Train twice, judge once. ``folder`` keeps the two runs; equal words go on where they stopped."""
    learnt = train(
        RECIPE, virtual, out=folder / "virtual", variant=VARIANT, where="tracer == 'Tc-99m'", protocol="5x1:0.15",
        quick=True, jobs=jobs, progress=progress,
    )  # fmt: skip
    applied = predict(learnt, real, out=folder / "applied", where=MEN, jobs=jobs, progress=progress)
    crossed = train(
        RECIPE, real, out=folder / "real", variant=VARIANT, where=MEN, protocol=f"5x{repeats}:0", quick=True,
        jobs=jobs, progress=progress,
    )  # fmt: skip
    there = _scores(applied, "test")
    here = _scores(crossed / "predictions.csv", "validation")
    both = there.join(here.rename(columns={"score": "score_real"})[["score_real"]], how="inner")
    own = pd.read_csv(learnt / "predictions.csv", dtype={"patient_id": str})
    tested = own[own.split == "test"].groupby("patient_id")[["truth", "score"]].mean()
    return compared(
        both.truth.to_numpy().astype(int), both.score.to_numpy(), both.score_real.to_numpy(),
        trained=int(own[own.split == "validation"].patient_id.nunique()),
        within=float(roc_auc_score(tested.truth, tested.score)),
    )  # fmt: skip


def _scores(path: Path, split: str) -> pd.DataFrame:
    """Truth and mean score of each patient."""
    table = pd.read_csv(path, dtype={"patient_id": str})
    return table[table.split == split].groupby("patient_id")[["truth", "score"]].mean()


def compared(
    truth: NDArray[np.int_],
    virtual: NDArray[np.float64],
    real: NDArray[np.float64],
    *,
    trained: int,
    within: float,
    seed: int = 0,
) -> Transfer:
    """AUC of two scores of the same men and of their difference; men resampled within normal and abnormal."""
    random = np.random.default_rng(seed)
    parts = [np.flatnonzero(truth == side) for side in (0, 1)]
    drawn = np.empty((REPLICATES, 2))
    for replicate in range(REPLICATES):
        men = np.concatenate([random.choice(part, len(part)) for part in parts])
        drawn[replicate] = [roc_auc_score(truth[men], score[men]) for score in (virtual, real)]
    values = [float(roc_auc_score(truth, score)) for score in (virtual, real)]
    ranges = np.percentile(np.column_stack([drawn, drawn[:, 0] - drawn[:, 1]]), [2.5, 97.5], axis=0)
    found = [
        (value, float(low), float(high))
        for value, low, high in zip([*values, values[0] - values[1]], *ranges, strict=True)
    ]
    return Transfer(
        virtual=found[0], real=found[1], gap=found[2], men=len(truth), abnormal=int(truth.sum()),
        trained=trained, within=within,
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("virtual", type=Path)
    parser.add_argument("real", type=Path)
    parser.add_argument("--repeats", type=int, default=2, help="of the cross-validation on real men")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("-o", "--out", type=Path, help="keep the runs here")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = options.out or Path(made)
        found = transfer(options.virtual, options.real, folder, repeats=options.repeats, jobs=options.jobs)
    print(f"{found.men} real men, {found.abnormal} abnormal; learnt from {found.trained} virtual patients")
    for name, (value, low, high) in (
        ("trained on virtual, judged on real men", found.virtual),
        ("trained on real men (cross-validated)", found.real),
        ("difference", found.gap),
    ):
        print(f"  {name:<42}{value:+.3f} [{low:+.3f}, {high:+.3f}]")
    print(f"  the virtual training on virtual patients it did not see: AUC {found.within:.3f}")


if __name__ == "__main__":
    main()
