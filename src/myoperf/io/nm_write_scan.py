"""Projections, transverse reconstructions and attenuation maps to DICOM NM files.

Angles: ours are 0 before the chest and grow to the patient's left side. DICOM counts from the patient's back to the
left side (PS3.3 C.8.4.12, Start Angle), so that its angle is 180 degrees less ours, and a rotation from right anterior
to left posterior runs clockwise. Rows of a projection are stored from head to feet, as they are looked at.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from ..core.errors import RefusedError
from .nm_modules import (
    coded,
    coded_facts,
    corrections,
    counts_module,
    decimal,
    description,
    gated_module,
    half_turn,
    image_module,
    parallel_detector,
    patient_modules,
    photopeak,
    slice_module,
    tell_place,
    tomographic,
)
from .nm_object import Examined, ProjectionObject, TransaxialObject
from .nm_write import finished, in_16_bits, made_uids, uid_from, write_dataset

_TOMO = (("EnergyWindowVector", 0x00540010), ("DetectorVector", 0x00540020), ("RotationVector", 0x00540050))
_GATED = (("RRIntervalVector", 0x00540060), ("TimeSlotVector", 0x00540070))
_VIEW = ("AngularViewVector", 0x00540090)


def write_projections(path: Path | str, scan: ProjectionObject) -> Path:
    """Write projections as TOMO or, with several gates, GATED TOMO; whole or not at all. Returns the path.

    Raises RefusedError for counts that are not five-dimensional, negative or all zero, for windows or radii that are
    not as many as the counts ask for, and for an arc of nothing or of more than a full turn.
    """
    return write_dataset(path, projection_dataset(scan))


def write_transaxial(path: Path | str, volume: TransaxialObject) -> Path:
    """Write a transverse volume as RECON TOMO (RECON GATED TOMO); whole or not at all. Returns the path.

    An attenuation map is a TRANSMISSION image; its Rescale Slope and Real World Value Mapping give 1/cm.
    Raises RefusedError for values that are not four-dimensional or finite, all zero, or, in an attenuation map,
    negative or of several gates.
    """
    return write_dataset(path, transaxial_dataset(volume))


def dicom_angle(theta_deg: float) -> float:
    """DICOM's angle, 0..360, of a detector at ours; its own inverse (modulo 360)."""
    return round((180.0 - theta_deg) % 360.0, 9) % 360.0


def projection_dataset(scan: ProjectionObject) -> Dataset:
    """The data set that ``write_projections`` writes."""
    counts = _checked_projections(scan)
    windows, gates, views = counts.shape[:3]
    kind = "GATED TOMO" if gates > 1 else "TOMO"
    stored, slope = in_16_bits(counts[:, :, :, ::-1])
    frames = np.ascontiguousarray(stored.reshape(-1, *stored.shape[3:]))
    uids = made_uids(scan, (kind, windows, gates, views))
    dataset = patient_modules(scan, uids, description(scan, kind.title().replace("Tomo", "Projections"), False))
    dataset.update(_reference_frame(scan))
    dataset.update(coded_facts(scan, scan.used_windows))
    dataset.update(_orbit(scan, counts.shape))
    dataset.PixelSpacing = [decimal(mm) for mm in scan.pixel_mm]
    dataset.update(image_module(kind, "EMISSION", frames, slope))
    dataset.update(counts_module(float(counts.sum(dtype=np.float64)), ("UNIF",)))
    dataset.update(_view_vectors(windows, gates, views))
    dataset.update(gated_module(scan, gates))
    return finished(dataset, frames)


def _checked_projections(scan: ProjectionObject) -> NDArray[np.floating | np.integer]:
    counts = np.asarray(scan.counts)
    if counts.ndim != 5 or not np.isfinite(counts).all() or counts.min(initial=0) < 0 or not counts.any():
        raise _refused(scan, "counts of projections are finite, (window, gate, view, z, bin)", counts.shape)
    if len(scan.used_windows) not in ((0, 1) if counts.shape[0] == 1 else (counts.shape[0],)):
        raise _refused(scan, f"there are {counts.shape[0]} energy windows", len(scan.used_windows))
    if len(scan.radius_mm) not in (1, counts.shape[2]) or min(scan.radius_mm) <= 0:
        raise _refused(scan, "radius_mm is one distance, or one a view", len(scan.radius_mm))
    if not 0 < abs(scan.arc_deg) <= 360:
        raise _refused(scan, "an arc is at most 360 degrees", scan.arc_deg)
    return counts


def _refused(who: Examined, rule: str, came: object) -> RefusedError:
    return RefusedError(who.patient_id, rule=rule, came=came, do="check the object to be written")


def _orbit(scan: ProjectionObject, shape: tuple[int, ...]) -> Dataset:
    """Detector and rotation modules; the place told is that of the first view's image on the detector."""
    views = shape[2]
    turn = Dataset()
    turn.StartAngle = decimal(dicom_angle(scan.start_deg))
    turn.RotationDirection = "CW" if scan.arc_deg > 0 else "CC"
    turn.ScanArc, turn.AngularStep = decimal(abs(scan.arc_deg)), decimal(abs(scan.arc_deg) / views)
    turn.RadialPosition = [decimal(mm) for mm in scan.radius_mm]
    turn.ActualFrameDuration, turn.NumberOfFramesInRotation = str(round(scan.frame_ms)), views
    turn.TableHeight = turn.TableTraverse = "0"
    angle = np.radians(scan.start_deg)
    outward = np.array([np.sin(angle), -np.cos(angle), 0.0])
    across, down = np.array([np.cos(angle), np.sin(angle), 0.0]), np.array([0.0, 0.0, -1.0])
    half = [(n - 1) / 2 * mm for n, mm in zip(shape[3:], scan.pixel_mm, strict=True)]
    detector = parallel_detector()
    detector.StartAngle = turn.StartAngle
    tell_place(detector, across, down, scan.radius_mm[0] * outward - half[1] * across - half[0] * down)
    return tomographic(detector, turn)


def _view_vectors(windows: int, gates: int, views: int) -> Dataset:
    """Frame vectors in the order of the standard: window, detector, rotation, gate, view; the view runs fastest."""
    window, gate, view = (grid.ravel() + 1 for grid in np.indices((windows, gates, views)))
    ones = np.ones_like(window)
    pointed = [*_TOMO, *(_GATED if gates > 1 else ()), _VIEW]
    columns = (window, ones, ones, *((ones, gate) if gates > 1 else ()), view)
    ds = Dataset()
    ds.FrameIncrementPointer = [tag for _, tag in pointed]
    for (keyword, _), column in zip(pointed, columns, strict=True):
        setattr(ds, keyword, column.tolist())
    return ds


def _reference_frame(who: Examined) -> Dataset:
    """One frame of reference for all that was acquired in one state and position."""
    ds = Dataset()
    ds.FrameOfReferenceUID = uid_from("frame", who.seed, who.patient_id, who.study_id, who.state, who.position)
    ds.PositionReferenceIndicator = ""
    return ds


def transaxial_dataset(volume: TransaxialObject) -> Dataset:
    """The data set that ``write_transaxial`` writes."""
    values = _checked_values(volume)
    gates, slices = values.shape[:2]
    stored, slope = in_16_bits(values)
    frames = np.ascontiguousarray(stored.reshape(-1, *stored.shape[2:]))
    what = "attenuation map" if volume.attenuation else "transaxial"
    words = description(volume, f"{'Gated ' if gates > 1 else ''}{what}", not volume.attenuation)
    dataset = patient_modules(volume, made_uids(volume, (what, gates)), words)
    dataset.update(_reference_frame(volume))
    dataset.update(coded_facts(volume, photopeak(volume)))
    dataset.update(_transverse(volume, values.shape))
    content = "TRANSMISSION" if volume.attenuation else "EMISSION"
    dataset.update(image_module("RECON GATED TOMO" if gates > 1 else "RECON TOMO", content, frames, slope))
    if volume.attenuation:
        dataset.update(_per_centimetre(slope, int(stored.max())))
    else:
        dataset.update(counts_module(float(values.sum(dtype=np.float64)), corrections(volume)))
    gate, number = (grid.ravel() + 1 for grid in np.indices((gates, slices)))
    vectors = {"SliceVector": number, "RRIntervalVector": np.ones_like(gate), "TimeSlotVector": gate}
    dataset.update(slice_module({name: vector.tolist() for name, vector in vectors.items()}, gates))
    dataset.update(gated_module(volume, gates))
    return finished(dataset, frames)


def _checked_values(volume: TransaxialObject) -> NDArray[np.floating | np.integer]:
    values = np.asarray(volume.values)
    if values.ndim != 4 or not np.isfinite(values).all() or not values.any():
        raise _refused(volume, "values are finite, (gate, z, y, x)", values.shape)
    if volume.attenuation and (values.min() < 0 or len(values) > 1):
        raise _refused(volume, "an attenuation map has one gate and nothing below 0", f"least {values.min():g}")
    return values


def _transverse(volume: TransaxialObject, shape: tuple[int, ...]) -> Dataset:
    """Detector, rotation and reconstruction modules of slices that rise to the head."""
    corner = [
        middle - (n - 1) / 2 * mm
        for middle, n, mm in zip(volume.centre_mm, shape[:0:-1], volume.spacing_mm[::-1], strict=True)
    ]
    detector = parallel_detector()
    tell_place(detector, np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0]), np.array(corner))
    view = coded("62824007", "SCT", "Transverse")
    view.ViewModifierCodeSequence = Sequence()
    detector.ViewCodeSequence = Sequence([view])
    ds = tomographic(detector, half_turn())
    ds.SpacingBetweenSlices = ds.SliceThickness = decimal(volume.spacing_mm[0])
    ds.PixelSpacing = [decimal(volume.spacing_mm[1]), decimal(volume.spacing_mm[2])]
    return ds


def _per_centimetre(slope: float, largest: int) -> Dataset:
    """Real values of an attenuation map: stored number times slope is the coefficient in 1/cm."""
    mapping = Dataset()
    mapping.RealWorldValueFirstValueMapped, mapping.RealWorldValueLastValueMapped = 0, largest
    mapping.RealWorldValueIntercept, mapping.RealWorldValueSlope = 0.0, float(decimal(slope))
    mapping.LUTExplanation, mapping.LUTLabel = "Linear attenuation coefficient", "mu"
    mapping.MeasurementUnitsCodeSequence = Sequence([coded("/cm", "UCUM", "/cm")])
    ds = Dataset()
    ds.RealWorldValueMappingSequence = Sequence([mapping])
    ds.CountsAccumulated, ds.CorrectedImage = None, []
    ds.ImageComments = "Linear attenuation coefficients in 1/cm"
    return ds
