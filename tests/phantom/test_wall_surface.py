"""The mid-wall surface: hand-made cases on a sphere and an ellipsoid, and the way there and back."""

import numpy as np
import pytest

from myoperf.phantom.surface import MidWall, wall_table

SPHERE = MidWall(width_mm=30.0, length_mm=30.0, valve_mm=0.0, slant=0.0)
HEART = MidWall(width_mm=28.0, length_mm=60.0, valve_mm=25.0, slant=0.3)


def test_half_a_sphere_has_a_quarter_circle_of_wall() -> None:
    assert SPHERE.wall_length(np.array([0.0, 77.0, 359.0])) == pytest.approx(30.0 * np.pi / 2, rel=1e-3)


def test_places_of_the_half_sphere() -> None:
    place, normal = SPHERE.points(np.array([0.0, 1.0, 1.0, 0.5]), np.array([0.0, 0.0, 90.0, 180.0]))
    middle = 30.0 * np.sin(np.pi / 4)
    expected = [[0, 30, 0, -middle], [0, 0, 30, 0], [-30, 0, 0, -middle]]
    assert place == pytest.approx(np.array(expected), abs=0.05)
    assert normal == pytest.approx(place / 30.0, abs=0.01)


def test_area_of_the_half_sphere_up_to_half_its_wall() -> None:
    s, phi = wall_table(100, 36)
    share = SPHERE.area(s, phi)
    assert share.sum() == pytest.approx(1.0)
    assert share[s < 0.5].sum() == pytest.approx(1 - np.cos(np.pi / 4), abs=1e-3)


def test_there_and_back() -> None:
    s, phi = wall_table(15, 24)
    u, v, t = HEART.points(s, phi)[0]
    assert HEART.fraction(np.hypot(u, v), t, phi) == pytest.approx(s, abs=1e-3)
    assert np.degrees(np.arctan2(v, u)) % 360 == pytest.approx(phi, abs=1e-6)


def test_slanted_valve_leaves_the_septum_shorter_and_ends_on_the_plane() -> None:
    lateral, septal = HEART.wall_length(np.array([0.0, 180.0]))
    assert lateral > septal + 5.0
    angles = np.array([0.0, 90.0, 180.0, 300.0])
    u, _, t = HEART.points(np.ones(4), angles)[0]
    assert t == pytest.approx(25.0 + 0.3 * u, abs=0.2)
