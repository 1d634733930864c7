"""Hearts to DICOM NM files: short-axis reconstructions, ungated or gated, in any stored order.

Projections and transverse volumes are laid down in ``nm_write_scan``. Nothing is taken from a clock: the same object is
written as the same bytes. The 128 bytes before DICM are zero.
"""

import hashlib
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian

from ..core.errors import RefusedError
from .files import write_bytes
from .nm_directions import BASE, INFERIOR, LATERAL, USUAL_HEART, Frame
from .nm_gate import NM_IMAGE
from .nm_modules import (
    coded_facts,
    corrections,
    counts_module,
    description,
    detector_module,
    gated_module,
    image_module,
    patient_modules,
    photopeak,
    slice_module,
)
from .nm_object import Examined, NMObject, StoredOrder

_IMPLEMENTATION = "2.25.286179024361842973846013417395402385471"


def uid_from(*parts: object) -> str:
    """A UID made from the parts alone (2.25 and 122 bits of their SHA-256)."""
    digest = hashlib.sha256("\x1f".join(str(part) for part in parts).encode()).digest()
    return f"2.25.{int.from_bytes(digest[:16], 'big') >> 6}"


def write_series(path: Path | str, heart: NMObject) -> Path:
    """Write one short-axis heart, whole or not at all, and return its path.

    Raises RefusedError for counts that are not four-dimensional or not finite, or all zero.
    """
    return write_dataset(path, series_dataset(heart))


def write_dataset(path: Path | str, dataset: Dataset) -> Path:
    """Write a data set that ``finished`` made; whole or not at all."""
    buffer = BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)
    return write_bytes(path, buffer.getvalue())


def series_dataset(heart: NMObject) -> Dataset:
    """The data set that ``write_series`` writes, with file meta information and a preamble of zeros."""
    stored, slope = _stored_counts(heart)
    frame = _laid_down(heart_frame(heart), heart.stored)
    gates = stored.shape[0]
    what = description(heart, "SA" if gates == 1 else "Gated SA")
    dataset = patient_modules(heart, _uids(heart), what)
    dataset.update(coded_facts(heart, photopeak(heart)))
    dataset.update(detector_module(heart, frame, stored.shape))
    frames, vectors = _framed(stored, heart.stored)
    dataset.update(image_module("RECON GATED TOMO" if gates > 1 else "RECON TOMO", "EMISSION", frames, slope))
    dataset.update(counts_module(float(heart.counts.sum()), corrections(heart)))
    dataset.update(slice_module(vectors, gates))
    dataset.update(gated_module(heart, gates))
    return finished(dataset, frames)


def finished(dataset: Dataset, frames: NDArray[np.int16 | np.uint16]) -> Dataset:
    """The data set with its pixels, file meta information and a preamble of zeros."""
    dataset.preamble = b"\0" * 128
    dataset.PixelData = frames.tobytes()
    dataset["PixelData"].VR = "OW"
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = UID(NM_IMAGE)
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID = UID(_IMPLEMENTATION)
    meta.ImplementationVersionName = "MYOPERF"
    dataset.file_meta = meta
    return dataset


def _uids(heart: NMObject) -> tuple[str, str, str]:
    kind = (heart.counts.shape[0], *((heart.description,) if heart.description else ()))
    return made_uids(heart, kind, (heart.stored,))


def made_uids(who: Examined, kind: tuple[object, ...], instance: tuple[object, ...] = ()) -> tuple[str, str, str]:
    """UIDs of study, series and instance from what is told alone.

    kind : what sets this series apart from others of the same patient, study, state, position and correction.
    """
    study = (who.seed, who.patient_id, who.study_id)
    series = (*study, who.state, who.tracer, *kind, who.position, who.correction)
    return uid_from("study", *study), uid_from("series", *series), uid_from("instance", *series, *instance)


def heart_frame(heart: NMObject) -> Frame:
    """Directions of the volume's slice, row and column axes; the usual heart's, made orthogonal, if none are given."""
    if heart.directions is not None:
        given: Frame = np.asarray(heart.directions, dtype=np.float64)
        return given
    lateral = USUAL_HEART[LATERAL]
    inferior = USUAL_HEART[INFERIOR] - (USUAL_HEART[INFERIOR] @ lateral) * lateral
    inferior = inferior / np.linalg.norm(inferior)
    base = np.cross(lateral, inferior)
    usual: Frame = np.empty((3, 3))
    usual[BASE], usual[INFERIOR], usual[LATERAL] = base, inferior, lateral
    return usual


def _laid_down(frame: Frame, order: StoredOrder) -> Frame:
    slices, rows, columns = frame
    if order.transposed:
        rows, columns = columns, rows
    signs = [-1.0 if flip else 1.0 for flip in (order.base_first, order.rows_reversed, order.columns_reversed)]
    laid: Frame = np.stack([slices, rows, columns]) * np.array(signs)[:, None]
    return laid


def _stored_counts(heart: NMObject) -> tuple[NDArray[np.int16 | np.uint16], float]:
    """Counts in stored order as 16-bit numbers, and the slope that gives them back."""
    counts = np.asarray(heart.counts)
    if counts.ndim != 4 or not np.isfinite(counts).all() or not counts.any():
        raise RefusedError(
            heart.patient_id, rule="counts are finite, (gate, slice, row, column)", came=counts.shape, do="check them"
        )
    order = heart.stored
    if order.transposed:
        counts = counts.swapaxes(2, 3)
    step = [
        slice(None, None, -1 if flip else 1) for flip in (order.base_first, order.rows_reversed, order.columns_reversed)
    ]
    return in_16_bits(counts[:, step[0], step[1], step[2]])


def in_16_bits(values: NDArray[np.floating | np.integer]) -> tuple[NDArray[np.int16 | np.uint16], float]:
    """Values as whole 16-bit numbers and the slope that gives them back; whole numbers that fit keep slope 1."""
    low, high = float(values.min()), float(values.max())
    kind = np.dtype(np.int16 if low < 0 else np.uint16)
    fits = np.iinfo(kind).min <= low and high <= np.iinfo(kind).max and bool((values == np.round(values)).all())
    slope = 1.0 if fits else float(f"{max(high, -low) / 32767:.6e}") * (1 + 1e-6)
    return np.round(values / slope).astype(kind.newbyteorder("<")), slope


def _framed(
    stored: NDArray[np.int16 | np.uint16], order: StoredOrder
) -> tuple[NDArray[np.int16 | np.uint16], dict[str, list[int]]]:
    """Frames in the order of the file, (frames, rows, columns), and their vectors."""
    gates, slices = stored.shape[:2]
    gate, number = (grid.ravel() for grid in np.mgrid[1 : gates + 1, 1 : slices + 1])
    at = np.arange(gates * slices)
    if order.frames == "falling":
        at = at.reshape(gates, slices)[:, ::-1].ravel()
    elif order.frames == "shuffled":
        at = np.random.default_rng(17).permutation(at)
    frames = stored.reshape(-1, *stored.shape[2:])[at]
    vectors = {"SliceVector": number[at].tolist()}
    if gates > 1:
        vectors["RRIntervalVector"] = [1] * len(at)
        vectors["TimeSlotVector"] = gate[at].tolist()
    return frames, vectors
