"""Torsos as people have them: sizes, what lies where, and what the body takes from the heart's photons."""

import numpy as np
import pytest

from myoperf.core.errors import RefusedError
from myoperf.core.terms import Position, Sex, Tracer
from myoperf.phantom.body import (
    HOT_GUT,
    LEFT_BREAST,
    LEFT_DOME,
    LIVER,
    breast_ml,
    draw_torso,
    positioned,
    second_state,
)
from myoperf.phantom.pose import Pose, draw_pose, to_body
from myoperf.phantom.surface import Floats
from myoperf.phantom.torso import Solid, Torso, torso_at

REACH = (34.0, 62.0)


def person(
    number: int, sex: Sex, bmi: float, *, tracer: Tracer = Tracer.TC99M, hot_gut: float | None = None
) -> tuple[Torso, Pose]:
    random = np.random.default_rng([number, 77])
    pose = draw_pose(random, sex=sex, bmi=bmi)
    torso = draw_torso(random, sex=sex, bmi=bmi, pose=pose, reach_mm=REACH, tracer=tracer, hot_gut=hot_gut)
    return torso, pose


def solid(torso: Torso, name: str) -> Solid:
    found = torso.find(name)
    assert found is not None
    return found


def seen(torso: Torso, pose: Pose, place: Floats) -> float:
    """Mean share of photons that leave the body from a place of the heart, over the usual arc."""
    start = to_body(pose, place)
    path = np.arange(2.5, 320.0, 5.0)
    left = []
    for degrees in np.arange(-45.0, 135.0, 12.0):
        angle = np.radians(degrees)
        x, y = start[0] + np.sin(angle) * path, start[1] - np.cos(angle) * path
        _, mu = torso_at(torso, x, y, start[2], step_mm=5.0, tracer=Tracer.TC99M)
        left.append(np.exp(-mu.sum() * 0.5))
    return float(np.mean(left))


def across(torso: Torso, axis: int) -> float:
    """Width of the body along x (0) or y (1) at the heart, mm."""
    far = np.arange(-320.0, 320.0, 1.0)
    places = [far if k == axis else 0.0 for k in range(2)]
    _, mu = torso_at(torso, places[0], places[1], -100.0, step_mm=1.0, tracer=Tracer.TC99M)
    return float((mu > 0.02).sum())


@pytest.mark.parametrize(("bmi", "wide", "deep"), [(20.0, (265, 345), (165, 225)), (28.0, (310, 390), (195, 260)),
                                                  (40.0, (370, 470), (245, 340))])  # fmt: skip
def test_chests_of_men_grow_with_body_mass(bmi: float, wide: tuple[int, int], deep: tuple[int, int]) -> None:
    torso, _ = person(1, Sex.MALE, bmi)
    assert wide[0] < across(torso, 0) < wide[1]
    assert deep[0] < across(torso, 1) < deep[1]


def test_the_heart_lies_in_soft_tissue_inside_the_body_with_lung_beside() -> None:
    for number in range(12):
        torso, pose = person(number, Sex.FEMALE if number % 2 else Sex.MALE, 20.0 + 2 * number)
        angle = np.linspace(0, 2 * np.pi, 24)
        wall = np.stack([0.9 * REACH[0] * np.cos(angle), 0.9 * REACH[0] * np.sin(angle), 0 * angle])
        axis = np.stack([0 * angle, 0 * angle, np.linspace(-0.95 * REACH[1], 40.0, 24)])
        for places in (wall, axis):
            _, mu = torso_at(torso, *to_body(pose, places), step_mm=1.0, tracer=Tracer.TC99M)
            assert mu.min() > 0.13
        outside = to_body(pose, np.array([REACH[0] + 14.0, 8.0, -10.0]))
        _, beside = torso_at(torso, *outside, step_mm=1.0, tracer=Tracer.TC99M)
        assert beside > 0.0


def test_attenuation_takes_from_men_most_at_the_inferior_wall_and_from_women_more_in_front() -> None:
    parts = {}
    for sex in Sex:
        share = []
        for number in range(8):
            torso, pose = person(number, sex, 28.0, hot_gut=0.0)
            places = (np.array([0.0, 28.0, 0.0]), np.array([0.0, -28.0, 0.0]))
            share.append([seen(torso, pose, place) for place in places])
        parts[sex] = np.mean(share, axis=0)
    front, below = parts[Sex.MALE]
    assert below < 0.85 * front
    assert parts[Sex.FEMALE][1] / parts[Sex.FEMALE][0] > below / front + 0.04
    assert 0.15 < below < front < 0.55


def test_the_breast_shades_the_anterior_wall() -> None:
    torso, pose = person(3, Sex.FEMALE, 34.0)
    bare = Torso(solids=tuple(s for s in torso.solids if s.name != LEFT_BREAST))
    place = np.array([0.0, 26.0, -15.0])
    assert seen(torso, pose, place) < 0.95 * seen(bare, pose, place)


def test_breasts_and_liver_can_be_read_from_the_values() -> None:
    assert breast_ml(Sex.FEMALE, 22.0) == pytest.approx(330.0)
    assert breast_ml(Sex.FEMALE, 30.0) == pytest.approx(660.0)
    assert breast_ml(Sex.MALE, 25.0) < 40.0
    women = [solid(person(k, Sex.FEMALE, 30.0)[0], LEFT_BREAST).volume_ml / 2 for k in range(30)]
    assert 500.0 < np.median(women) < 850.0
    liver = solid(person(0, Sex.MALE, 26.0)[0], LIVER)
    assert liver.centre[0] < 0
    assert 0.2 <= liver.uptake <= 0.62


def test_hot_gut_lies_under_the_inferior_wall_as_often_as_asked() -> None:
    torso, pose = person(4, Sex.MALE, 27.0, hot_gut=1.0)
    loop = solid(torso, HOT_GUT)
    below = np.asarray(pose.turn) @ (np.asarray(loop.centre) - np.asarray(pose.centre_mm))
    assert -REACH[0] - 34.0 < below[1] < -REACH[0] - 10.0
    assert loop.uptake >= 0.6
    assert person(4, Sex.MALE, 27.0, hot_gut=0.0)[0].find(HOT_GUT) is None
    usual = np.mean([person(k, Sex.MALE, 27.0)[0].find(HOT_GUT) is not None for k in range(300)])
    assert usual == pytest.approx(0.07, abs=0.04)


def test_thallium_is_warmer_in_lung_and_muscle() -> None:
    for name in ("left lung", "chest wall"):
        both = [
            np.mean([solid(person(k, Sex.MALE, 27.0, tracer=tracer)[0], name).uptake for k in range(20)])
            for tracer in (Tracer.TC99M, Tracer.TL201)
        ]
        assert both[1] > 1.5 * both[0]


def test_exercise_cools_the_liver_and_lays_the_breast_anew() -> None:
    rest, _ = person(2, Sex.FEMALE, 30.0)
    ran = second_state(np.random.default_rng(1), rest, exercise=True)
    lay = second_state(np.random.default_rng(1), rest, exercise=False)
    assert 0.4 < solid(ran, LIVER).uptake / solid(rest, LIVER).uptake < 0.85
    assert solid(lay, LIVER).uptake >= 0.9 * solid(rest, LIVER).uptake
    assert solid(ran, LEFT_BREAST).centre != solid(rest, LEFT_BREAST).centre
    assert solid(ran, LEFT_BREAST).axes == solid(rest, LEFT_BREAST).axes
    assert solid(ran, "left lung") == solid(rest, "left lung")
    assert ran == second_state(np.random.default_rng(1), rest, exercise=True)


@pytest.mark.parametrize("position", [Position.PRONE, Position.UPRIGHT])
def test_prone_and_upright_free_the_inferior_wall(position: Position) -> None:
    gained = []
    for number in range(8):
        supine, pose = person(number, Sex.MALE, 30.0, hot_gut=0.0)
        assert positioned(supine, Position.SUPINE) is supine
        other = positioned(supine, position)
        assert solid(other, LEFT_DOME).centre[2] < solid(supine, LEFT_DOME).centre[2] - 8.0
        place = np.array([0.0, -28.0, 0.0])
        gained.append(seen(other, pose, place) / seen(supine, pose, place))
    assert np.mean(gained) > 1.02


def test_equal_streams_give_equal_torsos_and_odd_people_are_refused() -> None:
    assert person(9, Sex.FEMALE, 25.0) == person(9, Sex.FEMALE, 25.0)
    with pytest.raises(RefusedError, match="body mass index"):
        person(0, Sex.MALE, 5.0)
    with pytest.raises(RefusedError, match="hot gut"):
        person(0, Sex.MALE, 25.0, hot_gut=1.5)
