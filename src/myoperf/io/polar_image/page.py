"""A page of polar maps: what was found on it."""

from dataclasses import dataclass, field

from ...core.polar import Map
from .colours import Colours

STRESS, REST, DIFFERENCE, UNKNOWN = "stress", "rest", "difference", ""
INSIDE = "text inside the disc"


@dataclass(frozen=True, kw_only=True)
class PageDisc:
    """One disc of a page.

    content : "stress", "rest", "difference", or "" where nothing tells. centre : (x, y) and radius in pixels of the
    picture as stored; pixel k covers k..k+1. scale : of ``core.colour.SCALES``, or "bar on the page".
    values : percent of the scale's maximum, 24 x 36 rings x sectors as in ``core.polar``, 0..100.
    residual : mean distance of the disc's colours from the scale in percent points, where nothing is drawn over it;
    small is good (JPEG alone gives 1 to 4).
    seen : part of the disc that nothing is drawn over; the rest is interpolated.
    picture : the disc alone, drawn anew from ``values``, (224, 224, 3), black around; nothing of the page is in it.
    upright : how likely it is that the disc is neither mirrored nor turned, 0..1.
    warnings : such as "text inside the disc".
    """

    content: str
    centre: tuple[float, float]
    radius: float
    scale: str
    values: Map = field(repr=False)
    residual: float
    seen: float
    picture: Colours = field(repr=False)
    upright: float
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PolarPage:
    """All discs of a picture, in reading order.

    size : width and height of the picture in pixels. bar : whether a colour bar was read. source : the file.
    """

    source: str
    size: tuple[int, int]
    bar: bool
    discs: tuple[PageDisc, ...]

    def disc(self, content: str) -> PageDisc | None:
        """The first disc with this content, or None."""
        return next((disc for disc in self.discs if disc.content == content), None)
