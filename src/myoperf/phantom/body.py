"""Whose torso it is: outline, lungs, diaphragm, breasts and organs by sex and body mass, around a heart of known pose.

Lengths are of adults at the level of the heart: chests of about 30 to 43 cm across without arms and 19 to 31 cm deep.
Where no source is named, figures are our assumptions. Ribs are left out: smeared over the chest wall they would add a
few percent to its attenuation.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from ..core.errors import RefusedError
from ..core.terms import Position, Sex, Tracer
from .pose import Pose, to_body
from .torso import Material, Solid, Torso

Random = np.random.Generator
Place = tuple[float, float, float]

LEFT_BREAST, RIGHT_BREAST, HOT_GUT = "left breast", "right breast", "gut beside the heart"
LEFT_DOME, RIGHT_DOME, LIVER, LEFT_LOBE = "left diaphragm", "right diaphragm", "liver", "left lobe of the liver"
GUT = "gut"
_BELLY = (LEFT_DOME, RIGHT_DOME, LIVER, LEFT_LOBE, GUT, HOT_GUT, "stomach", "spleen", "gallbladder")
_EXCRETED = (LIVER, LEFT_LOBE, GUT, HOT_GUT, "gallbladder")

_OFFSET, _INFINITE = 0.3, float("inf")
_DOME_MM = 160.0

_WARM: dict[Tracer, dict[str, tuple[float, float]]] = {
    Tracer.TC99M: {
        "soft": (0.04, 0.10),
        "fat": (0.03, 0.06),
        "lung": (0.02, 0.06),
        "blood": (0.08, 0.16),
        LIVER: (0.20, 0.62),
        "stomach": (0.03, 0.14),
        "spleen": (0.08, 0.25),
        GUT: (0.10, 0.45),
        "kidney": (0.60, 1.10),
        "gallbladder": (1.0, 4.0),
        HOT_GUT: (0.60, 1.50),
    },
    Tracer.TL201: {
        "soft": (0.10, 0.20),
        "fat": (0.05, 0.09),
        "lung": (0.08, 0.16),
        "blood": (0.12, 0.22),
        LIVER: (0.25, 0.55),
        "stomach": (0.08, 0.25),
        "spleen": (0.2, 0.45),
        GUT: (0.20, 0.50),
        "kidney": (0.80, 1.50),
        "gallbladder": (0.2, 0.4),
        HOT_GUT: (0.40, 0.90),
    },
}
"""Uptake at rest over normal muscle. Ranges are ours: thallium leaves more in blood, lung and muscle; the technetium
agents are excreted through liver and gut, which are then as warm as the heart or warmer."""


@dataclass(frozen=True, kw_only=True)
class _Chest:
    """Half width and depth of the room inside the ribs, muscle and fat over it, and its middle in y; mm."""

    across: float
    deep: float
    muscle: float
    fat_side: float
    fat_front: float
    middle: float

    def wall_y(self, x: float) -> float:
        """Height of the inner front wall at x."""
        off = np.clip((abs(x) / self.across - _OFFSET) / (1 - _OFFSET), 0.0, 0.98)
        return float(self.middle - self.deep * np.sqrt(1 - off * off))


def draw_torso(
    random: Random,
    *,
    sex: Sex,
    bmi: float,
    pose: Pose,
    reach_mm: tuple[float, float],
    tracer: Tracer,
    hot_gut: float | None = None,
) -> Torso:
    """The torso of one person at rest, lying supine with the arms up.

    bmi : kg/m2, 14 .. 70. reach_mm : outer half widths of the left ventricle across and along its axis.
    hot_gut : chance of a hot loop right under the inferior wall; by default 0.07 for Tc-99m and 0.03 for Tl-201.
    RefusedError for another bmi or chance.
    """
    chance = (0.07 if tracer is Tracer.TC99M else 0.03) if hot_gut is None else hot_gut
    if not 14.0 <= bmi <= 70.0:
        raise RefusedError("body mass index", rule="is 14 to 70 kg/m2", came=bmi, do="give one of an adult")
    if not 0.0 <= chance <= 1.0:
        raise RefusedError("hot gut", rule="is a chance of 0 to 1", came=chance, do="give a part of the patients")
    chest = _chest(random, sex, bmi, pose, reach_mm)
    warm = {name: float(random.uniform(*limits)) for name, limits in _WARM[tracer].items()}
    top = _left_dome(random, sex, bmi)
    solids = [
        *_outline(chest, warm),
        *_breasts(random, sex, bmi, chest, warm),
        *_inside_ribs(random, chest, warm),
        *_abdomen(random, chest, warm, top, reach_mm[0]),
        *_middle(chest, warm, pose, reach_mm),
    ]
    if random.random() < chance:
        solids.insert(-3, _hot_loop(random, warm, pose, reach_mm[0]))
    return Torso(solids=tuple(solids))


def _chest(random: Random, sex: Sex, bmi: float, pose: Pose, reach_mm: tuple[float, float]) -> _Chest:
    """The chest grows with body mass mostly by fat; its middle is moved so that the apex stays inside the ribs."""
    male, heavy = sex is Sex.MALE, float(np.clip(bmi, 16.0, 50.0)) - 27.0
    size = float(np.exp(random.normal(0.0, 0.035)))
    across = (134.0 if male else 118.0) * size + 0.9 * heavy
    deep = (92.0 if male else 83.0) * size + 1.2 * heavy
    fat = np.clip((14.0 if male else 18.0) + 1.7 * heavy + random.normal(0.0, 2.0), 3.0, 60.0)
    level = _Chest(
        across=float(across),
        deep=float(deep),
        muscle=13.0 if male else 10.0,
        fat_side=float(fat),
        fat_front=float(0.6 * fat),
        middle=0.0,
    )
    apex = to_body(pose, np.array([0.0, 0.0, -reach_mm[1]]))
    return replace(level, middle=min(0.0, float(apex[1]) - 4.0 - level.wall_y(float(apex[0]))))


def _pair(name: str, material: Material, chest: _Chest, grown: tuple[float, float], uptake: float) -> list[Solid]:
    """Two upright elliptic cylinders side by side: a chest that is flat in front and behind."""
    axes = ((1 - _OFFSET) * chest.across + grown[0], chest.deep + grown[1], _INFINITE)
    return [
        Solid(name=name, material=material, centre=(x, chest.middle, 0.0), axes=axes, uptake=uptake)
        for x in (-_OFFSET * chest.across, _OFFSET * chest.across)
    ]


def _outline(chest: _Chest, warm: dict[str, float]) -> list[Solid]:
    grown = (chest.muscle + chest.fat_side, chest.muscle + chest.fat_front)
    return _pair("body", Material.FAT, chest, grown, warm["fat"])


def breast_ml(sex: Sex, bmi: float) -> float:
    """Volume of one usual breast in mL.

    Women: 330 mL at 22 kg/m2, twice that at 30; Kayar (Breast Cancer: Basic and Clinical Research 2011;5:43) weighed a
    mean of 624 mL, 150 to 1490, in 30 patients. How it goes with body mass, and men's little, are our assumptions.
    """
    usual = 330.0 * 2 ** ((bmi - 22.0) / 8.0) if sex is Sex.FEMALE else 25.0 * 2 ** ((bmi - 27.0) / 6.0)
    return float(np.clip(usual, 10.0, 1400.0))


def _breasts(random: Random, sex: Sex, bmi: float, chest: _Chest, warm: dict[str, float]) -> list[Solid]:
    """Flat ellipsoids on the chest wall, fallen to the side as in lying; half of each is hidden in the wall."""
    volume = breast_ml(sex, bmi) * float(np.exp(random.normal(0.0, 0.3)))
    wide = (2 * volume * 1000.0 / (4 / 3 * np.pi * 0.55)) ** (1 / 3)
    aside, height = chest.across * random.uniform(0.58, 0.78), random.normal(24.0, 15.0) - 0.012 * volume
    front = chest.wall_y(aside) - chest.muscle - chest.fat_front
    return [
        Solid(
            name=name,
            material=Material.FAT,
            centre=(float(side * aside), float(front), float(height + random.normal(0.0, 4.0))),
            axes=(float(wide), float(0.55 * wide), float(wide)),
            turn_deg=side * 30.0,
            uptake=warm["fat"] * 1.3,
        )
        for name, side in ((RIGHT_BREAST, -1), (LEFT_BREAST, 1))
    ]


def _inside_ribs(random: Random, chest: _Chest, warm: dict[str, float]) -> list[Solid]:
    """The muscular wall, both lungs, spine and sternum."""
    wall = _pair("chest wall", Material.SOFT, chest, (chest.muscle, chest.muscle), warm["soft"])
    lungs = [
        Solid(
            name=name,
            material=Material.LUNG,
            centre=(side * 0.53 * chest.across, chest.middle, 30.0),
            axes=(0.45 * chest.across, 0.95 * chest.deep, float(random.uniform(140.0, 165.0))),
            uptake=warm["lung"],
        )
        for name, side in (("right lung", -1.0), ("left lung", 1.0))
    ]
    back, front = chest.middle + chest.deep, chest.middle - chest.deep
    bones = [
        _bone("spine", (0.0, back - 18.0, 0.0), (21.0, 17.0, _INFINITE), warm),
        _bone("spine", (0.0, back - 3.0, 0.0), (8.0, 8.0, _INFINITE), warm),
        _bone("sternum", (0.0, front - 1.0, 45.0), (18.0, 6.0, 85.0), warm),
    ]
    return [*wall, *lungs, *bones]


def _bone(name: str, centre: Place, axes: Place, warm: dict[str, float]) -> Solid:
    return Solid(name=name, material=Material.BONE, centre=centre, axes=axes, uptake=0.6 * warm["soft"])


def _left_dome(random: Random, sex: Sex, bmi: float) -> float:
    """Height of the left half of the diaphragm over the heart's centre, mm; higher in men and in the heavy.

    Chosen so that uncorrected images of normal hearts fall off towards the inferior wall as those of real patients.
    """
    usual = (0.0 if sex is Sex.MALE else -5.0) + 0.5 * (float(np.clip(bmi, 16.0, 45.0)) - 27.0)
    return float(np.clip(random.normal(usual, 8.0), -48.0, 14.0))


def _abdomen(random: Random, chest: _Chest, warm: dict[str, float], top: float, across: float) -> list[Solid]:
    """Both halves of the diaphragm and what lies under them. top : height of the left half, mm."""
    wide, deep, middle = chest.across, chest.deep, chest.middle
    right = top + float(random.uniform(8.0, 22.0))
    lobe = min(top, -across - float(random.uniform(2.0, 24.0)))

    def soft(name: str, uptake: float, centre: Place, axes: Place) -> Solid:
        return Solid(
            name=name,
            material=Material.SOFT,
            centre=(centre[0], middle + centre[1], centre[2]),
            axes=axes,
            uptake=uptake,
        )

    return [
        *(
            soft(name, warm["soft"], (x, y, z - _DOME_MM), (0.6 * wide, 0.97 * deep, _DOME_MM))
            for name, x, y, z in (
                (RIGHT_DOME, -0.5 * wide, 0.0, right),
                (LEFT_DOME, 0.42 * wide, -0.1 * deep, top),
            )
        ),
        soft(LIVER, warm[LIVER], (-0.46 * wide, 0.02 * deep, right - 70.0), (0.45 * wide, 0.78 * deep, 62.0)),
        soft(LEFT_LOBE, warm[LIVER], (-5.0, -0.38 * deep, lobe - 28.0), (0.46 * wide, 0.42 * deep, 28.0)),
        soft("spleen", warm["spleen"], (0.6 * wide, 0.35 * deep, top - 100.0), (28.0, 38.0, 46.0)),
        *_gut(random, soft, chest, warm, top),
    ]


def _gut(
    random: Random, soft: Callable[[str, float, Place, Place], Solid], chest: _Chest, warm: dict[str, float], top: float
) -> list[Solid]:
    """Stomach, kidneys, gallbladder and loops that lie well below the heart."""
    wide, deep = chest.across, chest.deep
    loops = [
        soft(
            GUT,
            float(warm[GUT] * random.uniform(0.6, 1.4)),
            (float(x), float(-0.45 * deep), float(random.uniform(-130.0, -98.0))),
            (32.0, 19.0, 19.0),
        )
        for x in (random.uniform(-25.0, 5.0), random.uniform(25.0, 55.0), random.uniform(60.0, 85.0))
    ]
    return [
        soft("stomach", warm["stomach"], (0.46 * wide, -0.1 * deep, top - 58.0), (38.0, 40.0, 30.0)),
        soft("kidney", warm["kidney"], (-55.0, 0.6 * deep, -135.0), (24.0, 22.0, 50.0)),
        soft("kidney", warm["kidney"], (55.0, 0.6 * deep, -128.0), (24.0, 22.0, 50.0)),
        soft("gallbladder", warm["gallbladder"], (-48.0, -0.5 * deep, -120.0), (13.0, 16.0, 22.0)),
        *loops,
    ]


def _hot_loop(random: Random, warm: dict[str, float], pose: Pose, across: float) -> Solid:
    """A loop right under the inferior wall; the heart is painted over what it would take of it."""
    size = float(random.uniform(10.0, 18.0))
    below = across + size + float(random.uniform(2.0, 14.0))
    place = to_body(pose, np.array([random.uniform(-12.0, 22.0), -below, random.uniform(-20.0, 30.0)]))
    return Solid(
        name=HOT_GUT,
        material=Material.SOFT,
        centre=(float(place[0]), float(place[1]), float(place[2])),
        axes=(1.6 * size, size, size),
        turn_deg=float(random.uniform(0.0, 180.0)),
        uptake=warm[HOT_GUT],
    )


def _middle(chest: _Chest, warm: dict[str, float], pose: Pose, reach_mm: tuple[float, float]) -> list[Solid]:
    """Soft tissue between the lungs, and the bed in which left and right heart lie; last of all."""
    across, along = reach_mm

    def bed(name: str, place: Place, axes: Place) -> Solid:
        x, y, z = to_body(pose, np.asarray(place))
        centre = (float(x), float(y), float(z))
        return Solid(name=name, material=Material.SOFT, centre=centre, axes=axes, uptake=warm["blood"], turn=pose.turn)

    between = Solid(
        name="mediastinum",
        material=Material.SOFT,
        centre=(3.0, chest.middle + 0.05 * chest.deep, 40.0),
        axes=(0.24 * chest.across, 0.9 * chest.deep, 170.0),
        uptake=warm["blood"],
    )
    left = bed("left heart", (0.0, 0.0, 0.0), (across + 3.0, across + 3.0, along + 3.0))
    right = bed("right heart", (-0.8 * across, 0.0, 0.2 * along), (0.2 * across + 38.0, 38.0, 0.8 * along))
    return [between, right, left]


def second_state(random: Random, torso: Torso, *, exercise: bool) -> Torso:
    """The same person imaged after stress, from the torso at rest.

    Exercise drains liver and gut of blood and so of tracer (to 0.45 .. 0.8 of the level at rest); a vasodilator leaves
    or raises it (0.9 .. 1.35). Breasts are laid down anew (5 mm) and the diaphragm breathes elsewhere (3 mm): ours.
    """
    level = float(random.uniform(0.45, 0.8) if exercise else random.uniform(0.9, 1.35))
    loop = level * float(np.exp(random.normal(0.0, 0.4)))
    sideways, up, sunk = (float(random.normal(0.0, sd)) for sd in (5.0, 6.0, 3.0))

    def changed(solid: Solid) -> Solid:
        if solid.name in (LEFT_BREAST, RIGHT_BREAST):
            side = 1.0 if solid.name == LEFT_BREAST else -1.0
            return moved(solid, (side * sideways, 0.0, up))
        lower = moved(solid, (0.0, 0.0, sunk)) if solid.name in _BELLY and solid.name != HOT_GUT else solid
        if solid.name not in _EXCRETED:
            return lower
        return replace(lower, uptake=solid.uptake * (loop if solid.name in (GUT, HOT_GUT) else level))

    return Torso(solids=tuple(changed(solid) for solid in torso.solids))


_POSTURE = {
    Position.PRONE: ((0.0, 0.0, -14.0), (4.0, 4.0, 0.0), 0.7),
    Position.UPRIGHT: ((0.0, 0.0, -20.0), (-8.0, 0.0, -35.0), 1.1),
}
"""Shift of the belly, shift of a breast (x is away from the midline), growth of its thickness. Our assumption: the
belly falls away from the heart by one or two centimetres; the breast is pressed flat, or hangs."""


def positioned(torso: Torso, position: Position) -> Torso:
    """The supine torso in another position, in the frame of the heart: only what lies around the heart moves.

    Prone and upright lower the diaphragm with liver, spleen, stomach and gut, and lay the breasts otherwise.
    """
    if position is Position.SUPINE:
        return torso
    belly, breast, thicker = _POSTURE[position]

    def laid(solid: Solid) -> Solid:
        if solid.name in _BELLY:
            return moved(solid, belly)
        if solid.name not in (LEFT_BREAST, RIGHT_BREAST):
            return solid
        side = 1.0 if solid.name == LEFT_BREAST else -1.0
        wide, thick, high = solid.axes
        shifted = moved(solid, (side * breast[0], breast[1], breast[2]))
        return replace(shifted, axes=(wide, thick * thicker, high))

    return Torso(solids=tuple(laid(solid) for solid in torso.solids))


def moved(solid: Solid, shift_mm: Place) -> Solid:
    """A solid moved by (x, y, z) in mm."""
    x, y, z = (place + shift for place, shift in zip(solid.centre, shift_mm, strict=True))
    return replace(solid, centre=(x, y, z))
