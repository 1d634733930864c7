"""Every file in the folder of recipes: it builds, it learns, its output fits, its names are real."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from made_cohort import SMALL, Made, make
from made_pictures import rows_with_pictures

import myoperf.recipes
from myoperf.core.errors import RefusedError
from myoperf.networks.losses import routed_cross_entropy
from myoperf.recipe import (
    Augmentation,
    EncoderUNet,
    MaskEnsemble,
    PictureAugmentation,
    Recipe,
    Torch,
    UNet,
    as_trained,
    changed,
    setting,
    setting_names,
    variant,
    variant_names,
)
from myoperf.recipes import list_recipes, load_recipe, recipe_names
from myoperf.train.fold_fit import fit_task
from myoperf.train.nested import as_chosen
from myoperf.train.picture_rows import asks_masks, looks_at_pictures
from myoperf.train.runnable import require_runnable
from myoperf.train.studies import choose, rows_of
from myoperf.train.task import Parts, Task, outputs_of

FOLDER = Path(myoperf.recipes.__file__).parent
SEEN: set[str] = set()
PLAIN = {
    "system.training.averaging": 0.0,
    "system.training.augmentation": Augmentation(rotation_deg=0, scale=0, tilt=0, noise=0),
    "system.training.batch": 24,
    "system.training.epochs": 6,
    "system.training.steps": 0,
}
"""Every step sees all that trains, as it is: the loss can only fall by learning."""
CASES = [(name, kind) for name in recipe_names() for kind in variant_names(load_recipe(name))]


def shrunk(recipe: Recipe, name: str) -> Recipe:
    """A variant from scratch, small enough for a test."""
    alone = as_trained(variant(recipe, name), scratch=True, quick=True)
    wanted = {**SMALL, **PLAIN}
    if isinstance(alone.system, Torch) and alone.system.training.stages:
        stages = tuple(replace(stage, epochs=4, lr=5e-3) for stage in alone.system.training.stages)
        wanted |= {"system.training.stages": stages, "system.training.encoder_lr": 1.0}
    if looks_at_pictures(alone):
        wanted["system.training.augmentation"] = PictureAugmentation(rotation_deg=0, shift=0, scale=0)
        wanted["views.0.marked_only"] = False
    if isinstance(alone.system, Torch) and isinstance(alone.system.network, UNet):
        wanted["system.network.channels"] = (4, 8)
    names = set(setting_names(alone)) - {"protocol"}
    return changed(replace(alone, assumed={}), {name: wanted[name] for name in wanted if name in names})


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make(tmp_path_factory.mktemp("made"), 32)


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_a_recipe_learns(name: str, kind: str, made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    SEEN.add(name)
    recipe = shrunk(load_recipe(name), kind)
    require_runnable(recipe)
    if isinstance(recipe.system, Torch) and isinstance(recipe.system.network, EncoderUNet | MaskEnsemble):
        return  # large networks are built and trained by a step in their own tests
    if looks_at_pictures(recipe):
        rows = rows_with_pictures(recipe, tmp_path / "pictures", monkeypatch)
    else:
        rows, refused = rows_of(recipe, choose(recipe, made.cohort.rows, labelled=True).studies, made.maps)
        assert not refused
    none = np.empty(0, dtype=np.intp)
    count = len(rows) * 3 // 4
    parts = Parts(train=np.arange(count), validation=none, held_out=np.arange(count, len(rows)))
    task = Task(recipe=recipe, rows=rows, parts=parts, folder=tmp_path, repeat=0, fold=0, seed=0)
    one, other = fit_task(task), fit_task(task)
    np.testing.assert_array_equal(one.scores, other.scores)
    assert one.model == other.model
    judged = one.scores[count:]
    assert judged.shape == (len(rows) - count, outputs_of(recipe)[-1].stop)
    assert (judged >= 0).all()
    assert asks_masks(recipe) or (judged <= 1).all()
    for target, where in zip(recipe.targets, outputs_of(recipe), strict=True):
        if target.kind == "classes":
            np.testing.assert_allclose(judged[:, where].sum(axis=1), 1)
    assert np.isnan(one.scores[:count]).all()
    if isinstance(recipe.system, Torch):
        told = one.story["epochs"]
        assert isinstance(told, list)
        assert told[-1]["loss"] < told[0]["loss"]


def test_every_file_was_seen() -> None:
    files = {path.stem for path in FOLDER.glob("*.py") if path.stem != "__init__"}
    assert files == set(recipe_names())
    assert files == SEEN


@pytest.mark.parametrize("recipe", list_recipes(), ids=lambda r: r.name)
def test_what_is_assumed_is_a_setting_with_a_reason(recipe: Recipe) -> None:
    assert recipe.name in recipe_names()
    for name, why in recipe.assumed.items():
        setting(recipe, name)
        assert why
    assert recipe.published
    assert all(figure.where for figure in recipe.published)


def test_an_unknown_recipe_is_refused_with_near_names() -> None:
    with pytest.raises(RefusedError, match="did you mean samaras2026_tracer_aware"):
        load_recipe("samaras2025_traceraware")
    with pytest.raises(RefusedError, match="the recipes are"):
        load_recipe("zzz")


def test_loss_of_no_answer_is_nothing() -> None:
    empty = routed_cross_entropy(torch.zeros(2, 1), torch.full((2, 1), float("nan")), torch.ones(1))
    assert float(empty) == 0


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_a_variant_may_be_the_chosen_one(name: str, kind: str) -> None:
    chosen = as_chosen(variant(load_recipe(name), kind))
    assert (chosen.main, chosen.published) == ("nested", ())
    assert chosen.system == variant(load_recipe(name), kind).system
