"""Fit systems that learn from rows of values: models of scikit-learn, and rules on normal limits."""

import warnings
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

from myoperf.recipe import LogisticRegression, RandomForest, Recipe, Rule, Sklearn

from .task import Fitted, Floats, Rows, Task

Arrays = Mapping[str, NDArray[np.generic]]


def fit_sklearn(task: Task) -> Fitted:
    """One model a target. What is stored is the training table: fitted again, it is the same model."""
    train = task.parts.train
    tensors: dict[str, NDArray[np.generic]] = {
        "inputs": np.ascontiguousarray(task.rows.inputs[train]),
        "truth": np.ascontiguousarray(task.rows.truth[train]),
        "seed": np.array([task.seed, task.repeat, task.fold]),
    }
    return Fitted(model=save(dict(tensors)), scores=use_sklearn(task.recipe, tensors, task.rows))


def use_sklearn(recipe: Recipe, tensors: Arrays, rows: Rows) -> Floats:
    """Probabilities by the models that a training table makes, (rows, targets); NaN for a target with one class."""
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    if not isinstance(recipe.system, Sklearn):
        raise TypeError(f"not a model of scikit-learn: {recipe.system.kind}")
    inputs, truth = np.asarray(tensors["inputs"]), np.asarray(tensors["truth"], dtype=np.float64)
    seed = int(np.random.SeedSequence([int(n) for n in tensors["seed"]]).generate_state(1)[0])
    scores = np.full((len(rows), truth.shape[1]), np.nan)
    for target, told in enumerate(truth.T):
        known = np.isfinite(told)
        if len(set(told[known])) < 2:
            continue
        estimator = _estimator(recipe.system, seed)
        model = make_pipeline(SimpleImputer(keep_empty_features=True), StandardScaler(), estimator)
        model.fit(inputs[known], told[known].astype(int))
        scores[:, target] = model.predict_proba(rows.inputs)[:, 1]
    return scores


def _estimator(system: Sklearn, seed: int) -> object:
    from sklearn import ensemble, linear_model

    weights = "balanced" if system.balanced else None
    match system.estimator:
        case RandomForest(trees=trees, depth=depth, smallest_leaf=leaf):
            return ensemble.RandomForestClassifier(
                trees, max_depth=depth, min_samples_leaf=leaf, class_weight=weights, random_state=seed, n_jobs=1
            )
        case LogisticRegression(strength=strength):
            return linear_model.LogisticRegression(C=strength, class_weight=weights, max_iter=2000)


def fit_rule(task: Task) -> Fitted:
    """Learn the normal limits of the training part: mean and standard deviation, by tracer and sex."""
    if not isinstance(task.recipe.system, Rule):
        raise TypeError(f"not a rule: {task.recipe.system.kind}")
    train = task.parts.train
    normal = train[~np.any(task.rows.truth[train] == 1, axis=1) & np.any(task.rows.truth[train] == 0, axis=1)]
    tensors: dict[str, NDArray[np.generic]] = {}
    for group in np.unique(task.rows.groups[train]):
        mine = normal[task.rows.groups[normal] == group]
        for sex in ("", "F", "M"):
            chosen = [row for row in mine if not sex or task.rows.sex[row] == sex]
            if len(chosen) >= (task.recipe.system.fewest if sex else 2):
                tensors |= _limits(task.rows.inputs[chosen].astype(np.float64), f"{group}{sex}")
    return Fitted(model=save(tensors), scores=use_rule(task.recipe, tensors, task.rows))


def _limits(values: Floats, key: str) -> dict[str, NDArray[np.generic]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return {f"mean/{key}": np.nanmean(values, axis=0), f"sd/{key}": np.nanstd(values, axis=0, ddof=1)}


def use_rule(recipe: Recipe, tensors: Arrays, rows: Rows) -> Floats:
    """Scores d / (d + threshold) of the deficit d in percent: 0.5 at the threshold, (rows, targets).

    NaN where there are no limits for a study's tracer.
    """
    if not isinstance(recipe.system, Rule):
        raise TypeError(f"not a rule: {recipe.system.kind}")
    scores = np.full((len(rows), len(recipe.targets)), np.nan)
    for row, values in enumerate(rows.inputs.astype(np.float64)):
        group = rows.groups[row]
        keys = [key for key in (f"{group}{rows.sex[row]}", f"{group}") if f"mean/{key}" in tensors]
        if keys:
            mean, sd = (np.asarray(tensors[f"{name}/{keys[0]}"], dtype=np.float64) for name in ("mean", "sd"))
            found = deficit(recipe.system, values, mean, sd, rows.area[row])
            scores[row] = found / (found + recipe.system.threshold)
    return scores


def deficit(rule: Rule, values: Floats, mean: Floats, sd: Floats, area: Floats) -> float:
    """Area-weighted score of the values below their limits, percent of the largest (0..100, higher is worse).

    A value at the limit mean - k sd scores 0, at absent x mean and below 4, straight between. NaN values are left out;
    NaN where all are.
    """
    limit, floor = mean - rule.deviations * sd, rule.absent * mean
    score = np.clip(4 * (limit - values) / np.maximum(limit - floor, 1e-6), 0, 4)
    known = np.isfinite(score)
    if not known.any():
        return float("nan")
    return float(100 * (area * score)[known].sum() / (4 * area[known].sum()))
