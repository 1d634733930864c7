"""Training in stages: what learns and what rests, resuming within any stage, curves, and mirrored maps."""

import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from made_cohort import Made, make, small

from myoperf.core.polar import SECTORS, sector_angles
from myoperf.core.terms import State
from myoperf.networks.heads import OneHead
from myoperf.networks.resnet import ResNet18Encoder
from myoperf.networks.routed import SharedNetwork
from myoperf.protocols import Fold, Splits
from myoperf.recipe import Augmentation, Recipe, SingleHead, Stage, Target, changed
from myoperf.report.training_curves import Epoch, training_picture, training_pictures
from myoperf.train import fold_fit, loop
from myoperf.train.augment import augmented, changes_nothing, mirrored
from myoperf.train.checkpoint import State as Progressed
from myoperf.train.checkpoint import save_checkpoint
from myoperf.train.fold_fit import fit_task
from myoperf.train.published_ways import is_flipped, on_published_ways
from myoperf.train.stages import let_learn, set_to_train
from myoperf.train.studies import choose, rows_of
from myoperf.train.task import Parts, Task
from myoperf.train.training_story import write_curves

STILL = Augmentation(rotation_deg=0, scale=0, tilt=0, noise=0)
STAGES = (Stage(epochs=3, lr=5e-3, learns="heads"), Stage(epochs=2, lr=1e-3, learns="top"), Stage(epochs=2, lr=1e-3))
TRIAD = Target("triad", kind="classes", classes=("infarction", "ischaemia", "normal"))


class KilledError(Exception):
    """Stands for a process that is killed."""


def staged(augmentation: Augmentation = STILL) -> Recipe:
    return replace(
        changed(
            small(),
            {
                "views.0.states": (State.REST, State.STRESS),
                "system.network.heads": SingleHead(hidden=(8,), dropout=(0.5,)),
                "system.training.stages": STAGES,
                "system.training.augmentation": augmentation,
            },
        ),
        targets=(TRIAD,),
        variants={},
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make(tmp_path_factory.mktemp("made"), 32)


def task_of(recipe: Recipe, made: Made, folder: Path) -> Task:
    rows, _ = rows_of(recipe, choose(recipe, made.cohort.rows, labelled=True).studies, made.maps)
    parts = Parts(train=np.arange(16), validation=np.arange(16, 26), held_out=np.arange(26, 32))
    return Task(recipe=recipe, rows=rows, parts=parts, folder=folder, repeat=0, fold=0, seed=0, checkpoint_seconds=0.0)


def a_network() -> SharedNetwork:
    return SharedNetwork(ResNet18Encoder(width=0.125), OneHead(64, targets=1))


def test_what_rests_neither_learns_nor_counts() -> None:
    network = a_network()
    let_learn(network, "heads")
    set_to_train(network, "heads")
    assert not any(weights.requires_grad for weights in network.encoder.parameters())
    assert all(weights.requires_grad for weights in network.heads.parameters())
    before = {name: tensor.clone() for name, tensor in network.encoder.state_dict().items()}
    network(torch.rand(4, 1, 3, 32, 32), torch.zeros(4).long()).sum().backward()
    for name, tensor in network.encoder.state_dict().items():
        torch.testing.assert_close(tensor, before[name], rtol=0, atol=0)
    let_learn(network, "top")
    set_to_train(network, "top")
    learning = {name.split(".")[2] for name, w in network.named_parameters() if "encoder" in name and w.requires_grad}
    assert learning == {"layer4"}
    resting = [m for n, m in network.named_modules() if isinstance(m, torch.nn.BatchNorm2d) and "layer4" not in n]
    assert not any(layer.training for layer in resting)
    let_learn(network, "all")
    set_to_train(network, "all")
    assert all(weights.requires_grad for weights in network.parameters())
    assert all(part.training for part in network.modules())


def kill_after(epochs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def save(state: Progressed, folder: Path, name: str) -> Path:
        path = save_checkpoint(state, folder, name)
        if state.epoch == epochs:
            raise KilledError
        return path

    monkeypatch.setattr(loop, "save_checkpoint", save)


@pytest.mark.parametrize("augmentation", [STILL, Augmentation()], ids=["features once", "on the fly"])
def test_a_fit_killed_in_any_stage_ends_the_same(
    augmentation: Augmentation, made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = staged(augmentation)
    whole = fit_task(task_of(recipe, made, tmp_path / "whole"))
    for epochs in (3, 4):
        task = task_of(recipe, made, tmp_path / f"broken{epochs}")
        kill_after(epochs, monkeypatch)
        with pytest.raises(KilledError):
            fit_task(task)
        monkeypatch.setattr(loop, "save_checkpoint", save_checkpoint)
        again = fit_task(task)
        assert again.model == whole.model
        assert again.story["epochs"] == whole.story["epochs"]
        np.testing.assert_array_equal(again.scores, whole.scores)


def test_the_history_tells_stages_and_accuracy_and_becomes_a_table(made: Made, tmp_path: Path) -> None:
    task = task_of(staged(), made, tmp_path)
    fold_fit.fit_and_keep(task)
    epochs = write_curves(tmp_path, [task])
    assert [one.stage for one in epochs] == [0, 0, 0, 1, 1, 2, 2]
    assert all(one.accuracy is not None and 0 <= one.accuracy <= 1 for one in epochs)
    assert all(one.validation_accuracy is not None for one in epochs)
    with (tmp_path / "curves.csv").open(encoding="utf-8") as table:
        rows = list(csv.DictReader(table))
    assert [row["epoch"] for row in rows] == list("0123456")
    assert float(rows[0]["loss"]) == epochs[0].loss
    assert len(training_pictures(epochs)) == 1
    assert training_picture(epochs) == training_picture(epochs)


def test_curves_without_accuracy_or_validation_are_drawn() -> None:
    plain = [Epoch(variant="a", repeat=r, fold=0, epoch=k, stage=0, loss=1 / (k + 1)) for r in (0, 1) for k in range(3)]
    assert training_picture(plain).startswith(b"\x89PNG")
    assert "n 2 fits" in training_pictures(plain)[0].caption
    assert training_pictures([replace(one, loss=None) for one in plain]) == ()


def angles() -> Iterator[tuple[float, float]]:
    yield from ((0, 180), (90, 90), (180, 0), (270, 270), (30, 150))


def test_a_mirrored_map_has_septum_and_lateral_wall_exchanged() -> None:
    grids = np.broadcast_to(sector_angles().astype(np.float32), (1, 1, 2, SECTORS))
    changed_map = mirrored(grids)[0, 0, 0]
    for angle, source in angles():
        assert changed_map[int(angle * SECTORS / 360)] == source
    np.testing.assert_array_equal(mirrored(mirrored(grids)), grids)


def test_half_of_the_patients_are_flipped_all_states_alike_and_others_as_before() -> None:
    rng = np.random.default_rng(0)
    grids = rng.uniform(0, 100, (200, 2, 4, SECTORS)).astype(np.float32)
    flip = replace(STILL, horizontal_flip=True)
    found = augmented(grids, np.random.default_rng(1), flip)
    as_it_was = np.isclose(found, grids).all(axis=(1, 2, 3))
    flipped = np.isclose(found, mirrored(grids)).all(axis=(1, 2, 3))
    assert (as_it_was | flipped).all()
    assert 70 < flipped.sum() < 130
    np.testing.assert_allclose(augmented(grids, np.random.default_rng(1), STILL), grids)
    assert changes_nothing(STILL)
    assert not changes_nothing(flip)


def test_a_flip_is_said_before_all_else(made: Made, tmp_path: Path) -> None:
    recipe = staged(replace(STILL, horizontal_flip=True))
    rows = task_of(recipe, made, tmp_path).rows
    fold = Fold(repeat=0, fold=0, train=rows.patient_id, validation=(), held_out=())
    told = on_published_ways((recipe,), rows, Splits(seed=0, test=(), folds=(fold,)))
    assert is_flipped(recipe)
    assert told[0].startswith("MIRRORED HEARTS IN TRAINING, as published: ")
    assert on_published_ways((staged(),), rows, Splits(seed=0, test=(), folds=(fold,))) == ()
