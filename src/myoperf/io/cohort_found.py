"""What one file of a folder is for a study: a heart, projections, or an attenuation map."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from ..core.study import Evidence, Series
from ..core.terms import Correction, Position, Sex, State, Tracer
from .nm import require_short_axis, series_of
from .nm_frames import RECONSTRUCTIONS, image_kind, is_transmission
from .nm_gate import parse
from .nm_header import Header
from .nm_projections import PROJECTIONS, Projections, projections_of
from .nm_transaxial import Transaxial, transaxial_of


class Kind(StrEnum):
    """What a file holds."""

    HEART = "short axis"
    PROJECTIONS = "projections"
    ATTENUATION = "attenuation map"


@dataclass(frozen=True, kw_only=True)
class Found:
    """One file that has a place in a study, and what its header tells."""

    source: str
    kind: Kind
    gates: int
    state: State | None
    tracer: Tracer | None
    position: Position | None
    correction: Correction | None
    sex: Sex | None
    patient_id: str
    study_uid: str
    instance_uid: str
    scanner: str
    evidence: tuple[Evidence, ...]
    warnings: tuple[str, ...]


def read_found(path: Path | str) -> Found:
    """Read one file as whatever it is.

    RefusedError for everything that is neither a short-axis reconstruction, nor projections, nor an attenuation map;
    a transverse reconstruction has no place in a table.
    """
    parsed = parse(path)
    header = Header(source=parsed.source, dataset=parsed.dataset)
    kind = image_kind(header)
    if kind in PROJECTIONS:
        return _found(projections_of(parsed), Kind.PROJECTIONS)
    if kind in RECONSTRUCTIONS and is_transmission(header):
        return _found(transaxial_of(parsed), Kind.ATTENUATION)
    return _found(require_short_axis(series_of(parsed)), Kind.HEART)


def _found(image: Series | Projections | Transaxial, kind: Kind) -> Found:
    return Found(
        source=image.source,
        kind=kind,
        gates=1 if isinstance(image, Transaxial) else image.gates,
        state=image.state,
        tracer=None if isinstance(image, Transaxial) else image.tracer,
        position=image.position,
        correction=None if isinstance(image, Projections) else image.correction,
        sex=None if isinstance(image, Transaxial) else image.sex,
        patient_id=image.patient_id,
        study_uid=image.study_uid,
        instance_uid=image.instance_uid,
        scanner=f"{image.manufacturer} {image.model}".strip(),
        evidence=image.evidence,
        warnings=image.warnings,
    )
