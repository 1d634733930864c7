"""Samples that the tests of calibration judge."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit

from myoperf.core.predictions import Predictions
from myoperf.evaluate.metrics import Resampling
from myoperf.evaluate.sample import Sample, sample_of

FEW = Resampling(replicates=300, seed=1)
NONE = Resampling(replicates=0, seed=1)


def sample(
    score: ArrayLike, truth: ArrayLike, patient: Sequence[int] | None = None, **texts: Sequence[str] | np.ndarray
) -> Sample:
    """Rows with these scores; one patient a row unless ``patient`` says otherwise."""
    scores = np.asarray(score, dtype=np.float64)
    who = range(scores.size) if patient is None else patient
    columns = {
        "patient_id": np.array([f"p{k:06d}" for k in who]),
        "study_id": np.array([f"s{k:06d}" for k in range(scores.size)]),
        "truth": np.asarray(truth, dtype=np.float64),
        "score": scores,
    }
    columns |= {name: np.asarray(text, dtype=np.str_) for name, text in texts.items()}
    return sample_of(Predictions(columns=columns), np.ones(scores.size, dtype=bool))


def drawn(n: int, *, intercept: float = 0.0, slope: float = 1.0, seed: int = 0) -> Sample:
    """n patients whose logit of the chance is intercept + slope times the logit of the score."""
    rng = np.random.default_rng(seed)
    x = rng.normal(-0.5, 1.5, n)
    return sample(expit(x), rng.random(n) < expit(intercept + slope * x))


TEN = sample([0.2] * 5 + [0.8] * 5, [1, 0, 0, 0, 0, 1, 1, 1, 0, 0])
"""Two groups of five, one and three of them positive."""
