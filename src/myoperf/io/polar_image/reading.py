"""Polar maps from pictures: a vendor's screenshot back to uptake, or a refusal in one line."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ...core.colour import DEFAULT_SCALE, SCALES, paint
from ...core.errors import RefusedError
from ...core.polar import RINGS, PolarMap, disc_coordinates, disc_picture
from ...core.terms import State
from ..picture_file import read_picture
from .area import disc_weight, nominal_ring_mm
from .bars import ColourBar, find_bar
from .borders import border_odds
from .circles import Circle, find_circles
from .colours import ORDERS, Colours, Floats, Match, Scale, best_match, catalogue, known_scale, misfit, scale_of
from .glyphs import Glyph, find_glyphs
from .overlay import covered
from .page import DIFFERENCE, INSIDE, PageDisc, PolarPage
from .poses import Odds, Verdict, bar_odds, heart_odds, verdict, writing_odds
from .sheet import Sheet, cut_out, sheet_of, writing
from .titles import contents, lines_above
from .uptake import SIZES, DiscReading, read_disc

CLEAN_SIZE = 224
LEAST_UPRIGHT, LEAST_UPRIGHT_ALONE = 0.7, 0.25
"""A page is refused where it is less likely than this that nothing was done to it; a disc alone tells less."""
_FEW, _MANY = 6, 14
_HEARD, _HEARD_STEPS = 0.6, 0.3
"""How far signs on a disc are heard: lines cross them, and the borders of colour steps look like signs."""
_SAMPLES = 4000
_UNFIT = 36.0
_SWAPPED = 0.7
_RULE = "a picture with at least one polar map"
_DO = "give a screenshot with the whole disc on an even background"


@dataclass(frozen=True, kw_only=True)
class _Disc:
    """A disc on its way: where, its picture, what was read and what is written on it."""

    circle: Circle
    picture: Colours = field(repr=False)
    reading: DiscReading
    ink: Floats = field(repr=False)
    signs: tuple[Glyph, ...]


def read_polar_page(path: Path | str) -> PolarPage:
    """Read every polar map of a screenshot (JPEG or PNG).

    Refused in one line (``RefusedError``): what ``io.picture_file`` refuses, a picture without a polar map, colours on
    no known scale without a colour bar, channels in another order, discs or pages that are mirrored or turned. Nothing
    is ever turned back.
    """
    where = Path(path)
    return page_of(read_picture(where), str(where))


def page_of(picture: Colours, source: str) -> PolarPage:
    """Read a picture, shape (rows, columns, 3), that is already in memory; ``source`` is named in refusals."""
    sheet = sheet_of(picture)
    circles = find_circles(sheet.pixels)
    if not circles:
        raise RefusedError(source, rule=_RULE, came="no round map was found", do=_DO)
    bar = find_bar(sheet.pixels, sheet.labels)
    pictures = tuple(cut_out(sheet, c, _size(c)) for c in circles)
    scale = _scale(source, pictures, bar)
    kept = [_disc(c, p, scale) for c, p in zip(circles, pictures, strict=True)]
    kept = [disc for disc in kept if _is_map(disc, scale)]
    if not any(float(np.ptp(disc.reading.values)) > 8 for disc in kept):
        raise RefusedError(source, rule=_RULE, came="no round map with uptake was found", do=_DO)
    return _judged(source, sheet, tuple(kept), scale, bar)


def _judged(source: str, sheet: Sheet, discs: tuple[_Disc, ...], scale: Scale, bar: ColourBar | None) -> PolarPage:
    """Refuse what does not lie as it should, and give names to the rest."""
    signs = writing(sheet, tuple(disc.circle for disc in discs))
    around = writing_odds(signs) if len(signs) >= _FEW else np.zeros(8)
    page = around + (bar_odds(bar.end) if bar is not None else 0.0)
    if len(signs) >= _MANY and (whole := verdict(page)).upright < 0.02:
        raise _lies_wrong(source, "the page", whole)
    ink = np.clip(sheet.apart.astype(np.float32) / 160.0, 0, 1)
    names = contents([d.reading.values for d in discs], [lines_above(ink, d.circle) for d in discs])
    hearts = [d.reading.values for d, name in zip(discs, names, strict=True) if name != DIFFERENCE]
    shared = np.maximum(page, -3.0) + (heart_odds(hearts) if hearts else 0.0)
    heard = _HEARD_STEPS if scale.stepped else _HEARD
    told: list[Odds] = [border_odds(d.ink) + heard * writing_odds(d.signs) for d in discs]
    # what was done to one disc was done to all, or to that one alone
    together = verdict(shared + np.maximum(np.sum(told, axis=0), -40.0))
    if together.upright < (LEAST_UPRIGHT if len(discs) > 1 else LEAST_UPRIGHT_ALONE):
        raise _lies_wrong(source, "the disc" if len(discs) == 1 else "the discs", together)
    found = []
    for disc, name, own in zip(discs, names, told, strict=True):
        alone = verdict(shared + own)
        if alone.upright < 0.02:
            raise _lies_wrong(source, f"the {name or 'polar'} disc", alone)
        found.append(_named(disc, name, sheet.factor, scale, min(alone.upright, together.upright)))
    size = (round(sheet.pixels.shape[1] * sheet.factor), round(sheet.pixels.shape[0] * sheet.factor))
    return PolarPage(source=source, size=size, bar=bar is not None, discs=tuple(found))


def _named(disc: _Disc, name: str, factor: float, scale: Scale, upright: float) -> PageDisc:
    c = disc.circle
    residual = disc.reading.distance / scale.stride
    warnings = [INSIDE] if disc.signs else []
    if disc.reading.seen < 0.4:
        warnings.append(f"only {100 * disc.reading.seen:.0f} percent of the disc can be read, the rest is interpolated")
    return PageDisc(
        content=name,
        centre=(float(c.x) * factor, float(c.y) * factor),
        radius=float(c.radius) * factor,
        scale=scale.name,
        values=disc.reading.values,
        residual=residual,
        seen=disc.reading.seen,
        picture=_redrawn(disc.reading, CLEAN_SIZE, scale),
        upright=upright,
        warnings=tuple(warnings),
    )


def _lies_wrong(source: str, what: str, found: Verdict) -> RefusedError:
    return RefusedError(
        source,
        rule="polar maps have the anterior wall at the top and the septum at the left",
        came=f"{what} seems to be {found.words}",
        do="export the picture as the workstation shows it",
    )


def _size(circle: Circle) -> int:
    """Side of the square that a disc is brought to."""
    return next((size for size in SIZES if size >= 2 * circle.radius - 4), SIZES[-1])


def _scale(source: str, pictures: tuple[Colours, ...], bar: ColourBar | None) -> Scale:
    """The scale that the page's discs are painted with."""
    colours = _colours(pictures)
    match = best_match(colours, catalogue())
    if bar is not None and bar.name not in SCALES:
        own = scale_of(bar.name, bar.table)
        if misfit(own, colours) < min(0.8 * match.distance, _UNFIT):
            return own
    swapped = match.order != ORDERS[0] and match.distance < min(_SWAPPED * match.upright - 2, _UNFIT)
    if swapped or (bar is not None and bar.order != ORDERS[0]):
        order = match.order if swapped or bar is None else bar.order
        names = " ".join(("red", "green", "blue")[k] for k in order)
        raise RefusedError(
            source,
            rule="colours have their channels in the order red, green, blue",
            came=f"channels that make sense as {names}",
            do="export the picture anew without exchanging channels",
        )
    if bar is not None and bar.name in SCALES and misfit(known_scale(bar.name), colours) < _UNFIT:
        return known_scale(bar.name)
    if match.upright > _UNFIT:
        raise RefusedError(
            source,
            rule="a polar map is painted in a known colour scale, or its page has a colour bar",
            came=f"colours that are {match.upright:.0f} of 441 away from the nearest scale",
            do=f"use one of {', '.join(SCALES)}, or keep the bar on the picture",
        )
    return _stepped(pictures, _upright(match, colours))


def _upright(match: Match, colours: Colours) -> Scale:
    return match.scale if match.order == ORDERS[0] else min(catalogue(), key=lambda scale: misfit(scale, colours))


def _stepped(pictures: tuple[Colours, ...], scale: Scale) -> Scale:
    """The scale, or the same in steps where nearly all that is not drawn over has the colours of the steps."""
    near = [s for s in catalogue() if s.stepped and s is not scale and misfit(scale, s.table) < 12]
    for steps in near:
        shares = []
        for picture in pictures:
            place = scale.index(picture)
            over = covered(picture, scale, scale.percent[place], scale.distance[place])
            free = ~over & (disc_coordinates(picture.shape[0])[0] < 0.95)
            shares.append(float((steps.distance[steps.index(picture)][free] < 16).mean()))
        if max(shares) > 0.72:
            return steps
    return scale


def _colours(pictures: tuple[Colours, ...]) -> Colours:
    """Some colours of the discs; of dark ones only if there are no others."""
    parts = []
    for picture in pictures:
        inside = picture[disc_coordinates(picture.shape[0])[0] < 0.95]
        parts.append(inside[:: max(1, len(inside) // _SAMPLES)])
    lit = [part for part in parts if float(part.max(axis=1).mean()) > 60]
    return np.concatenate(lit or parts)


def _disc(circle: Circle, picture: Colours, scale: Scale) -> _Disc:
    reading = read_disc(picture, scale)
    size = picture.shape[0]
    bare = scale.table[np.round(np.nan_to_num(disc_picture(reading.values, size)) * 2.55).astype(np.intp)]
    apart = np.abs(picture.astype(np.int16) - bare.astype(np.int16)).max(axis=2).astype(np.float32)
    apart[disc_coordinates(size)[0] > 0.975] = 0
    if scale.stepped:
        apart[~reading.over] = 0
    ink = np.clip((apart - 30) / 130.0, 0, 1).astype(np.float32)
    signs = find_glyphs(ink, most=0.2 * size)
    return _Disc(circle=circle, picture=picture, reading=reading, ink=ink, signs=signs)


def _is_map(disc: _Disc, scale: Scale) -> bool:
    reading = disc.reading
    return reading.seen > 0.3 and reading.misfit < 8 and reading.distance < _UNFIT


def _redrawn(reading: DiscReading, size: int, scale: Scale) -> Colours:
    drawn = np.nan_to_num(disc_picture(reading.values, size), nan=-1.0)
    picture = scale.table[np.round(np.clip(drawn, 0, 100) * 2.55).astype(np.intp)]
    picture[drawn < 0] = 0
    return picture


def read_polar_map(path: Path | str, state: State | None = None, inside: str = "") -> PolarMap:
    """The one polar map of a picture, or that of a state on a page with several.

    inside : "stress" or "rest", what stands behind ``#`` in ``page.png#stress``. A picture with one disc is taken
    whatever its title, unless the title says another state.
    What a picture cannot tell: ``weight`` is that of a usual ventricle's rings (``area.disc_weight``), ``ring_mm`` are
    nominal, and ``reference_counts`` is NaN: counts are not known, 100 percent is the top of the colour scale.
    RefusedError as ``read_polar_page``, and where the wanted disc is not there or not plain.
    """
    page = read_polar_page(path)
    wanted = inside or (state.value if state is not None else "")
    disc = _chosen(page, wanted)
    weight = disc_weight()
    known = state or (State(wanted) if wanted in set(State) else None)
    if known is None and disc.content in set(State):
        known = State(disc.content)
    notes = "; ".join(disc.warnings)
    return PolarMap(
        values=disc.values,
        weight=weight,
        ring_mm=nominal_ring_mm(RINGS),
        reference_counts=float("nan"),
        state=known,
        source=f"{page.source}: {disc.scale}, residual {disc.residual:.1f} percent points"
        + (f"; {notes}" * bool(notes)),
    )


def _chosen(page: PolarPage, wanted: str) -> PageDisc:
    names = ", ".join(disc.content or "without a title" for disc in page.discs)
    if len(page.discs) == 1:
        only = page.discs[0]
        if wanted and only.content not in (wanted, ""):
            raise RefusedError(page.source, rule=f"the disc of {wanted}", came=names, do="check which file is which")
        return only
    same = [disc for disc in page.discs if disc.content == wanted and wanted]
    if len(same) != 1:
        raise RefusedError(
            page.source,
            rule=f"one disc of {wanted}" if wanted else "one disc, or the name of the one that is wanted",
            came=names,
            do="name stress or rest behind a #, as in page.png#stress",
        )
    return same[0]


def clean_disc(
    page: Path | str | PolarPage, size: int = CLEAN_SIZE, scale: str = DEFAULT_SCALE, content: str = ""
) -> Colours:
    """A disc drawn anew from its uptake, shape (size, size, 3), black around: no pixel of the page goes on.

    content : which disc of a page with several. KeyError for a scale that is not in ``SCALES``.
    """
    found = page if isinstance(page, PolarPage) else read_polar_page(page)
    return paint(disc_picture(_chosen(found, content).values, size), scale)
