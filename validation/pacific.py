"""Quantification of real hearts against an expert, with limits from the normal patients of the other folds.

    python validation/pacific.py COHORT.csv EXPERT.csv [--pictures DIR]

Prints, with the number of patients and the 95 % interval: how many series and patients were measured; AUC of stress
TPD for an abnormal report within men and over all, beside the AUC that sex alone reaches; rank correlation and
weighted kappa of segment scores with the expert; the same for scores from percent of maximum. With ``--pictures`` the
20 patients that disagree most are drawn.
"""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from scipy.stats import spearmanr
from sklearn.metrics import cohen_kappa_score, roc_auc_score
from sklearn.model_selection import StratifiedKFold

from myoperf.core.colour import paint
from myoperf.core.polar import disc_picture
from myoperf.core.segments import segment_means
from myoperf.core.terms import State
from myoperf.io.cohort import read_cohort
from myoperf.quant.batch import CohortMaps, cohort_maps
from myoperf.quant.normals import build_limits
from myoperf.quant.perfusion import Deficit, deficit, percent_scores

FOLDS = 5
REPLICATES = 2000
SEGMENTS = range(1, 18)
STATES = {State.STRESS: "S", State.REST: "R"}


def interval(figure: Callable[[np.ndarray], float], n: int) -> str:
    """Value and 95 % percentile interval over resampled patients."""
    rng = np.random.default_rng(0)
    values: list[float] = []
    while len(values) < REPLICATES:
        draw = rng.integers(0, n, n)
        try:
            values.append(figure(draw))
        except ValueError:
            continue
    low, high = np.nanpercentile(values, [2.5, 97.5])
    return f"{figure(np.arange(n)):.3f} [{low:.3f}, {high:.3f}] (n={n})"


def deficits(found: CohortMaps, table: pd.DataFrame, state: State, seed: int) -> dict[str, Deficit]:
    """Deficit of every patient against normal patients of the same sex in the other folds."""
    measured = [p for p in table.index if state in found.studies.get(p, _Nothing).maps]
    strata = table.loc[measured, "sex"] + table.loc[measured, "abnormal"].astype(str)
    result = {}
    for train, test in StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(measured, strata):
        normal = [measured[i] for i in train if not table.loc[measured[i], "abnormal"]]
        for sex in ("M", "F"):
            mine = [found.studies[p] for p in normal if table.loc[p, "sex"] == sex]
            limits = build_limits(mine[0].keys[state], [s.maps[state] for s in mine], source={}).limits
            for p in (measured[i] for i in test):
                if table.loc[p, "sex"] == sex:
                    polar = found.studies[p].maps[state]
                    result[p] = deficit(polar.values, polar.weight, limits)
    return result


class _Nothing:
    maps: ClassVar[dict[State, object]] = {}


def report(found: CohortMaps, table: pd.DataFrame, seed: int) -> pd.DataFrame:
    results = {state: deficits(found, table, state, seed) for state in State}
    t = table.loc[[p for p in table.index if all(p in results[s] for s in State)]].copy()
    for state, letter in STATES.items():
        t[f"{letter}_tpd"] = [results[state][p].tpd for p in t.index]
        t[f"{letter}_score"] = [results[state][p].segment_scores.sum() for p in t.index]
    uptake = {p: percent_scores(_uptake(found, p)) for p in t.index}
    t["uptake_score"] = [uptake[p].sum() for p in t.index]
    t["expert"] = t[[f"S{k}" for k in SEGMENTS]].sum(axis=1)
    men, women_too = t[t.sex == "M"], t
    for name, column in (("stress TPD", "S_tpd"), ("SSS", "S_score"), ("uptake-only SSS", "uptake_score"),
                         ("ischaemic TPD", "ischaemic")):  # fmt: skip
        t["ischaemic"] = np.maximum(0, t.S_tpd - t.R_tpd)
        men = t[t.sex == "M"]
        print(f"  AUC within men, {name}: {_auc(men, column)}")
    women_too = t.assign(male=(t.sex == "M") * 1.0)
    print(f"  AUC over all, stress TPD: {_auc(women_too, 'S_tpd')}; sex alone: {_auc(women_too, 'male')}")
    ill = t[t.abnormal == 1]
    for name, column in (("SSS", "S_score"), ("stress TPD", "S_tpd"), ("uptake-only SSS", "uptake_score")):
        figure = lambda draw, c=column: float(spearmanr(ill.expert.values[draw], ill[c].values[draw])[0])  # noqa: E731
        print(f"  Spearman with the expert's SSS within the abnormal, {name}: {interval(figure, len(ill))}")
    _kappas(t, results, uptake)
    return t


def _uptake(found: CohortMaps, patient: str) -> np.ndarray:
    polar = found.studies[patient].maps[State.STRESS]
    return segment_means(polar.values, polar.weight)


def _auc(t: pd.DataFrame, column: str) -> str:
    truth, score = t.abnormal.values, t[column].values
    return interval(lambda draw: float(roc_auc_score(truth[draw], score[draw])), len(t))


def _kappas(t: pd.DataFrame, results: dict[State, dict[str, Deficit]], uptake: dict[str, np.ndarray]) -> None:
    for state, letter in STATES.items():
        expert = t[[f"{letter}{k}" for k in SEGMENTS]].to_numpy(dtype=float)
        rows = np.isfinite(expert).all(axis=1)
        ours = np.stack([results[state][p].segment_scores for p in t.index])[rows]
        print(f"  kappa (quadratic, segments pooled, {rows.sum()} patients), {state}: {_kappa(expert[rows], ours):.3f}")
    expert = t[[f"S{k}" for k in SEGMENTS]].to_numpy(dtype=float)
    print(f"  kappa, stress, uptake-only: {_kappa(expert, np.stack([uptake[p] for p in t.index])):.3f}")


def _kappa(a: np.ndarray, b: np.ndarray) -> float:
    return float(cohen_kappa_score(a.ravel(), b.ravel(), weights="quadratic", labels=[0, 1, 2, 3, 4]))


def draw_worst(found: CohortMaps, t: pd.DataFrame, folder: Path) -> Path:
    """The 20 largest differences between our summed stress score and the expert's."""
    gap = (t.S_score - t.expert).abs().sort_values(ascending=False, kind="stable")
    worst: Sequence[str] = list(gap.index[:20])
    figure = Figure(figsize=(16, 17))
    FigureCanvasAgg(figure)
    for k, p in enumerate(worst):
        discs = [disc_picture(found.studies[p].maps[s].values, 128) for s in State]
        axes = figure.add_subplot(5, 4, k + 1)
        axes.imshow(np.concatenate([paint(d) for d in discs], axis=1))
        row = t.loc[p]
        axes.set_title(f"{p} {row.sex} report {row.report}, expert SSS {row.expert:.0f}, ours {row.S_score:.0f}\n"
                       f"TPD stress {row.S_tpd:.1f} rest {row.R_tpd:.1f} %", fontsize=9)  # fmt: skip
        axes.axis("off")
    figure.tight_layout()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "worst.png"
    figure.savefig(path, dpi=75)
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cohort", type=Path)
    parser.add_argument("expert", type=Path)
    parser.add_argument("--pictures", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    cohort = read_cohort(options.cohort)
    found = cohort_maps(cohort.rows)
    by_patient = {row.patient_id: found.studies[row.study_id] for row in cohort.rows if row.study_id in found.studies}
    found = CohortMaps(studies=by_patient, refused=found.refused)
    series = sum(len(s.maps) for s in by_patient.values())
    both = sum(len(s.maps) == 2 for s in by_patient.values())
    print(f"{series} of {2 * len(cohort.rows)} series measured; {both} of {len(cohort.rows)} patients in both states")
    for line in found.refused:
        print("  refused:", line)
    table = pd.read_csv(options.expert, dtype={"patient_id": str}).set_index("patient_id")
    table["abnormal"] = (table.report != "N") * 1
    for seed in range(options.seeds):
        print(f"folds drawn with seed {seed}:")
        t = report(found, table, seed)
    if options.pictures:
        print(draw_worst(found, t, options.pictures))


if __name__ == "__main__":
    main()
