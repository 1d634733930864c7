"""Where a point falls, what attenuation leaves of it, how wide it becomes, and that ``back`` is the transpose."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from myoperf.core.errors import RefusedError
from myoperf.physics.collimator import LEHR, Collimator
from myoperf.physics.orbit import Orbit
from myoperf.physics.projector import Projector

REFERENCE = Path(__file__).resolve().parents[1] / "reference" / "projector_pytomography.json"


def point(shape: tuple[int, int, int], place: tuple[int, int, int]) -> torch.Tensor:
    volume = torch.zeros(shape)
    volume[place] = 1.0
    return volume


def disc(slices: int, side: int, radius: float) -> torch.Tensor:
    place = torch.arange(side) - (side - 1) / 2
    return (torch.hypot(place[:, None], place) < radius).float().expand(slices, side, side).contiguous()


def random_case(shape: tuple[int, int, int], seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    draw = torch.Generator().manual_seed(seed)
    return torch.rand(shape, generator=draw), 0.2 * torch.rand(shape, generator=draw)


@pytest.mark.parametrize(
    ("angle", "what"),
    [(0.0, "front"), (90.0, "left"), (180.0, "back"), (270.0, "right"), (-90.0, "right")],
)
def test_a_point_to_the_left_and_behind_falls_where_the_frame_says(angle: float, what: str) -> None:
    x_column, y_row = 6, 5  # 2.5 voxels to the left and 1.5 behind of the middle, 3.5
    bin_ = {"front": x_column, "left": y_row, "back": 7 - x_column, "right": 7 - y_row}[what]
    made = Projector((3, 8, 8), 5.0, Orbit(views=1, start_deg=angle)).forward(point((3, 8, 8), (2, y_row, x_column)))
    assert made[0, 2, bin_] == 1.0
    assert made.sum() == 1.0


def test_centre_of_mass_follows_the_angle_at_every_view() -> None:
    orbit = Orbit(views=24, start_deg=-45.0, arc_deg=360.0)
    made = Projector((1, 21, 21), 4.0, orbit).forward(point((1, 21, 21), (0, 13, 5)))[:, 0].double()
    mean = (made * (torch.arange(21) - 10.0)).sum(1) / made.sum(1)
    theta = np.radians(orbit.angles_deg)
    expected = -5 * np.cos(theta) + 3 * np.sin(theta)
    np.testing.assert_allclose(mean, expected, atol=0.06)  # what bilinear interpolation moves a single point
    np.testing.assert_allclose(made.sum(1), 1.0, atol=0.3)


def test_attenuation_of_a_point_in_a_cylinder() -> None:
    side, radius, mu = 33, 12.2, 0.15
    body = mu * disc(1, side, radius)
    orbit = Orbit(views=4, start_deg=0.0, arc_deg=360.0)
    made = Projector((1, side, side), 10.0, orbit, body).forward(point((1, side, side), (0, 16, 20)))
    # from column 20 (4 to the left) to the border at 12.5 voxels: half a voxel and all that lie between
    row = body[0, 16]
    left = mu * (0.5 + (row[21:] > 0).sum())
    right = mu * (0.5 + (row[:20] > 0).sum())
    across = mu * (0.5 + (body[0, :16, 20] > 0).sum())
    expected = np.exp([-across, -left, -across, -right])
    np.testing.assert_allclose(made.sum((1, 2)), expected, rtol=1e-5)
    assert left == pytest.approx(mu * (12.5 - 4), abs=1e-6)


@pytest.mark.parametrize("angle", [0.0, 90.0])
def test_blur_has_the_width_of_the_formula(angle: float) -> None:
    side, step = 65, 2.0
    for row, column in ((32, 32), (12, 12), (50, 50)):
        y, x = (row - 32) * step, (column - 32) * step
        distance = 180.0 - (x if angle else -y)
        projector = Projector((side,) * 3, step, Orbit(views=1, start_deg=angle, radius_mm=180.0), None, LEHR)
        made = projector.forward(point((side,) * 3, (32, row, column)))[0].double()
        assert made.sum() == pytest.approx(1.0, abs=1e-5)
        place = (torch.arange(side) - 32.0) * step
        for axis in (0, 1):
            profile = made.sum(1 - axis)
            mean = (profile * place).sum()
            sd = torch.sqrt((profile * (place - mean) ** 2).sum())
            # cut at three standard deviations of the widest, so at most 1.5 % narrower
            assert float(sd) * 2.3548 == pytest.approx(float(LEHR.fwhm_mm(distance)), rel=0.015)


def test_fwhm_by_hand() -> None:
    # 2 x (10 + 90 + 0) / 10 = 20 mm from the holes, 15 mm of the detector: 25 mm together
    made = Collimator(intrinsic_mm=15.0, hole_mm=2.0, length_mm=12.0, gap_mm=0.0, septa_per_cm=10.0)
    assert float(made.fwhm_mm(90.0)) == pytest.approx(25.0)
    assert float(LEHR.fwhm_mm(100.0)) == pytest.approx(7.2, abs=0.05)


@pytest.mark.parametrize("shape", [(6, 16, 16), (5, 12, 16), (5, 16, 12), (7, 15, 15)])
@pytest.mark.parametrize("radius_mm", [150.0, tuple(120.0 + 5 * k for k in range(9))])
def test_back_is_the_transpose(shape: tuple[int, int, int], radius_mm: float | tuple[float, ...]) -> None:
    x, mu = random_case(shape)
    orbit = Orbit(views=9, start_deg=13.0, arc_deg=270.0, radius_mm=radius_mm)
    for collimator in (None, LEHR):
        for map_ in (None, mu):
            projector = Projector(shape, 12.0, orbit, map_, collimator)
            y = torch.rand(projector.projection_shape, generator=torch.Generator().manual_seed(2)) - 0.3
            forth = (projector.forward(x - 0.5).double() * y).sum()
            back = ((x - 0.5).double() * projector.back(y)).sum()
            assert float(forth) == pytest.approx(float(back), rel=1e-5, abs=1e-5)


def test_rotation_is_that_of_grid_sample() -> None:
    x, _ = random_case((2, 11, 11))
    orbit = Orbit(views=1, start_deg=33.0)
    theta = np.radians(33.0)
    place = (torch.arange(11) - 5.0) / 5.0
    towards, across = -place[:, None], place[None, :]
    grid = torch.stack(
        [across * np.cos(theta) + towards * np.sin(theta), across * np.sin(theta) - towards * np.cos(theta)], dim=-1
    )[None].float()
    turned = torch.nn.functional.grid_sample(x[None], grid, align_corners=True)[0]
    np.testing.assert_allclose(Projector((2, 11, 11), 5.0, orbit).forward(x)[0], turned.sum(1), atol=1e-5)


def test_views_and_batches_are_taken_apart() -> None:
    x, mu = random_case((4, 16, 16))
    projector = Projector((4, 16, 16), 10.0, Orbit(views=6), mu, LEHR)
    whole = projector.forward(x)
    assert torch.equal(projector.forward(x, [4, 1]), whole[[4, 1]])
    both = projector.forward(torch.stack([x, 2 * x])[:, None])
    assert both.shape == (2, 1, 6, 4, 16)
    assert torch.equal(both[0, 0], whole)
    assert torch.equal(projector.back(whole), projector.back(torch.stack([whole, whole]))[1])
    assert float(projector.forward(point((4, 16, 16), (1, 8, 8))).min()) >= 0.0


def test_refused() -> None:
    orbit = Orbit(views=4)
    projector = Projector((4, 8, 8), 10.0, orbit)
    for wrong in (
        lambda: projector.forward(torch.zeros(4, 8, 9)),
        lambda: projector.forward(torch.zeros(4, 8, 8).double()),
        lambda: projector.forward(torch.zeros(4, 8, 8), [4]),
        lambda: projector.back(torch.zeros(5, 4, 8)),
        lambda: Projector((4, 8, 8), 10.0, orbit, torch.zeros(4, 8, 9)),
        lambda: Projector((4, 8, 8), 0.0, orbit),
        lambda: Orbit(views=0),
        lambda: Orbit(views=4, arc_deg=0.0),
        lambda: Orbit(views=4, radius_mm=(200.0, 210.0)),
        lambda: Collimator(intrinsic_mm=3.0, hole_mm=1.0, length_mm=0.5),
    ):
        with pytest.raises(RefusedError):
            wrong()


def reference_case() -> tuple[torch.Tensor, torch.Tensor, Orbit]:
    """The case of ``tests/reference/projector_pytomography.py``: made of formulas, so no random numbers are needed."""
    z, y, x = np.indices((6, 24, 24))
    inside = np.hypot(y - 11.5, x - 11.5) < 11
    activity = inside * (1 + np.sin(0.9 * x + 0.4 * z) * np.cos(0.7 * y))
    mu = inside * (0.15 + 0.1 * np.cos(0.5 * x - 0.3 * y + z))
    orbit = Orbit(views=5, start_deg=-45.0, arc_deg=170.0, radius_mm=200.0)
    return torch.from_numpy(activity.astype(np.float32)), torch.from_numpy(mu.astype(np.float32)), orbit


def test_projections_are_those_of_pytomography() -> None:
    """Numbers frozen from PyTomography 3.4.0, which is too heavy to be asked for here."""
    frozen = np.asarray(json.loads(REFERENCE.read_text(encoding="utf-8"))["projections"])
    activity, mu, orbit = reference_case()
    made = Projector((6, 24, 24), 16.0, orbit, mu, LEHR).forward(activity).numpy()
    assert np.abs(made - frozen).max() <= 1e-5 * frozen.max()
