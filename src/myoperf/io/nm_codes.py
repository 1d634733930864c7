"""Coded concepts of nuclear cardiology, by code value, and the words that stand for them in free text.

One table a fact. Values of SNOMED in its two codings (SRT / SNM3 / 99SDM letters, SCT numbers) and of DCM do not
collide, so the value alone decides.
"""

import re
from types import MappingProxyType

from ..core.terms import Correction, Position, State, Tracer, View

PATIENT_STATE = "109054"

STATES = MappingProxyType(
    {
        "F-05019": State.STRESS,
        "432655005": State.STRESS,
        "109091": State.STRESS,
        "F-05028": State.REST,
        "434161005": State.REST,
        "F-01604": State.REST,
        "128975004": State.REST,
        "109092": State.REST,
        "109093": State.REST,
        "109094": State.REST,
    }
)
"""Cardiac procedural states (CID 3101); reinjection and redistribution are imaged at rest."""

VIEWS = MappingProxyType(
    {
        "G-A186": View.SHORT_AXIS,
        "103340004": View.SHORT_AXIS,
        "G-A18A": View.VERTICAL_LONG_AXIS,
        "131185001": View.VERTICAL_LONG_AXIS,
        "G-A18B": View.HORIZONTAL_LONG_AXIS,
        "131186000": View.HORIZONTAL_LONG_AXIS,
        "G-A117": View.TRANSVERSE,
        "62824007": View.TRANSVERSE,
        "G-A147": View.TRANSVERSE,
        "24422004": View.TRANSVERSE,
    }
)
"""Nuclear medicine views of reconstructions (CID 26)."""

BODY_SECTIONS = MappingProxyType(
    {"G-A138": "coronal", "81654009": "coronal", "G-A145": "sagittal", "30730003": "sagittal"}
)

TRACERS = MappingProxyType(
    {
        "C-163A8": Tracer.TC99M,
        "72454006": Tracer.TC99M,
        "C-163AB": Tracer.TC99M,
        "424299003": Tracer.TC99M,
        "C-163AD": Tracer.TC99M,
        "424118002": Tracer.TC99M,
        "C-138A9": Tracer.TL201,
        "60057003": Tracer.TL201,
        "C-B1130": Tracer.TL201,
        "353842007": Tracer.TL201,
    }
)
"""Radionuclides (CID 18) and perfusion radiopharmaceuticals (CID 3111)."""

POSITIONS = MappingProxyType(
    {
        "F-10340": Position.SUPINE,
        "40199007": Position.SUPINE,
        "F-10310": Position.PRONE,
        "1240000": Position.PRONE,
        "F-10320": Position.UPRIGHT,
        "10904000": Position.UPRIGHT,
        "F-103A0": Position.UPRIGHT,
        "33586001": Position.UPRIGHT,
        "C86043": Position.UPRIGHT,
        "F-10460": Position.UPRIGHT,
        "102539006": Position.UPRIGHT,
    }
)
"""Patient orientation and its modifiers (CID 19, 20); sitting and semi-erect are upright."""


def _word(*words: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![a-z])(?:{'|'.join(words)})(?![a-z])")


STATE_WORDS = (
    (
        _word("stress[a-z]*", "strs", "str", "sgate[a-z]*", "exercise", "belastung", "effort", "esfuerzo", "sforzo"),
        State.STRESS,
    ),
    (
        _word(
            "rest",
            "resting",
            "rst",
            "rgate[a-z]*",
            "restgat[a-z]*",
            "restsax?",
            "ruhe",
            "repos",
            "reposo",
            "riposo",
            "repouso",
        ),
        State.REST,
    ),
    (_word("redist[a-z]*", "rdst", "delay", "delayed", "reinj[a-z]*"), State.REST),
)
VIEW_WORDS = (
    (_word("sa", "sax", "saxs", r"short[ _-]*ax[a-z]*"), View.SHORT_AXIS),
    (_word("vla", "vlax", r"v[a-z]*[ _-]*long[ _-]*ax[a-z]*"), View.VERTICAL_LONG_AXIS),
    (_word("hla", "hlax", r"h[a-z]*[ _-]*long[ _-]*ax[a-z]*"), View.HORIZONTAL_LONG_AXIS),
    (_word("trans", r"trans[ _-]*ax[a-z]*", "transvers[a-z]*", "axial", "tra"), View.TRANSVERSE),
)
TRACER_WORDS = (
    (
        _word(
            r"tc[ _-]*99m?",
            r"99m?[ _-]*tc",
            "tc",
            "technet[a-z]*",
            "[a-z]*mibi",
            "cardiolite",
            "myoview",
            "tetrofosmin",
        ),
        Tracer.TC99M,
    ),
    (_word(r"tl[ _-]*201", r"201[ _-]*tl", "tl", "thal[a-z]*"), Tracer.TL201),
)
POSITION_WORDS = (
    (_word("supine"), Position.SUPINE),
    (_word("prone"), Position.PRONE),
    (_word("upright", "erect", "sitting"), Position.UPRIGHT),
)
_NOT_CORRECTED = re.compile(
    r"(?<![a-z])(?:(?:non?|not|without|w/o|un)[ _-]*(?:ac|att[a-z]*|corrected)|nac|nc|irnc|uncorrected)(?![a-z])"
)
CORRECTION_WORDS = (
    (_NOT_CORRECTED, Correction.NC),
    (_word("ac", "ctac", "irac[a-z]*", "acsc", r"att[a-z]*[ _-]*corr[a-z]*"), Correction.AC),
)

NO_PERFUSION = _word(
    "mdp", "hdp", "hmdp", "dpd", "pyp", "pyrophosph[a-z]*", "maa", "dmsa", "mag3", "mibg", "dotatate", "rbc"
)
"""Radiopharmaceuticals of Tc-99m and others that do not show perfusion of the heart."""

OTHER_BODY_PARTS = _word(
    "brain", "head", "neck", "thyroid", "abdomen", "pelvis", "kidneys?", "liver", "spine", "bones?", "skeleton",
    "extremity", "legs?", "knees?", "hips?", "whole[ _-]?body", "lungs?",
)  # fmt: skip


HEART_PARTS = re.compile(r"heart|card|myo|chest|thora")


def plain(text: str) -> str:
    """Text for matching words: words written together ("RestGated") are parted, then lower case."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text).lower().replace("_", " ")
