"""Colour scales: the default must rise in lightness all the way, so that less uptake never looks like more."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from numpy.typing import NDArray

from myoperf.core.colour import DEFAULT_SCALE, SCALES, paint


def lightness(table: NDArray[np.uint8]) -> NDArray[np.float64]:
    """CIE 1976 L* of sRGB colours under D65."""
    part = table / 255.0
    linear = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    y = linear @ np.array([0.2126, 0.7152, 0.0722])
    light: NDArray[np.float64] = np.where(y > 0.008856, 116 * np.cbrt(y) - 16, 903.3 * y)
    return light


def test_lightness_of_known_greys() -> None:
    greys = np.array([[0, 0, 0], [119, 119, 119], [255, 255, 255]], dtype=np.uint8)
    np.testing.assert_allclose(lightness(greys), [0, 50.03, 100], atol=0.05)


def test_the_scales_that_the_field_expects_are_there() -> None:
    assert set(SCALES) == {"grey", "thermal", "warm metal", "cool", "GE", "ten-step"}
    for table in SCALES.values():
        assert table.shape == (256, 3)
        assert table.dtype == np.uint8


@pytest.mark.parametrize("name", ["grey", "thermal", "warm metal"])
def test_perceptual_scales_never_fall_in_lightness(name: str) -> None:
    light = lightness(SCALES[name])
    assert np.diff(light).min() > -0.3  # rounding to 8 bits
    assert np.diff(light[::8]).min() > 0
    assert light[-1] - light[0] > 90


def test_the_default_is_perceptually_ordered() -> None:
    assert DEFAULT_SCALE == "thermal"


def test_ten_steps_are_ten_colours() -> None:
    assert len(np.unique(SCALES["ten-step"], axis=0)) == 10


def test_ends_of_the_scale() -> None:
    painted = paint(np.array([0.0, 100.0, 130.0, -5.0]), "grey")
    assert_array_equal(painted, [[0, 0, 0], [255, 255, 255], [255, 255, 255], [0, 0, 0]])


def test_what_is_unknown_is_black_and_shape_is_kept() -> None:
    painted = paint(np.array([[50.0, np.nan], [np.inf, 100.0]]))
    assert painted.shape == (2, 2, 3)
    assert_array_equal(painted[0, 1], [0, 0, 0])
    assert_array_equal(painted[1, 0], [0, 0, 0])
    assert painted[0, 0].any()


def test_an_unknown_scale_is_refused() -> None:
    with pytest.raises(KeyError, match="rainbow"):
        paint(np.zeros(1), "rainbow")
