"""Images of any kind as planes to compare: slices and screenshots, polar maps, volumes."""

import hashlib
import warnings
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from myoperf.core.errors import MyoperfError
from myoperf.core.polar import disc_picture
from myoperf.core.progress import Progress, silent
from myoperf.io.cache import Cache, cache_key
from myoperf.io.nm import read_series

from .canonical import SIDE, Floats, canonical, content

MOST_PIXELS = 25_000_000
MOST_BYTES = 256 * 2**20
_DISC = 96
_LAYERS = np.array([-0.6, -0.3, 0.0, 0.3, 0.6])
"""Where the layers of a volume stand, in root-mean-square radii of its content."""
_VERSION = "audit picture 3"


@dataclass(frozen=True, kw_only=True)
class Picture:
    """One image of a file. name : of the array inside the file, "" where there is one.

    digest : SHA-256 of the decoded pixels, header and compression left out. layers : canonical planes,
    shape (planes, layers, 64, 64): one plane of one layer of a flat image; of a volume three planes, across each axis,
    with layers beside each; none of an empty image. shown : where the middle layers have content.
    """

    path: Path
    name: str
    digest: str
    layers: NDArray[np.float16]
    shown: NDArray[np.bool_]

    @property
    def planes(self) -> Floats:
        """The middle layers, shape (planes, 64, 64)."""
        return self.layers[:, self.layers.shape[1] // 2].astype(np.float32)

    @property
    def volume(self) -> bool:
        """Whether it is a volume."""
        return len(self.layers) > 1


def read_pictures(
    paths: Sequence[Path], cache: Cache | None = None, progress: Progress = silent
) -> tuple[tuple[Picture, ...], tuple[str, ...]]:
    """Read every file; those that cannot be read are told and left out. cache : where canonical planes are kept."""
    found: list[Picture] = []
    faults: list[str] = []
    for done, path in enumerate(paths):
        try:
            found += _cached(path, cache)
        except MyoperfError as error:
            faults.append(f"not compared: {error}")
        except (OSError, ValueError, KeyError, EOFError, SyntaxError, zipfile.BadZipFile) as error:
            faults.append(f"not compared: {path}: {type(error).__name__}: {error}")
        progress("images read", done + 1, len(paths))
    return tuple(found), tuple(faults)


def arrays_of(path: Path) -> Mapping[str, NDArray[np.generic]]:
    """Arrays of a file by name: an image (rows, columns) or (rows, columns, 3), or a volume (slices, rows, columns).

    Polar maps (rings, sectors) are drawn as discs. RefusedError or ValueError for what cannot be read safely.
    """
    suffix = path.suffix.casefold()
    if path.stat().st_size > MOST_BYTES:
        raise ValueError(f"an image file has at most {MOST_BYTES} bytes")
    if suffix == ".npz":
        return _npz(path)
    if suffix in (".png", ".jpg", ".jpeg"):
        return {"": _flat(path)}
    return {"": read_series(path).load().sum(axis=0)}


def _flat(path: Path) -> NDArray[np.generic]:
    from PIL import Image

    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        with Image.open(path, formats=("PNG", "JPEG")) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise ValueError(f"an image has at most {MOST_PIXELS} pixels, got {picture.width} x {picture.height}")
            deep = picture.mode in ("I", "I;16", "I;16B", "F")
            return np.asarray(picture if deep else picture.convert("RGB"))


def _npz(path: Path) -> dict[str, NDArray[np.generic]]:
    with zipfile.ZipFile(path) as archive:
        if sum(part.file_size for part in archive.infolist()) > 4 * MOST_BYTES:
            raise ValueError(f"arrays of a file have at most {4 * MOST_BYTES} bytes")
    with np.load(path, allow_pickle=False) as kept:
        arrays = {name: kept[name] for name in kept.files}
    polar = {"weight", "mm"} & set(arrays)
    found: dict[str, NDArray[np.generic]] = {}
    for name, array in arrays.items():
        if name in ("weight", "mm", "mask") or array.dtype.kind not in "iuf" or array.ndim < 2 or min(array.shape) < 4:
            continue
        if polar and array.ndim == 2:
            found[name] = np.nan_to_num(disc_picture(array.astype(np.float64), _DISC))
        else:
            found[name] = array.sum(axis=0) if array.ndim == 4 else array
    return found


def _cached(path: Path, cache: Cache | None) -> list[Picture]:
    key = cache_key(_VERSION, path) if cache is not None else ""
    kept = cache.get(key) if cache is not None else None
    if kept is None:
        kept = {}
        for name, array in arrays_of(path).items():
            kept[f"{name}|digest"] = np.array(_digest(array))
            kept[f"{name}|layers"], kept[f"{name}|shown"] = _planes(array)
        if cache is not None:
            cache.put(key, kept)
    names = [key.removesuffix("|digest") for key in kept if key.endswith("|digest")]
    return [
        Picture(
            path=path,
            name=name,
            digest=str(kept[f"{name}|digest"]),
            layers=np.asarray(kept[f"{name}|layers"], dtype=np.float16),
            shown=np.asarray(kept[f"{name}|shown"], dtype=np.bool_),
        )
        for name in names
    ]


def _digest(array: NDArray[np.generic]) -> str:
    """SHA-256 of shape and values; equal numbers of another type are equal, and grey is grey in three channels."""
    if array.ndim == 3 and array.shape[2] == 3 and array.dtype == np.uint8:
        grey = array[..., 0]
        array = grey if (array == grey[..., None]).all() else array
    values = np.nan_to_num(np.ascontiguousarray(array, dtype=np.float32))
    return hashlib.sha256(repr(values.shape).encode() + values.tobytes()).hexdigest()


def _planes(array: NDArray[np.generic]) -> tuple[NDArray[np.float16], NDArray[np.bool_]]:
    """Canonical layers, shape (planes, layers, 64, 64), and where the middle layers have content."""
    found = []
    for layers in _stacks(np.nan_to_num(np.asarray(array, dtype=np.float32))):
        one = canonical(layers)
        if one is None:
            return np.zeros((0, 1, SIDE, SIDE), np.float16), np.zeros((0, SIDE, SIDE), bool)
        found.append(one)
    return np.stack([values for values, _ in found]).astype(np.float16), np.stack([shown for _, shown in found])


def _stacks(values: Floats) -> list[Floats]:
    """The image itself in grey as one layer, or layers about the middle of a volume along each axis."""
    if values.ndim == 2:
        return [values[None]]
    if values.shape[2] == 3:
        return [np.asarray(values @ np.array([0.299, 0.587, 0.114], dtype=np.float32))[None]]
    weight = content(values)
    radius = _radius(weight)
    stacks = []
    for axis in range(3):
        profile = weight.sum(axis=tuple(k for k in range(3) if k != axis))
        middle = float((profile * np.arange(profile.size)).sum()) / max(float(profile.sum()), 1e-9)
        at = middle + _LAYERS * radius
        stacks.append(_layers(values, axis, np.clip(at, 0, profile.size - 1)))
    return stacks


def _radius(weight: Floats) -> float:
    """Root-mean-square radius in voxels of content, (slices, rows, columns); 0 of an empty volume."""
    total, square = float(weight.sum()), 0.0
    for axis in range(3):
        profile = weight.sum(axis=tuple(k for k in range(3) if k != axis)).astype(np.float64)
        places = np.arange(profile.size)
        middle = (profile * places).sum() / max(total, 1e-9)
        square += float((profile * (places - middle) ** 2).sum()) / max(total, 1e-9)
    return float(np.sqrt(square))


def _layers(values: Floats, axis: int, at: NDArray[np.float64]) -> Floats:
    """Planes across ``axis`` at the places ``at``, between the voxels."""
    low = np.clip(np.floor(at).astype(np.intp), 0, max(values.shape[axis] - 2, 0))
    part = (at - low)[:, None, None]
    before, after = values.take(low, axis), values.take(np.minimum(low + 1, values.shape[axis] - 1), axis)
    return np.asarray(np.moveaxis(before, axis, 0) * (1 - part) + np.moveaxis(after, axis, 0) * part, dtype=np.float32)
