"""How many planted copies of images are found, and how many pairs of different images are taken for copies.

Hearts: virtual patients that the cut-off was not set on (it was set on seed 101), and real ones beside the checkout
where they are: those with an odd number, as the cut-off was set on the others. Half of the copies are exact: stored in
another file under another name. The others are changed in one way: turned by any angle, by quarters or by 2 to 10
degrees; mirrored; brighter or darker, other contrast, other gamma; another size; JPEG; cropped or shifted by some
pixels; noisier by 0.5 to 2 % of the maximum; with nine counts of ten. Stress and rest of a patient, and slices of one
heart, are no copies.

    python validation/duplicates.py [--patients 50] [--copies 200] [--seed 905] [--real ../shared/data] [--each]

Passes with every exact copy, 98 % of the others, and at most one false pair in 10,000. ``--each`` changes every source
in every way too, and prints how many of each kind are found.
"""

import argparse
import io
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from myoperf.evaluate.audit.duplicates import Duplicate, find_duplicates
from myoperf.evaluate.audit.pictures import arrays_of, read_pictures
from myoperf.phantom.clinic import make_cohort
from myoperf.phantom.preset import Output

Floats = NDArray[np.float64]
Change = Callable[[Floats, np.random.Generator], Floats]
"""A change of an image with values in 0..1, (rows, columns) or (slices, rows, columns)."""


@dataclass(frozen=True, kw_only=True)
class Planted:
    """One copy: the file that it was made from, its own, and how it was changed."""

    source: Path
    copy: Path
    kind: str


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a search found. false : pairs that are no copies, of ``pairs`` in all. missed : kinds not found.

    kin : pairs of a copy and another scan of the patient that it was made from; these count as false too.
    """

    exact: tuple[int, int]
    near: tuple[int, int]
    false: tuple[Duplicate, ...]
    kin: tuple[Duplicate, ...]
    pairs: int
    missed: tuple[str, ...]

    @property
    def passes(self) -> bool:
        good = self.exact[0] == self.exact[1] and self.near[0] >= 0.98 * self.near[1]
        return good and (len(self.false) + len(self.kin)) * 10_000 <= self.pairs


def turned(image: Floats, angle: float, order: Literal[0, 1, 3] = 1) -> Floats:
    axes = (image.ndim - 2, image.ndim - 1)
    return np.asarray(ndimage.rotate(image, angle, axes=axes, reshape=False, order=order))


def turned_a_little(image: Floats, rng: np.random.Generator) -> Floats:
    """By 2 to 10 degrees either way; pictures also by taking the nearest pixel, as drawing programs do."""
    orders: tuple[Literal[0, 1, 3], ...] = (0, 1, 3) if image.ndim == 2 else (1, 3)
    return turned(image, float(rng.uniform(2, 10) * rng.choice([-1, 1])), orders[int(rng.integers(len(orders)))])


def thinned(image: Floats, rng: np.random.Generator) -> Floats:
    """Nine counts of ten, where the brightest has a hundred."""
    return np.asarray(rng.binomial(np.round(np.clip(image, 0, 1) * 100).astype(np.intp), 0.9) / 100)


def noisier(image: Floats, rng: np.random.Generator, percent: float) -> Floats:
    return np.asarray(image + rng.normal(0, percent / 100, image.shape))


def shifted(image: Floats, rng: np.random.Generator) -> Floats:
    """By up to 3 pixels, what leaves comes in on the other side."""
    return np.roll(image, tuple(rng.integers(-3, 4, 2)), (image.ndim - 2, image.ndim - 1))


def quarter(image: Floats, rng: np.random.Generator) -> Floats:
    axes = (0, 1) if image.ndim == 2 else tuple(rng.choice(3, 2, replace=False))
    return np.rot90(image, int(rng.integers(1, 4)), axes).copy()


def resized(image: Floats, rng: np.random.Generator) -> Floats:
    return np.asarray(ndimage.zoom(image, rng.choice([0.75, 1.5, 2.0]), order=1))


def cropped(image: Floats, rng: np.random.Generator) -> Floats:
    cut = rng.integers(1, 5, 4)
    return image[..., cut[0] : -cut[1], cut[2] : -cut[3]].copy()


def compressed(image: Floats, rng: np.random.Generator) -> Floats:
    quality = int(rng.integers(60, 95))
    planes = image[None] if image.ndim == 2 else image
    done = []
    for plane in planes:
        buffer = io.BytesIO()
        Image.fromarray(np.round(plane * 255).astype(np.uint8)).save(buffer, "JPEG", quality=quality)
        done.append(np.asarray(Image.open(buffer), dtype=np.float64) / 255)
    return done[0] if image.ndim == 2 else np.stack(done)


CHANGES: Mapping[str, Change] = {
    "turned by any angle": lambda image, rng: turned(image, float(rng.uniform(10, 350))),
    "turned by quarters": quarter,
    "turned a little": turned_a_little,
    "mirrored": lambda image, rng: image[..., ::-1].copy(),
    "brightness": lambda image, rng: np.clip(image * rng.uniform(0.7, 1.0) + rng.uniform(0, 0.05) * (image > 0), 0, 1),
    "contrast": lambda image, rng: np.clip((image - 0.5) * rng.uniform(0.75, 1.15) + 0.5, 0, 1),
    "gamma": lambda image, rng: image ** rng.uniform(0.75, 1.35),
    "resized": resized,
    "compressed": compressed,
    "cropped": cropped,
    "shifted": shifted,
    "thinned": thinned,
    "noisier by 0.5 to 1 %": lambda image, rng: noisier(image, rng, rng.uniform(0.5, 1)),
    "noisier by 1 to 2 %": lambda image, rng: noisier(image, rng, rng.uniform(1, 2)),
}


def plant(files: Sequence[Path], folder: Path, copies: int, rng: np.random.Generator) -> list[Planted]:
    """Write ``copies`` copies, every other one exact, of files drawn without replacement."""
    kinds = list(CHANGES)
    drawn = [files[int(place)] for place in rng.choice(len(files), copies, replace=False)]
    return [
        write_copy(
            source, folder / f"copy{number:04d}", kinds[number // 2 % len(kinds)] if number % 2 else "exact", rng
        )
        for number, source in enumerate(drawn)
    ]


def write_copy(source: Path, target: Path, kind: str, rng: np.random.Generator) -> Planted:
    """Write one copy, changed in the way ``kind`` or exact, under ``target`` with the ending that it needs."""
    target.parent.mkdir(parents=True, exist_ok=True)
    (array,) = arrays_of(source).values()
    flat = array.ndim == 2 or array.shape[2] == 3
    target = target.with_suffix(".png" if flat else ".npz")
    if kind == "exact":
        _store(target, array)
    else:
        grey = np.asarray(array, dtype=np.float64)
        grey = grey if array.ndim == 2 or not flat else grey @ np.array([0.299, 0.587, 0.114])
        image = np.clip(CHANGES[kind]((grey - grey.min()) / max(np.ptp(grey), 1e-9), rng), 0, 1)
        _store(target, np.round(image * (255 if flat else 30000)).astype(np.uint8 if flat else np.int16))
    return Planted(source=source, copy=target, kind=kind)


def _store(target: Path, array: NDArray[np.generic]) -> None:
    if target.suffix == ".png":
        Image.fromarray(array).save(target, compress_level=1)
    else:
        np.savez(target, volume=array)


def patient_of(path: Path) -> str:
    """Whose a file of a cohort is, from its path."""
    return f"{path.parent.parent.name}/{path.parent.name}" if path.suffix == ".dcm" else path.stem[:6]


def judge(files: Sequence[Path], planted: Sequence[Planted]) -> Found:
    """Search all files and count. Whose the copies are is not told to the search."""
    pictures, faults = read_pictures([*files, *(one.copy for one in planted)])
    assert not faults, faults[:3]
    owner = {path: patient_of(path) for path in files}
    pairs = {frozenset((pair.first, pair.second)): pair for pair in find_duplicates(pictures, owner)}
    wanted = {frozenset((one.source, one.copy)): one for one in planted}
    hits = Counter(one.kind == "exact" for key, one in wanted.items() if key in pairs)
    total = Counter(one.kind == "exact" for one in planted)
    truly = owner | {one.copy: patient_of(one.source) for one in planted}
    wrong = [pair for key, pair in pairs.items() if key not in wanted]
    return Found(
        exact=(hits[True], total[True]),
        near=(hits[False], total[False]),
        false=tuple(pair for pair in wrong if truly[pair.first] != truly[pair.second]),
        kin=tuple(pair for pair in wrong if truly[pair.first] == truly[pair.second]),
        pairs=len(pictures) * (len(pictures) - 1) // 2,
        missed=tuple(f"{one.kind} {one.source.suffix}" for key, one in wanted.items() if key not in pairs),
    )


def virtual(folder: Path, patients: int, seed: int, outputs: Sequence[Output]) -> list[Path]:
    """Files of virtual patients: volumes, polar pictures, one short-axis slice in eight."""
    make_cohort(folder, patients=patients, tracers=(1, 1), outputs=outputs, seed=seed, jobs=1)
    slices = sorted(folder.glob("slices/*_SA_*.png"))[::8]
    return [*sorted(folder.glob("dicom/*/*.dcm")), *sorted(folder.glob("polar/*.png")), *slices]


def real(folder: Path) -> list[Path]:
    """Volumes of real hearts that the cut-off was not set on, where they are."""
    return sorted(path for path in folder.glob("pacific/dicom/*/*.dcm") if int(path.parent.name[1:]) % 2)


def each(files: Sequence[Path], folder: Path, rng: np.random.Generator) -> Counter[str]:
    """Print of every kind of change how many copies of these files are found, and return how many are missed."""
    missed: Counter[str] = Counter()
    for number, kind in enumerate(CHANGES):
        planted = [write_copy(source, folder / f"{number}-{k}", kind, rng) for k, source in enumerate(files)]
        found = judge(files, planted)
        wrong = len(found.false) + len(found.kin)
        missed[kind] = found.near[1] - found.near[0]
        print(f"{kind}: {found.near[0]} of {found.near[1]}, {wrong} false pairs of {found.pairs}")
    return missed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--patients", type=int, default=50)
    parser.add_argument("--copies", type=int, default=200)
    parser.add_argument("--seed", type=int, default=905)
    parser.add_argument("--real", type=Path, default=Path("../shared/data"))
    parser.add_argument("--each", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        outputs = (Output.SHORT_AXIS, Output.SCREENSHOTS, Output.SLICES)
        files = [*virtual(Path(scratch) / "virtual", given.patients, given.seed, outputs), *real(given.real)]
        planted = plant(files, Path(scratch) / "copies", given.copies, np.random.default_rng(given.seed))
        start = time.perf_counter()
        found = judge(files, planted)
        print(f"{len(files)} images and {len(planted)} copies, {time.perf_counter() - start:.0f} s")
        if given.each:
            rng = np.random.default_rng(given.seed)
            few = sorted(files[int(k)] for k in rng.choice(len(files), min(60, len(files)), replace=False))
            each(few, Path(scratch) / "each", rng)
    print(
        f"exact {found.exact[0]} of {found.exact[1]}, near {found.near[0]} of {found.near[1]}; "
        f"missed: {', '.join(found.missed) or 'none'}"
    )
    wrong = (*found.false, *found.kin)
    print(
        f"false pairs {len(wrong)} of {found.pairs}, {10_000 * len(wrong) / found.pairs:.2f} in 10,000; "
        f"{len(found.kin)} of them scans of one patient"
    )
    for pair in wrong[:10]:
        print(f"  {pair.first.name} {pair.second.name} {pair.kind} {pair.likeness}")
    print("passes" if found.passes else "FAILS")
    raise SystemExit(0 if found.passes else 1)


if __name__ == "__main__":
    main()
