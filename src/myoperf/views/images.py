"""Pictures of a study as they lie in files: slices of the heart, frames of a scan; one row of a cohort holds many."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Images:
    """All pictures that a column of the cohort names, each by itself, brought to one square size.

    column : of the cohort; its cells are what ``io.picture_stack.read_stack`` reads. size : pixels along a side.
    fit : how a picture that is larger or smaller comes to it: "resize", or "crop": the middle of the picture, as many
        pixels as are there, black outside; an outline does not move it, as it would give the answer away.
    channels : 3 for colour pictures (grey ones are repeated), 1 for grey.
    window : what full brightness is: "drawn": pictures are taken as they are drawn; "study": smallest and largest value
        of all pictures of the study; "image": of each.
    marked_only : only pictures with something marked on them (in the mask) are looked at, in training and in judging.
    """

    kind: Literal["images"] = "images"
    column: str = "slices"
    size: int = 512
    fit: Literal["crop", "resize"] = "resize"
    channels: Literal[1, 3] = 3
    window: Literal["drawn", "study", "image"] = "drawn"
    marked_only: bool = False

    def __post_init__(self) -> None:
        if not self.column.isidentifier():
            raise ValueError(f"a column is one word of letters, got {self.column!r}")
        if self.size < 8:
            raise ValueError(f"a picture is at least 8 pixels wide, got {self.size}")
