"""What a system looks at: one file a kind of input, made from polar maps. numpy only."""

from .polar_disc import PolarDisc, polar_discs
from .polar_grid import PolarGrid, polar_grids
from .regions import Regions, region_names, region_shares, region_values

View = PolarDisc | PolarGrid | Regions

__all__ = [
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
