"""Real check of alenezi2025_unet's wall: the wall of the left ventricle in gated long-axis planes that experts drew.

    python validation/lv_wall_real.py DIR [--folds 5] [--steps 300] [--every 2] [--seed 0]

DIR holds gated_radial.npz: names (n), data (n, 32, 32, 32), epi and endo of that shape. Axis 0 of a volume runs along
the ventricle, axis 1 across it, axis 2 is the ANGLE of the plane through the axis: a voxel stands for a piece of the
body as large as its distance from the axis, so Dice stands plain and with that weight, and distances between volumes
are taken between places in space. The wall is what lies within epi and not within endo. Patients (the first word of a
name: gates and series go with it) are dealt to folds; every plane is marked once by a network that was told nothing of
its patient, and sees the planes to its left and right beside it (half a turn on, the first plane follows the last, its
sides changed). The network has three classes, background, wall and cavity, so that the outer surface (wall and cavity)
and the inner one (cavity) have distances of their own: at the base, epi less endo leaves slivers one
voxel thin across the cavity, which come and go from plane to plane. Voxel size is not known: distances are in voxels.
"Next plane" says how far the experts' own neighbouring planes are apart.
"""

import argparse
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from masks_by_patient import Drawn, dice_of, folds_of, marked, mean_of, sized, told
from scipy.spatial import KDTree

from myoperf.core.terms import RESEARCH_USE
from myoperf.evaluate.overlap import boundary, judge_pair
from myoperf.recipe import UNet, changed, variant
from myoperf.recipes import load_recipe


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--lr", type=float, default=3e-3)
    parser.add_argument("--every", type=int, default=2, help="of the planes that train, each n-th")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    path = given.folder / "gated_radial.npz"
    if not path.exists():
        print(f"skipped: no {path}")
        return
    with np.load(path, allow_pickle=False) as held:
        names, data, epi, endo = held["names"], held["data"], held["epi"], held["endo"]
    wall = epi & ~endo
    volumes, planes = len(data), data.shape[3]
    patients = np.array([str(name).partition("_")[0] for name in names])
    of_plane = np.repeat(patients, planes)
    changes = {
        "views.0.size": int(data.shape[1]),
        "views.0.channels": 3,
        "targets.0.classes": ("background", "wall", "cavity"),
        "system.network": UNet(channels=(16, 32, 64), classes=3),
    }
    recipe = changed(replace(variant(load_recipe("alenezi2025_unet"), "robust"), assumed={}), changes)
    recipe = sized(recipe, steps=given.steps, batch=given.batch, lr=given.lr)
    classes = wall.astype(np.uint8) + 2 * endo.astype(np.uint8)
    drawn = Drawn(images=_planes_beside(data), masks=_planes(classes), patient=of_plane)
    started = time.monotonic()
    folds = folds_of(of_plane, most=given.folds, seed=given.seed)
    after, _ = marked(recipe, drawn, folds, every=given.every, seed=given.seed)
    called = np.moveaxis(after.reshape(volumes, planes, *after.shape[1:]), 1, 3)
    print(f"\nalenezi2025_unet, wall, 2-D planes, {given.steps} steps a fold, {len(folds)} folds by patient;", end=" ")
    print(f"{volumes} volumes, {len(set(patients))} patients, {time.monotonic() - started:.0f} s. {RESEARCH_USE}")
    _print(wall, called == 1, patients)
    pairs = {"outer surface": (epi | endo, called > 0), "inner surface": (endo, called == 2)}
    for said, (truth, found) in {"wall": (wall, called == 1), **pairs}.items():
        _surfaces(said, truth, found, patients)


def _planes_beside(volumes: np.ndarray) -> np.ndarray:
    """Each plane with the one before and the one behind it, (volumes x angles, rows, columns, 3)."""
    before = np.concatenate([volumes[:, :, ::-1, -1:], volumes[..., :-1]], axis=3)
    behind = np.concatenate([volumes[..., 1:], volumes[:, :, ::-1, :1]], axis=3)
    return np.stack([_planes(one) for one in (before, volumes, behind)], axis=-1)


def _surfaces(said: str, truth: np.ndarray, called: np.ndarray, patients: np.ndarray) -> None:
    """Distances of one surface in every plane, and of the experts' neighbouring planes."""
    of_plane = np.repeat(patients, truth.shape[3])
    found = [judge_pair(a, b).figures for a, b in zip(_planes(truth), _planes(called), strict=True)]
    some = slice(None, None, 8)
    beside = [
        judge_pair(a, b).figures
        for a, b in zip(_planes(truth[some, ..., :-1]), _planes(truth[some, ..., 1:]), strict=True)
    ]
    for name in ("hausdorff", "hd95", "assd"):
        values = np.array([one.get(name, np.nan) for one in found])
        low, high = _median_interval(values, of_plane)
        experts = np.nanmedian([one.get(name, np.nan) for one in beside])
        line = f"{said}, median {name} of a plane, voxels"
        print(f"{line:46} {np.nanmedian(values):.2f} [{low:.2f}–{high:.2f}]; next plane of the experts {experts:.2f}")


def _planes(volumes: np.ndarray) -> np.ndarray:
    """(volumes, rows, columns, angles) to (volumes x angles, rows, columns)."""
    return np.moveaxis(volumes, 3, 1).reshape(-1, *volumes.shape[1:3])


def _print(wall: np.ndarray, called: np.ndarray, patients: np.ndarray) -> None:
    middle = (wall.shape[2] - 1) / 2
    radius = np.abs(np.arange(wall.shape[2]) - middle)[None, :, None] * np.ones(wall.shape[1:])
    plain = np.array([dice_of(a, b) for a, b in zip(wall, called, strict=True)])
    weighted = np.array([dice_of(a, b, radius) for a, b in zip(wall, called, strict=True)])
    planes = [judge_pair(a, b) for a, b in zip(_planes(wall), _planes(called), strict=True)]
    in_plane = np.array([one.figures.get("hausdorff", np.nan) for one in planes])
    in_space = np.array([_distance(a, b) for a, b in zip(wall, called, strict=True)])
    print(told("wall Dice of a volume, radius-weighted", mean_of(weighted, patients, "volumes"), "0.85"))
    print(told("wall Dice of a volume, plain", mean_of(plain, patients, "volumes"), "0.85"))
    for said, values, whose in (
        ("median Hausdorff of a plane, voxels", in_plane, np.repeat(patients, wall.shape[3])),
        ("median Hausdorff of a volume in space, voxels", in_space, patients),
    ):
        low, high = _median_interval(values, whose)
        found = np.nanmedian(values)
        print(f"{said:46} {found:.2f} [{low:.2f}–{high:.2f}]  n {len(set(patients))} patients  wanted 2")
    for patient in np.unique(patients):
        part = patients == patient
        print(f"  {patient}: {part.sum()} volumes, Dice {weighted[part].mean():.3f} weighted", end=", ")
        print(f"{plain[part].mean():.3f} plain, median Hausdorff in space {np.median(in_space[part]):.2f} voxels")


def _distance(truth: np.ndarray, called: np.ndarray) -> float:
    """Hausdorff distance between the rims of two walls, each voxel where it lies in the body."""
    first, second = _places(truth), _places(called)
    if not len(first) or not len(second):
        return float("nan")
    there, back = KDTree(second).query(first)[0], KDTree(first).query(second)[0]
    return float(max(np.max(there), np.max(back)))


def _places(mask: np.ndarray) -> np.ndarray:
    """Rims of all planes: along the axis, and across it at the plane's angle of half a turn in all."""
    found = []
    for plane in range(mask.shape[2]):
        rows, columns = np.nonzero(boundary(mask[:, :, plane]))
        angle, radius = np.pi * plane / mask.shape[2], columns - (mask.shape[1] - 1) / 2
        found.append(np.stack([rows, radius * np.cos(angle), radius * np.sin(angle)], axis=1))
    return np.concatenate(found)


def _median_interval(values: np.ndarray, patients: np.ndarray) -> tuple[float, float]:
    """Percentile interval of the median, whole patients drawn 2000 times."""
    rng, names = np.random.default_rng(0), np.unique(patients)
    groups = [values[patients == name] for name in names]
    drawn = [
        np.nanmedian(np.concatenate([groups[k] for k in rng.integers(0, len(names), len(names))])) for _ in range(2000)
    ]
    return float(np.percentile(drawn, 2.5)), float(np.percentile(drawn, 97.5))


if __name__ == "__main__":
    main()
