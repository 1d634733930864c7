"""Several systems on the same studies, and tests of paired differences."""

from ..corrected_t import CorrectedT, nadeau_bengio
from .compare import compare_systems
from .discordance import McNemar, mcnemar
from .equivalence import Equivalence, tost, tost_of
from .multiplicity import holm

__all__ = [
    "CorrectedT",
    "Equivalence",
    "McNemar",
    "compare_systems",
    "holm",
    "mcnemar",
    "nadeau_bengio",
    "tost",
    "tost_of",
]
