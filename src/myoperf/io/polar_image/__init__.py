"""Vendors' screenshots of polar maps, and back to uptake."""

from .page import PageDisc, PolarPage
from .reading import clean_disc, page_of, read_polar_map, read_polar_page

__all__ = ["PageDisc", "PolarPage", "clean_disc", "page_of", "read_polar_map", "read_polar_page"]
