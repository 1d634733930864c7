"""The making of the shipped weights, small: what is learnt from, and the same bytes again."""

import sys
from pathlib import Path

import numpy as np
import pytest
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "validation"))

from weights_discs import CLINIC, FIRST_SEED, SEGMENTS, TRACERS, WAYS, Discs, discs_of, virtual_discs
from weights_encoder import AMOUNTS, YES_NO, Lessons, Pretraining, lessons, plainly_shown, pretrain, shown
from weights_gain import Scores, area, gain

from myoperf.core.polar import RINGS, SECTORS
from myoperf.phantom.clinic import virtual_patient

TINY = Pretraining(epochs=2, batch=8, width=0.125)


def made_lessons(count: int = 16) -> Lessons:
    rng = np.random.default_rng(0)
    maps = rng.uniform(30, 100, (count, len(WAYS), RINGS, SECTORS)).astype(np.float32)
    maps[3, 1] = np.nan
    return Lessons(
        maps=maps,
        amounts=rng.normal(size=(count, AMOUNTS)).astype(np.float32),
        yes_no=rng.integers(0, 2, (count, len(YES_NO))).astype(np.float32),
    )


def test_discs_of_a_virtual_patient() -> None:
    one = discs_of(virtual_patient(FIRST_SEED, 0, TRACERS, CLINIC))
    assert one.maps.shape == (1, 2, len(WAYS), RINGS, SECTORS)
    known = one.maps[0, :, 0].astype(float)
    measured = one.maps[0, :, 1].astype(float)
    assert all(np.corrcoef(a.ravel(), b.ravel())[0, 1] > 0.8 for a, b in zip(known, measured, strict=True))
    assert (one.loss >= -0.1).all()
    assert (one.deficit <= 4).all()
    asked = lessons(one)
    assert asked.amounts.shape == (2, AMOUNTS)
    assert asked.yes_no[:, YES_NO.index("stress")].tolist() == [1, 0]
    np.testing.assert_allclose(asked.amounts[0, :SEGMENTS], one.uptake[0, 0])


def test_seeds_of_other_cohorts_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="begin at 770000"):
        virtual_discs(tmp_path, patients=1, seed=0)


def test_discs_are_found_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = virtual_discs(tmp_path, patients=1, seed=FIRST_SEED, jobs=1)
    monkeypatch.setattr("weights_discs.discs_of", None)
    again: Discs = virtual_discs(tmp_path, patients=1, seed=FIRST_SEED, jobs=1)
    np.testing.assert_array_equal(first.maps, again.maps)


def test_pictures_are_never_mirrored_and_of_one_size() -> None:
    maps = np.full((6, len(WAYS), RINGS, SECTORS), 40, dtype=np.float32)
    maps[..., :5], maps[..., -4:] = 100, 100
    for seed in range(4):
        pictures = shown(maps, np.random.default_rng(seed), small=seed % 2 == 0)
        assert pictures.shape[1] == 3
        assert pictures.shape[2] == pictures.shape[3]
        assert 0 <= float(pictures.min()) <= float(pictures.max()) <= 1
    plain = plainly_shown(maps)[:, 0]
    middle = slice(40, 88)
    assert (plain[:, middle, 96:120].mean(dim=(1, 2)) > plain[:, middle, 8:32].mean(dim=(1, 2)) + 0.2).all()


def test_the_same_words_give_the_same_weights_also_when_resumed(tmp_path: Path) -> None:
    learnt = made_lessons(8)
    one, losses = pretrain(learnt, tmp_path / "one", seed=1, how=TINY)
    pretrain(learnt, tmp_path / "two", seed=1, how=TINY)
    newest = max((tmp_path / "two").glob("*.checkpoint"))
    newest.unlink()
    two, _ = pretrain(learnt, tmp_path / "two", seed=1, how=TINY)
    assert len(losses) == TINY.epochs
    for name, tensor in one.state_dict().items():
        assert torch.equal(tensor, two.state_dict()[name]), name


def test_a_gain_is_paired_by_patient() -> None:
    who, truth = np.array(["a", "b", "c", "d"]), np.array([0, 0, 1, 1])
    old = Scores(patient=who, truth=truth, score=np.array([[0.1], [0.6], [0.4], [0.9]]))
    new = Scores(patient=who, truth=truth, score=np.array([[0.1], [0.2], [0.4], [0.9]]))
    assert area(old, np.arange(4)) == 0.75
    value, low, high = gain(new, old)
    assert value == 0.25
    assert 0 <= low <= value <= high <= 1
    assert gain(new, new) == (0, 0, 0)
    with pytest.raises(ValueError, match="same patients"):
        gain(new, Scores(patient=who[::-1], truth=truth, score=old.score))
