"""Random shapes of every kind drawn by an installed Labelme and by ``myoperf.io.labelme``: are all pixels the same?

    python validation/labelme_shapes.py [--shapes 3000] [--seed 0] FOLDER...

FOLDER: where a Labelme of any version is installed (``pip install --no-deps --target FOLDER labelme==4.5.6``); its
windows are not needed. Without one, and where a folder holds none, it says so and ends well.
"""

import argparse
import importlib
import importlib.metadata
import subprocess
import sys
import types
from pathlib import Path
from typing import Any

import numpy as np

from myoperf.io.labelme import Shape, masks

KINDS = {
    "polygon": (3, 40), "rectangle": (2, 2), "circle": (2, 2), "line": (2, 2), "linestrip": (2, 12), "point": (1, 1),
}  # fmt: skip


def drawer(folder: Path) -> tuple[str, Any]:
    """Version and drawing module of the Labelme in a folder, without its windows."""
    (found,) = importlib.metadata.distributions(name="labelme", path=[str(folder)])
    sys.path.insert(0, str(folder))
    for name, inside in (("labelme", ""), ("labelme.utils", ""), ("labelme.logger", "logger"),
                         ("labelme._label_file", "ShapeDict")):  # fmt: skip
        module = types.ModuleType(name)
        if inside:
            setattr(module, inside, dict)
        else:
            module.__path__ = [str(folder / name.replace(".", "/"))]
        sys.modules[name] = module
    return found.version, importlib.import_module("labelme.utils.shape")


def drawn(rng: np.random.Generator, kind: str, size: tuple[int, int]) -> list[list[float]]:
    """Corners of a shape, some beyond the picture, some on whole pixels."""
    least, most = KINDS[kind]
    reach = np.array(size[::-1])
    points = rng.uniform(-0.3, 1.3, (int(rng.integers(least, most + 1)), 2)) * reach
    if rng.random() < 0.3:
        points = np.round(points)
    if kind == "rectangle":
        points.sort(axis=0)  # versions before 6 draw no rectangle from its lower right corner
    if kind == "circle":
        points[1] = points[0] + rng.uniform(-40, 40, 2)
    found: list[list[float]] = points.tolist()
    return found


def compare(folder: Path, count: int, seed: int) -> int:
    """Print a line a kind; returns how many shapes differ."""
    version, module = drawer(folder)
    rng = np.random.default_rng(seed)
    tally = dict.fromkeys(KINDS, 0)
    wrong = dict.fromkeys(KINDS, 0)
    for _ in range(count):
        size = (int(rng.integers(8, 300)), int(rng.integers(8, 300)))
        kind = str(rng.choice(list(KINDS)))
        points = drawn(rng, kind, size)
        ours = masks([Shape(label="a", kind=kind, points=tuple((x, y) for x, y in points))], size)["a"]
        tally[kind] += 1
        wrong[kind] += int(not np.array_equal(ours, module.shape_to_mask(size, points, kind)))
    for kind, total in tally.items():
        print(f"Labelme {version:8s} {kind:10s} {total - wrong[kind]:6d} of {total:6d} equal to the last pixel")
    return sum(wrong.values())


def main() -> int:
    parser = argparse.ArgumentParser(description="Our rasters beside Labelme's own.")
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--shapes", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    installed = [f for f in chosen.folders if (f / "labelme" / "utils" / "shape.py").exists()]
    for folder in chosen.folders:
        if folder not in installed:
            print(f"{folder}: no Labelme here, left out")
    if not installed:
        print("no Labelme given: nothing to compare with (pip install --no-deps --target FOLDER labelme)")
        return 0
    if chosen.here:
        return int(compare(installed[0], chosen.shapes, chosen.seed) > 0)
    # one version a process: both are called labelme
    shared = [sys.executable, __file__, "--here", f"--shapes={chosen.shapes}", f"--seed={chosen.seed}"]
    return max(subprocess.run([*shared, str(folder)], check=False).returncode for folder in installed)


if __name__ == "__main__":
    sys.exit(main())
