"""The cache: keys tell parts apart, files are whole, a broken one counts as absent."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from myoperf.core.terms import State, Tracer
from myoperf.io.cache import FOLDER, Cache, cache_beside, cache_key


@dataclass(frozen=True)
class Settings:
    rings: int
    name: str = "a"


def test_what_is_put_is_got(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "c")
    key = cache_key("x", 1)
    assert cache.get(key) is None
    cache.put(key, {"a": np.arange(6).reshape(2, 3), "b": np.array(2.5)})
    kept = cache.get(key)
    assert kept is not None
    np.testing.assert_array_equal(kept["a"], np.arange(6).reshape(2, 3))
    assert kept["b"] == 2.5
    assert not [p for p in (tmp_path / "c").rglob("*") if p.name.endswith(".part")]


def test_parts_that_differ_give_keys_that_differ(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"1")
    parts = [
        (), ("",), ("a", "b"), ("ab",), (b"ab",), (1,), (1.0,), (True,), (None,), ("1",), (("a", "b"),),
        (["a", ("b",)],),
        ({"a": 1},), ({"a": 2},), ({"b": 1},), (Settings(1),), (Settings(2),), (Settings(1, "b"),), (State.REST,),
        (Tracer.TL201,), (np.zeros(2),), (np.zeros(2, np.float32),), (np.zeros((2, 1)),), (frozenset({1, 2}),),
        (tmp_path / "f",),
    ]  # fmt: skip
    assert len({cache_key(*part) for part in parts}) == len(parts)
    assert cache_key(tmp_path / "f") == cache_key(b"1")
    assert cache_key({"a": 1, "b": 2}) == cache_key({"b": 2, "a": 1})


def test_keys_are_the_same_in_another_process() -> None:
    code = "from myoperf.io.cache import cache_key; print(cache_key({'a', 'b', 'c'}, {'x': 1.5}, 'é'))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == cache_key({"a", "b", "c"}, {"x": 1.5}, "é")


@pytest.mark.parametrize("part", [object(), lambda: 1, np.array([object()])])
def test_what_has_no_content_is_no_part(part: object) -> None:
    with pytest.raises(TypeError, match="cache key"):
        cache_key(part)


def test_a_broken_file_counts_as_absent(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    key = cache_key("x")
    cache.put(key, {"a": np.arange(100)})
    (path,) = tmp_path.rglob("*.npz")
    whole = path.read_bytes()
    for broken in (b"", whole[:50], whole[: len(whole) // 2], b"no archive"):
        path.write_bytes(broken)
        assert cache.get(key) is None


def test_pickled_objects_are_never_loaded(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    key = cache_key("x")
    cache.put(key, {"a": np.arange(1)})
    (path,) = tmp_path.rglob("*.npz")
    np.savez(path, a=np.array([{"code": 1}], dtype=object))
    assert cache.get(key) is None


def test_the_cache_lies_beside_the_table(tmp_path: Path) -> None:
    (tmp_path / "cohort.csv").touch()
    assert cache_beside(tmp_path / "cohort.csv").folder == tmp_path / FOLDER == cache_beside(tmp_path).folder


def test_nothing_is_written_beside_a_cohort_that_is_marked_read_only(tmp_path: Path) -> None:
    folder = tmp_path / "cohort"
    folder.mkdir()
    folder.chmod(0o555)
    cache = cache_beside(folder / "cohort.csv")
    cache.put(cache_key("a"), {"x": np.ones(3)})
    assert not list(folder.iterdir())
    assert cache.get(cache_key("a")) is None
    folder.chmod(0o755)
