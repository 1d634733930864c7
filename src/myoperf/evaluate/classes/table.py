"""Figures of a square table of true and called classes, for one table or for thousands at once."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array

from ..agreement import rates

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Codes = NDArray[np.intp]
Counts = csr_array[np.float64]

BY_CLASS = ("sensitivity", "specificity", "ppv", "npv", "f1")


def counted(truth: Codes, called: Codes, classes: int, patient: Codes, patients: int) -> Counts:
    """How many rows every patient has in each cell of the table, sparse, shape (classes x classes, patients).

    truth, called : places of the classes, shape (rows,). patient : codes below ``patients``, shape (rows,).
    """
    shape = (classes * classes, patients)
    return coo_array((np.ones(len(truth)), (truth * classes + called, patient)), shape=shape).tocsr()


def tables(counts: Counts, classes: int, weight: Floats) -> Floats:
    """Rows by true and called class, (weightings, classes, classes), for patient weights (weightings, patients)."""
    cells: Floats = np.asarray(counts @ weight.T).T.reshape(-1, classes, classes)
    return cells


def agreement(cells: Floats, present: Bools) -> dict[str, Floats]:
    """Figures of whole tables, shape (..., classes, classes) to (...); NaN where a figure is not defined.

    present : the classes that balanced accuracy is the mean over, shape (classes,). "accuracy" and "balanced_accuracy"
    run 0..1; "kappa" (Cohen 1960), "kappa_quadratic" (Cohen 1968, weights = squared distance between the places of two
    classes) and "mcc" (Gorodkin 2004) run from -1 to 1, 0 at chance. Higher is better.
    """
    total, right = cells.sum(axis=(-2, -1)), np.trace(cells, axis1=-2, axis2=-1)
    true, called = cells.sum(axis=-1), cells.sum(axis=-2)
    places = np.arange(cells.shape[-1], dtype=np.float64)
    apart = (places[:, None] != places[None, :]).astype(np.float64)
    mcc_below = np.sqrt((total**2 - (true**2).sum(axis=-1)) * (total**2 - (called**2).sum(axis=-1)))
    recall = _over(np.diagonal(cells, axis1=-2, axis2=-1), true)
    return {
        "accuracy": _over(right, total),
        "balanced_accuracy": recall[..., present].mean(axis=-1),
        "kappa": _kappa(cells, apart),
        "kappa_quadratic": _kappa(cells, np.square(places[:, None] - places[None, :])),
        "mcc": _over(right * total - (true * called).sum(axis=-1), mcc_below),
    }


def by_class(cells: Floats) -> dict[str, Floats]:
    """Figures ``BY_CLASS`` of each class against the rest, shape (..., classes); NaN where one is not defined."""
    total = cells.sum(axis=(-2, -1))[..., None]
    tp = np.diagonal(cells, axis1=-2, axis2=-1)
    fn, fp = cells.sum(axis=-1) - tp, cells.sum(axis=-2) - tp
    found = rates(tp, fp, fn, total - tp - fn - fp)
    return {name: found[name] for name in BY_CLASS}


def _kappa(cells: Floats, cost: Floats) -> Floats:
    """One minus the cost of the disagreements found over that of chance."""
    total = cells.sum(axis=(-2, -1))
    chance = cells.sum(axis=-1)[..., :, None] * cells.sum(axis=-2)[..., None, :]
    found: Floats = 1 - _over((cells * cost).sum(axis=(-2, -1)) * total, (chance * cost).sum(axis=(-2, -1)))
    return found


def _over(above: Floats, below: Floats) -> Floats:
    quotient: Floats = np.divide(above, below, out=np.full(np.shape(above), np.nan), where=below > 1e-12)
    return quotient
