"""Weights that are shipped: whole, small, without pickles, and of use."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from made_cohort import Made, make, small
from safetensors.torch import load_file, save_file

from myoperf.core.errors import RefusedError
from myoperf.core.terms import State
from myoperf.io.predictions import read_predictions
from myoperf.networks.resnet import ResNet18Encoder
from myoperf.protocols import Holdout
from myoperf.recipe import DiceCrossEntropy, EncoderUNet, Recipe, ResNet18, SharedEncoder, Torch, as_trained, changed
from myoperf.recipes import load_recipe
from myoperf.train import predict, train
from myoperf.train.package import Card, write_encoder, write_package
from myoperf.train.shipped import ENCODER, SHIPPED, check_package, find_package, read_package, shipped_packages
from myoperf.train.shipped_start import first_weights

MOST_BYTES = 40 * 10**6
CARD = Card(
    title="A title",
    summary="one line",
    command="make it",
    patients=3,
    seed=9,
    data="Three of them.",
    figures=(("AUC", "0.5 [0.4, 0.6], n = 3"),),
    judged_on="three others",
)
SAMARAS = load_recipe("samaras2026_tracer_aware")


def thin(recipe: Recipe, *, frozen: bool) -> Recipe:
    encoder = ResNet18(weights="imagenet", width=0.125, frozen=frozen)
    still = {"system.network.encoder": encoder, "system.training.epochs": 2, "protocol": Holdout(test_fraction=0.3)}
    return changed(replace(recipe, variants={}, assumed={}), still)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make(tmp_path_factory.mktemp("made"), 32)


@pytest.fixture(scope="module")
def folder(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An encoder's package, and beside it a system on it that was frozen, and one that was tuned; their runs too."""
    where = tmp_path_factory.mktemp("packages")
    torch.manual_seed(1)
    write_encoder(ResNet18Encoder(width=0.125).body.state_dict(), where / ENCODER, CARD)
    weights = where / ENCODER / "model.safetensors"
    for name, frozen in (("frozen", True), ("tuned", False)):
        run = where / f"run-{name}"
        train(thin(small(), frozen=frozen), made.cohort, maps=made.maps, out=run, weights=weights, jobs=1)
        write_package(run, where / name, CARD, encoder=weights)
    return where


def scores(path: Path) -> np.ndarray:
    return np.asarray(read_predictions(path)["score"], dtype=float)


@pytest.mark.parametrize("name", ["frozen", "tuned"])
def test_a_package_answers_as_its_run_does(folder: Path, made: Made, tmp_path: Path, name: str) -> None:
    ours = predict(folder / name, made.cohort, maps=made.maps, out=tmp_path / "package", jobs=1)
    theirs = predict(folder / f"run-{name}", made.cohort, maps=made.maps, out=tmp_path / "run", jobs=1)
    np.testing.assert_allclose(scores(ours), scores(theirs), atol=0.01)
    told = json.loads(ours.with_name("test_opened.json").read_text(encoding="utf-8"))["warnings"]
    assert "virtual patients only" in told[0]
    assert "not for diagnosis" in told[0]
    assert set(read_predictions(ours)["trained_on"]) == {"virtual patients only"}


def test_a_frozen_encoder_is_kept_once(folder: Path) -> None:
    lent = load_file(folder / ENCODER / "model.safetensors")
    kept = load_file(folder / "frozen" / "models" / "stress-encoder.safetensors")
    assert lent["conv1.weight"].dtype is torch.float16
    assert lent["bn1.running_var"].dtype is torch.float32
    assert not [name for name, tensor in kept.items() if tensor.is_floating_point()]
    head = load_file(folder / "frozen" / "models" / "stress-r0f0.safetensors")
    assert all(tensor.dtype is torch.float16 for tensor in head.values() if tensor.ndim > 1)


def test_what_was_changed_is_refused(folder: Path, made: Made, tmp_path: Path) -> None:
    broken = tmp_path / "frozen"
    shutil.copytree(folder / "frozen", broken)
    shutil.copytree(folder / ENCODER, tmp_path / ENCODER)
    model = broken / "models" / "stress-r0f0.safetensors"
    model.write_bytes(model.read_bytes()[:-1] + b"\x01")
    with pytest.raises(RefusedError, match="SHA-256"):
        predict(broken, made.cohort, maps=made.maps, out=tmp_path / "out", jobs=1)
    model.unlink()
    with pytest.raises(RefusedError, match="a package is whole"):
        check_package(read_package(broken))
    told = json.loads((broken / "package.json").read_text(encoding="utf-8"))
    (broken / "package.json").write_text(json.dumps({**told, "sha256": {"../x": "0"}}), encoding="utf-8")
    with pytest.raises(RefusedError, match="lie in it"):
        check_package(read_package(broken))
    (broken / "package.json").write_text(json.dumps({**told, "format": 99}), encoding="utf-8")
    with pytest.raises(RefusedError, match="of this version"):
        read_package(broken)


def test_another_encoder_is_refused(folder: Path, made: Made, tmp_path: Path) -> None:
    shutil.copytree(folder / "frozen", tmp_path / "frozen")
    write_encoder(ResNet18Encoder(width=0.125).body.state_dict(), tmp_path / ENCODER, CARD)
    with pytest.raises(RefusedError, match="the encoder that is shipped with it"):
        predict(tmp_path / "frozen", made.cohort, maps=made.maps, out=tmp_path / "out", jobs=1)


def test_names_that_there_are_none_of_are_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="virtual:frozen, virtual:tuned"):
        find_package("virtual:nobody", folder)
    found = find_package("virtual:tuned", folder)
    assert found is not None
    assert found.name == "tuned"
    assert find_package(tmp_path) is None
    with pytest.raises(RefusedError, match="start a training from it"):
        predict(folder / ENCODER, tmp_path / "cohort.csv", out=tmp_path / "out")


def test_a_run_without_models_is_no_package(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="a finished run"):
        write_package(tmp_path, tmp_path / "out", CARD)


def test_what_an_encoder_starts_from(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    weights = tmp_path / "mine.safetensors"
    save_file({"x": torch.zeros(1)}, weights)
    whole = [as_trained(SAMARAS, scratch=False, quick=False)]
    quick = [as_trained(SAMARAS, scratch=False, quick=True)]
    ours = SHIPPED / ENCODER / "model.safetensors"
    monkeypatch.setattr("myoperf.train.shipped_start.shipped_encoder", lambda: ours)
    assert first_weights(None, whole) == ours
    assert first_weights(None, quick) is None
    assert first_weights("none", whole) is None
    assert first_weights("virtual", whole) == ours
    assert first_weights(weights, whole) == weights
    with pytest.raises(RefusedError, match=r"resnet18-\.\.\.\.pth"):
        first_weights("imagenet", whole)
    half = [changed(SAMARAS, {"system.network.encoder.width": 0.5})]
    assert first_weights(None, half) is None
    with pytest.raises(RefusedError, match="a whole ResNet-18"):
        first_weights("virtual", half)
    asked = [changed(SAMARAS, {"system.network.encoder.weights": "virtual"})]
    assert first_weights(None, asked) == ours
    other = Torch(network=SharedEncoder(encoder=ResNet18(weights=None)))
    bare = replace(small(), variants={})
    assert first_weights(None, [replace(bare, system=other)]) is None
    unet = Torch(network=EncoderUNet(encoder="mobilenet_v2"), loss=DiceCrossEntropy())
    assert first_weights(None, [replace(bare, system=unet)]) is None
    monkeypatch.setattr("myoperf.train.shipped_start.shipped_encoder", lambda: None)
    assert first_weights(None, whole) is None
    with pytest.raises(RefusedError, match="an encoder comes with this version"):
        first_weights("virtual", whole)


def test_a_start_from_the_shipped_encoder_is_said_loudly(
    made: Made, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = folder / ENCODER / "model.safetensors"
    monkeypatch.setattr("myoperf.train.shipped_start.shipped_encoder", lambda: weights)
    run = train(thin(small(), frozen=True), made.cohort, maps=made.maps, out=tmp_path / "run", weights=weights, jobs=1)
    told = json.loads((run / "scorecard.json").read_text(encoding="utf-8"))["warnings"]
    assert any("starts from the shipped encoder, pre-trained on virtual patients" in line for line in told)
    assert "the shipped encoder, pre-trained on virtual patients" in (run / "report.html").read_text(encoding="utf-8")


PACKAGES = shipped_packages()


def test_what_is_shipped_is_small_and_holds_no_pickle() -> None:
    files = [path for path in SHIPPED.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} <= {".json", ".md", ".safetensors"}
    assert sum(path.stat().st_size for path in files) <= MOST_BYTES
    named = {package.folder / name for package in PACKAGES for name in package.told["sha256"]}
    assert {path for path in files if path.suffix == ".safetensors"} <= named


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.name)
def test_every_shipped_package_is_whole_and_tells_what_it_is(package: object, made: Made, tmp_path: Path) -> None:
    found = next(one for one in PACKAGES if one is package)
    check_package(found)
    card = (found.folder / "card.md").read_text(encoding="utf-8")
    for digest in found.told["sha256"].values():
        assert digest in card
    for words in ("never on real ones", "not for diagnosis", "Apache-2.0", "no data of people"):
        assert words in card
    if found.kind == "encoder":
        encoder = ResNet18Encoder()
        state = load_file(found.folder / "model.safetensors")
        assert encoder.body.load_state_dict(state, strict=False).unexpected_keys == []
        assert torch.isfinite(encoder.eval()(torch.rand(1, 3, 96, 96))).all()
    elif set(State) and found.told["run"]["recipe"] in ("samaras2026_tracer_aware",):
        out = predict(f"virtual:{found.name}", made.cohort, maps=made.maps, out=tmp_path / "out", jobs=1)
        assert np.isfinite(scores(out)).all()
