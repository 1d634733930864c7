"""What an NM header says of a series: state, tracer, view, position, correction. Codes first, text second.

Every fact keeps the element that told it. A code that text contradicts stands, with a warning; where that would be
dangerous (state, tracer) see the functions.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from ..core.errors import RefusedError
from ..core.study import Evidence
from ..core.terms import Correction, Position, Sex, State, Tracer, View
from .nm_codes import (
    BODY_SECTIONS,
    CORRECTION_WORDS,
    HEART_PARTS,
    NO_PERFUSION,
    OTHER_BODY_PARTS,
    PATIENT_STATE,
    POSITION_WORDS,
    POSITIONS,
    STATE_WORDS,
    STATES,
    TRACER_WORDS,
    TRACERS,
    VIEW_WORDS,
    VIEWS,
    plain,
)
from .nm_header import Code, Header, codes, element_name, items, refuse, text, texts
from .nm_windows import energy_windows, window_tracers

T = TypeVar("T")
UNTOLD_TRACER = "the tracer is told by no code, energy window or text"
_DESCRIPTIONS = ("ImageID", "SeriesDescription", "ImageComments", "ProtocolName")


@dataclass(frozen=True, kw_only=True)
class Fact(Generic[T]):
    """A recognised fact, or None, with what told it and what contradicts it."""

    value: T | None = None
    evidence: tuple[Evidence, ...] = ()
    warnings: tuple[str, ...] = ()


def by_code(name: str, found: Iterable[tuple[str, Code]], table: Mapping[str, T]) -> Fact[T]:
    """The first code that the table knows; ``found`` pairs an element's keyword with a code in it."""
    for keyword, code in found:
        if code.value in table:
            value = table[code.value]
            told = Evidence(fact=name, value=str(value), source=f"{element_name(keyword)} {code.label}")
            return Fact(value=value, evidence=(told,))
    return Fact()


def by_words(name: str, lines: Iterable[tuple[str, str]], table: Sequence[tuple[re.Pattern[str], T]]) -> Fact[T]:
    """The fact that the first decisive line tells; a line with words for two values decides nothing."""
    for source, line in lines:
        said = {value for pattern, value in table if pattern.search(plain(line))}
        if len(said) == 1:
            value = said.pop()
            return Fact(
                value=value, evidence=(Evidence(fact=name, value=str(value), source=f"{source} '{line[:80]}'"),)
            )
    return Fact()


def first_told(name: str, coded: Fact[T], worded: Fact[T]) -> Fact[T]:
    """The coded fact, else the worded one; both kept as evidence, a contradiction warned of."""
    if coded.value is None or worded.value is None:
        return worded if coded.value is None else coded
    evidence = coded.evidence + worded.evidence
    if coded.value == worded.value:
        return Fact(value=coded.value, evidence=evidence)
    return Fact(value=coded.value, evidence=evidence, warnings=(_differ(name, coded, worded),))


def _differ(name: str, one: Fact[T], other: Fact[T]) -> str:
    return f"{name}: {one.evidence[0].source} says {one.value}, {other.evidence[0].source} says {other.value}"


def lines_of(header: Header, *keywords: str) -> list[tuple[str, str]]:
    """Free text of several elements, as (element, text), without empty ones."""
    return [(element_name(keyword), line) for keyword in keywords if (line := text(header, keyword))]


def recognise_state(header: Header) -> Fact[State]:
    """Stress or rest: Acquisition Context (Patient State), else descriptions. A contradiction leaves it unknown."""
    found: list[tuple[str, Code]] = []
    for item in items(header, "AcquisitionContextSequence"):
        if any(code.value == PATIENT_STATE for code in codes(item, "ConceptNameCodeSequence")):
            found += [("AcquisitionContextSequence", code) for code in codes(item, "ConceptCodeSequence")]
    coded = by_code("state", found, STATES)
    worded = by_words("state", lines_of(header, *_DESCRIPTIONS, "StudyDescription"), STATE_WORDS)
    fact = first_told("state", coded, worded)
    return Fact(evidence=fact.evidence, warnings=fact.warnings) if fact.warnings else fact


def recognise_view(header: Header) -> Fact[View]:
    """View Code Sequence of a detector or the top level, else descriptions. Coronal and sagittal are refused."""
    places = [*items(header, "DetectorInformationSequence"), header]
    found = [("ViewCodeSequence", code) for place in places for code in codes(place, "ViewCodeSequence")]
    for _, code in found:
        if code.value in BODY_SECTIONS:
            raise refuse(header, "ViewCodeSequence", "is a view of the heart", f"{BODY_SECTIONS[code.value]} sections")
    told = {VIEWS[code.value] for _, code in found if code.value in VIEWS}
    if len(told) > 1:
        raise refuse(header, "ViewCodeSequence", "tells one view", " and ".join(sorted(told)))
    meanings = [("ViewCodeSequence meaning", code.meaning) for _, code in found]
    worded = by_words("view", [*meanings, *lines_of(header, *_DESCRIPTIONS)], VIEW_WORDS)
    return first_told("view", by_code("view", found, VIEWS), worded)


def recognise_tracer(header: Header, window: int) -> Fact[Tracer]:
    """Radionuclide and radiopharmaceutical codes, else the energy window, else text.

    window : number of the energy window that the frames come from.
    Refused: a radionuclide that is neither Tc-99m nor Tl-201, a radiopharmaceutical that does not show perfusion,
    a code or text that the energy window contradicts.
    """
    found, lines = _radiopharmaceuticals(header)
    coded = by_code("tracer", found, TRACERS)
    worded = by_words("tracer", lines, TRACER_WORDS)
    foreign = [
        code.label for keyword, code in found if keyword.startswith("Radionuclide") and code.value not in TRACERS
    ]
    if coded.value is None and worded.value is None and foreign:
        raise refuse(header, "RadionuclideCodeSequence", "is Tc-99m or Tl-201", foreign[0])
    for source, line in [*lines, *lines_of(header, "SeriesDescription", "StudyDescription")]:
        if NO_PERFUSION.search(plain(line)):
            raise RefusedError(
                header.source, rule="the tracer shows perfusion", came=f"{source} '{line}'", do="give perfusion studies"
            )
    windowed = _by_window(header, window)
    if len({TRACERS[code.value] for _, code in found if code.value in TRACERS}) > 1:
        coded = Fact()
    named = first_told("tracer", coded, worded)
    if named.value is not None and windowed and named.value not in windowed:
        told = f"{named.evidence[0].source} says {named.value}, {windowed[next(iter(windowed))].source}"
        raise RefusedError(
            header.source, rule="tracer and energy window agree", came=told, do="check which tracer was given"
        )
    if named.value is None and len(windowed) == 1:
        value, told_by = next(iter(windowed.items()))
        return Fact(value=value, evidence=(told_by,))
    if named.value is None:
        rest = lines_of(header, *_DESCRIPTIONS, "StudyDescription")
        named = by_words("tracer", rest, TRACER_WORDS)
    seen = (windowed[named.value],) if named.value in windowed else ()
    untold = () if named.value is not None else (UNTOLD_TRACER,)
    return Fact(value=named.value, evidence=named.evidence + seen, warnings=named.warnings + untold)


def _radiopharmaceuticals(header: Header) -> tuple[list[tuple[str, Code]], list[tuple[str, str]]]:
    """Codes, and texts, of radionuclides and radiopharmaceuticals."""
    found: list[tuple[str, Code]] = []
    lines: list[tuple[str, str]] = []
    for item in items(header, "RadiopharmaceuticalInformationSequence"):
        for keyword in ("RadionuclideCodeSequence", "RadiopharmaceuticalCodeSequence"):
            coded = codes(item, keyword)
            found += [(keyword, code) for code in coded]
            lines += [(f"{keyword} meaning", code.meaning) for code in coded if code.meaning]
        lines += lines_of(item, "Radiopharmaceutical")
    return found, lines + lines_of(header, "Radiopharmaceutical")


def _by_window(header: Header, number: int) -> dict[Tracer, Evidence]:
    windows = energy_windows(header)
    used = windows[number - 1 : number] if len(windows) > 1 else windows
    return {
        tracer: Evidence(fact="tracer", value=str(tracer), source=window.label)
        for window in used
        for tracer in window_tracers(window)
    }


def recognise_position(header: Header) -> Fact[Position]:
    """Patient Orientation modifier, Patient Orientation, then Patient Position (HFS, FFP ...), then descriptions."""
    outer = items(header, "PatientOrientationCodeSequence")
    inner = "PatientOrientationModifierCodeSequence"
    found = [(inner, code) for item in outer for code in codes(item, inner)]
    found += [("PatientOrientationCodeSequence", code) for code in codes(header, "PatientOrientationCodeSequence")]
    coded = by_code("position", found, POSITIONS)
    letters = text(header, "PatientPosition").upper()
    if coded.value is None and len(letters) == 3 and letters[2] in "SP":
        value = Position.SUPINE if letters[2] == "S" else Position.PRONE
        source = f"{element_name('PatientPosition')} {letters}"
        coded = Fact(value=value, evidence=(Evidence(fact="position", value=str(value), source=source),))
    return first_told("position", coded, by_words("position", lines_of(header, *_DESCRIPTIONS), POSITION_WORDS))


def recognise_correction(header: Header) -> Fact[Correction]:
    """Attenuation correction: ATTN in Corrected Image, descriptions, or a Corrected Image that lists no ATTN."""
    listed = texts(header, "CorrectedImage")
    source = f"{element_name('CorrectedImage')} {' '.join(dict.fromkeys(listed))}"
    coded: Fact[Correction] = Fact()
    if "ATTN" in listed:
        coded = Fact(
            value=Correction.AC, evidence=(Evidence(fact="correction", value=str(Correction.AC), source=source),)
        )
    lines = lines_of(header, *_DESCRIPTIONS)
    worded = next((fact for line in lines if (fact := _correction_in(line)).value), Fact[Correction]())
    fact = first_told("correction", coded, worded)
    if fact.value is None and listed:
        return Fact(
            value=Correction.NC, evidence=(Evidence(fact="correction", value=str(Correction.NC), source=source),)
        )
    return fact


def _correction_in(line: tuple[str, str]) -> Fact[Correction]:
    """Words for "not corrected" hold the words for "corrected", so the first pattern that fits decides."""
    for pattern, value in CORRECTION_WORDS:
        if pattern.search(plain(line[1])):
            return Fact(
                value=value,
                evidence=(Evidence(fact="correction", value=str(value), source=f"{line[0]} '{line[1][:80]}'"),),
            )
    return Fact()


def recognise_sex(header: Header) -> Fact[Sex]:
    """Patient's Sex F or M; "O" and anything else is unknown, with a warning."""
    told = text(header, "PatientSex").upper()
    if told in ("F", "M"):
        value = Sex(told)
        return Fact(value=value, evidence=(Evidence(fact="sex", value=str(value), source=element_name("PatientSex")),))
    return Fact(warnings=(f"Patient's Sex is {told}: taken as unknown",) if told else ())


def require_heart(header: Header) -> None:
    """Refuse another modality than NM, and a body part that is named and is not the heart or chest."""
    modality = text(header, "Modality")
    if modality and plain(modality) != plain("NM"):
        raise refuse(header, "Modality", "is NM", modality)
    part = text(header, "BodyPartExamined")
    if OTHER_BODY_PARTS.search(plain(part)) and not HEART_PARTS.search(plain(part)):
        raise refuse(header, "BodyPartExamined", "is the heart", part)


@dataclass(frozen=True, kw_only=True)
class Facts:
    """All that is recognised of who, what and how, besides the view."""

    state: State | None
    tracer: Tracer | None
    position: Position | None
    correction: Correction | None
    sex: Sex | None
    evidence: tuple[Evidence, ...]
    warnings: tuple[str, ...]


def recognise_facts(header: Header, window: int) -> Facts:
    """State, tracer, position, correction and sex; ``window`` as for ``recognise_tracer``."""
    state, tracer = recognise_state(header), recognise_tracer(header, window)
    position, correction, sex = recognise_position(header), recognise_correction(header), recognise_sex(header)
    told = (state, tracer, position, correction, sex)
    return Facts(
        state=state.value,
        tracer=tracer.value,
        position=position.value,
        correction=correction.value,
        sex=sex.value,
        evidence=tuple(e for fact in told for e in fact.evidence),
        warnings=tuple(w for fact in told for w in fact.warnings),
    )
