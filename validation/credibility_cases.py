"""Patients, real or virtual, as tables and arrays that can be held against each other.

Every series goes through the same quantification (``myoperf.quant``), whoever made it.
"""

import hashlib
import inspect
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
from credibility_series import SeriesMeasures, measure_series
from numpy.typing import NDArray

from myoperf.core.errors import MyoperfError
from myoperf.core.terms import Sex, State, Tracer
from myoperf.io.cohort import CohortRow, read_cohort, read_study
from myoperf.quant.maps import chosen_series, method_version

Floats = NDArray[np.float64]

_SUPINE = ("supine", "", None)
_LABELS = ("label_abnormal", "label_intermediate_or_high_risk")
CLEAR_LOSS = 3.0
"""True deficit of the activity at stress, percent of the ventricle, that parts clear normal from clear abnormal."""


@dataclass(frozen=True, kw_only=True)
class Cases:
    """Patients with both states measured.

    table : one row a patient: patient_id, sex ("M" / "F"), abnormal (0 / 1), bmi, expert or reader columns if told.
    maps : state to polar maps in percent of maximum, shape (n, 24, 36), unknown samples filled from the next ring.
    weight : state to share of the area, same shape. segments : state to 17 means, shape (n, 17).
    profiles : state to counts across the wall at mid height over the reference, shape (n, 4 quadrants, places).
    spectrum : state to in-plane power by radial frequency, sum 1, shape (n, CUTOUT // 2).
    shape : state to a frame of single measures of the volume (radius, length, tilt, field, hottest neighbour ...).
    """

    table: pd.DataFrame
    maps: dict[State, Floats]
    weight: dict[State, Floats]
    segments: dict[State, Floats]
    profiles: dict[State, Floats]
    spectrum: dict[State, Floats]
    shape: dict[State, pd.DataFrame]

    def __len__(self) -> int:
        return len(self.table)

    def where(self, chosen: NDArray[Any]) -> "Cases":
        """The chosen patients (a mask or numbers), in that order."""
        parts = {
            name: {state: values[chosen] for state, values in getattr(self, name).items()}
            for name in ("maps", "weight", "segments", "profiles", "spectrum")
        }
        return Cases(
            table=self.table[chosen] if np.asarray(chosen).dtype == bool else self.table.iloc[chosen],
            shape={s: f[chosen] if np.asarray(chosen).dtype == bool else f.iloc[chosen] for s, f in self.shape.items()},
            **parts,
        )

    def group(self, sex: str | None = None, abnormal: int | None = None) -> "Cases":
        """Patients of one sex, normal or abnormal; None takes all."""
        mask = np.ones(len(self), dtype=bool)
        if sex is not None:
            mask &= (self.table.sex == sex).to_numpy()
        if abnormal is not None:
            mask &= (self.table.abnormal == abnormal).to_numpy()
        return self.where(mask)

    def of(self, tracer: Tracer) -> "Cases":
        """Patients of one tracer."""
        return self.where((self.table.tracer == str(tracer)).to_numpy())

    def clear(self) -> "Cases":
        """Only patients whose report agrees with the truth: normal below ``CLEAR_LOSS`` percent, abnormal above.

        The real patients all stay: their truth is not known, and the expert's scores agree with every report. In a
        virtual clinic readers err at will; whoever is compared with real normal patients shall be normal.
        """
        if "loss" not in self.table:
            return self
        told = np.where(self.table.abnormal == 1, self.table.loss >= CLEAR_LOSS, self.table.loss < CLEAR_LOSS)
        return self.where(told.astype(bool))


def together(parts: Sequence[Cases]) -> Cases:
    """Patients of several, in one row."""
    states = list(State)
    return Cases(
        table=pd.concat([p.table for p in parts], ignore_index=True),
        maps={s: np.concatenate([p.maps[s] for p in parts]) for s in states},
        weight={s: np.concatenate([p.weight[s] for p in parts]) for s in states},
        segments={s: np.concatenate([p.segments[s] for p in parts]) for s in states},
        profiles={s: np.concatenate([p.profiles[s] for p in parts]) for s in states},
        spectrum={s: np.concatenate([p.spectrum[s] for p in parts]) for s in states},
        shape={s: pd.concat([p.shape[s] for p in parts], ignore_index=True) for s in states},
    )


def read_cases(path: Path | str, *, jobs: int = 2) -> Cases:
    """Patients of a cohort table who lay supine and could be measured in both states.

    The label of the tracer says who is ``abnormal``; truth files beside the table add ``loss`` (true deficit of the
    activity at stress, percent), ``stenosis`` (whether an artery is obstructed), ``readings`` and ``consensus``. What
    was measured is kept in the system's folder for temporary files under a name made of the table, its images and the
    code that measures.
    """
    cohort = read_cohort(path)
    rows = [row for row in cohort.rows if row.values.get("position") in _SUPINE]
    keep = Path(tempfile.gettempdir()) / "myoperf-credibility" / f"{_key(Path(path), rows)}.joblib"
    if keep.exists():
        kept: Cases = joblib.load(keep)
        return kept
    found = joblib.Parallel(n_jobs=jobs, batch_size=4)(joblib.delayed(_measured)(row) for row in rows)
    for line in (line for line in found if isinstance(line, str)):
        print(f"  left out: {line}", file=sys.stderr)
    cases = _cases([one for one in found if not isinstance(one, str)])
    keep.parent.mkdir(parents=True, exist_ok=True)
    joblib.dump(cases, keep)
    return cases


def _key(path: Path, rows: Sequence[CohortRow]) -> str:
    digest = hashlib.sha256(path.read_bytes() + method_version().encode())
    for code in (Path(__file__), Path(str(inspect.getsourcefile(measure_series)))):
        digest.update(code.read_bytes())
    for row in rows:
        for file in row.files.values():
            told = Path(file).stat()
            digest.update(f"{file} {told.st_size} {told.st_mtime_ns}".encode())
    return digest.hexdigest()[:24]


@dataclass(frozen=True, kw_only=True)
class _Patient:
    row: dict[str, object]
    series: dict[State, SeriesMeasures]


def _measured(row: CohortRow) -> _Patient | str:
    """Both states of one patient, or why not."""
    try:
        study = read_study(row)
        series = {state: measure_series(one) for state, one in chosen_series(study).items()}
    except MyoperfError as error:
        return str(error)
    missing = [str(state) for state in State if state not in series]
    if missing:
        return f"{row.study_id}: no {' or '.join(missing)}"
    known: dict[str, object] = {"patient_id": row.patient_id, "sex": "M" if row.sex is Sex.MALE else "F"}
    known |= {"tracer": str(row.tracer or ""), "bmi": row.values.get("bmi"), "age": row.values.get("age")}
    known |= {"abnormal": next((row.values[name] for name in _LABELS if row.values.get(name) is not None), 0)}
    return _Patient(row=known | _true(row), series=series)


def _true(row: CohortRow) -> dict[str, object]:
    """What a truth file beside the table tells of the patient's disease."""
    if row.stress is None:
        return {}
    file = row.stress.parents[2] / "truth" / f"{row.patient_id}.json"
    if not file.exists():
        return {}
    truth = json.loads(file.read_text(encoding="utf-8"))
    return {
        "loss": truth["stress"]["tpd_activity"],
        "stenosis": bool(truth["coronary"]["obstructed"]),
        "readings": [(r["impression"], tuple(r["score_17_stress"])) for r in truth["readers"]],
        "consensus": truth["consensus"]["impression"],
    }


def _cases(patients: Sequence[_Patient]) -> Cases:
    if not patients:
        raise MyoperfError("no patient could be measured in both states")

    def stack(name: str) -> dict[State, Floats]:
        return {state: np.stack([getattr(p.series[state], name) for p in patients]) for state in State}

    table = pd.DataFrame([p.row for p in patients])
    return Cases(
        table=table.assign(abnormal=table.abnormal.astype(int)),
        **{name: stack(name) for name in ("maps", "weight", "segments", "profiles", "spectrum")},
        shape={state: pd.DataFrame([p.series[state].shape for p in patients]) for state in State},
    )
