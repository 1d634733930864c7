"""How far readers agree with each other beyond chance, whatever the truth."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FLEISS, MEAN = "all readers (Fleiss)", "mean over pairs (Cohen)"
_MOST_NAMED, _MOST = 45, 1000


@dataclass(frozen=True, kw_only=True)
class Said:
    """What readers said of each case, counted once so that many weightings are quick.

    votes : readers a category, shape (cases, categories). by_reader : 1 where a reader said it, (cases, readers x
    categories). alike : whether a pair said the same, (cases, pairs); no pairs where they are more than 1,000.
    """

    votes: Floats
    by_reader: Floats
    alike: Floats


def said_of(category: NDArray[np.intp]) -> Said:
    """Count codes 0, 1, ... of unordered categories, shape (readers, cases); ValueError for fewer than two readers."""
    readers, cases = category.shape
    if readers < 2:
        raise ValueError(f"agreement needs two readers, got {readers}")
    said = (category.T[:, :, None] == np.arange(category.max() + 1)).astype(np.float64)
    first, second = _pairs(readers)
    alike = (category[first] == category[second]).T.astype(np.float64)
    return Said(votes=said.sum(axis=1), by_reader=said.reshape(cases, -1), alike=alike)


def kappas(said: Said, weight: Floats) -> Mapping[str, Floats]:
    """Fleiss' kappa of all readers, and Cohen's as the mean over pairs and, up to ten readers, of each ("0, 1", ...).

    weight : how often each case counts, shape (weightings, cases). Returns shape (weightings,) each: -1..1, higher is
    better, 0 is chance; NaN where all say the same. Sources: Fleiss 1971; Cohen 1960.
    """
    readers, total = round(float(said.votes[0].sum())), weight.sum(axis=1)
    agree = (said.votes * (said.votes - 1)).sum(axis=1) / (readers * (readers - 1))
    overall = weight @ said.votes / (readers * total[:, None])
    found = {FLEISS: _beyond_chance(weight @ agree / total, (overall**2).sum(axis=1))}
    first, second = _pairs(readers)
    if not first.size:
        return found
    use = (weight @ said.by_reader / total[:, None]).reshape(len(weight), readers, -1)
    chance = (use @ use.transpose(0, 2, 1))[:, first, second]
    by_pair = _beyond_chance(weight @ said.alike / total[:, None], chance)
    found[MEAN] = by_pair.mean(axis=1)
    if first.size <= _MOST_NAMED:
        found |= {f"{i}, {j}": by_pair[:, k] for k, (i, j) in enumerate(zip(first, second, strict=True))}
    return found


def _pairs(readers: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    pairs = np.array(
        list(combinations(range(readers), 2)) if readers * (readers - 1) <= 2 * _MOST else [], dtype=np.intp
    )
    first, second = pairs.reshape(-1, 2).T
    return first, second


def _beyond_chance(agreement: Floats, chance: Floats) -> Floats:
    defined = chance < 1 - 1e-12
    kappa: Floats = np.divide(agreement - chance, 1 - chance, out=np.full(agreement.shape, np.nan), where=defined)
    return kappa
