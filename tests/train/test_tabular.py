"""Models of scikit-learn as fitted numbers: the chances of scikit-learn itself, and no patient's row in the file."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression as SklearnLogistic
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from unlike_systems import FOREST

from myoperf.recipe import LogisticRegression, RandomForest, Sklearn
from myoperf.train.tabular import fit_sklearn, use_sklearn
from myoperf.train.task import Parts, Rows, Task

NONE = np.empty(0, dtype=np.intp)


def rows_for(count: int = 80, values: int = 7) -> Rows:
    """Two targets; the second is told of positives only."""
    rng = np.random.default_rng(0)
    inputs = rng.normal(60, 15, (count, values)).astype(np.float32)
    truth = np.stack([(inputs[:, 0] + 10 * rng.standard_normal(count) > 60).astype(float), np.ones(count)], axis=1)
    inputs[rng.random(inputs.shape) < 0.05] = np.nan
    inputs[:, -1] = np.nan
    names = tuple(f"P{k}" for k in range(count))
    return Rows(
        patient_id=names,
        study_id=names,
        inputs=inputs,
        groups=np.zeros(count, dtype=np.intp),
        truth=truth,
        sex=("",) * count,
        area=np.empty((count, 0)),
    )


def task_of(system: Sklearn, rows: Rows, folder: Path) -> Task:
    parts = Parts(train=np.arange(60), validation=NONE, held_out=np.arange(60, 80))
    return Task(
        recipe=replace(FOREST, system=system, variants={}),
        rows=rows,
        parts=parts,
        folder=folder,
        repeat=0,
        fold=0,
        seed=3,
    )


@pytest.mark.parametrize("balanced", [True, False])
@pytest.mark.parametrize("estimator", [RandomForest(trees=25, depth=6), LogisticRegression(strength=0.5)])
def test_the_fitted_numbers_give_the_chances_of_scikit_learn(
    estimator: RandomForest | LogisticRegression, balanced: bool, tmp_path: Path
) -> None:
    rows, weights = rows_for(), "balanced" if balanced else None
    task = task_of(Sklearn(estimator=estimator, balanced=balanced), rows, tmp_path)
    fitted = fit_sklearn(task)
    seed = int(np.random.SeedSequence([3, 0, 0]).generate_state(1)[0])
    theirs = (
        RandomForestClassifier(25, max_depth=6, min_samples_leaf=3, class_weight=weights, random_state=seed)
        if isinstance(estimator, RandomForest)
        else SklearnLogistic(C=0.5, class_weight=weights, max_iter=2000)
    )
    model = make_pipeline(SimpleImputer(keep_empty_features=True), StandardScaler(), theirs)
    inputs = rows.inputs.astype(float)
    expected = model.fit(inputs[:60], rows.truth[:60, 0]).predict_proba(inputs)[:, 1]
    np.testing.assert_allclose(fitted.scores[:, 0], expected, atol=1e-9)
    assert np.isnan(fitted.scores[:, 1]).all()
    np.testing.assert_array_equal(use_sklearn(task.recipe, load(fitted.model), rows), fitted.scores)


@pytest.mark.parametrize("estimator", [RandomForest(trees=25), LogisticRegression()])
def test_no_row_of_a_patient_is_stored(estimator: RandomForest | LogisticRegression, tmp_path: Path) -> None:
    rows = rows_for()
    stored = load(fit_sklearn(task_of(Sklearn(estimator=estimator), rows, tmp_path)).model)
    assert not any(array.shape[:1] == (60,) for array in stored.values())
    known = rows.inputs[np.isfinite(rows.inputs)]
    for name, array in stored.items():
        if name.partition("/")[2] not in ("roots", "left", "right", "feature"):
            assert not np.isin(np.asarray(array, dtype=np.float32), known).any(), name
