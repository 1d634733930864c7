"""One fit: everything that a process needs to know to train one fold of one variant, and what it gives back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from myoperf.recipe import Recipe

from .pictures import Pictures

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Studies (or images) with one variant's inputs, in the order of the cohort.

    inputs : polar maps (studies, states, rings, sectors), or rows of values (studies, values); float32. Of images it
    is (images, 1, 0): what is looked at lies in ``pictures``, and what is marked, where there is a mask, in ``masks``.
    groups : number of each study's tracer. truth : (studies, targets), the class, NaN where a target is not asked.
    Of a mask it is the area marked, in pixels. sex : "F", "M" or "". area : share of the ventricle behind each value,
    summing to 1 over a study's input, or no columns for pictures.
    """

    patient_id: tuple[str, ...]
    study_id: tuple[str, ...]
    inputs: NDArray[np.float32]
    groups: NDArray[np.intp]
    truth: Floats
    sex: tuple[str, ...]
    area: Floats
    pictures: Pictures | None = None
    masks: Pictures | None = None

    @property
    def shown(self) -> NDArray[np.float32] | Pictures:
        """What a network looks at."""
        return self.inputs if self.pictures is None else self.pictures

    def __len__(self) -> int:
        return len(self.study_id)


def taken(rows: Rows, numbers: NDArray[np.intp]) -> Rows:
    """Some of the rows, in the order of their numbers."""
    return Rows(
        patient_id=tuple(rows.patient_id[number] for number in numbers),
        study_id=tuple(rows.study_id[number] for number in numbers),
        inputs=rows.inputs[numbers],
        groups=rows.groups[numbers],
        truth=rows.truth[numbers],
        sex=tuple(rows.sex[number] for number in numbers),
        area=rows.area[numbers],
        pictures=None if rows.pictures is None else rows.pictures.taken(numbers),
        masks=None if rows.masks is None else rows.masks.taken(numbers),
    )


@dataclass(frozen=True, kw_only=True)
class Parts:
    """Row numbers of each part of a fold. A fit is not told of the test part."""

    train: NDArray[np.intp]
    validation: NDArray[np.intp]
    held_out: NDArray[np.intp]


@dataclass(frozen=True, kw_only=True)
class Task:
    """One fit. ``recipe`` is one variant as it is trained; ``folder`` is the run folder.

    exact : single precision throughout. pretrained : file with the encoder's first weights, or None.
    features : of a frozen encoder, (studies, inputs, features), or None.
    checkpoint_seconds : least time between two checkpoints. parent : process that is waited for, 0 for none.
    inner : number of the inner fold of a nested cross-validation; its model only chooses among variants.
    """

    recipe: Recipe
    rows: Rows
    parts: Parts
    folder: Path
    repeat: int
    fold: int
    seed: int
    exact: bool = False
    pretrained: Path | None = None
    features: NDArray[np.float32] | None = None
    checkpoint_seconds: float = 20.0
    parent: int = 0
    inner: int | None = None

    @property
    def name(self) -> str:
        """Name of the fit's files."""
        inner = "" if self.inner is None else f"i{self.inner}"
        return f"{self.recipe.main}-r{self.repeat}f{self.fold}{inner}"

    @property
    def model_file(self) -> Path:
        """Where the fitted model lies; inner ones apart, as nothing is predicted by them later."""
        models = self.folder / "models" if self.inner is None else self.folder / "models" / "inner"
        return models / f"{self.name}.safetensors"

    @property
    def result_file(self) -> Path:
        """Where the scores lie; it is written last, so a fit is done once it is there."""
        return self.folder / "folds" / f"{self.name}.json"


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """A fitted model as safetensors, and the scores of every row that it was not told, (rows, outputs); NaN where there
    is none. A binary target has one output, higher = more likely positive; one of K classes has the K probabilities."""

    model: bytes
    scores: Floats
    story: Mapping[str, object] = field(default_factory=dict)


def first_seed(task: Task) -> int:
    """What the first weights of a fit are drawn from: the run's seed, the repeat and the fold."""
    drawn = np.random.SeedSequence([task.seed, task.repeat, task.fold]).generate_state(1, np.uint64)
    return int(drawn[0] >> 2)


def outputs_of(recipe: Recipe) -> tuple[slice, ...]:
    """Which outputs of a system belong to each target, in the recipe's order."""
    ends = [0]
    for target in recipe.targets:
        ends.append(ends[-1] + (len(target.classes) if target.kind == "classes" else 1))
    return tuple(slice(start, end) for start, end in pairwise(ends))


def tracers_of(recipe: Recipe) -> tuple[str, ...]:
    """Tracers that a recipe knows, in the order of its targets; empty where it asks every study."""
    if any(target.tracer is None for target in recipe.targets):
        return ()
    return tuple(dict.fromkeys(str(target.tracer) for target in recipe.targets))
