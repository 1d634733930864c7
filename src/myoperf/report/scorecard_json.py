"""``scorecard.json``: a scorecard for machines."""

import json
from dataclasses import asdict

from myoperf.core.scorecard import Scorecard


def scorecard_json(scorecard: Scorecard) -> str:
    """JSON text; the keys are the field names of ``core.scorecard``. Missing figures are null, never NaN.

    ValueError for a figure that is not finite.
    """
    return json.dumps(asdict(scorecard), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
