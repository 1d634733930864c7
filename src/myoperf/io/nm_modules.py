"""The modules of an NM object (PS3.3 A.5), as data sets to be put together by ``nm_write``."""

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import UID

from ..core.terms import Correction, Position, State, Tracer
from .nm_directions import Frame
from .nm_gate import NM_IMAGE
from .nm_object import PHOTOPEAKS, Examined, NMObject, Window

_NUCLIDES = {Tracer.TC99M: ("C-163A8", "^99m^Technetium"), Tracer.TL201: ("C-138A9", "^201^Thallium")}
_POSITIONS = {
    Position.SUPINE: (("F-10450", "recumbent"), ("F-10340", "supine")),
    Position.PRONE: (("F-10450", "recumbent"), ("F-10310", "prone")),
    Position.UPRIGHT: (("F-10440", "erect"), ("F-103A0", "sitting")),
}
_STATES = {
    State.STRESS: ("432655005", "Cardiac Stress State"),
    State.REST: ("128975004", "Resting State"),
}
_LETTERS = "LPH", "RAF"


def coded(value: str, scheme: str, meaning: str) -> Dataset:
    """One item of a code sequence."""
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return item


def decimal(number: float) -> str:
    """A decimal string of at most 16 characters."""
    text = f"{number:.10g}"
    return text if len(text) <= 16 else f"{number:.7e}"


def patient_modules(who: Examined, uids: tuple[str, str, str], what: str) -> Dataset:
    """Patient, study, series, equipment, general image and SOP common modules.

    uids : of study, series and instance. what : words of the series description between state and correction.
    """
    ds = Dataset()
    ds.SpecificCharacterSet = "ISO_IR 192"
    ds.SOPClassUID, ds.Modality = UID(NM_IMAGE), "NM"
    ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.SOPInstanceUID = (UID(uid) for uid in uids)
    ds.StudyDate = ds.StudyTime = ds.AccessionNumber = ds.ReferringPhysicianName = ""
    ds.ContentDate = ds.ContentTime = ""
    ds.StudyID = who.study_id[:16]
    ds.PatientName, ds.PatientID, ds.PatientBirthDate = f"{who.patient_id}^{who.patient_id}", who.patient_id, ""
    ds.PatientSex = who.sex or ""
    if who.age_years is not None:
        ds.PatientAge = f"{who.age_years:03d}Y"
    if who.weight_kg is not None:
        ds.PatientWeight = decimal(who.weight_kg)
    if who.height_m is not None:
        ds.PatientSize = decimal(who.height_m)
    ds.SeriesDescription = who.description or " ".join(what.split())
    ds.SeriesNumber, ds.InstanceNumber = "1", "1"
    ds.BodyPartExamined = "HEART"
    ds.Manufacturer, ds.ManufacturerModelName = who.manufacturer, who.model
    return ds


def description(who: Examined, what: str, corrected: bool = True) -> str:
    """State, what it is, and the correction where it is an image that could have one."""
    state = "" if who.state is None else who.state.capitalize()
    correction = {Correction.AC: "AC", Correction.NC: "NoAC", None: ""}[who.correction]
    return f"{state} {what} {correction if corrected else ''}"


def coded_facts(who: Examined, windows: tuple[Window, ...]) -> Dataset:
    """Patient orientation, isotope and acquisition context modules.

    windows : energy windows; where there are none, one without name and limits.
    """
    ds = Dataset()
    ds.PatientOrientationCodeSequence = Sequence()
    ds.PatientGantryRelationshipCodeSequence = Sequence([coded("F-10480", "99SDM", "feet-first")])
    if who.position is not None:
        outer, inner = _POSITIONS[who.position]
        item = coded(outer[0], "99SDM", outer[1])
        item.PatientOrientationModifierCodeSequence = Sequence([coded(inner[0], "99SDM", inner[1])])
        ds.PatientOrientationCodeSequence = Sequence([item])
    drug = Dataset()
    drug.RadionuclideCodeSequence = Sequence()
    if who.tracer is not None:
        code, meaning = _NUCLIDES[who.tracer]
        drug.RadionuclideCodeSequence = Sequence([coded(code, "99SDM", meaning)])
    ds.NumberOfEnergyWindows = max(1, len(windows))
    ds.EnergyWindowInformationSequence = Sequence([_window(w) for w in windows or (None,)])
    ds.RadiopharmaceuticalInformationSequence = Sequence([drug])
    ds.AcquisitionContextSequence = Sequence()
    if who.state is not None:
        state = Dataset()
        state.ValueType = "CODE"
        state.ConceptNameCodeSequence = Sequence([coded("109054", "DCM", "Patient State")])
        state.ConceptCodeSequence = Sequence([coded(_STATES[who.state][0], "SCT", _STATES[who.state][1])])
        ds.AcquisitionContextSequence = Sequence([state])
    return ds


def photopeak(who: Examined) -> tuple[Window, ...]:
    """The photopeak of the tracer, as the one window of a reconstruction; none for an unknown tracer."""
    return () if who.tracer is None else (PHOTOPEAKS[who.tracer],)


def _window(window: Window | None) -> Dataset:
    item = Dataset()
    item.EnergyWindowName = "" if window is None else window.name
    if window is not None:
        limits = Dataset()
        limits.EnergyWindowLowerLimit, limits.EnergyWindowUpperLimit = decimal(window.low_kev), decimal(window.high_kev)
        item.EnergyWindowRangeSequence = Sequence([limits])
    return item


def detector_module(heart: NMObject, frame: Frame, shape: tuple[int, ...]) -> Dataset:
    """Detector, rotation and reconstruction modules, with the directions where ``heart.stored.place`` says.

    frame : directions of the stored slice, row and column index; shape : stored (gate, slice, row, column).
    """
    order = heart.stored
    spacing = [heart.spacing_mm[0], *(heart.spacing_mm[:0:-1] if order.transposed else heart.spacing_mm[1:])]
    sign = np.sign(frame[0] @ np.cross(frame[2], frame[1]))
    corner = -sum(frame[axis] * spacing[axis] * (shape[axis + 1] - 1) / 2 for axis in range(3))
    detector = parallel_detector()
    detector.ViewCodeSequence = Sequence([coded("103340004", "SCT", "Short Axis")])
    detector.ViewCodeSequence[0].ViewModifierCodeSequence = Sequence()
    ds = Dataset()
    told = {"detector": detector, "top": ds}.get(order.place)
    if told is not None:
        tell_place(told, frame[2], frame[1], np.asarray(corner))
    if order.place != "nowhere" and order.frames != "shuffled":
        apex_first = order.base_first == (order.frames == "falling")
        ds.SliceProgressionDirection = "APEX_TO_BASE" if apex_first else "BASE_TO_APEX"
    if order.place == "letters":
        ds.PatientOrientation = [_letters(frame[2]), _letters(frame[1])]
    ds.update(tomographic(detector, half_turn()))
    ds.SpacingBetweenSlices = decimal(float(sign) * spacing[0])
    ds.SliceThickness = decimal(spacing[0])
    ds.PixelSpacing = [decimal(spacing[1]), decimal(spacing[2])]
    return ds


def parallel_detector() -> Dataset:
    """An item of the Detector Information Sequence: parallel holes, direction and position empty."""
    detector = Dataset()
    detector.CollimatorType = "PARA"
    detector.FocalDistance = "0"
    detector.StartAngle = "0"
    detector.ImageOrientationPatient, detector.ImagePositionPatient = None, None
    return detector


def tell_place(
    place: Dataset, row: NDArray[np.float64], column: NDArray[np.float64], corner: NDArray[np.float64]
) -> None:
    """Write directions of the first row and column, and the middle of the first pixel (mm), into a data set."""
    place.ImageOrientationPatient = [f"{c + 0.0:.9f}" for c in (*row, *column)]
    place.ImagePositionPatient = [f"{c + 0.0:.6f}" for c in corner]


def tomographic(detector: Dataset, rotation: Dataset) -> Dataset:
    """Detector and rotation modules of one detector on one rotation."""
    ds = Dataset()
    ds.DetectorInformationSequence = Sequence([detector])
    ds.NumberOfDetectors = ds.NumberOfRotations = 1
    ds.RotationInformationSequence = Sequence([rotation])
    return ds


def half_turn() -> Dataset:
    """The usual half turn of 60 views, which the standard asks for beside every reconstruction."""
    turn = Dataset()
    turn.RotationDirection, turn.StartAngle, turn.ScanArc, turn.AngularStep = "CW", "225", "180", "3"
    turn.RadialPosition, turn.ActualFrameDuration, turn.NumberOfFramesInRotation = "250", "25000", 60
    turn.TableHeight = turn.TableTraverse = "0"
    return turn


def _letters(direction: NDArray[np.float64]) -> str:
    """Up to three letters for a direction, strongest first, as Patient Orientation writes it."""
    ranked = sorted(range(3), key=lambda axis: -abs(direction[axis]))
    return "".join(_LETTERS[int(direction[a] < 0)][a] for a in ranked if abs(direction[a]) > 0.2)


def image_module(kind: str, content: str, frames: NDArray[np.int16 | np.uint16], slope: float) -> Dataset:
    """Image pixel, multi-frame and NM image modules.

    kind, content : values 3 and 4 of Image Type. frames : (frames, rows, columns) as stored.
    """
    ds = Dataset()
    ds.ImageType = ["ORIGINAL", "PRIMARY", kind, content]
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.NumberOfFrames = str(frames.shape[0])
    ds.Rows, ds.Columns = frames.shape[1:]
    ds.BitsAllocated, ds.BitsStored, ds.HighBit = 16, 16, 15
    ds.PixelRepresentation = int(frames.dtype.kind == "i")
    if slope != 1.0:
        ds.RescaleIntercept, ds.RescaleSlope, ds.RescaleType = "0", decimal(slope), "US"
    return ds


def counts_module(total: float, corrected: tuple[str, ...]) -> Dataset:
    """Counts accumulated, and what the counts are corrected for, in terms of Corrected Image."""
    ds = Dataset()
    ds.CountsAccumulated = str(min(int(max(total, 0.0)), 2**31 - 1))
    ds.CorrectedImage = list(corrected)
    return ds


def corrections(who: Examined) -> tuple[str, ...]:
    """Corrections of a reconstruction in terms of Corrected Image."""
    attenuation = ("ATTN",) if who.correction is Correction.AC else ()
    return ("UNIF", *attenuation, *(("SCAT",) if who.scatter_corrected else ()))


def slice_module(vectors: dict[str, list[int]], gates: int) -> Dataset:
    """Frame vectors of a reconstruction: slices, and for several gates also the time slots."""
    ds = Dataset()
    ds.SliceVector, ds.NumberOfSlices = vectors["SliceVector"], len(set(vectors["SliceVector"]))
    ds.FrameIncrementPointer = 0x00540080
    if gates > 1:
        ds.FrameIncrementPointer = [0x00540060, 0x00540070, 0x00540080]
        ds.RRIntervalVector, ds.TimeSlotVector = vectors["RRIntervalVector"], vectors["TimeSlotVector"]
    return ds


def gated_module(who: Examined, gates: int) -> Dataset:
    """Gated information of several gates; nothing for one."""
    ds = Dataset()
    if gates > 1:
        ds.NumberOfRRIntervals, ds.NumberOfTimeSlots = 1, gates
        beats = Dataset()
        beats.FrameTime = decimal(who.beat_ms / gates)
        beats.NominalInterval = str(round(who.beat_ms))
        gate = Dataset()
        gate.DataInformationSequence = Sequence([beats])
        ds.GatedInformationSequence = Sequence([gate])
        ds.BeatRejectionFlag = "N"
    return ds
