"""Labelme files, versions 4 to 6: outlines of people on pictures, to masks and back."""

from .annotated import Annotated, read_annotated
from .file import LabelmeFile, read, write
from .outline import annotation_of, shapes_of
from .raster import label_image, masks
from .shape import Shape

__all__ = [
    "Annotated", "LabelmeFile", "Shape", "annotation_of", "label_image", "masks", "read", "read_annotated", "shapes_of",
    "write",
]  # fmt: skip
