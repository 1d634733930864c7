"""What a system looks at: one file a kind of input, made from polar maps or read from files. numpy only."""

from .images import Images
from .polar_disc import PolarDisc, polar_discs
from .polar_grid import PolarGrid, polar_grids
from .regions import Regions, region_names, region_shares, region_values

View = PolarDisc | PolarGrid | Regions | Images

__all__ = [
    "Images",
    "PolarDisc",
    "PolarGrid",
    "Regions",
    "View",
    "polar_discs",
    "polar_grids",
    "region_names",
    "region_shares",
    "region_values",
]
