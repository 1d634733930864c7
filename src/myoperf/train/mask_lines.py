"""One row of ``predictions.csv`` for every picture that was marked."""

from collections.abc import Mapping, Sequence

import numpy as np

from myoperf.core.predictions import Predictions
from myoperf.recipe import Recipe

from .kept_masks import Post, post_processed
from .mask_judging import Judged, Marked

FIGURES = ("dice", "iou", "hausdorff", "hd95", "assd")


def mask_predictions(
    recipe: Recipe,
    every: Mapping[str, Sequence[Marked]],
    judged: Mapping[str, Judged | None],
    posts: Mapping[str, Post],
    *,
    by_image: bool = False,
) -> Predictions:
    """Area of the reader (truth) and of the model (score) in pixels, and how well they agree, distances in pixels.

    every : variant to what it has marked. judged : the same where somebody else has marked it too, None where nobody
    has. Figures are empty where there is nothing to judge.
    """
    lines: list[dict[str, object]] = []
    for name, marked in every.items():
        of = judged[name]
        at = {} if of is None else {id(one): k for k, one in enumerate(of.marked)}
        for one in marked:
            k = at.get(id(one))
            known = of is not None and k is not None
            figures = {f: _text(float(of.found.columns[f][k])) if of and k is not None else "" for f in FIGURES}
            lines.append(
                {
                    "recipe": recipe.name,
                    "variant": name,
                    "repeat": one.repeat,
                    "fold": one.fold,
                    "split": one.split,
                    "patient_id": one.patient_id,
                    "study_id": one.study_id,
                    "target": recipe.targets[0].name,
                    "truth": float(np.count_nonzero(one.truth)) if one.truth.size else np.nan,
                    "score": float(np.count_nonzero(post_processed(one.called, posts[name]))),
                    **figures,
                    "outcome": of.found.outcomes[""][k] if of and k is not None and known else "",
                    **({"unit": "image"} if by_image else {}),
                }
            )
    return Predictions(columns={name: np.array([line[name] for line in lines]) for name in lines[0]})


def _text(value: float) -> str:
    return "" if np.isnan(value) else repr(round(value, 6))
