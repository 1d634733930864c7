"""How the heart lies in the body: the directions of its axes and the place of its centre.

Heart frame (u lateral, v anterior, t apex to base) and body frame (DICOM patient directions: x to the left, y to
posterior, z to the head), both in mm. The heart frame is left-handed in the body frame: u x v points to the apex.
"""

from dataclasses import dataclass

import numpy as np

from ..core.terms import Sex
from .surface import Floats

Turn = tuple[tuple[float, float, float], tuple[float, float, float], tuple[float, float, float]]
"""Three directions as rows."""

_LEFT_DEG, _DOWN_DEG = 43.0, 32.0
"""Where the usual apex points: so far from anterior to the left, and so far below the horizontal. Our choice, chosen
together with chest and diaphragm so that uncorrected images of normal hearts look like those of real patients."""


@dataclass(frozen=True, kw_only=True)
class Pose:
    """Directions of the heart's axes (rows u, v, t) in body directions, and the ellipsoid's centre (x, y, z) in mm."""

    turn: Turn
    centre_mm: tuple[float, float, float]


def pose_of(
    *, left_deg: float, down_deg: float, roll_deg: float, centre_mm: tuple[float, float, float] = (0.0, 0.0, 0.0)
) -> Pose:
    """A heart whose apex points ``left_deg`` from anterior to the left and ``down_deg`` below the horizontal.

    roll_deg : turn about the long axis; 0 has the lateral direction level, positive lifts the lateral wall.
    """
    left, down, roll = np.radians((left_deg, down_deg, roll_deg))
    base = np.array([-np.cos(down) * np.sin(left), np.cos(down) * np.cos(left), np.sin(down)])
    level = np.array([np.cos(left), np.sin(left), 0.0])
    up = np.cross(level, base)
    lateral = np.cos(roll) * level + np.sin(roll) * up
    anterior = np.cos(roll) * up - np.sin(roll) * level
    u, v, t = ((float(row[0]), float(row[1]), float(row[2])) for row in (lateral, anterior, base))
    return Pose(turn=(u, v, t), centre_mm=centre_mm)


def draw_pose(random: np.random.Generator, *, sex: Sex, bmi: float) -> Pose:
    """The pose of one person: the usual heart, with a spread, flatter and turned more to the left in heavy people.

    The spread (9 and 7 degrees), the slope with body mass (a raised diaphragm levels the heart) and the slightly
    flatter heart of women are our assumptions.
    """
    heavy = float(np.clip(bmi, 17.0, 45.0)) - 27.0
    flatter = 0.0 if sex is Sex.MALE else 2.0
    return pose_of(
        left_deg=float(np.clip(random.normal(_LEFT_DEG + 0.4 * heavy, 9.0), 20.0, 72.0)),
        down_deg=float(np.clip(random.normal(_DOWN_DEG - 0.5 * heavy - flatter, 7.0), 5.0, 52.0)),
        roll_deg=float(np.clip(random.normal(0.0, 6.0), -15.0, 15.0)),
        centre_mm=(float(random.uniform(36.0, 52.0)), float(random.uniform(-45.0, -25.0)), 0.0),
    )


def to_heart(pose: Pose, places: Floats) -> Floats:
    """Places (x, y, z) of the body in the heart frame (u, v, t); shape (3, ...), mm."""
    centre = np.asarray(pose.centre_mm).reshape(3, *[1] * (places.ndim - 1))
    heart: Floats = np.tensordot(np.asarray(pose.turn), places - centre, axes=1)
    return heart


def to_body(pose: Pose, places: Floats) -> Floats:
    """Places (u, v, t) of the heart frame in the body (x, y, z); shape (3, ...), mm."""
    centre = np.asarray(pose.centre_mm).reshape(3, *[1] * (places.ndim - 1))
    body: Floats = np.tensordot(np.asarray(pose.turn).T, places, axes=1) + centre
    return body


def grid_turn(pose: Pose) -> Turn:
    """Rotation from the directions of a transaxial grid (right = +x, up = -y, along = +z) to the heart frame."""
    u, v, t = ((row[0], -row[1], row[2]) for row in pose.turn)
    return u, v, t
