import numpy as np
import pytest
from shell import Shell, make

from myoperf.core.errors import RefusedError
from myoperf.core.polar import PolarMap
from myoperf.quant.locate import Image, locate
from myoperf.quant.sampling import polar_map
from myoperf.quant.surface import Surface, trace


def traced(shell: Shell, counts: Image | None = None) -> tuple[Surface, PolarMap]:
    image = make(shell) if counts is None else counts
    surface = trace(image, shell.spacing, locate(image, shell.spacing, source="shell"))
    return surface, polar_map(surface, state=None, source="shell")


@pytest.mark.parametrize("spacing", [(6.0, 6.0, 6.0), (4.0, 4.0, 4.0), (6.6, 3.3, 3.3)])
@pytest.mark.parametrize("radius", [20.0, 27.0, 36.0])
def test_the_mid_wall_is_found(spacing: tuple[float, float, float], radius: float) -> None:
    centre_mm = (90.0, 138.0, 150.0)
    shell = Shell(
        spacing=spacing,
        shape=(int(216 / spacing[0]), int(280 / spacing[1]), int(290 / spacing[2])),
        centre=(centre_mm[0] / spacing[0], centre_mm[1] / spacing[1], centre_mm[2] / spacing[2]),
        radius=radius,
    )
    surface, _ = traced(shell)
    body = surface.radius_mm[surface.cap_rows : int(surface.end_row) - 1]
    assert np.median(body) == pytest.approx(radius, abs=2.0)
    points = surface.rays.points(surface.radius_mm)
    assert points[0, :, 0].mean() == pytest.approx(centre_mm[0] - radius, abs=4.5)
    assert points[surface.cap_rows + 2].mean(axis=0)[1:] == pytest.approx(centre_mm[1:], abs=1.5)


def test_a_uniform_shell_gives_an_even_map_with_weights_that_sum_to_one() -> None:
    _, polar = traced(Shell())
    assert polar.weight.sum() == pytest.approx(1)
    inner = polar.values[3:18]
    assert inner.std() / inner.mean() < 0.06
    assert np.percentile(polar.values, 99) == pytest.approx(100, abs=5)


@pytest.mark.parametrize(("start", "width"), [(60.0, 60.0), (240.0, 60.0), (330.0, 60.0), (150.0, 60.0)])
def test_a_defect_stays_where_it_is(start: float, width: float) -> None:
    _, polar = traced(Shell(defect=(start, width), depth=0.9))
    lowest = polar.values[8:18].mean(axis=0).argmin() * 10
    gap = abs((lowest - start - width / 2 + 180) % 360 - 180)
    assert gap <= 10
    assert polar.values[8:18].mean(axis=0).min() < 45


def test_the_contour_bridges_a_defect() -> None:
    whole, _ = traced(Shell())
    lame, _ = traced(Shell(defect=(210.0, 120.0), depth=0.95))
    rows = slice(whole.cap_rows, whole.cap_rows + 8)
    assert np.abs(whole.radius_mm[rows] - lame.radius_mm[rows]).max() < 6.0


def test_a_hot_liver_does_not_take_the_contour_away() -> None:
    shell = Shell()
    counts = make(shell)
    counts[16:30, 33:42, 18:40] += 1.5 * counts.max()
    surface, _ = traced(shell, counts)
    centre = surface.rays.points(surface.radius_mm)[surface.cap_rows + 2].mean(axis=0)
    assert centre[1:] == pytest.approx((138.0, 150.0), abs=5)


def test_a_wall_outside_the_image_is_unknown_not_zero() -> None:
    shell = Shell(centre=(14.0, 23.0, 25.0))
    counts = make(shell)[:, :, : int(25 + 27 / 6)]
    _, polar = traced(shell, np.ascontiguousarray(counts))
    assert np.isnan(polar.values).any()
    assert np.isfinite(polar.values[10, 9:27]).all()
    assert np.nanmin(polar.values[8:16]) > 40


@pytest.mark.parametrize("what", ["zeros", "constant", "ball"])
def test_what_is_no_heart_is_refused(what: str) -> None:
    image = np.zeros((30, 40, 40), np.float32)
    if what == "constant":
        image += 50
    if what == "ball":
        z, y, x = np.indices(image.shape)
        image[(z - 15) ** 2 + (y - 20) ** 2 + (x - 20) ** 2 < 49] = 100
    with pytest.raises(RefusedError, match=r"study.dcm: .*; got .*; "):
        locate(image, (6.0, 6.0, 6.0), source="study.dcm")
