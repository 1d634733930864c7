import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from myoperf.core.errors import RefusedError
from myoperf.core.polar import RINGS, SECTORS, PolarMap
from myoperf.core.terms import State
from myoperf.quant.normals import LimitsKey, build_limits, find_limits, read_limits, write_limits

KEY = LimitsKey(sex="M", tracer="Tc-99m", state="stress", camera="ACME 1", correction="NC", position="supine")


def polar(values: NDArray[np.float64]) -> PolarMap:
    weight = np.full((RINGS, SECTORS), 1 / (RINGS * SECTORS))
    return PolarMap(values=values, weight=weight, ring_mm=np.arange(RINGS, dtype=np.float64), reference_counts=1.0,
                    state=State.STRESS, source="made by hand")  # fmt: skip


def normal_maps(count: int = 12, seed: int = 0) -> list[PolarMap]:
    rng = np.random.default_rng(seed)
    return [polar(rng.uniform(50, 500) * (80 + rng.uniform(-4, 4, (RINGS, SECTORS)))) for _ in range(count)]


def test_limits_recover_the_spread_whatever_the_counts() -> None:
    entry = build_limits(KEY, normal_maps(60), source={"cohort": "made"})
    assert entry.n == 60
    ratio = entry.limits.mad / entry.limits.mean
    assert np.median(ratio) == pytest.approx(2 / 80, rel=0.1)
    assert entry.sd_global == pytest.approx(1.2533 * 2.5, rel=0.15)


def test_a_file_comes_back_as_it_went_and_has_the_contract_s_keys(tmp_path: Path) -> None:
    entry = build_limits(KEY, normal_maps(), source={"cohort": "made"}, created="2026-01-01T00:00:00+00:00")
    path = write_limits(tmp_path / "limits.json", [entry])
    (back,) = read_limits(path)
    assert back.key == KEY
    np.testing.assert_allclose(back.limits.mean, entry.limits.mean, atol=1e-4)
    keys = set(json.loads(path.read_text())["limits"][0])
    assert keys == {"format", "key", "n", "mean", "mad", "weight", "sd_global", "source", "created", "sha256"}


def test_limits_edited_by_hand_are_refused(tmp_path: Path) -> None:
    path = write_limits(tmp_path / "limits.json", [build_limits(KEY, normal_maps(), source={})])
    document = json.loads(path.read_text())
    document["limits"][0]["mean"][0][0] += 1
    path.write_text(json.dumps(document))
    with pytest.raises(RefusedError, match="sha256"):
        read_limits(path)


@pytest.mark.parametrize("text", ["", "[]", '{"format": 9, "limits": []}', "\x00\x01", '{"limits": 3, "format": 1}'])
def test_other_files_are_refused_in_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(RefusedError) as caught:
        read_limits(tmp_path / "x.json")
    assert "\n" not in str(caught.value)


def test_fewer_than_five_patients_give_no_limits() -> None:
    with pytest.raises(RefusedError, match="at least 5 patients; got 4"):
        build_limits(KEY, normal_maps(4), source={})


def test_limits_are_found_by_sex_then_pooled_never_by_another_tracer() -> None:
    men = build_limits(KEY, normal_maps(), source={})
    pooled = build_limits(LimitsKey(**{**vars(KEY), "sex": None}), normal_maps(), source={})
    woman = LimitsKey(**{**vars(KEY), "sex": "F"})
    thallium = LimitsKey(**{**vars(KEY), "tracer": "Tl-201"})
    assert find_limits([men, pooled], KEY) == (men, "")
    entry, why = find_limits([men, pooled], woman)
    assert entry is pooled
    assert "no limits for sex F" in why
    entry, why = find_limits([men], woman)
    assert entry is None
    assert "sex F" in why
    entry, why = find_limits([men, pooled], thallium)
    assert entry is None
    assert "limits are for tracer Tc-99m, the study has Tl-201" in why
