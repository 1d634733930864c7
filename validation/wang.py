"""Slice pictures split by image and by patient: what the split alone is worth.

    python validation/wang.py [--patients 103] [--size quick|paper] [--out FOLDER] [--jobs 2] [--seed 0]
                              [--only neighbours|classification|segmentation]

Makes the virtual cohort of Wang 2022 (103 patients, 5,008 slice pictures, 2,094 with ischaemia; fewer patients keep the
shares) and trains ``wang2022_classification`` and ``wang2022_segmentation`` on it under five 80:20 randomisations, once
dealt by image, as the paper did, and once by patient. Prints the nine indexes of every run beside the paper's, the five
numbers of the masks in pixels of the exported pictures and in mm, the times, and the gap (by image minus by patient).

First of all a system that does nothing but remember: the five nearest pictures of the training part, at 32 x 32 pixels,
vote. What it gains by the split is there for any network that remembers pictures, and costs a minute.

The gap's 95 % interval draws patients, the same draw for both splits, 2,000 times: a patient's images in every run
count as often as the patient is drawn, each run is judged anew, and the means over the runs are subtracted. The trained
networks stay as they are, so the interval tells of other patients, not of other trainings.
"""

import argparse
import csv
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from sklearn.metrics import roc_auc_score
from sklearn.neighbors import KNeighborsClassifier

from myoperf.core.predictions import Predictions
from myoperf.evaluate.agreement import rates
from myoperf.evaluate.runs import INDEXES
from myoperf.io.predictions import read_predictions
from myoperf.phantom.clinic import make_cohort
from myoperf.protocols import Subject, make_splits, parse_protocol
from myoperf.recipe import as_trained
from myoperf.recipes import load_recipe
from myoperf.train import train
from myoperf.views import Images

Floats = NDArray[np.float64]
Run = Mapping[str, Floats]
"""Columns of one run by name; ``patient`` is a code."""

CLASSES, MASKS = "wang2022_classification", "wang2022_segmentation"
SPLITS = {"image": "random5:0.2,unit=image", "patient": "random5:0.2"}
REPLICATES = 2000
EXPORTED = 512
"""Pixels along a side of an exported picture."""
PERCENTILES = (0, 25, 50, 75, 100)
MASK_FIGURES = ("iou", "dice", "hausdorff")


def runs_of(folder: Path, columns: Sequence[str], patients: Sequence[str]) -> list[Run]:
    """The rows of every randomisation of a run folder."""
    table = read_predictions(folder / "predictions.csv")
    code = {name: number for number, name in enumerate(patients)}
    whose = np.array([code[str(name)] for name in table["patient_id"]])
    repeats = np.asarray(table["repeat"], dtype=np.float64)
    values = {name: _numbers(table, name) for name in columns}
    return [
        {"patient": whose[mine].astype(np.float64)} | {name: column[mine] for name, column in values.items()}
        for mine in (repeats == repeat for repeat in np.unique(repeats[repeats >= 0]))
    ]


def _numbers(table: Predictions, name: str) -> Floats:
    return np.array([float(text) if str(text) else np.nan for text in table[name]])


def weighted_auc(run: Run, weight: Floats) -> float:
    """AUC of one run, each row weighed; NaN where a class has no weight."""
    seen = weight > 0
    if len(np.unique(run["truth"][seen])) < 2:
        return float("nan")
    return float(roc_auc_score(run["truth"][seen], run["score"][seen], sample_weight=weight[seen]))


def index(name: str) -> Callable[[Run, Floats], float]:
    """One of the indexes at the threshold of one half, each row weighed."""

    def figure(run: Run, weight: Floats) -> float:
        truth, called = run["truth"] == 1, run["score"] >= 0.5
        cells = [truth & called, ~truth & called, truth & ~called, ~truth & ~called]
        return float(rates(*(np.array([weight[cell].sum()]) for cell in cells))[name][0])

    return figure


def median(name: str) -> Callable[[Run, Floats], float]:
    """Median of a figure of masks, each row weighed by a whole number."""

    def figure(run: Run, weight: Floats) -> float:
        return float(np.nanmedian(np.repeat(run[name], weight.astype(int))))

    return figure


def gap(figure: Callable[[Run, Floats], float], splits: Mapping[str, Sequence[Run]], patients: int) -> str:
    """Mean over the runs by image, by patient, and their difference with its 95 % interval over drawn patients."""

    def both(drawn: Floats) -> tuple[float, float]:
        by_image, by_patient = (
            float(np.nanmean([figure(run, drawn[run["patient"].astype(int)]) for run in splits[name]]))
            for name in ("image", "patient")
        )
        return by_image, by_patient

    rng = np.random.default_rng(0)
    drawn = [np.bincount(rng.integers(0, patients, patients), minlength=patients) for _ in range(REPLICATES)]
    differences = [one - other for one, other in (both(each.astype(np.float64)) for each in drawn)]
    low, high = np.nanpercentile(differences, [2.5, 97.5])
    by_image, by_patient = both(np.ones(patients))
    found = f"by image {by_image:.4f}, by patient {by_patient:.4f}, gap {by_image - by_patient:+.4f}"
    return f"{found} [{low:+.4f}, {high:+.4f}] (n={patients} patients)"


def print_indexes(runs: Sequence[Run]) -> None:
    """AUC, counts and the nine indexes of every run, and their mean beside the paper's."""
    paper = {figure.metric: (figure.value, figure.sd) for figure in load_recipe(CLASSES).published}
    print(f"  {'run':>6} {'images':>6} {'AUC':>6} " + " ".join(f"{name:>11}" for name in INDEXES))
    every = []
    for number, run in enumerate(runs, start=1):
        ones = np.ones(len(run["truth"]))
        figures = [index(name)(run, ones) for name in INDEXES]
        every.append([weighted_auc(run, ones), *figures])
        shown = " ".join(f"{value:11.4f}" for value in figures)
        print(f"  {number:6d} {len(ones):6d} {every[-1][0]:6.4f} {shown}")
    mean, spread = np.mean(every, axis=0), np.std(every, axis=0, ddof=1)
    print(f"  {'mean':>13} {mean[0]:6.4f} " + " ".join(f"{value:11.4f}" for value in mean[1:]))
    print(f"  {'SD':>13} {spread[0]:6.4f} " + " ".join(f"{value:11.4f}" for value in spread[1:]))
    print(f"  {'paper':>13} {'>0.97':>6} " + " ".join(f"{paper[name][0]:11.4f}" for name in INDEXES))
    print(f"  {'its SD':>13} {'':>6} " + " ".join(f"{paper[name][1] or 0:11.4f}" for name in INDEXES))


def print_five(runs: Sequence[Run], factor: float, pixel_mm: float) -> None:
    """Minimum, quartiles and maximum of every run; distances in pixels as exported and in mm, and the paper's."""
    paper = {figure.metric: figure.value for figure in load_recipe(MASKS).published}
    for name in MASK_FIGURES:
        for unit, scale in [("px", factor), ("mm", factor * pixel_mm)] if name == "hausdorff" else [("", 1.0)]:
            for number, run in enumerate(runs, start=1):
                five = np.nanpercentile(run[name] * scale, PERCENTILES)
                lost = int((run["score"] == 0).sum())
                words = " / ".join(f"{value:.2f}" for value in five)
                print(f"  {name} {unit:2} run {number}: {words}  (n={len(run[name])} images, {lost} missed)")
            if unit != "mm":
                words = " / ".join(f"{paper[f'{name}_{kind}']:.2f}" for kind in ("min", "p25", "median", "p75", "max"))
                print(f"  {name} {unit:2} paper: {words}  (mean of five runs)")


def cohort_of(folder: Path, patients: int, seed: int, jobs: int) -> tuple[Path, list[dict[str, str]]]:
    """The cohort and the index of all its pictures."""
    if not (folder / "cohort.csv").exists():
        make_cohort(folder, preset="wang", patients=patients, seed=seed, jobs=jobs)
    rows = []
    with (folder / "cohort.csv").open(newline="", encoding="utf-8") as stream:
        indices = [row["slices"] for row in csv.DictReader(stream)]
    for name in indices:
        with (folder / name).open(newline="", encoding="utf-8") as stream:
            rows += list(csv.DictReader(stream))
    return folder / "cohort.csv", rows


def trained(recipe: str, cohort: Path, options: argparse.Namespace) -> dict[str, Path]:
    """Run folders of both splits."""
    folders = {}
    for name, protocol in SPLITS.items():
        start = time.perf_counter()
        folders[name] = train(
            recipe,
            cohort,
            out=options.out / f"{recipe}-{name}",
            protocol=protocol,
            weights="none",
            seed=options.seed,
            quick=options.size == "quick",
            jobs=options.jobs,
        )
        print(f"{recipe} by {name}: {time.perf_counter() - start:.0f} s; {folders[name] / 'report.html'}", flush=True)
    return folders


def tell_cohort(options: argparse.Namespace) -> tuple[Path, list[str], float]:
    """Make the cohort and tell what is in it; its table, its patients, and the size of a pixel as exported in mm."""
    start = time.perf_counter()
    cohort, pictures = cohort_of(options.out / "cohort", options.patients, options.seed, options.jobs)
    who = sorted({row["patient_id"] for row in pictures})
    ill = [row for row in pictures if row["ischaemia"] == "1"]
    whose = len({row["patient_id"] for row in ill})
    print(f"Virtual patients, size {options.size}; research use only, not for diagnosis.")
    print(f"cohort: {time.perf_counter() - start:.0f} s; {len(who)} patients, {len(pictures)} pictures")
    print(f"  {len(ill)} with ischaemia (of {whose} patients), {len(pictures) - len(ill)} without")
    print("  the paper: 103 patients, 5008 pictures, 2094 with ischaemia, 2914 without", flush=True)
    return cohort, who, float(pictures[0]["pixel_mm"])


def neighbours(cohort: Path, who: Sequence[str], options: argparse.Namespace) -> None:
    """The nearest pictures vote, by image and by patient: what remembering alone is worth."""
    start = time.perf_counter()
    _, rows = cohort_of(cohort.parent, options.patients, options.seed, options.jobs)
    names = [f"{row['study_id']}#{row['image']}" for row in rows]
    truth = np.array([float(row["ischaemia"]) for row in rows])
    whose = np.array([who.index(row["patient_id"]) for row in rows], dtype=np.float64)
    pictures = np.stack([small(cohort.parent / "slices" / row["image"]) for row in rows])
    splits: dict[str, list[Run]] = {}
    for name, protocol in SPLITS.items():
        unit = names if name == "image" else [row["patient_id"] for row in rows]
        images = names if name == "image" else [""] * len(rows)
        subjects = {
            key: Subject(patient_id=row["patient_id"], image=image, strata=(f"ischaemia={row['ischaemia']}",))
            for key, row, image in zip(unit, rows, images, strict=True)
        }
        made = make_splits(parse_protocol(protocol), subjects.values(), options.seed)
        splits[name] = []
        for fold in made.folds:
            learnt = np.isin(unit, [*fold.train, *fold.validation])
            asked = np.isin(unit, fold.held_out)
            system = KNeighborsClassifier(n_neighbors=5, weights="distance", n_jobs=1)
            score = system.fit(pictures[learnt], truth[learnt]).predict_proba(pictures[asked])[:, 1]
            splits[name].append({"patient": whose[asked], "truth": truth[asked], "score": score})
    print(f"nearest neighbours: {time.perf_counter() - start:.0f} s")
    tell_gaps(splits, len(who))


def small(path: Path) -> Floats:
    """A picture as 32 x 32 grey values in a row."""
    with Image.open(path) as picture:
        return np.asarray(picture.convert("L").resize((32, 32), Image.Resampling.BOX), dtype=np.float64).ravel()


def tell_gaps(splits: Mapping[str, Sequence[Run]], patients: int) -> None:
    """The gap in AUC, accuracy and kappa."""
    for label, figure in (("AUC", weighted_auc), ("accuracy", index("accuracy")), ("kappa", index("kappa"))):
        print(f"{label}: {gap(figure, splits, patients)}", flush=True)


def classify(cohort: Path, who: Sequence[str], options: argparse.Namespace) -> None:
    """Yes or no, by image and by patient."""
    folders = trained(CLASSES, cohort, options)
    splits = {name: runs_of(folder, ("truth", "score"), who) for name, folder in folders.items()}
    for name, runs in splits.items():
        print(f"{CLASSES} by {name}, threshold 0.5:")
        print_indexes(runs)
    tell_gaps(splits, len(who))


def outline(cohort: Path, who: Sequence[str], pixel_mm: float, options: argparse.Namespace) -> None:
    """Masks, by image and by patient."""
    view = as_trained(load_recipe(MASKS), scratch=True, quick=options.size == "quick").views[0]
    side = view.size if isinstance(view, Images) else EXPORTED
    folders = trained(MASKS, cohort, options)
    splits = {name: runs_of(folder, ("score", *MASK_FIGURES), who) for name, folder in folders.items()}
    for name, runs in splits.items():
        print(f"{MASKS} by {name}; a pixel as exported is {pixel_mm:.4f} mm:")
        print_five(runs, EXPORTED / side, pixel_mm)
    for name in MASK_FIGURES:
        print(f"median {name}, mean over runs: {gap(median(name), splits, len(who))}", flush=True)


def main() -> None:
    """Everything; see above."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--patients", type=int, default=103)
    parser.add_argument("--size", choices=("quick", "paper"), default="quick")
    parser.add_argument("--out", type=Path, default=None)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", choices=("neighbours", "classification", "segmentation"), default=None)
    options = parser.parse_args()
    torch.set_num_threads(1)
    options.out = options.out or Path(mkdtemp(prefix="wang-"))
    start = time.perf_counter()
    cohort, who, pixel_mm = tell_cohort(options)
    if options.only in (None, "neighbours"):
        neighbours(cohort, who, options)
    if options.only in (None, "classification"):
        classify(cohort, who, options)
    if options.only in (None, "segmentation"):
        outline(cohort, who, pixel_mm, options)
    print(f"all: {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
