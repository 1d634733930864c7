"""Augmentation, sampler, inputs, weights, checkpoints: each alone."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from myoperf.core.errors import RefusedError
from myoperf.core.polar import disc_picture
from myoperf.io.cache import Cache
from myoperf.networks.resnet import ResNet18Encoder
from myoperf.recipe import Augmentation, ResNet18, Rule
from myoperf.train.augment import augmented, rotated
from myoperf.train.checkpoint import State, checkpoints, load_checkpoint, save_checkpoint
from myoperf.train.features import encode, frozen_encoder
from myoperf.train.inputs import pictures
from myoperf.train.pretrained import find_imagenet
from myoperf.train.run_folder import append_log, claim_identity, claimed
from myoperf.train.sampler import batches
from myoperf.train.tabular import deficit
from myoperf.train.weights import load_encoder, read_weights
from myoperf.views import PolarDisc

RNG = np.random.default_rng(0)
NOTHING = Augmentation(rotation_deg=0, scale=0, tilt=0, noise=0)


def grids(count: int = 4, states: int = 2) -> np.ndarray:
    return RNG.uniform(20, 100, (count, states, 24, 36)).astype(np.float32)


def test_nothing_asked_changes_nothing() -> None:
    maps = grids()
    np.testing.assert_allclose(augmented(maps, RNG, NOTHING), maps, rtol=1e-6)


def test_augmentation_is_small_and_the_same_for_the_same_source() -> None:
    maps = np.full((50, 2, 24, 36), 80, dtype=np.float32)
    one, other = (augmented(maps, np.random.default_rng(3), Augmentation()) for _ in range(2))
    np.testing.assert_array_equal(one, other)
    assert np.abs(one / 80 - 1).max() < 0.35
    assert one.min() > 0


def test_a_rotation_turns_the_picture_counter_clockwise() -> None:
    maps = np.zeros((1, 1, 24, 36), dtype=np.float32)
    maps[0, 0, 10:14, 0] = 100
    turned = rotated(maps, np.array([90.0]))
    assert turned[0, 0, 12].argmax() == 9
    assert disc_picture(turned[0, 0].astype(float), 64)[:32, 30:34].max() > 50
    half = rotated(maps, np.array([5.0]))[0, 0, 12]
    np.testing.assert_allclose(half[[0, 1]], [50, 50])
    np.testing.assert_allclose(rotated(maps, np.array([-5.0]))[0, 0, 12, [35, 0]], [50, 50])


def test_unknown_samples_stay_unknown() -> None:
    maps = grids()
    maps[:, :, 22:, :] = np.nan
    assert np.isnan(augmented(maps, RNG, Augmentation())[:, :, 22:, :]).all()


def test_balanced_steps_hold_both_tracers_equally() -> None:
    groups = np.array([0] * 30 + [1] * 90)
    order = batches(np.arange(120), groups, size=16, balanced=True, rng=RNG)
    assert sum(map(len, order)) == 120
    assert all(abs(int((groups[rows] == 0).sum()) - int((groups[rows] == 1).sum())) <= 1 for rows in order)
    shown = np.concatenate(order)
    assert set(shown[groups[shown] == 0]) == set(range(30))
    assert len(set(shown[groups[shown] == 1])) == 60
    plain = batches(np.arange(120), groups, size=16, balanced=False, rng=RNG)
    assert sorted(np.concatenate(plain)) == list(range(120))


def test_pictures_are_in_unit_range_channels_first() -> None:
    shown = pictures(PolarDisc(size=16), grids())
    assert shown.shape == (4, 2, 3, 16, 16)
    assert 0 <= float(shown.min()) < float(shown.max()) <= 1


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file as weights are published: torchvision's names, the start of its SHA-256 in its own name."""
    torch.manual_seed(1)
    state = dict(ResNet18Encoder().body.state_dict())
    state |= {"fc.weight": torch.zeros(1000, 512), "fc.bias": torch.zeros(1000)}
    folder = tmp_path_factory.mktemp("weights")
    torch.save(state, folder / "made.pth")
    digest = hashlib.sha256((folder / "made.pth").read_bytes()).hexdigest()
    return (folder / "made.pth").rename(folder / f"resnet18-{digest[:8]}.pth")


def test_published_weights_are_read_and_used(published: Path) -> None:
    encoder = ResNet18Encoder()
    load_encoder(encoder, published)
    np.testing.assert_array_equal(encoder.body.conv1.weight.detach(), read_weights(published)["conv1.weight"])
    assert find_imagenet(published) == published


def test_weights_are_also_read_from_safetensors(published: Path, tmp_path: Path) -> None:
    path = tmp_path / "mine.safetensors"
    save_file(read_weights(published), path)
    load_encoder(ResNet18Encoder(), path)
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(RefusedError, match="a whole safetensors file"):
        read_weights(path)


def test_a_file_of_weights_is_checked_before_it_is_opened(published: Path, tmp_path: Path) -> None:
    changed = tmp_path / published.name
    changed.write_bytes(published.read_bytes() + b"0")
    with pytest.raises(RefusedError, match="its SHA-256 begins with"):
        find_imagenet(changed)
    nameless = tmp_path / "weights.pth"
    nameless.write_bytes(published.read_bytes())
    with pytest.raises(RefusedError, match="keep the published name"):
        find_imagenet(nameless)
    with pytest.raises(RefusedError, match="no such file"):
        find_imagenet(tmp_path / "absent.pth")


class Harmful:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return print, ("opened",)


def test_a_pickle_that_would_run_code_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    torch.save({"conv1.weight": Harmful()}, tmp_path / "a.pth")
    digest = hashlib.sha256((tmp_path / "a.pth").read_bytes()).hexdigest()
    path = (tmp_path / "a.pth").rename(tmp_path / f"resnet18-{digest[:8]}.pth")
    with pytest.raises(RefusedError, match="tensors and nothing else"):
        read_weights(path)
    assert "opened" not in capsys.readouterr().out


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.safetensors"
    save_file({"conv1.weight": torch.zeros(3)}, path)
    with pytest.raises(RefusedError, match="weights of ResNet-18"):
        load_encoder(ResNet18Encoder(), path)


def stepped(seed: int = 0) -> State:
    torch.manual_seed(seed)
    network = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4))
    network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimiser = torch.optim.AdamW(network.parameters(), lr=0.1, fused=True)
    state = State(network=network, optimiser=optimiser, epoch=seed)
    network(torch.rand(2, 3, 8, 8)).square().mean().backward()
    optimiser.step()
    state.average = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    state.history = [{"epoch": 0, "loss": 1.5, "validation_auc": None}]
    return state


def test_a_checkpoint_brings_everything_back(tmp_path: Path) -> None:
    one, other = stepped(7), stepped(8)
    save_checkpoint(one, tmp_path, "fit")
    load_checkpoint(other, tmp_path, "fit")
    assert (other.epoch, other.history, other.best) == (7, one.history, {})
    for name, tensor in one.network.state_dict().items():
        torch.testing.assert_close(other.network.state_dict()[name], tensor, rtol=0, atol=0)
    kernel = other.average["0.weight"]
    assert kernel.is_contiguous(memory_format=torch.channels_last)
    for mine, theirs in zip(one.optimiser.state.values(), other.optimiser.state.values(), strict=True):
        for name in mine:
            torch.testing.assert_close(mine[name], theirs[name], rtol=0, atol=0)
            assert mine[name].stride() == theirs[name].stride()


def test_two_checkpoints_are_kept_and_a_torn_one_is_passed_over(tmp_path: Path) -> None:
    for epoch in (1, 2, 3):
        save_checkpoint(stepped(epoch), tmp_path, "fit")
    newest, older = checkpoints(tmp_path, "fit")
    assert [newest.name, older.name] == ["fit.00003.checkpoint", "fit.00002.checkpoint"]
    whole = newest.read_bytes()
    for length in (0, 8, 100, len(whole) - 1):
        newest.write_bytes(whole[:length])
        state = stepped(9)
        load_checkpoint(state, tmp_path, "fit")
        assert state.epoch == 2
        assert "an older one is used" in state.notes[0]


def test_features_do_not_depend_on_their_company_and_are_kept(tmp_path: Path) -> None:
    encoder, view = frozen_encoder(ResNet18(weights=None, width=0.125), None, 0), PolarDisc(size=32)
    maps, cache = grids(5), Cache(tmp_path)
    together = encode(encoder, view, maps, cache)
    assert together.shape == (5, 2, 64)
    np.testing.assert_array_equal(encode(encoder, view, maps[3:4], None), together[3:4])
    kept = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.npz")}
    assert len(kept) == 2
    np.testing.assert_array_equal(encode(encoder, view, maps[:, 1:], cache), together[:, 1:])
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.npz")} == kept


def test_the_deficit_of_a_rule() -> None:
    rule = Rule(deviations=2.0, absent=0.5, threshold=5.0)
    mean, sd, area = np.full(4, 80.0), np.full(4, 5.0), np.array([0.4, 0.3, 0.2, 0.1])
    assert deficit(rule, mean, mean, sd, area) == 0
    assert deficit(rule, np.zeros(4), mean, sd, area) == 100
    # limit 70, floor 40: 55 is half way, 2 of 4 points
    assert deficit(rule, np.array([80, 55, 80, 80.0]), mean, sd, area) == pytest.approx(100 * 0.3 * 2 / 4)
    known = np.array([np.nan, 40, 80, 80.0])
    assert deficit(rule, known, mean, sd, area) == pytest.approx(100 * 0.3 / 0.6)
    assert np.isnan(deficit(rule, np.full(4, np.nan), mean, sd, area))


def test_a_run_folder_holds_one_run(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with claimed(folder):
        assert not claim_identity(folder, {"seed": 0, "cohort": "abc"})
        assert claim_identity(folder, {"seed": 0, "cohort": "abc"})
        with pytest.raises(RefusedError, match="another seed: 0 there, 1 now"):
            claim_identity(folder, {"seed": 1, "cohort": "abc"})
        with pytest.raises(RefusedError, match="one process works in a run folder"), claimed(folder):
            pass
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "thesis.docx").touch()
    with pytest.raises(RefusedError, match=r"other files \(thesis.docx\)"):
        claim_identity(foreign, {"seed": 0})


def test_a_log_line_that_was_cut_off_is_closed(tmp_path: Path) -> None:
    append_log(tmp_path, "started", note="α\nβ")
    with (tmp_path / "log.jsonl").open("a") as log:
        log.write('{"event": "cut')
    append_log(tmp_path, "resumed")
    lines = (tmp_path / "log.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(lines[k])["event"] for k in (0, 2)] == ["started", "resumed"]
