"""The demonstration: virtual patients, a system trained and judged on them, a report. It goes on where it stopped."""

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from myoperf import __version__
from myoperf.core.errors import RefusedError
from myoperf.core.predictions import Predictions
from myoperf.core.progress import Progress, silent
from myoperf.core.scorecard import Scorecard
from myoperf.evaluate import evaluate
from myoperf.io.cache import cache_beside
from myoperf.io.cohort import Cohort, CohortRow, read_cohort
from myoperf.io.files import write_text
from myoperf.io.predictions import read_predictions
from myoperf.phantom.clinic import make_cohort
from myoperf.phantom.preset import Output
from myoperf.quant.batch import build_normals, quantify
from myoperf.quant.normals import NormalLimits, write_limits
from myoperf.recipes import load_recipe
from myoperf.report import write_scorecard
from myoperf.train import train

from .measuring import write_page

RECIPE = "samaras2026_tracer_aware"
PATIENTS, TRACERS = 640, (274, 366)
TITLE = "Tracer-aware classification of virtual patients"
TPD = "TPD"
TPD_THRESHOLD = 5.0
"""Percent from which TPD is commonly called abnormal."""

NOTE = (
    "These are virtual patients: hearts drawn by a program, read by three simulated readers who err as readers do. The"
    " figures show that every part of the chain works, from DICOM to this page. They say nothing of real patients, and"
    " agreement or disagreement with the paper proves nothing about the paper.",
)


@dataclass(frozen=True, kw_only=True)
class _Places:
    """Where the parts of a demonstration lie."""

    out: Path

    @property
    def cohort(self) -> Path:
        """The table of the virtual patients."""
        return self.out / "cohort" / "cohort.csv"

    @property
    def run(self) -> Path:
        """The run folder."""
        return self.out / "run"

    @property
    def measures(self) -> Path:
        """The measures of the test part."""
        return self.out / "measures.csv"


def demo(
    out: Path | str = "demo",
    *,
    patients: int = PATIENTS,
    seed: int = 0,
    jobs: int | None = None,
    progress: Progress = silent,
) -> Path:
    """Do everything once, on virtual patients, and return the path of ``report.html``.

    Run again with the same options it goes on where it stopped. RefusedError where ``out`` holds a demonstration with
    other options.
    """
    places = _Places(out=Path(out))
    _claim(places.out, {"patients": patients, "seed": seed, "version": __version__})
    if not places.cohort.exists():
        make_cohort(
            places.cohort.parent,
            patients=patients,
            tracers=TRACERS,
            outputs=(Output.SHORT_AXIS,),
            seed=seed,
            jobs=jobs,
            progress=progress,
        )
    recipe = load_recipe(RECIPE)
    train(recipe, places.cohort, out=places.run, seed=seed, quick=True, jobs=jobs, progress=progress)
    predictions = read_predictions(places.run / "predictions.csv")
    cohort = read_cohort(places.cohort, strict=False)
    asked = {target.column: target.name for target in recipe.targets}
    _measure(places, cohort, asked, _test_patients(predictions), jobs=jobs, progress=progress)
    card = evaluate(predictions, published=recipe.published, title=TITLE, seed=seed)
    told = json.loads((places.run / "scorecard.json").read_text(encoding="utf-8"))["warnings"]
    card = replace(card, warnings=tuple(told))
    beside = evaluate(_deficits(cohort, asked, places.measures), threshold=TPD_THRESHOLD, seed=seed)
    return write_scorecard(_joined(card, beside), places.out, recipe=asdict(recipe), note=NOTE)


def _claim(out: Path, options: Mapping[str, object]) -> None:
    """Note the options in the folder; they must be those that are noted already."""
    path, text = out / "demo.json", json.dumps(options, indent=1) + "\n"
    if path.exists() and path.read_text(encoding="utf-8") != text:
        raise RefusedError(
            out,
            rule="a folder holds one demonstration",
            came="one with other options or of another version",
            do="give another folder with -o, or remove this one",
        )
    write_text(path, text)


def _test_patients(predictions: Predictions) -> frozenset[str]:
    tested = np.asarray(predictions["split"], dtype=np.str_) == "test"
    return frozenset(map(str, predictions["patient_id"][tested]))


def _label(row: CohortRow, asked: Mapping[str, str]) -> tuple[str, int] | None:
    """The question that the system asks of a study, and its answer. asked : name of the question by column."""
    for column, name in asked.items():
        value = row.values.get(column)
        if isinstance(value, int | float) and not np.isnan(value):
            return name, int(value)
    return None


def _limits(
    places: _Places,
    cohort: Cohort,
    asked: Mapping[str, str],
    tested: frozenset[str],
    *,
    jobs: int | None,
    progress: Progress,
) -> tuple[NormalLimits, ...]:
    """Normal limits from the negative patients of the training part: none of the test part helps to build them."""
    rows = [row for row in cohort.rows if row.patient_id not in tested and (_label(row, asked) or ("", 1))[1] == 0]
    where = "label is 0 and not in the test part"
    cache = cache_beside(places.cohort)
    entries, _ = build_normals(cohort, rows, where=where, cache=cache, jobs=jobs, progress=progress)
    write_limits(places.out / "normals.json", entries)
    return entries


def _measure(
    places: _Places,
    cohort: Cohort,
    asked: Mapping[str, str],
    tested: frozenset[str],
    *,
    jobs: int | None,
    progress: Progress,
) -> None:
    """Measure the test part against limits from the training part, once: ``measures.csv``, and last a page."""
    part, page, maps = places.cohort.with_name("test.csv"), places.measures.with_suffix(".html"), places.out / "maps"
    rows = list(csv.reader(io.StringIO(places.cohort.read_text(encoding="utf-8"))))
    column = rows[0].index("patient_id")
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([rows[0], *(row for row in rows[1:] if row[column] in tested)])
    if page.exists() and part.exists() and part.read_text(encoding="utf-8") == text.getvalue():
        return
    limits = _limits(places, cohort, asked, tested, jobs=jobs, progress=progress)
    write_text(part, text.getvalue())
    measured = quantify([part], normals=limits, maps=maps, out=places.measures, jobs=jobs, progress=progress)
    write_page(page, measured, maps)


def _deficits(cohort: Cohort, asked: Mapping[str, str], measures: Path) -> Predictions:
    """Stress TPD (percent) as the prediction of a system that has learnt nothing but what is normal."""
    labels = {row.study_id: _label(row, asked) for row in cohort.rows}
    with measures.open(encoding="utf-8", newline="") as stream:
        found = [(row, labels.get(row["study_id"])) for row in csv.DictReader(stream)]
    rows = [(row, *label) for row, label in found if label is not None]
    return Predictions(
        columns={
            "recipe": np.array([TPD] * len(rows)),
            "variant": np.array(["stress"] * len(rows)),
            "patient_id": np.array([row["patient_id"] for row, _, _ in rows], dtype=np.str_),
            "study_id": np.array([row["study_id"] for row, _, _ in rows], dtype=np.str_),
            "target": np.array([target for _, target, _ in rows], dtype=np.str_),
            "truth": np.array([truth for _, _, truth in rows], dtype=np.float64),
            "score": np.array([float(row["stress_tpd"] or "nan") for row, _, _ in rows], dtype=np.float64),
        }
    )


def _joined(card: Scorecard, beside: Scorecard) -> Scorecard:
    """The system's scorecard with TPD judged beside it on the same patients."""
    named = {f"{TPD}/stress/{target}": score for target, score in beside.targets.items()}
    warnings = (*card.warnings, *(f"{TPD}: {line}" for line in beside.warnings))
    return replace(card, targets={**card.targets, **named}, warnings=warnings)
