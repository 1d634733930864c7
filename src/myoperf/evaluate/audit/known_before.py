"""Which columns of a cohort are known before its images are read."""

import re

from myoperf.io.cohort_table import FILE_COLUMNS
from myoperf.quant.table import COLUMNS as MEASURES

KNOWN = frozenset(
    {
        "sex",
        "age",
        "bmi",
        "center",
        "scanner",
        "tracer",
        "stress_tracer",
        "rest_tracer",
        "position",
        "attenuation_correction",
        "stressor",
        "protocol",
    }
)
"""Columns of a cohort that are always judged."""

_AFTER = re.compile(
    r"^(label|target|truth|score|event|time_days|first_event|split|part|set|fold|repeat|index|row|unnamed)(_|$)"
    r"|_(days|id|uid|path|file|name|date)$|^(file|path|image|name|date|id|uid)$"
    r"|report|reader|reading|impression|diagnos|conclusion|finding|defect|perfusion|confidence|artefact|artifact|quality"
    r"|^(sss|srs|sds|tpd|tid|ef|lvef|edv|esv|mass|phase|extent|severity|uptake|flow|mfr|angiograph|cta|calcium|stenos"
    r"|ejection|lv_|summed|ischemi|ischaemi|infarct|scar|outcome|death|mace|follow)"
    r"|_(tpd|extent|ef|edv|esv|edv_ml|esv_ml|score|flow|volume|volume_ml)(_|$)|flow_|^[sr]\d{1,2}$|^u[sr]\d{2}$"
    r"|ischemi|ischaemi|infarct|revasculari|obstruct"
)
"""Names of outcomes, of what images show, and of what readers say."""

_SCAN = frozenset(MEASURES) - KNOWN


def is_known_before(name: str) -> bool:
    """Whether a column tells of the patient, the camera or the protocol, not of images, readers or outcomes."""
    if name in KNOWN:
        return True
    plain = name.strip().casefold()
    return not (plain in FILE_COLUMNS or plain in _SCAN or _AFTER.search(plain))
