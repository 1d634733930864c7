"""Masks of a heart as ``.npz`` files whose bytes follow from the arrays alone."""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..core.errors import RefusedError
from ..io.files import write_bytes

Mask = NDArray[np.bool_]
_EPOCH = (1980, 1, 1, 0, 0, 0)
_UNIX, _READABLE = 3, 0o644 << 16


@dataclass(frozen=True, kw_only=True)
class VentricleMasks:
    """Parts of a left ventricle on the grid of a short-axis volume, each (slice, row, column).

    wall : muscle. cavity : blood within it. defect : the part of the wall whose uptake is reduced.
    """

    wall: Mask = field(repr=False)
    cavity: Mask = field(repr=False)
    defect: Mask = field(repr=False)
    spacing_mm: tuple[float, float, float]


def write_masks(path: Path | str, masks: VentricleMasks, *, compressed: bool = True) -> Path:
    """Write ``wall``, ``cavity``, ``defect`` (bool) and ``spacing_mm``; whole or not at all. Returns the path.

    compressed : False for arrays that can be mapped from the file as they lie there.
    RefusedError for masks that are not boolean, differ in shape or are not three-dimensional, for a wall that is empty
    or shares voxels with the cavity, and for a defect outside the wall.
    """
    _check(masks)
    arrays = {"wall": masks.wall, "cavity": masks.cavity, "defect": masks.defect}
    return write_bytes(path, npz_bytes({**arrays, "spacing_mm": np.array(masks.spacing_mm)}, compressed=compressed))


def read_masks(path: Path | str) -> VentricleMasks:
    """The masks that ``write_masks`` wrote. RefusedError for a file that holds something else."""
    try:
        with np.load(path, allow_pickle=False) as held:
            mm = [float(x) for x in held["spacing_mm"]]
            masks = VentricleMasks(
                wall=held["wall"], cavity=held["cavity"], defect=held["defect"], spacing_mm=(mm[0], mm[1], mm[2])
            )
    except (OSError, EOFError, KeyError, ValueError, IndexError, zipfile.BadZipFile) as error:
        raise RefusedError(
            path, rule="a file of masks holds wall, cavity, defect and spacing_mm", came=error, do="write it again"
        ) from None
    _check(masks)
    return masks


def write_projection_masks(
    path: Path | str, heart: Mask, projections: NDArray[np.floating | np.integer] | None = None
) -> Path:
    """Write where the heart lies on projections: ``heart`` (bool), and ``projections`` (float32) if given.

    Both of one shape that ends in (view, z, bin). RefusedError for a mask that is not boolean or is empty, and for
    projections of another shape.
    """
    if heart.dtype != np.bool_ or heart.ndim < 3 or not heart.any():
        raise _refused("a heart on projections is marked by true and false, (..., view, z, bin)", heart)
    arrays: dict[str, NDArray[np.generic]] = {"heart": heart}
    if projections is not None:
        if projections.shape != heart.shape:
            raise _refused(f"projections are of the mask's shape {heart.shape}", projections)
        arrays["projections"] = projections.astype(np.float32)
    return write_bytes(path, npz_bytes(arrays))


def npz_bytes(arrays: Mapping[str, NDArray[np.generic]], *, compressed: bool = True) -> bytes:
    """An ``.npz`` file of arrays by name: the same arrays, in the same order, are the same bytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, array in arrays.items():
            entry = zipfile.ZipInfo(f"{name}.npy", _EPOCH)
            entry.create_system, entry.external_attr = _UNIX, _READABLE
            entry.compress_type = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
            part = io.BytesIO()
            np.lib.format.write_array(part, np.ascontiguousarray(array), version=(1, 0), allow_pickle=False)
            archive.writestr(entry, part.getvalue(), compresslevel=6)
    return stream.getvalue()


def _check(masks: VentricleMasks) -> None:
    wall, cavity, defect = masks.wall, masks.cavity, masks.defect
    for part in (wall, cavity, defect):
        if part.dtype != np.bool_ or part.ndim != 3 or part.shape != wall.shape:
            raise _refused(f"masks are true or false, of one shape {wall.shape}", part)
    if not wall.any() or (wall & cavity).any():
        raise _refused("the wall has voxels, and none of them is in the cavity", wall)
    if (defect & ~wall).any():
        raise _refused("a defect lies in the wall", defect)


def _refused(rule: str, came: NDArray[np.generic]) -> RefusedError:
    return RefusedError("masks", rule=rule, came=f"{came.dtype} {came.shape}, {np.count_nonzero(came)}", do="check it")
