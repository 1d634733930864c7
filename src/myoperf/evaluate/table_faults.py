"""What is wrong with a table of predictions as a whole, before any target is judged."""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from myoperf.core.predictions import Predictions
from myoperf.io.cohort_rules import plain_id

Bools = NDArray[np.bool_]
Codes = NDArray[np.intp]


def with_parts(predictions: Predictions) -> tuple[Predictions, tuple[str, ...]]:
    """The table with its parts named: without a column ``split``, folds of a cross-validation are no test part.

    Folds are those of a cross-validation where there are several and every study stands in one fold of a repeat.
    """
    several = _are_folds(predictions, np.ones(len(predictions), dtype=bool))
    if "split" not in predictions.columns and several:
        columns: Mapping[str, NDArray[np.generic]] = {
            **predictions.columns, "split": np.full(len(predictions), "validation")
        }  # fmt: skip
        return Predictions(columns=columns), ("no column split, several folds: taken as a cross-validation",)
    tested = _texts(predictions, "split") == "test"
    if several and tested.all():
        return predictions, (
            "every study stands in one fold of each repeat: this is a cross-validation, not a test part; what is called"
            " test here is the mean of each study's scores over repeats, the figures over folds stand beside it",
        )
    return predictions, ()


def table_faults(predictions: Predictions, split: str) -> tuple[str, ...]:
    """Sentences on patients who train and are judged, rows that stand twice, and ids that may be one patient."""
    judged = _texts(predictions, "split") == split
    return (*_trained_on(predictions, judged, split), *_twice(predictions, judged), *_alike(predictions, judged))


def _are_folds(predictions: Predictions, rows: Bools) -> bool:
    repeat, fold = (_numbers(predictions, name)[rows] for name in ("repeat", "fold"))
    if len(np.unique(np.stack([repeat, fold]), axis=1).T) < 2 or (fold < 0).any():
        return False
    texts = (_texts(predictions, name)[rows] for name in ("patient_id", "study_id", "target", "recipe", "variant"))
    study = _together([_codes(column) for column in texts])
    in_repeat = _together([study, _codes(repeat)])
    return _distinct(in_repeat) == _distinct(_together([in_repeat, _codes(fold)]))


def _trained_on(predictions: Predictions, judged: Bools, split: str) -> Iterator[str]:
    train = _texts(predictions, "split") == "train"
    if not train.any():
        return
    keys = [_texts(predictions, name) for name in ("recipe", "variant", "target", "patient_id")]
    if split == "validation":
        keys += [_numbers(predictions, name).astype(np.str_) for name in ("repeat", "fold")]
    code = _together([_codes(column) for column in keys])
    both = judged & np.isin(code, code[train])
    if both.any():
        patients = len(np.unique(_texts(predictions, "patient_id")[both]))
        yield f"LEAK: {patients} patients are judged and have rows of the split train; believe no figure"


def _twice(predictions: Predictions, judged: Bools) -> Iterator[str]:
    """Rows that are equal in every column; slices of a study may be, copies of a table are."""
    score = _codes(_numbers(predictions, "score")[judged])
    code = _together([_codes(_texts(predictions, "patient_id")[judged]), score])
    if _distinct(code) == code.size or np.isnan(_numbers(predictions, "score")[judged]).all():
        return
    for name, column in predictions.columns.items():
        if name not in ("patient_id", "score"):
            code = _together([code, _codes(np.asarray(column)[judged])])
    again = code.size - _distinct(code)
    if again:
        yield (
            f"{again} rows repeat another row in every column and weigh as much as any; delete them if they are copies,"
            " and give each a study_id of its own if they are images"
        )


def _alike(predictions: Predictions, judged: Bools) -> Iterator[str]:
    ids = np.unique(_texts(predictions, "patient_id")[judged]).tolist()
    groups: dict[str, list[str]] = {}
    for one in ids:
        groups.setdefault(plain_id(one), []).append(one)
    several = [group for group in groups.values() if len(group) > 1]
    if several:
        shown = " and ".join(repr(one) for one in several[0][:3])
        yield (
            f"{len(several)} patients seem to have several ids ({shown}, for one) and are counted as so many: intervals"
            " are then too narrow; spell each id one way"
        )


def _texts(predictions: Predictions, name: str) -> NDArray[np.str_]:
    return np.asarray(predictions[name], dtype=np.str_)


def _numbers(predictions: Predictions, name: str) -> NDArray[np.float64]:
    return np.asarray(predictions[name], dtype=np.float64)


def _codes(column: NDArray[np.generic]) -> Codes:
    return np.asarray(np.unique(column, return_inverse=True)[1], dtype=np.intp).reshape(-1)


def _together(columns: list[Codes]) -> Codes:
    """One code for every combination of codes."""
    code = columns[0]
    for column in columns[1:]:
        code = _codes(code * (int(column.max(initial=0)) + 1) + column)
    return code


def _distinct(code: Codes) -> int:
    return len(np.unique(code))
