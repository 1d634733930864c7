import importlib.util
import sys
import warnings
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from numpy.typing import NDArray

from myoperf.evaluate.overlap import boundary, boundary_distances
from myoperf.evaluate.overlap.boundaries import diagonal, directed_distances

Bools = NDArray[np.bool_]


def brute_boundary(mask: Bools) -> Bools:
    """Pixel by pixel: on the boundary if any face neighbour is outside the mask or outside the image."""
    found = np.zeros_like(mask)
    for place in np.argwhere(mask):
        for axis in range(mask.ndim):
            for step in (-1, 1):
                other = place.copy()
                other[axis] += step
                if not 0 <= other[axis] < mask.shape[axis] or not mask[tuple(other)]:
                    found[tuple(place)] = True
    return found


def brute_directed(first: Bools, second: Bools, spacing: tuple[float, ...]) -> NDArray[np.float64]:
    points, goals = np.argwhere(brute_boundary(first)), np.argwhere(brute_boundary(second))
    gaps = (points[:, None, :] - goals[None, :, :]) * np.asarray(spacing)
    return np.asarray(np.sqrt((gaps**2).sum(axis=2)).min(axis=1))


def masks() -> list[tuple[str, Bools, Bools]]:
    rng = np.random.default_rng(5)
    one, other, square = (np.zeros((9, 11), dtype=bool) for _ in range(3))
    one[2, 3] = other[7, 10] = True
    square[3:6, 2:8] = True
    volume = rng.random((2, 6, 7, 8)) < 0.4
    ball = np.hypot(*np.indices((24, 24)) - 11.5) < np.array([6.0, 9.0])[:, None, None]
    return [
        ("one pixel each", one, other),
        ("the same pixel", one, one),
        ("whole image", np.ones((9, 11), dtype=bool), square),
        ("touching the border", np.ones((9, 11), dtype=bool), one),
        ("noise", rng.random((20, 17)) < 0.5, rng.random((20, 17)) < 0.5),
        ("sparse", rng.random((40, 40)) < 0.01, rng.random((40, 40)) < 0.01),
        ("discs", ball[0], ball[1]),
        ("volumes", volume[0], volume[1]),
        ("a line", np.eye(12, dtype=bool), np.eye(12, dtype=bool)[::-1]),
    ]


@pytest.mark.parametrize(("name", "first", "second"), masks(), ids=[name for name, _, _ in masks()])
@pytest.mark.parametrize("dense", [0, 10**9], ids=["tree", "transform"])
def test_brute_force_gives_the_same(
    name: str, first: Bools, second: Bools, dense: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("myoperf.evaluate.overlap.boundaries._DENSE", dense)
    np.testing.assert_array_equal(boundary(first), brute_boundary(first))
    for spacing in ((1.0,) * first.ndim, (0.5, 2.5, 0.7)[: first.ndim]):
        there, back = (np.sort(found) for found in directed_distances(first, second, spacing))
        wanted = np.sort(brute_directed(first, second, spacing)), np.sort(brute_directed(second, first, spacing))
        exact = spacing[0] == 1.0
        for got, want in zip((there, back), wanted, strict=True):
            np.testing.assert_array_equal(got, want) if exact else np.testing.assert_allclose(got, want, rtol=1e-13)
        figures = boundary_distances(first, second, spacing)
        assert figures.hausdorff == max(there.max(), back.max()), name
        assert figures.hd95 == max(np.percentile(there, 95), np.percentile(back, 95))
        assert figures.assd == pytest.approx(np.concatenate(wanted).mean(), rel=1e-12)


@pytest.mark.parametrize(("name", "first", "second"), masks(), ids=[name for name, _, _ in masks()])
def test_monai_gives_the_same(name: str, first: Bools, second: Bools) -> None:
    import torch
    from monai.metrics.hausdorff_distance import compute_hausdorff_distance
    from monai.metrics.surface_distance import compute_average_surface_distance

    truth, predicted = (torch.from_numpy(mask[None, None].copy()) for mask in (first, second))
    for spacing in ((1.0,) * first.ndim, (0.5, 2.5, 0.7)[: first.ndim]):
        ours = boundary_distances(first, second, spacing)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # MONAI warns of its own deprecated options
            theirs = [
                compute_hausdorff_distance(predicted, truth, include_background=True, spacing=list(spacing)),
                compute_hausdorff_distance(
                    predicted, truth, include_background=True, percentile=95, spacing=list(spacing)
                ),
                compute_average_surface_distance(
                    predicted, truth, include_background=True, symmetric=True, spacing=list(spacing)
                ),
            ]
        wanted = [float(value) for value in theirs]
        assert (ours.hausdorff, ours.hd95, ours.assd) == pytest.approx(wanted, rel=1e-5, abs=1e-6), name


def test_by_hand() -> None:
    # a 3 x 3 square and its middle pixel: corners are sqrt(2) away, the sides' middles 1
    square, dot = np.zeros((5, 5), dtype=bool), np.zeros((5, 5), dtype=bool)
    square[1:4, 1:4] = dot[2, 2] = True
    found = boundary_distances(square, dot, (1.0, 1.0))
    assert found.hausdorff == np.sqrt(2)
    assert found.hd95 == pytest.approx(np.sqrt(2))
    # eight pixels one way (4 of 1, 4 of sqrt 2), one the other way, 1 from the nearest rim pixel
    assert found.assd == pytest.approx((4 + 4 * np.sqrt(2) + 1) / 9)
    stretched = boundary_distances(square, dot, (3.0, 1.0))
    assert stretched.hausdorff == pytest.approx(np.sqrt(10))


def test_no_distance_exceeds_the_diagonal() -> None:
    corner, opposite = np.zeros((4, 6), dtype=bool), np.zeros((4, 6), dtype=bool)
    corner[0, 0] = opposite[-1, -1] = True
    assert diagonal((4, 6), (2.0, 1.0)) == 10.0
    assert boundary_distances(corner, opposite, (2.0, 1.0)).hausdorff < 10.0


def bench() -> ModuleType:
    path = Path(__file__).parents[3] / "bench" / "hausdorff.py"
    spec = importlib.util.spec_from_file_location("hausdorff_bench", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["hausdorff_bench"] = module
    spec.loader.exec_module(module)
    return module


def test_the_bench_on_a_few_pairs() -> None:
    module = bench()
    found = module.measure(8, 128)
    assert found.largest_gap <= module.ROUNDING
    assert min(found.ours_ms, found.monai_ms) > 0


def test_a_large_image_costs_what_its_masks_do() -> None:
    truth, predicted = np.zeros((3000, 3000), dtype=bool), np.zeros((3000, 3000), dtype=bool)
    truth[100:2900, 200:2900] = predicted[110:2900, 200:2900] = True
    found = boundary_distances(truth, predicted, (1.0, 1.0))
    assert (found.hausdorff, found.hd95) == (10.0, 10.0)
