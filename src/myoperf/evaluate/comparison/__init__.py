"""Several systems on the same studies, and tests of paired differences."""

from ..corrected_t import CorrectedT, nadeau_bengio
from .claims import judge_claims
from .compare import compare_systems
from .discordance import McNemar, mcnemar
from .equivalence import Equivalence, tost, tost_of
from .interaction import compare_targets
from .multiplicity import holm

__all__ = [
    "CorrectedT",
    "Equivalence",
    "McNemar",
    "compare_systems",
    "compare_targets",
    "holm",
    "judge_claims",
    "mcnemar",
    "nadeau_bengio",
    "tost",
    "tost_of",
]
