"""A cohort in memory: smooth maps, a dark patch in the stress map of every positive, two tracers."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from myoperf.core.polar import PolarMap
from myoperf.core.terms import Sex, State, Tracer
from myoperf.io.cohort import Cohort, CohortRow
from myoperf.protocols import RepeatedPatientCV
from myoperf.recipe import MLP, Recipe, SharedEncoder, Torch, Training, changed
from myoperf.recipes import load_recipe
from myoperf.views import PolarDisc, Regions

RINGS, SECTORS = 24, 36
QUESTIONS = {Tracer.TC99M: "label_abnormal", Tracer.TL201: "label_intermediate_or_high_risk"}


@dataclass(frozen=True)
class Made:
    """A cohort and the polar maps of its studies."""

    cohort: Cohort
    maps: Mapping[str, Mapping[State, PolarMap]]


def make(folder: Path, count: int = 64, *, seed: int = 0, tracers: tuple[Tracer, ...] = tuple(Tracer)) -> Made:
    rng = np.random.default_rng(seed)
    rows, maps = [], {}
    for number in range(count):
        tracer, ill = tracers[number % len(tracers)], int(rng.random() < 0.5)
        patient = f"P{number:03d}"
        triad = 2 - ill - (ill and number % 3 == 0)
        values = {QUESTIONS[tracer]: ill, "label_triad": triad, "age": 50 + number % 30}
        sex = (Sex.FEMALE, Sex.MALE)[number // 2 % 2]
        rows.append(
            CohortRow(
                row=number + 2,
                patient_id=patient,
                study_id=f"{patient}-1",
                tracer=tracer,
                sex=sex,
                values=values,
                source=f"made.csv row {number + 2}",
            )
        )
        maps[f"{patient}-1"] = {state: a_map(rng, state, dark=bool(ill) and state is State.STRESS) for state in State}
    return Made(cohort=Cohort(path=folder / "cohort.csv", rows=tuple(rows), columns=()), maps=maps)


def a_map(rng: np.random.Generator, state: State, *, dark: bool) -> PolarMap:
    values = 85 + 4 * rng.standard_normal((RINGS, SECTORS))
    if dark:
        start = int(rng.integers(0, SECTORS))
        values[6:20, np.arange(start, start + 12) % SECTORS] -= 40
    area = np.full((RINGS, SECTORS), 1 / (RINGS * SECTORS))
    return PolarMap(
        values=values, weight=area, ring_mm=np.arange(24.0), reference_counts=1.0, state=state, source="made"
    )


SAMARAS = load_recipe("samaras2026_tracer_aware")
SMALL = {
    "views.0.size": 24,
    "system.network.encoder.weights": None,
    "system.network.encoder.width": 0.125,
    "system.training.batch": 16,
    "system.training.lr": 5e-3,
    "system.training.epochs": 10,
    "protocol": RepeatedPatientCV(folds=2, repeats=1, test_fraction=0.2, validation_fraction=0.3),
}


def small(recipe: Recipe = SAMARAS) -> Recipe:
    """The recipe at a size that trains in a second."""
    told: Mapping[str, Any] = {"published": (), "groups": {}, "claims": (), "assumed": {}}
    made = changed(replace(recipe, variants={}, scratch={}, quick={}, usual=(), **told), SMALL)
    return replace(made, variants=recipe.variants)


VALUES = changed(
    replace(small(), variants={}, assumed={}),
    {
        "views.0": Regions(states=(State.STRESS,)),
        "system": Torch(
            network=SharedEncoder(encoder=MLP(hidden=(8,), dropout=0.2)), training=Training(epochs=30, lr=1e-2)
        ),
    },
)
"""A network on segment values: trains in no time."""

assert isinstance(SAMARAS.views[0], PolarDisc)
