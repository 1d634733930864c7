"""Which disc is stress, rest or the difference: by the word above it, else by its place and its values."""

from collections.abc import Sequence
from itertools import permutations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ...core.polar import Map
from .circles import Circle
from .colours import Floats
from .glyphs import Glyph, find_glyphs, letter_odds
from .learnt import LETTERS
from .page import DIFFERENCE, REST, STRESS, UNKNOWN

_WORDS = {
    STRESS: ("stress", "str", "s"),
    REST: ("rest", "rst", "r", "redistribution"),
    DIFFERENCE: ("reversibility", "reversible", "rev", "difference", "diff", "ischemia"),
}
_SURE = 0.4
_DARK = 30.0
_IN_ORDER = 4.0
_NO_WORD, _NOTHING = -3.0, -8.5
_LARGER = 3
_LEVELS = (0.4, 0.55, 0.7)


def contents(maps: Sequence[Map], lines: Sequence[Sequence[Sequence[Glyph]]]) -> tuple[str, ...]:
    """Content of every disc, in reading order; a content is given once, and UNKNOWN to what is left.

    lines : for every disc the lines of signs above it. The words of all discs are weighed together, and without plain
    words stress stands before rest, rest before the difference, and a difference is dark.
    """
    words = [_words(found) for found in lines]
    if len(maps) == 1:
        name, sure = _best(words[0])
        plain = sure > _SURE and (name != DIFFERENCE or float(maps[0].mean()) < _DARK)
        return (name if plain else UNKNOWN,)
    dark = [float(values.mean()) < _DARK for values in maps]
    names = (STRESS, REST, DIFFERENCE, *[UNKNOWN] * max(0, len(maps) - 2))
    best: tuple[float, tuple[str, ...]] = (-np.inf, (UNKNOWN,) * len(maps))
    for order in dict.fromkeys(permutations(names, len(maps))):
        score = sum(_likely(name, words[k], dark[k]) for k, name in enumerate(order))
        if STRESS in order and REST in order:
            score += _IN_ORDER * (order.index(STRESS) < order.index(REST))
        best = max(best, (score, order), key=lambda entry: entry[0])
    return best[1]


def _likely(name: str, words: dict[str, float], dark: bool) -> float:
    """How well a name suits a disc."""
    if name == UNKNOWN:
        return _NOTHING
    word = max(words.get(name, _NO_WORD), _NO_WORD)
    return 1.5 * word + (-3.0 if dark != (name == DIFFERENCE) else 0.0)


def _best(words: dict[str, float]) -> tuple[str, float]:
    """The likeliest content and its lead over the next."""
    ranked = sorted(words.items(), key=lambda item: -item[1])
    if not ranked or ranked[0][1] < -3.0:
        return UNKNOWN, 0.0
    return ranked[0][0], ranked[0][1] - ranked[1][1]


def lines_above(ink: Floats, circle: Circle) -> tuple[tuple[Glyph, ...], ...]:
    """Lines of signs above a disc and about its middle, each from left to right.

    ink : of the page, 0..1. It is enlarged first, so that small letters do not stick together.
    """
    left, right = (round(np.clip(circle.x + side * 0.9 * circle.radius, 0, ink.shape[1])) for side in (-1, 1))
    top, under = (round(np.clip(circle.y - part * circle.radius, 0, ink.shape[0])) for part in (1.4, 1.01))
    if right - left < 8 or under - top < 5:
        return ()
    strip = Image.fromarray(ink[top:under, left:right])
    large = np.asarray(strip.resize((_LARGER * strip.width, _LARGER * strip.height), Image.Resampling.BICUBIC))
    large = np.clip(large / max(float(np.percentile(large, 99.5)), 0.3), 0, 1)
    most = 0.4 * circle.radius * _LARGER
    return tuple(line for level in _LEVELS for line in _lines(find_glyphs(large, most, least_ink=level)))


def _lines(near: Sequence[Glyph]) -> list[tuple[Glyph, ...]]:
    """Signs in lines, the lowest first, each from left to right."""
    lines: list[list[Glyph]] = []
    for glyph in sorted((g for g in near if g.height >= 5 * _LARGER // 2), key=lambda g: -g.y):
        if lines and abs(lines[-1][0].y - glyph.y) < 0.6 * max(glyph.height, lines[-1][0].height):
            lines[-1].append(glyph)
        else:
            lines.append([glyph])
    return [tuple(sorted(line, key=lambda g: g.x)) for line in lines]


def _words(lines: Sequence[Sequence[Glyph]]) -> dict[str, float]:
    """How well the best line above a disc reads as each content."""
    found: dict[str, float] = {}
    for line in lines:
        for name, odds in _odds(line).items():
            found[name] = max(odds, found.get(name, -np.inf))
    return found


def _odds(line: Sequence[Glyph]) -> dict[str, float]:
    """Mean logarithm of the chance of the letters of each content's best word."""
    if not line:
        return {}
    odds = letter_odds(tuple(line))
    return {name: max(_fit(odds, word) for word in words) for name, words in _WORDS.items()}


def _fit(odds: NDArray[np.float64], word: str) -> float:
    """How well a line of signs begins with a word; signs that stick together cost a little."""
    columns = [(LETTERS.index(c), LETTERS.index(c.upper())) for c in word]
    count = min(len(columns), len(odds))
    each = [max(odds[k, a], odds[k, b]) for k, (a, b) in enumerate(columns[:count])]
    # a word of one letter is only believed of a title of one letter
    missing = abs(len(columns) - len(odds)) if len(columns) < 4 else max(0, len(columns) - len(odds))
    return float(np.mean(np.maximum(each, -6.0))) - 0.5 * missing
