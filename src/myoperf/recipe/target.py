"""What a system is asked to tell: one value a question."""

from dataclasses import KW_ONLY, dataclass
from typing import Literal

from myoperf.core.terms import Tracer

Kind = Literal["binary", "classes", "per_vessel", "per_segment", "number", "survival", "mask", "image"]


@dataclass(frozen=True)
class Target:
    """One question. Its answers lie in the column ``label_<name>`` of a cohort, those of a "mask" in ``mask``.

    tracer : only studies with this tracer are asked; None: all are.
    classes : names of the classes in the order 0, 1, ...; for "binary" the second is the positive one.
    unit : of a "number".
    each : what is asked: every study, or every image of a study ("binary" and "mask"); the answers of images stand
        beside the images.
    causes : kinds of event of a "survival" target, in the order 1, 2, ...; 0 means no event yet. Several causes
        compete: the first event ends the follow-up.
    meaning : the definition in words, as far as the paper gives it.
    """

    name: str
    _: KW_ONLY
    kind: Kind
    tracer: Tracer | None = None
    classes: tuple[str, ...] = ()
    unit: str = ""
    each: Literal["study", "image"] = "study"
    causes: tuple[str, ...] = ()
    meaning: str = ""

    def __post_init__(self) -> None:
        if not self.name.isidentifier():
            raise ValueError(f"a target's name becomes a column, so it is one word of letters, got {self.name!r}")
        if self.kind == "binary" and len(self.classes) not in (0, 2):
            raise ValueError(f"target {self.name}: a binary target has two classes, got {self.classes}")
        if self.kind == "classes" and len(self.classes) < 2:
            raise ValueError(f"target {self.name}: name at least two classes, got {self.classes}")
        if (self.kind == "survival") != bool(self.causes):
            raise ValueError(f"target {self.name}: causes belong to survival, and survival needs them")
        if self.each == "image" and self.kind not in ("binary", "mask"):
            raise ValueError(f"target {self.name}: of images, binary or mask is asked, got {self.kind}")

    @property
    def column(self) -> str:
        """Column of the cohort that holds the answers, or the files that do."""
        return "mask" if self.kind == "mask" else f"label_{self.name}"
