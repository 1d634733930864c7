"""How the simulated readers agree, and what a perfect measurement reaches against their labels.

Prints, for each tracer: how often each reader and the consensus are positive (over all and by sex); kappa of every pair
of readers on the impression and on the scores of segments (plain over the five scores, and quadratic); AUC of the true
stress TPD in both meanings against the label; sensitivity and specificity against a stenosis of 70 percent or more. A
system that sees only the images should not do better than the perfect measurement.

    python validation/phantom_readers.py [--patients 2000] [--seed 1] [--jobs 2]
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from sklearn.metrics import cohen_kappa_score, roc_auc_score

from myoperf.core.terms import Sex, State, Tracer
from myoperf.phantom.clinic import virtual_patient
from myoperf.phantom.consensus import consensus
from myoperf.phantom.limits import stored_limits
from myoperf.phantom.patients import STATES, expected_image
from myoperf.phantom.reader import Reading, is_abnormal, read_patient
from myoperf.phantom.truth import LimitsKey, TrueLimits, truths


@dataclass(frozen=True, kw_only=True)
class Case:
    """One patient: what is true and what was read."""

    tracer: Tracer
    male: bool
    stenosis: float
    tpd_image: float
    tpd_activity: float
    readings: tuple[Reading, ...]

    @property
    def calls(self) -> tuple[bool, ...]:
        """Of every reader, and last of the consensus."""
        return tuple(is_abnormal(reading) for reading in (*self.readings, consensus(self.readings)))


def case(seed: int, number: int, limits: Mapping[LimitsKey, TrueLimits]) -> Case:
    patient = virtual_patient(seed, number)
    truth = truths(patient, {state: expected_image(patient, state) for state in STATES}, limits)
    return Case(
        tracer=patient.tracer,
        male=patient.sex is Sex.MALE,
        stenosis=max(artery.stenosis for artery in patient.arteries),
        tpd_image=truth[State.STRESS].tpd_image,
        tpd_activity=truth[State.STRESS].tpd_activity,
        readings=read_patient(patient, truth),
    )


def figures(cases: Sequence[Case]) -> list[str]:
    """Lines of text about the patients of one tracer."""
    calls = np.array([c.calls for c in cases])
    label, male = calls[:, -1], np.array([c.male for c in cases])
    lines = [
        f"  positive: readers {_list(calls[:, :-1].mean(axis=0))}; consensus {label.mean():.3f}"
        f" (women {label[~male].mean():.3f}, men {label[male].mean():.3f})"
    ]
    scores = np.array([[reading.score_17_stress for reading in c.readings] for c in cases])
    pairs = list(combinations(range(scores.shape[1]), 2))
    lines.append(f"  kappa of impressions {_list([cohen_kappa_score(calls[:, a], calls[:, b]) for a, b in pairs])}")
    for weights in (None, "quadratic"):
        kappa = [cohen_kappa_score(scores[:, a].ravel(), scores[:, b].ravel(), weights=weights) for a, b in pairs]
        lines.append(f"  kappa of segments, {weights or 'plain'} {_list(kappa)}")
    for name in ("tpd_image", "tpd_activity"):
        values = [getattr(c, name) for c in cases]
        lines.append(f"  AUC of {name} against the consensus {roc_auc_score(label, values):.3f}")
    tight = np.array([c.stenosis >= 70 for c in cases])
    lines.append(f"  against a stenosis of 70 percent or more ({tight.mean():.2f} of the patients):")
    lines.append(f"    sensitivity {_list(calls[tight].mean(axis=0))}, the last of the consensus")
    lines.append(f"    specificity {_list(1 - calls[~tight].mean(axis=0))}")
    return lines


def _list(values: Sequence[float] | NDArray[np.float64]) -> str:
    return " ".join(f"{value:.2f}" for value in values)


def main() -> None:
    parser = argparse.ArgumentParser(description="Agreement of the simulated readers.")
    parser.add_argument("--patients", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    parallel = Parallel(n_jobs=options.jobs)
    limits = stored_limits("fast")
    cases = parallel(delayed(case)(options.seed, number, limits) for number in range(options.patients))
    for tracer in Tracer:
        mine = [c for c in cases if c.tracer is tracer]
        print(f"{tracer}: {len(mine)} patients", *figures(mine), sep="\n")


if __name__ == "__main__":
    main()
