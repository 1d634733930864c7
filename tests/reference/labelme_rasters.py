"""Make ``labelme_<major>.json`` and ``.npz``: a file that Labelme saved, and the pixels that Labelme draws of it.

Run once with each version, on the Python that has numpy, pillow and what the version's drawing needs (no Qt):

    pip install --no-deps --target DIR labelme==4.5.6      (also 5.5.0 and 6.3.1)
    python labelme_rasters.py DIR

The .npz holds ``drawn`` (numbers of the shapes that this version draws), ``masks`` (their pixels, packed bits of
(shapes, rows, columns)), ``size``, and ``classes`` and ``things`` of ``shapes_to_label``, of the shapes drawn.
"""

import base64
import importlib
import importlib.metadata
import io
import json
import sys
import types
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

HERE = Path(__file__).parent
SIZE = (61, 83)


def drawing(site: Path) -> tuple[str, Any]:
    """Version and drawing module of the Labelme in a folder, without its windows."""
    (found,) = importlib.metadata.distributions(name="labelme", path=[str(site)])
    sys.path.insert(0, str(site))
    for name in ("labelme", "labelme.utils"):
        module = types.ModuleType(name)
        module.__path__ = [str(site / name.replace(".", "/"))]
        sys.modules[name] = module
    for name, inside in (("labelme.logger", "logger"), ("labelme._label_file", "ShapeDict")):
        module = types.ModuleType(name)
        setattr(module, inside, dict)
        sys.modules[name] = module
    return found.version, importlib.import_module("labelme.utils.shape")


def png(pixels: np.ndarray) -> str:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, format="PNG")
    return base64.b64encode(stream.getvalue()).decode("ascii")


def shapes(major: int) -> list[dict[str, Any]]:
    """Every kind that this version knows: between pixels, beyond the picture, crossing itself, in groups."""
    found: list[tuple[str, str, Any, int | None]] = [
        ("ischaemia", "polygon", [[10.2, 8.7], [25.9, 6.1], [30.5, 19.49], [17.5, 27.2], [9.99, 18.01]], None),
        ("ischaemia", "polygon", [[40, 40], [60, 55], [40, 55], [60, 40]], 3),
        ("normal", "polygon", [[-12.5, 30.5], [20.25, 70.5], [3.5, 90], [-20, 44]], 3),
        ("normal", "polygon", [[50.5, 5.5], [55.5, 5.5], [55.5, 5.5], [52.0, 5.5]], None),
        ("normal", "rectangle", [[62.3, 11.8], [75.6, 20.2]], None),
        ("ischaemia", "circle", [[70.4, 48.6], [76.9, 52.1]], 3),
        ("normal", "circle", [[2.0, 2.0], [9.5, 2.0]], None),
        ("wall", "line", [[5.5, 50.5], [35.2, 33.3]], None),
        ("wall", "linestrip", [[30, 2], [34.4, 10.8], [48.7, 12.3], [90, 1]], 7),
        ("wall", "point", [[44.4, 27.7]], 7),
    ]
    if major == 5:
        found.append(("wall", "points", [[20.5, 40.5], [30.1, 41.5], [25.5, 52.9]], None))
    if major >= 5:
        found.append(("scar", "mask", [[33.0, 22.0], [52.0, 37.0]], None))
    if major >= 6:
        found.append(("normal", "rectangle", [[80.6, 58.2], [71.3, 40.8]], None))
        found.append(("scar", "oriented_rectangle", [[10, 10], [20.5, 15.2], [18.0, 20.5], [7.5, 15.3]], None))
    return [record(major, *one) for one in found]


def record(major: int, label: str, kind: str, points: Any, group: int | None) -> dict[str, Any]:
    made: dict[str, Any] = {"label": label, "points": points, "group_id": group}
    if major >= 5:
        made["description"] = "second look" if kind == "circle" else ""
    made |= {"shape_type": kind, "flags": {"sure": True} if kind == "line" else {}}
    if major >= 5:
        part = np.random.default_rng(5).random((16, 20)) < 0.6
        made["mask"] = png(part.astype(np.uint8)) if kind == "mask" else None
    return made


def main(site: Path) -> None:
    version, drawer = drawing(site)
    major = int(version.split(".", maxsplit=1)[0])
    told = shapes(major)
    y, x = np.mgrid[: SIZE[0], : SIZE[1]]
    picture = np.stack([x * 3, y * 4, (x + y) % 256], axis=2).astype(np.uint8)
    file = {
        "version": version,
        "flags": {"poor": False},
        "shapes": told,
        "imagePath": f"labelme_{major}.png",
        "imageData": png(picture),
        "imageHeight": SIZE[0],
        "imageWidth": SIZE[1],
    }
    text = json.dumps(file, ensure_ascii=False, indent=2)
    (HERE / f"labelme_{major}.json").write_text(text, encoding="utf-8")
    numbers, masks, kept = [], [], []
    for number, one in enumerate(told):
        if one["shape_type"] == "mask":
            if major < 6:
                continue  # this version shows masks and does not turn them into labels
            kept.append({**one, "mask": np.asarray(Image.open(io.BytesIO(base64.b64decode(one["mask"])))).astype(bool)})
            masks.append(drawer.shapes_to_label(SIZE, kept[-1:], {one["label"]: 1})[0] > 0)
        else:
            kept.append(one)
            masks.append(drawer.shape_to_mask(SIZE, one["points"], one["shape_type"]))
        numbers.append(number)
    values = {label: place for place, label in enumerate(dict.fromkeys(one["label"] for one in told), 1)}
    classes, things = drawer.shapes_to_label(SIZE, kept, values)
    np.savez_compressed(
        HERE / f"labelme_{major}.npz",
        drawn=np.array(numbers),
        masks=np.packbits(np.stack(masks)),
        size=np.array(SIZE),
        classes=classes.astype(np.uint8),
        things=things.astype(np.uint8),
    )
    print(version, len(numbers), "of", len(told), "shapes drawn")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
