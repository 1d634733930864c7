"""Fit systems that learn from rows of values: models of scikit-learn, and rules on normal limits."""

import warnings
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save
from scipy.special import expit

from myoperf.recipe import LogisticRegression, RandomForest, Recipe, Rule, Sklearn

from .task import Fitted, Floats, Rows, Task

Arrays = Mapping[str, NDArray[np.generic]]


def fit_sklearn(task: Task) -> Fitted:
    """One model a target. What is stored are its fitted numbers, never a patient's row: what stands for a missing
    value, mean and spread of every variable, and coefficients or trees."""
    from sklearn.impute import SimpleImputer
    from sklearn.preprocessing import StandardScaler

    system = _sklearn(task.recipe)
    drawn = np.random.SeedSequence([task.seed, task.repeat, task.fold])
    seed = int(drawn.generate_state(1)[0])
    inputs = task.rows.inputs[task.parts.train].astype(np.float64)
    tensors: dict[str, NDArray[np.generic]] = {"targets": np.array(task.rows.truth.shape[1])}
    for target, told in enumerate(task.rows.truth[task.parts.train].T):
        known = np.isfinite(told)
        if len(set(told[known])) < 2:
            continue
        filler, scaler = SimpleImputer(keep_empty_features=True), StandardScaler()
        values = scaler.fit_transform(filler.fit_transform(inputs[known]))
        fill = np.nan_to_num(np.asarray(filler.statistics_, dtype=np.float64))
        fitted = {"fill": fill, "mean": scaler.mean_, "scale": scaler.scale_}
        fitted |= _fitted(system, seed, values, told[known].astype(int))
        tensors |= {f"{target}/{name}": np.ascontiguousarray(part) for name, part in fitted.items()}
    return Fitted(model=save(dict(tensors)), scores=use_sklearn(task.recipe, tensors, task.rows))


def use_sklearn(recipe: Recipe, tensors: Arrays, rows: Rows) -> Floats:
    """Probabilities by the fitted numbers, (rows, targets); NaN for a target that had one class when it was fitted."""
    system = _sklearn(recipe)
    scores = np.full((len(rows), int(np.asarray(tensors["targets"]))), np.nan)
    for target in range(scores.shape[1]):
        if f"{target}/mean" not in tensors:
            continue
        part = {name.partition("/")[2]: array for name, array in tensors.items() if name.startswith(f"{target}/")}
        inputs = rows.inputs.astype(np.float64)
        values = (np.where(np.isnan(inputs), part["fill"], inputs) - _floats(part["mean"])) / _floats(part["scale"])
        match system.estimator:
            case RandomForest():
                scores[:, target] = _forest_chances(part, values.astype(np.float32))
            case LogisticRegression():
                scores[:, target] = expit(values @ _floats(part["coefficients"]) + _floats(part["intercept"]))
    return scores


def _sklearn(recipe: Recipe) -> Sklearn:
    if not isinstance(recipe.system, Sklearn):
        raise TypeError(f"not a model of scikit-learn: {recipe.system.kind}")
    return recipe.system


def _floats(array: NDArray[np.generic]) -> Floats:
    return np.asarray(array, dtype=np.float64)


def _fitted(system: Sklearn, seed: int, values: Floats, truth: NDArray[np.intp]) -> dict[str, NDArray[np.generic]]:
    """Fit an estimator; its numbers. Nodes of all trees stand one after the other, roots where each tree begins."""
    from sklearn import ensemble, linear_model

    weights = "balanced" if system.balanced else None
    match system.estimator:
        case LogisticRegression(strength=strength):
            line = linear_model.LogisticRegression(C=strength, class_weight=weights, max_iter=2000).fit(values, truth)
            return {"coefficients": line.coef_[0], "intercept": line.intercept_}
        case RandomForest(trees=count, depth=depth, smallest_leaf=leaf):
            forest = ensemble.RandomForestClassifier(
                count, max_depth=depth, min_samples_leaf=leaf, class_weight=weights, random_state=seed, n_jobs=1
            ).fit(values, truth)
            trees = [one.tree_ for one in forest.estimators_]
            roots = np.concatenate([[0], np.cumsum([tree.node_count for tree in trees])[:-1]]).astype(np.int64)
            shares = [tree.value[:, 0, :] for tree in trees]
            steps = {"left": "children_left", "right": "children_right"}
            return {
                "roots": roots,
                "feature": np.concatenate([tree.feature for tree in trees]).astype(np.int64),
                "threshold": np.concatenate([tree.threshold for tree in trees]),
                "chance": np.concatenate([share[:, 1] / share.sum(axis=1) for share in shares]),
            } | {
                name: np.concatenate(
                    [getattr(tree, there) + root for tree, root in zip(trees, roots, strict=True)]
                ).astype(np.int64)
                for name, there in steps.items()
            }


def _forest_chances(part: Arrays, values: NDArray[np.float32]) -> Floats:
    """Mean over the trees of the share of positives in the leaf that each row falls into."""
    feature, threshold = np.asarray(part["feature"], dtype=np.int64), _floats(part["threshold"])
    left, right = np.asarray(part["left"], dtype=np.int64), np.asarray(part["right"], dtype=np.int64)
    node = np.repeat(np.asarray(part["roots"], dtype=np.int64)[None], len(values), axis=0)
    row = np.arange(len(values))[:, None]
    while (inside := feature[node] >= 0).any():
        low = values[row, np.maximum(feature[node], 0)] <= threshold[node]
        node = np.where(inside, np.where(low, left[node], right[node]), node)
    chances: Floats = _floats(part["chance"])[node].mean(axis=1)
    return chances


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
