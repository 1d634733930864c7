"""A known blob on an oblique grid."""

import numpy as np
import pytest
import torch

from myoperf.core.errors import RefusedError
from myoperf.recon.reorient import ObliqueGrid, short_axis

STEP = 5.0


def blob(centre_mm: tuple[float, float, float], shape: tuple[int, int, int] = (20, 24, 26)) -> torch.Tensor:
    """Gaussian of 15 mm at (x, y, z) in the body."""
    z, y, x = ((np.arange(n) - (n - 1) / 2) * STEP for n in shape)
    squared = (z[:, None, None] - centre_mm[2]) ** 2 + (y[:, None] - centre_mm[1]) ** 2 + (x - centre_mm[0]) ** 2
    return torch.from_numpy(np.exp(-squared / (2 * 15.0**2)).astype(np.float32))


def found_mm(made: torch.Tensor, grid: ObliqueGrid) -> np.ndarray:
    """Centre of mass of a volume on the grid, as (x, y, z) in the body."""
    weight = made.double().numpy()
    away = [(np.arange(n) - (n - 1) / 2) * grid.spacing_mm for n in grid.shape]
    mean = [(weight.sum(tuple(a for a in range(3) if a != k)) * away[k]).sum() / weight.sum() for k in range(3)]
    return np.asarray(grid.axes.T @ np.asarray(mean) + np.asarray(grid.centre_mm))


def oblique(shape: tuple[int, int, int] = (21, 22, 23)) -> ObliqueGrid:
    turn = np.linalg.qr(np.array([[1.0, 2.0, 0.5], [-1.0, 0.4, 1.0], [0.2, 1.0, 2.0]]))[0].T
    slice_, row, column = (tuple(float(v) for v in axis) for axis in turn)
    return ObliqueGrid(slice=slice_, row=row, column=column, shape=shape, spacing_mm=4.0, centre_mm=(12.0, -8.0, 5.0))  # type: ignore[arg-type]


@pytest.mark.parametrize("order", [1, 3])
def test_a_blob_lies_where_it_was(order: int) -> None:
    where = (17.0, -5.0, 9.0)
    grid = oblique()
    made = short_axis(blob(where), STEP, grid, order)
    assert made.shape == (21, 22, 23)
    np.testing.assert_allclose(found_mm(made, grid), where, atol=0.6)
    peak = np.unravel_index(int(made.argmax()), grid.shape)
    place = grid.axes.T @ ((np.asarray(peak) - (np.asarray(grid.shape) - 1) / 2) * 4.0) + np.asarray(grid.centre_mm)
    assert np.abs(place - where).max() < 4.0
    assert float(made.max()) > 0.95


@pytest.mark.parametrize("order", [1, 3])
def test_the_same_grid_gives_the_same_volume(order: int) -> None:
    volume = blob((10.0, 0.0, -12.0))
    same = ObliqueGrid(slice=(0, 0, 1), row=(0, 1, 0), column=(1, 0, 0), shape=(20, 24, 26), spacing_mm=STEP)
    torch.testing.assert_close(short_axis(volume, STEP, same, order), volume, atol=2e-5, rtol=1e-4)
    turned = ObliqueGrid(slice=(1, 0, 0), row=(0, 0, -1), column=(0, -1, 0), shape=(26, 20, 24), spacing_mm=STEP)
    expected = volume.permute(2, 0, 1).flip(1, 2)
    torch.testing.assert_close(short_axis(volume, STEP, turned, order), expected, atol=2e-5, rtol=1e-4)


def test_batch_and_outside() -> None:
    gates = torch.stack([blob((0.0, 0.0, 0.0)), blob((20.0, 0.0, 0.0))])[:, None]
    grid = oblique()
    made = short_axis(gates, STEP, grid)
    assert made.shape == (2, 1, 21, 22, 23)
    torch.testing.assert_close(made[1, 0], short_axis(gates[1, 0], STEP, grid))
    far = ObliqueGrid(
        slice=(0, 0, 1), row=(0, 1, 0), column=(1, 0, 0), shape=(4, 4, 4), spacing_mm=4.0, centre_mm=(300.0, 0.0, 0.0)
    )
    assert not short_axis(gates, STEP, far).any()


def test_refused() -> None:
    with pytest.raises(RefusedError):
        ObliqueGrid(slice=(0, 0, 1), row=(0, 1, 0), column=(0, 1, 0), shape=(4, 4, 4), spacing_mm=4.0)
    with pytest.raises(RefusedError):
        ObliqueGrid(slice=(0, 0, 1), row=(0, 1, 0), column=(1, 0, 0), shape=(4, 0, 4), spacing_mm=4.0)
    with pytest.raises(RefusedError):
        short_axis(torch.ones(4, 4), STEP, oblique())
    with pytest.raises(RefusedError):
        short_axis(torch.ones(4, 4, 4), STEP, oblique(), order=2)
