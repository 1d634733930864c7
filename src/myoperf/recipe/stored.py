"""A recipe as JSON and back: what stands in ``recipe.json`` of a run."""

import json
from dataclasses import asdict
from pathlib import Path

from myoperf.core.errors import RefusedError

from .value import Recipe


def recipe_json(recipe: Recipe) -> str:
    """The recipe with all its settings as JSON text, the same text for equal recipes."""
    return json.dumps(asdict(recipe), indent=2, ensure_ascii=False) + "\n"


def read_recipe(path: Path | str) -> Recipe:
    """A recipe as it was trained, from ``recipe_json`` in a file.

    RefusedError where the file is not there or holds no recipe of this version.
    """
    from pydantic import TypeAdapter, ValidationError

    try:
        text = Path(path).read_text(encoding="utf-8")
        return TypeAdapter(Recipe).validate_json(text)
    except OSError as error:
        raise RefusedError(path, rule="a run holds its recipe", came=error.strerror, do="name a run folder") from None
    except (ValidationError, ValueError) as error:
        raise RefusedError(
            path,
            rule="the recipe of a run fits this version",
            came=str(error),
            do="use the version named in versions.json, or train again",
        ) from None
