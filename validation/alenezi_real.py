"""Real check of alenezi2025_unet: the heart on gated projections that people marked by hand.

    python validation/alenezi_real.py DIR [--variant robust] [--steps 400] [--virtual 40] [--seed 0]

DIR holds heart_masks.npz: names (n), series (n), images (n, 64, 64) uint8, masks (n, 64, 64) bool. Series with the same
core of their name are of one patient, whole: SGATE_T001_DS, SGATE-1_T001_DS and RGATE_T001_DS are T001. Cores are left
out in turn (five folds where there are more than five), so that every frame is marked once by a network that was told
nothing of its patient. Augmentation, window and loss were fixed beforehand; virtual frames, steps and batch were
settled after the first figures of two patients had been seen, so theirs are not those of untouched patients. As
patients are few, frames of virtual patients train beside them, half of every batch: gated projections of the phantom
with its full physics, smoothed, the heart widened until its area is nearest to that of the real masks that train.
"""

import argparse
import re
import tempfile
import time
from pathlib import Path

import numpy as np
from masks_by_patient import Drawn, dice_of, folds_of, marked, mean_of, sized, told
from scipy.ndimage import binary_dilation, gaussian_filter

from myoperf.core.terms import RESEARCH_USE
from myoperf.evaluate.overlap import judge_pair
from myoperf.phantom.clinic import make_cohort
from myoperf.recipe import changed, variant
from myoperf.recipes import load_recipe

CROSS = np.array([[[0, 1, 0], [1, 1, 1], [0, 1, 0]]], dtype=bool)
SMOOTH = 1.5
"""Standard deviation in pixels; single gates have few counts, and the public frames hardly show noise."""
WORDS = re.compile(r"^(R|S)GATE(-\d+)?_|_DS$")


def core_of(series: str) -> str:
    """The patient's part of the name of a series: what is left without the words for rest, stress and the filter."""
    return WORDS.sub("", WORDS.sub("", series))


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--variant", default="robust")
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--batch", type=int, default=24)
    parser.add_argument("--lr", type=float, default=2e-3)
    parser.add_argument("--virtual", type=int, default=40, help="virtual patients that train too")
    parser.add_argument("--cohort", type=Path, help="folder for them, kept; made where it is not there")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    path = given.folder / "heart_masks.npz"
    if not path.exists():
        print(f"skipped: no {path}")
        return
    with np.load(path, allow_pickle=False) as held:
        series, images, masks = held["series"], held["images"], held["masks"]
    cores = np.array([core_of(str(one)) for one in series])
    asked = changed(variant(load_recipe("alenezi2025_unet"), given.variant), {"system.training.balanced": True})
    recipe = sized(asked, steps=given.steps, batch=given.batch, lr=given.lr)
    started = time.monotonic()
    virtual = _virtual(given.virtual, given.cohort, given.seed)
    after, before = np.zeros(masks.shape, dtype=np.uint8), np.zeros(masks.shape, dtype=np.uint8)
    for held in folds_of(cores, seed=given.seed):
        whole = _with_virtual(Drawn(images=images, masks=masks.astype(np.uint8), patient=cores), held, virtual)
        out = np.concatenate([held, np.zeros(len(whole.images) - len(images), dtype=bool)])
        found = marked(recipe, whole, [out], seed=given.seed)
        after[held], before[held] = (one[: len(images)][held] for one in found)
    print(f"\nalenezi2025_unet, variant {given.variant}, {given.steps} steps a fold, seed {given.seed};", end=" ")
    print(f"{given.virtual} virtual patients beside; {len(images)} frames, {len(set(cores))} patient cores,", end=" ")
    print(f"{time.monotonic() - started:.0f} s. {RESEARCH_USE}")
    _print(masks, after > 0, cores, "with largest component", wanted=True)
    _print(masks, before > 0, cores, "without largest component", wanted=False)
    for name in np.unique(series):
        part = series == name
        dice = np.mean([dice_of(a, b) for a, b in zip(masks[part], after[part] > 0, strict=True)])
        print(f"  series {name:20} patient {core_of(str(name)):10} {part.sum():4} frames, heart Dice {dice:.3f}")


def _virtual(patients: int, folder: Path | None, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Frames of virtual patients on 64 x 64 pixels, smoothed as public frames are, and the heart on each."""
    frames, hearts = [np.zeros((0, 64, 64), dtype=np.float32)], [np.zeros((0, 64, 64), dtype=bool)]
    with tempfile.TemporaryDirectory() as spare:
        place = Path(spare) if folder is None else folder
        if patients and not (place / "cohort.csv").exists():
            make_cohort(place, preset="alenezi", patients=patients, seed=seed)
        for path in sorted((place / "frames").glob("*.npz"))[:patients]:
            with np.load(path) as held:
                frames.append(_square(gaussian_filter(held["frames"].astype(np.float32), (0, SMOOTH, SMOOTH))))
                hearts.append(_square(held["heart"]))
    return np.concatenate(frames), np.concatenate(hearts)


def _square(pictures: np.ndarray) -> np.ndarray:
    """The pictures in the middle of 64 x 64 pixels."""
    made = np.zeros((len(pictures), 64, 64), dtype=pictures.dtype)
    rows, columns = ((64 - length) // 2 for length in pictures.shape[1:])
    made[:, rows : rows + pictures.shape[1], columns : columns + pictures.shape[2]] = pictures
    return made


def _with_virtual(drawn: Drawn, held: np.ndarray, virtual: tuple[np.ndarray, np.ndarray]) -> Drawn:
    """Real frames and virtual ones; their hearts widened as the real masks that train are wide."""
    frames, hearts = virtual
    if not len(frames):
        return drawn
    wanted = float((drawn.masks[~held] > 0).sum(axis=(1, 2)).mean())
    wider = [hearts] + [binary_dilation(hearts, CROSS, iterations=k) for k in (1, 2, 3)]
    best = min(wider, key=lambda one: abs(float(one.sum(axis=(1, 2)).mean()) - wanted))
    return Drawn(
        images=np.concatenate([drawn.images.astype(np.float32), frames]),
        masks=np.concatenate([drawn.masks, best.astype(np.uint8)]),
        patient=np.concatenate([drawn.patient, np.full(len(frames), "")]),
    )


def _print(masks: np.ndarray, called: np.ndarray, cores: np.ndarray, said: str, *, wanted: bool) -> None:
    found = [judge_pair(a, b) for a, b in zip(masks, called, strict=True)]
    figures = {name: np.array([one.figures.get(name, np.nan) for one in found]) for name in found[0].figures}
    behind = np.array([dice_of(~a, ~b) for a, b in zip(masks, called, strict=True)])
    overlap = behind / (2 - behind)
    print(f"{said}:")
    marks = {"dice": "0.90", "iou": "0.82"} if wanted else {}
    for name, unit in (("dice", ""), ("iou", ""), ("precision", ""), ("recall", ""), ("hausdorff", ", pixels")):
        print("  " + told(f"heart {name}{unit}", mean_of(figures[name], cores, "frames"), marks.get(name, "")))
    print("  " + told("class-mean Dice", mean_of((figures["dice"] + behind) / 2, cores, "frames")))
    print("  " + told("class-mean IoU", mean_of((figures["iou"] + overlap) / 2, cores, "frames")))
    print("  " + told("pixel accuracy", mean_of((masks == called).mean(axis=(1, 2)), cores, "frames")))
    for core in np.unique(cores):
        part = cores == core
        print(f"    core {core}: {part.sum()} frames, Dice {figures['dice'][part].mean():.3f}", end=", ")
        apart = np.median(figures["hausdorff"][part])
        print(f"IoU {figures['iou'][part].mean():.3f}, median Hausdorff {apart:.1f} pixels")


if __name__ == "__main__":
    main()
