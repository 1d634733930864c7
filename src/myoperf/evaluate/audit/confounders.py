"""How well what is known before the scan is read tells the label by itself: sex, age, body, camera, place."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from myoperf.io.cohort_table import IDS, is_number

from ..delong import delong, logit_interval
from ..intervals import auc_by_score_method
from .known_before import is_known_before
from .roster import Roster, all_numbers

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Codes = NDArray[np.intp]

ALL = "all together"
_FOLDS = 5
_FEWEST, _MOST_CLASSES, _MOST_GROUPS = 10, 6, 30
_CONSTANT_FROM, _BY_CHANCE = 5, 0.01


@dataclass(frozen=True, kw_only=True)
class Confounder:
    """How well one variable alone tells a label.

    auc : area under the ROC curve, in the direction that helps a number or a pair of groups. Several groups are scored
    by their share of positives in the other folds, and "all together" by a logistic regression on the other folds, so
    these may lie below 0.5. None where it cannot be made; ``method`` says why. n : patients; missing : rows without the
    variable. says : in words.
    """

    variable: str
    target: str
    auc: float | None
    low: float | None
    high: float | None
    n: int
    missing: int
    method: str
    says: str = ""


@dataclass(frozen=True, kw_only=True)
class _Question:
    """One label: which rows have it, whether each is positive, and the code of each row's patient."""

    target: str
    rows: NDArray[np.intp]
    truth: Bools
    patient: Codes


def find_confounders(roster: Roster, *, seed: int = 0) -> tuple[tuple[Confounder, ...], tuple[str, ...]]:
    """Judge every variable against every ``label_*`` column; returns them, best first within a label, and remarks.

    Left out: ids, files, labels, outcomes, and what is known only from the images or their reading (``known_before``).
    A label of several classes is asked class by class, against the rest.
    """
    found: list[Confounder] = []
    remarks: list[str] = []
    columns = {name: [entry.cells[name] for entry in roster.entries] for name in roster.columns}
    named = {name for entry in roster.entries for name in entry.files}
    names = [name for name in roster.columns if name not in named and _is_variable(name, columns[name], remarks)]
    labels = [name for name in roster.columns if name.startswith("label_")]
    if not labels:
        remarks.append("no column label_...: confounders cannot be looked for")
    for question in _questions(roster, {name: columns[name] for name in labels}, remarks):
        tried = [_alone(question, name, columns[name], seed) for name in names]
        each = [one for one in tried if one is not None]
        ranked = sorted(each, key=lambda one: -(one.auc if one.auc is not None else -1.0))
        found += [*ranked, *_all_together(question, {name: columns[name] for name in names}, seed)]
        remarks += _constant(question, {name: columns[name] for name in names})
    return tuple(found), tuple(remarks)


def _is_variable(name: str, cells: Sequence[str], remarks: list[str]) -> bool:
    if name in IDS or not is_known_before(name):
        return False
    values = {cell for cell in cells if cell}
    if len(values) < 2:
        return False
    if not all_numbers(list(cells)) and len(values) > _MOST_GROUPS:
        remarks.append(f"{name}: {len(values)} different words, more than {_MOST_GROUPS}; not judged")
        return False
    return True


def _questions(roster: Roster, labels: Mapping[str, Sequence[str]], remarks: list[str]) -> Iterator[_Question]:
    patients = np.array([entry.patient or f"row {entry.row}" for entry in roster.entries], dtype=np.str_)
    for name, cells in labels.items():
        rows = np.array([k for k, cell in enumerate(cells) if cell], dtype=np.intp)
        text = [cells[int(k)] for k in rows]
        values = sorted({_same(one) for one in text})
        if len(values) < 2:
            remarks.append(f"{name}: {'one class only' if values else 'empty'}; nothing can be told of it")
        elif len(values) > _MOST_CLASSES:
            remarks.append(f"{name}: {len(values)} values, a number rather than a class; not judged")
        else:
            code = np.unique(patients[rows], return_inverse=True)[1].reshape(-1)
            asked = values[1:] if len(values) == 2 else values
            for value in asked:
                truth = np.array([_same(one) == value for one in text])
                target = name if len(values) == 2 else f"{name}={value}"
                yield _Question(target=target, rows=rows, truth=truth, patient=code)


def _same(cell: str) -> str:
    """One spelling for one value: 1, 1.0 and 01 are one number."""
    return f"{float(cell):g}" if is_number(cell) else cell


def _alone(question: _Question, name: str, column: Sequence[str], seed: int) -> Confounder | None:
    cells = np.array([column[int(k)] for k in question.rows], dtype=np.str_)
    there = cells != ""
    truth, patient = question.truth[there], question.patient[there]
    n, missing = len(np.unique(patient)), int((~there).sum())
    if len(set(cells[there])) < 2 or truth.all() or not truth.any():
        return None
    base = {"variable": name, "target": question.target, "n": n, "missing": missing}
    if all_numbers(list(column)):
        return _judged(base, truth, cells[there].astype(np.float64), patient, turn=True)
    groups = sorted(set(cells[there]))
    if len(groups) == 2:
        return _judged(base, truth, (cells[there] == groups[1]).astype(np.float64), patient, turn=True)
    score = _share_of_others(truth, cells[there], patient, seed)
    return _judged(
        base, truth, score, patient, turn=False, how=f"share of positives in the other {_FOLDS} folds' groups; "
    )


def _judged(
    base: Mapping[str, object], truth: Bools, score: Floats, patient: Codes, *, turn: bool, how: str = ""
) -> Confounder:
    areas = delong(truth, score, patient)
    auc = float(areas.auc[0])
    if turn:
        auc = max(auc, 1 - auc)
    pair, method = logit_interval(auc, float(areas.covariance[0, 0])), areas.method
    if pair is None:
        sides = len(np.unique(patient[truth])), len(np.unique(patient[~truth]))
        pair, method = auc_by_score_method(auc, *sides), "Newcombe 2006: no variance"
    who = f"{ALL} predict" if base["variable"] == ALL else f"{base['variable']} alone predicts"
    says = f"{who} {base['target']}: AUC {auc:.2f} [{pair[0]:.2f}-{pair[1]:.2f}], {base['n']} patients"
    return Confounder(
        variable=str(base["variable"]),
        target=str(base["target"]),
        auc=auc,
        low=pair[0],
        high=pair[1],
        n=int(str(base["n"])),
        missing=int(str(base["missing"])),
        method=how + method,
        says=says,
    )


def _folds(patient: Codes, seed: int) -> Codes:
    """Fold of each row; all rows of a patient are in one."""
    patients = int(patient.max()) + 1
    return np.asarray((np.random.default_rng(seed).permutation(patients) % min(_FOLDS, patients))[patient])


def _share_of_others(truth: Bools, groups: NDArray[np.str_], patient: Codes, seed: int) -> Floats:
    """Each row's score: share of positives of its group in the other folds, drawn towards the share of all."""
    fold, code = _folds(patient, seed), np.unique(groups, return_inverse=True)[1].reshape(-1)
    score = np.empty(truth.size)
    for number in np.unique(fold):
        other = fold != number
        share = truth[other].mean() if other.any() else 0.5
        ill = np.bincount(code[other], weights=truth[other].astype(np.float64), minlength=int(code.max()) + 1)
        size = np.bincount(code[other], minlength=int(code.max()) + 1)
        score[~other] = ((ill + share) / (size + 1))[code[~other]] - share
    return score


def _all_together(question: _Question, columns: Mapping[str, Sequence[str]], seed: int) -> list[Confounder]:
    patients = question.patient
    sides = [len(np.unique(patients[question.truth == side])) for side in (True, False)]
    n = len(np.unique(patients))
    if len(columns) < 2:
        return []
    if min(sides) < _FEWEST:
        why = f"needs {_FEWEST} patients of each class, there are {min(sides)} of one"
        return [
            Confounder(variable=ALL, target=question.target, auc=None, low=None, high=None, n=n, missing=0, method=why)
        ]
    score = _out_of_fold(question, columns, seed)
    how = f"logistic regression of {len(columns)} variables, {_FOLDS}-fold by patient; "
    base = {"variable": ALL, "target": question.target, "n": n, "missing": 0}
    return [_judged(base, question.truth, score, patients, turn=False, how=how)]


def _out_of_fold(question: _Question, columns: Mapping[str, Sequence[str]], seed: int) -> Floats:
    """Log odds of each row by a regression that has not seen its patient; filling and scaling are learnt there too."""
    from sklearn.compose import make_column_transformer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    numeric = [name for name, column in columns.items() if all_numbers(list(column))]
    words = [name for name in columns if name not in numeric]
    numbers = np.array([[float(columns[name][k] or "nan") for name in numeric] for k in question.rows]).reshape(
        -1, len(numeric)
    )
    texts = np.array([[columns[name][k] for name in words] for k in question.rows], dtype=object).reshape(
        -1, len(words)
    )
    table = np.concatenate([numbers.astype(object), texts], axis=1)
    at = list(range(len(numeric)))
    filled = make_pipeline(
        SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True), StandardScaler()
    )
    coded = OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=3)
    model = make_pipeline(
        make_column_transformer((filled, at), (coded, list(range(len(numeric), table.shape[1])))),
        LogisticRegression(C=1.0, max_iter=2000),
    )
    folds = StratifiedGroupKFold(_FOLDS, shuffle=True, random_state=seed)
    found = cross_val_predict(
        model, table, question.truth.astype(int), groups=question.patient, cv=folds, method="decision_function"
    )
    return np.asarray(found, dtype=np.float64)


def _constant(question: _Question, columns: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Groups whose label never varies, and would by chance in less than 1 of 100, in words."""
    share = float(question.truth.mean())
    for name, column in columns.items():
        cells = np.array([column[int(k)] for k in question.rows], dtype=np.str_)
        if all_numbers(list(column)) and len(set(cells)) > 2:
            continue
        for group in sorted(set(cells) - {""}):
            inside = cells == group
            size = len(np.unique(question.patient[inside]))
            if size >= _CONSTANT_FROM and not (0 < question.truth[inside].sum() < inside.sum()):
                told = "every" if question.truth[inside].all() else "no"
                if (share if told == "every" else 1 - share) ** size >= _BY_CHANCE:
                    continue
                yield f"{told} patient with {name} {group} ({size} patients) is positive in {question.target}"
