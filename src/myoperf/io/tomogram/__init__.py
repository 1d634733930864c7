"""Slices of the left ventricle as pictures: cut from volumes, centred, labelled in a table."""

from .crop import cropped, ventricle_centre
from .labels import Labelled, read_labels, write_labels
from .slices import Cut, SlicePicture, slice_pictures

__all__ = [
    "Cut", "Labelled", "SlicePicture", "cropped", "read_labels", "slice_pictures", "ventricle_centre", "write_labels",
]  # fmt: skip
