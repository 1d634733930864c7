"""The pictures of one study with what is marked on them, from whatever a cell of a cohort table names."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ..core.errors import RefusedError
from .arrays import read_array
from .labelme.file import NoLabelmeError
from .picture_file import SUFFIXES, Pixel, is_grey, read_picture
from .picture_frames import is_dicom, read_frames
from .picture_head import MOST_OF_MANY
from .picture_list import Listing, list_folder, list_index
from .picture_marks import Classes, Marks, Reading, class_numbers, marks_of_labelme, mask_files, mask_of
from .tomogram.crop import cropped, ventricle_centre

Floats = NDArray[np.float64]
MOST_BYTES = 1_500_000_000
"""Of all pictures of a study, in colour, at their size."""


@dataclass(frozen=True, kw_only=True)
class PictureStack:
    """All pictures of one study, of one size.

    names : one a picture, no two alike, as the file or the index names it. images : (pictures, rows, columns), or
    (pictures, rows, columns, 3) in colour; uint8 as drawn, float32 counts. labels : name of a question to the answer
    of every picture, (pictures,), NaN where there is none; ``ischaemia`` answers ``label_ischaemia`` of a target so
    called. masks : class of every pixel (0 = nothing marked), (pictures, rows, columns), or None where nothing is
    marked anywhere; ``marked`` tells which pictures somebody has looked at. spacing_mm : of rows and columns, if known.
    """

    names: tuple[str, ...]
    images: NDArray[np.generic] = field(repr=False)
    labels: Mapping[str, Floats] = field(default_factory=dict)
    masks: NDArray[np.uint8] | None = field(default=None, repr=False)
    marked: NDArray[np.bool_] | None = None
    spacing_mm: tuple[float, float] | None = None


@dataclass(frozen=True, kw_only=True)
class Cell:
    """What a cell of a cohort names: a file or folder, and what stands behind ``#``."""

    path: Path
    inside: str = ""


@dataclass(frozen=True, kw_only=True)
class Square:
    """The size that every picture is brought to on reading.

    fit : "resize": the longer side to ``size``, black beside; "crop": ``size`` pixels around the left ventricle as
    ``tomogram.ventricle_centre`` finds it, around the middle where it finds none. Masks go along, nearest neighbour.
    """

    size: int
    fit: Literal["crop", "resize"] = "resize"


def read_stack(
    pictures: Cell, mask: Cell | None = None, *, square: Square | None = None, reading: Reading | None = None
) -> PictureStack:
    """Read the pictures of a study, and what is marked on them.

    pictures : ``FILE.npz#ARRAY`` or ``FILE.npy``: (pictures, rows, columns), with or without a last axis of 3 colours;
    a folder of PNG and JPEG; an index (``.csv`` with a column ``image``, paths relative to it; ``#ID`` takes the rows
    of one study or patient); a single picture; a DICOM object: projections frame by frame as stored, or the slices of a
    short-axis volume, as counts. Grey pictures have no axis of colours; one in colour makes all so.
    A column ``pixel_mm`` of the index tells the spacing, where all rows tell one.

    Beside each picture of a folder or index a Labelme file of its stem is read: class 1 for every shape whose label is
    not one of ``reading.normal_labels``. Labels: columns of 0 and 1 of the index or of tables in the folder; where they
    do not tell, the flags of Labelme files, and "anything found" answers ``reading.question``.

    mask : of arrays and DICOM: an array ``FILE.npz#ARRAY`` or ``.npy`` of (pictures, rows, columns); of the others also
    a folder of masks (PNG, Labelme JSON, ``.npy``) with the pictures' stems, or one such file for one picture. Bool or
    class numbers; 0 and 255 alone mean no and yes. It stands in place of the Labelme files beside the pictures.

    RefusedError, one line, for anything else; for pictures of unlike sizes, by name, unless a ``square`` is given; for
    masks that do not fit their pictures; for a stack without pictures or of more than 1.5 GB, for a picture of
    more than 12 million pixels.
    """
    reading = reading or Reading()
    path = pictures.path
    if path.suffix.lower() in (".npz", ".npy") or (path.is_file() and is_dicom(path)):
        return _of_arrays(pictures, mask, square)
    if path.is_dir():
        _nothing_inside(pictures)
        listing = list_folder(path, reading.question)
    elif path.suffix.lower() == ".csv":
        listing = list_index(path, pictures.inside, reading.question)
    elif path.suffix.lower() in SUFFIXES:
        _nothing_inside(pictures)
        listing = Listing(pictures={path.name: path})
    else:
        rule = "pictures are .npz, a folder, an index .csv, PNG, JPEG or DICOM"
        raise RefusedError(path, rule=rule, came=path.suffix or "no suffix", do="check the cell")
    return _of_files(path, listing, _Marking(mask=mask, square=square, reading=reading))


@dataclass(frozen=True, kw_only=True)
class _Marking:
    """Where marks come from, and what becomes of pictures and marks."""

    mask: Cell | None
    square: Square | None
    reading: Reading


def _of_arrays(pictures: Cell, mask: Cell | None, square: Square | None) -> PictureStack:
    images: NDArray[np.generic]
    spacing = None
    if pictures.path.suffix.lower() in (".npz", ".npy"):
        images = _array(pictures, np.float32)
    else:
        _nothing_inside(pictures)
        images, spacing = read_frames(pictures.path)
    masks = None if mask is None else _mask_array(mask, images.shape[:3])
    if square is not None:
        fitted = [_fitted(image, None if masks is None else masks[k], square) for k, image in enumerate(images)]
        if spacing is not None and square.fit == "resize":
            factor = max(images.shape[1:3]) / square.size
            spacing = (spacing[0] * factor, spacing[1] * factor)
        images = np.stack([image for image, _ in fitted])
        masks = None if masks is None else np.stack([each for _, each in fitted if each is not None])
    return PictureStack(
        names=tuple(f"{number:04d}" for number in range(len(images))),
        images=images,
        masks=masks,
        marked=None if masks is None else np.ones(len(images), dtype=np.bool_),
        spacing_mm=spacing,
    )


def _of_files(where: Path, listing: Listing, marking: _Marking) -> PictureStack:
    """All pictures of a list, one at a time: what is kept is what is returned."""
    count = len(listing.pictures)
    images: NDArray[np.uint8] | None = None
    masks: NDArray[np.uint8] | None = None
    marked, coloured = np.zeros(count, dtype=np.bool_), False
    labels = {name: values.copy() for name, values in listing.answers.items()}
    for place, (name, picture, marks) in enumerate(_each(where, listing, marking)):
        size = picture.shape
        if images is None:
            if count * picture.size > MOST_BYTES:
                came = f"{count} of {size[1]} x {size[0]}"
                raise RefusedError(where, rule=f"a study has at most {MOST_BYTES:.1e} bytes", came=came, do="split it")
            images = np.empty((count, *size), dtype=np.uint8)
        if size != images.shape[1:]:
            came = f"{name} of {size[1]} x {size[0]} among {images.shape[2]} x {images.shape[1]}"
            raise RefusedError(where, rule="the pictures of a study have one size", came=came, do="cut them alike")
        images[place] = picture
        coloured = coloured or not is_grey(picture)
        if marks is not None:
            masks = np.zeros(images.shape[:3], dtype=np.uint8) if masks is None else masks
            masks[place], marked[place] = marks.classes, True
            for question, answer in marks.answers.items():
                told = labels.setdefault(question, np.full(count, np.nan))
                told[place] = answer if np.isnan(told[place]) else told[place]
    if images is None:
        raise RefusedError(where, rule="a study has pictures", came="none", do="check the cell")
    return PictureStack(
        names=tuple(listing.pictures),
        images=images if coloured else np.ascontiguousarray(images[..., 0]),
        labels=labels,
        masks=masks,
        marked=None if masks is None else marked,
        spacing_mm=None if marking.square is not None else listing.spacing_mm,
    )


def _each(where: Path, listing: Listing, marking: _Marking) -> Iterator[tuple[str, NDArray[np.uint8], Marks | None]]:
    """Every picture, upright and of its final size, and what is marked on it."""
    own, array = _own_masks(listing, marking)
    for place, (name, path) in enumerate(listing.pictures.items()):
        picture, marks = _with_labelme(path, marking)
        if marks is None:
            if name in own:
                marks = Marks(classes=mask_of(own[name], path, picture.shape[:2], marking.reading))
            elif array is not None:
                if array.shape != (len(listing.pictures), *picture.shape[:2]):
                    came = f"{array.shape} for {name} of {picture.shape[:2]}"
                    raise RefusedError(where, rule="a mask for every picture, of its size", came=came, do="check both")
                marks = Marks(classes=array[place])
        if marking.square is not None:
            picture, classes = _fitted(picture, None if marks is None else marks.classes, marking.square)
            marks = Marks(classes=classes, answers=marks.answers) if marks and classes is not None else None
        yield name, picture, marks


def _with_labelme(path: Path, marking: _Marking) -> tuple[NDArray[np.uint8], Marks | None]:
    """A picture, and what the Labelme file beside it marks, if there is one and no mask is given."""
    beside = path.with_suffix(".json")
    if marking.mask is None and beside.is_file():
        try:
            return marks_of_labelme(beside, path, marking.reading)
        except NoLabelmeError:
            pass  # another program's words about the picture
    return read_picture(path, MOST_OF_MANY), None


def _own_masks(listing: Listing, marking: _Marking) -> tuple[dict[str, Path], Classes | None]:
    """Files of masks by picture, or one array for all."""
    mask = marking.mask
    if mask is None:
        return {}, None
    if mask.path.is_dir():
        _nothing_inside(mask)
        return mask_files(mask.path, listing.pictures), None
    if len(listing.pictures) == 1 and mask.path.suffix.lower() in (".png", ".json"):
        return dict.fromkeys(listing.pictures, mask.path), None
    return {}, class_numbers(mask.path, _array(mask, np.uint8))


def _fitted(picture: NDArray[Pixel], classes: Classes | None, square: Square) -> tuple[NDArray[Pixel], Classes | None]:
    if square.fit == "crop":
        centre = ventricle_centre(_drawn(picture))
        cut = None if classes is None else cropped(classes, square.size, centre)
        return cropped(picture, square.size, centre), cut
    side = max(picture.shape[:2])
    whole = None if classes is None else _resized(cropped(classes, side), square.size, Image.Resampling.NEAREST)
    return _resized(cropped(picture, side), square.size, Image.Resampling.BILINEAR), whole


def _drawn(picture: NDArray[np.generic]) -> NDArray[np.uint8]:
    """A picture as it is, counts as grey values."""
    if picture.dtype == np.uint8:
        return np.asarray(picture, dtype=np.uint8)
    counts = np.asarray(picture, dtype=np.float64)
    low, high = float(counts.min()), float(counts.max())
    return ((counts - low) / max(high - low, 1e-12) * 255).astype(np.uint8)


def _resized(plane: NDArray[Pixel], size: int, how: Image.Resampling) -> NDArray[Pixel]:
    return np.asarray(Image.fromarray(plane).resize((size, size), how), dtype=plane.dtype)


def _array(cell: Cell, into: type[np.generic]) -> NDArray[np.generic]:
    found = read_array(cell.path, cell.inside, into=into)
    if found.ndim not in (3, 4) or (found.ndim == 4 and found.shape[3] != 3):
        rule = "pictures are (pictures, rows, columns), or with 3 colours"
        raise RefusedError(cell.path, rule=rule, came=found.shape, do="check the array")
    return found


def _mask_array(cell: Cell, shape: tuple[int, ...]) -> Classes:
    found = _array(cell, np.uint8)
    if found.shape != shape:
        came = f"{found.shape} for {shape}"
        raise RefusedError(cell.path, rule="a mask for every picture, of its size", came=came, do="check both")
    return class_numbers(cell.path, found)


def _nothing_inside(cell: Cell) -> None:
    if cell.inside:
        raise RefusedError(
            cell.path, rule="it is named as a whole", came=f"#{cell.inside}", do="leave out what follows #"
        )
