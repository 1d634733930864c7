"""How the simulated readers agree, and what a perfect measurement reaches against their labels.

Prints, for each tracer: prevalence of the positive label (over all and by sex), AUC of the true stress TPD in both
meanings against the label, AUC of sex alone, agreement and kappa of two readers, rank correlation of their summed
stress scores. The figures in the docstring of ``myoperf.phantom.reader`` come from here.

    python validation/phantom_readers.py [--patients 2000] [--seed 1] [--jobs 2]
"""

import argparse
from collections.abc import Mapping

import pandas as pd
from joblib import Parallel, delayed
from sklearn.metrics import cohen_kappa_score, roc_auc_score

from myoperf.core.terms import Sex, State, Tracer
from myoperf.phantom.clinic import virtual_patient
from myoperf.phantom.patients import STATES, expected_image
from myoperf.phantom.reader import labels, read_patient
from myoperf.phantom.truth import LimitsKey, TrueLimits, all_keys, true_limits, truths


def row(seed: int, number: int, limits: Mapping[LimitsKey, TrueLimits]) -> dict[str, object]:
    patient = virtual_patient(seed, number)
    truth = truths(patient, {state: expected_image(patient, state) for state in STATES}, limits)
    first, second = read_patient(patient, truth)
    return {
        "tracer": patient.tracer,
        "male": patient.sex is Sex.MALE,
        "image": truth[State.STRESS].tpd_image,
        "activity": truth[State.STRESS].tpd_activity,
        "rest": truth[State.REST].tpd_image,
        "label": next(iter(labels(patient, first).values())),
        "other": next(iter(labels(patient, second).values())),
        "sss": sum(first.score_17_stress),
        "other_sss": sum(second.score_17_stress),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Agreement of the simulated readers.")
    parser.add_argument("--patients", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    keys = all_keys()
    parallel = Parallel(n_jobs=options.jobs)
    limits = dict(zip(keys, parallel(delayed(true_limits)(key) for key in keys), strict=True))
    rows = parallel(delayed(row)(options.seed, number, limits) for number in range(options.patients))
    for tracer, part in pd.DataFrame(rows).groupby("tracer"):
        print(f"{Tracer(str(tracer))}: {len(part)} patients")
        by_sex = part.groupby("male").label.mean()
        print(f"  positive {part.label.mean():.3f}; women {by_sex[False]:.3f}, men {by_sex[True]:.3f}")
        for name in ("image", "activity", "rest", "sss", "male"):
            print(f"  AUC of {name:<9}{roc_auc_score(part.label, part[name]):.3f}")
        agreement = (part.label == part.other).mean()
        print(f"  two readers agree {agreement:.3f}, kappa {cohen_kappa_score(part.label, part.other):.3f}")
        print(f"  rank correlation of their SSS {part.sss.corr(part.other_sss, method='spearman'):.3f}")


if __name__ == "__main__":
    main()
