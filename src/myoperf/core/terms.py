"""Closed lists of the field's terms, spelled as they are written in files."""

from enum import StrEnum


class State(StrEnum):
    """Physiological state of the patient at injection (or at imaging, for Tl-201 redistribution)."""

    STRESS = "stress"
    REST = "rest"


class Tracer(StrEnum):
    """Perfusion tracer, by its radionuclide."""

    TC99M = "Tc-99m"
    TL201 = "Tl-201"


class Sex(StrEnum):
    """Patient's sex as DICOM writes it (0010,0040); "O" (other) is kept as unknown, with a warning."""

    FEMALE = "F"
    MALE = "M"


class View(StrEnum):
    """How the slices of a reconstruction lie in the heart or body."""

    SHORT_AXIS = "short axis"
    VERTICAL_LONG_AXIS = "vertical long axis"
    HORIZONTAL_LONG_AXIS = "horizontal long axis"
    TRANSVERSE = "transverse"
    PROJECTION = "projection"
    UNTOLD = "not told"


class Position(StrEnum):
    """Patient position during imaging."""

    SUPINE = "supine"
    PRONE = "prone"
    UPRIGHT = "upright"


class Correction(StrEnum):
    """Attenuation correction: "AC" corrected, "NC" not corrected."""

    AC = "AC"
    NC = "NC"


class Territory(StrEnum):
    """Coronary artery whose bed a segment belongs to."""

    LAD = "LAD"
    LCX = "LCX"
    RCA = "RCA"


RESEARCH_USE = "Research use only, not for diagnosis."
