"""The modules of an NM object (PS3.3 A.5), as data sets to be put together by ``nm_write``."""

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import UID

from ..core.terms import Correction, Position, State, Tracer
from .nm_directions import Frame
from .nm_gate import NM_IMAGE
from .nm_object import NMObject

_WINDOWS = {Tracer.TC99M: ("Tc-99m", 126.45, 154.55), Tracer.TL201: ("Tl-201", 67.5, 82.5)}
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


def _coded(value: str, scheme: str, meaning: str) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return item


def _decimal(number: float) -> str:
    """A decimal string of at most 16 characters."""
    text = f"{number:.10g}"
    return text if len(text) <= 16 else f"{number:.7e}"


def patient_modules(heart: NMObject, uids: tuple[str, str, str]) -> Dataset:
    """Patient, study, series, equipment, general image and SOP common modules."""
    ds = Dataset()
    ds.SpecificCharacterSet = "ISO_IR 192"
    ds.SOPClassUID, ds.Modality = UID(NM_IMAGE), "NM"
    ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.SOPInstanceUID = (UID(uid) for uid in uids)
    ds.StudyDate = ds.StudyTime = ds.AccessionNumber = ds.ReferringPhysicianName = ""
    ds.ContentDate = ds.ContentTime = ""
    ds.StudyID = heart.study_id[:16]
    ds.PatientName, ds.PatientID, ds.PatientBirthDate = f"{heart.patient_id}^{heart.patient_id}", heart.patient_id, ""
    ds.PatientSex = heart.sex or ""
    if heart.age_years is not None:
        ds.PatientAge = f"{heart.age_years:03d}Y"
    if heart.weight_kg is not None:
        ds.PatientWeight = _decimal(heart.weight_kg)
    if heart.height_m is not None:
        ds.PatientSize = _decimal(heart.height_m)
    state = "" if heart.state is None else heart.state.capitalize()
    correction = {Correction.AC: "AC", Correction.NC: "NoAC", None: ""}[heart.correction]
    ds.SeriesDescription = heart.description or " ".join(f"{state} SA {correction}".split())
    ds.SeriesNumber, ds.InstanceNumber = "1", "1"
    ds.BodyPartExamined = "HEART"
    ds.Manufacturer, ds.ManufacturerModelName = heart.manufacturer, heart.model
    return ds


def coded_facts(heart: NMObject) -> Dataset:
    """Patient orientation, isotope and acquisition context modules."""
    ds = Dataset()
    ds.PatientOrientationCodeSequence = Sequence()
    ds.PatientGantryRelationshipCodeSequence = Sequence([_coded("F-10480", "99SDM", "feet-first")])
    if heart.position is not None:
        outer, inner = _POSITIONS[heart.position]
        item = _coded(outer[0], "99SDM", outer[1])
        item.PatientOrientationModifierCodeSequence = Sequence([_coded(inner[0], "99SDM", inner[1])])
        ds.PatientOrientationCodeSequence = Sequence([item])
    window, drug = Dataset(), Dataset()
    drug.RadionuclideCodeSequence = Sequence()
    window.EnergyWindowName = ""
    if heart.tracer is not None:
        name, low, high = _WINDOWS[heart.tracer]
        limits = Dataset()
        limits.EnergyWindowLowerLimit, limits.EnergyWindowUpperLimit = _decimal(low), _decimal(high)
        window.EnergyWindowName = name
        window.EnergyWindowRangeSequence = Sequence([limits])
        code, meaning = _NUCLIDES[heart.tracer]
        drug.RadionuclideCodeSequence = Sequence([_coded(code, "99SDM", meaning)])
    ds.NumberOfEnergyWindows = 1
    ds.EnergyWindowInformationSequence = Sequence([window])
    ds.RadiopharmaceuticalInformationSequence = Sequence([drug])
    ds.AcquisitionContextSequence = Sequence()
    if heart.state is not None:
        state = Dataset()
        state.ValueType = "CODE"
        state.ConceptNameCodeSequence = Sequence([_coded("109054", "DCM", "Patient State")])
        state.ConceptCodeSequence = Sequence([_coded(_STATES[heart.state][0], "SCT", _STATES[heart.state][1])])
        ds.AcquisitionContextSequence = Sequence([state])
    return ds


def detector_module(heart: NMObject, frame: Frame, shape: tuple[int, ...]) -> Dataset:
    """Detector, rotation and reconstruction modules, with the directions where ``heart.stored.place`` says.

    frame : directions of the stored slice, row and column index; shape : stored (gate, slice, row, column).
    """
    order = heart.stored
    spacing = [heart.spacing_mm[0], *(heart.spacing_mm[:0:-1] if order.transposed else heart.spacing_mm[1:])]
    sign = np.sign(frame[0] @ np.cross(frame[2], frame[1]))
    corner = -sum(frame[axis] * spacing[axis] * (shape[axis + 1] - 1) / 2 for axis in range(3))
    detector = Dataset()
    detector.CollimatorType = "PARA"
    detector.FocalDistance = "0"
    detector.StartAngle = "0"
    detector.ImageOrientationPatient, detector.ImagePositionPatient = None, None
    detector.ViewCodeSequence = Sequence([_coded("103340004", "SCT", "Short Axis")])
    detector.ViewCodeSequence[0].ViewModifierCodeSequence = Sequence()
    ds = Dataset()
    told = {"detector": detector, "top": ds}.get(order.place)
    if told is not None:
        told.ImageOrientationPatient = [f"{c:.9f}" for c in (*frame[2], *frame[1])]
        told.ImagePositionPatient = [f"{c:.6f}" for c in np.asarray(corner)]
    if order.place != "nowhere" and order.frames != "shuffled":
        apex_first = order.base_first == (order.frames == "falling")
        ds.SliceProgressionDirection = "APEX_TO_BASE" if apex_first else "BASE_TO_APEX"
    if order.place == "letters":
        ds.PatientOrientation = [_letters(frame[2]), _letters(frame[1])]
    ds.DetectorInformationSequence = Sequence([detector])
    ds.NumberOfDetectors = ds.NumberOfRotations = 1
    ds.RotationInformationSequence = Sequence([_rotation()])
    ds.SpacingBetweenSlices = _decimal(float(sign) * spacing[0])
    ds.SliceThickness = _decimal(spacing[0])
    ds.PixelSpacing = [_decimal(spacing[1]), _decimal(spacing[2])]
    return ds


def _rotation() -> Dataset:
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


def image_module(heart: NMObject, frames: NDArray[np.int16 | np.uint16], slope: float) -> Dataset:
    """Image pixel, multi-frame and NM image modules. frames : (frames, rows, columns) as stored."""
    ds = Dataset()
    gated = heart.counts.shape[0] > 1
    ds.ImageType = ["ORIGINAL", "PRIMARY", "RECON GATED TOMO" if gated else "RECON TOMO", "EMISSION"]
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.NumberOfFrames = str(frames.shape[0])
    ds.Rows, ds.Columns = frames.shape[1:]
    ds.BitsAllocated, ds.BitsStored, ds.HighBit = 16, 16, 15
    ds.PixelRepresentation = int(frames.dtype.kind == "i")
    if slope != 1.0:
        ds.RescaleIntercept, ds.RescaleSlope, ds.RescaleType = "0", _decimal(slope), "US"
    ds.CountsAccumulated = str(min(int(max(float(heart.counts.sum()), 0.0)), 2**31 - 1))
    ds.CorrectedImage = ["UNIF", "ATTN"] if heart.correction is Correction.AC else ["UNIF"]
    return ds


def gated_module(heart: NMObject, vectors: dict[str, list[int]]) -> Dataset:
    """Frame vectors, and for a gated heart the gated information."""
    ds = Dataset()
    gates, slices = heart.counts.shape[0], len(set(vectors["SliceVector"]))
    ds.SliceVector, ds.NumberOfSlices = vectors["SliceVector"], slices
    ds.FrameIncrementPointer = 0x00540080
    if gates > 1:
        ds.FrameIncrementPointer = [0x00540060, 0x00540070, 0x00540080]
        ds.RRIntervalVector, ds.NumberOfRRIntervals = vectors["RRIntervalVector"], 1
        ds.TimeSlotVector, ds.NumberOfTimeSlots = vectors["TimeSlotVector"], gates
        beats = Dataset()
        beats.FrameTime = _decimal(heart.beat_ms / gates)
        beats.NominalInterval = str(round(heart.beat_ms))
        gate = Dataset()
        gate.DataInformationSequence = Sequence([beats])
        ds.GatedInformationSequence = Sequence([gate])
        ds.BeatRejectionFlag = "N"
    return ds
