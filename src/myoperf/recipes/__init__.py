"""Published systems as values: one file a paper, one ``RECIPE`` in it, the name of the file is the name of the recipe.

Nothing here imports torch, so that listing is instant.
"""

import difflib
import pkgutil
from dataclasses import replace
from importlib import import_module

from myoperf.core.errors import RefusedError
from myoperf.recipe import Recipe

__all__ = ["list_recipes", "load_recipe", "recipe_names"]


def recipe_names() -> tuple[str, ...]:
    """Names of all recipes, in order."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.ispkg))


def load_recipe(name: str) -> Recipe:
    """The recipe of this name, with its name filled in; RefusedError, with near names, where there is none."""
    names = recipe_names()
    if name not in names:
        near = difflib.get_close_matches(name, names, n=2, cutoff=0.4)
        near = near or [known for known in names if name and known.startswith(name.lower())]
        raise RefusedError(
            "recipe",
            rule="the name of a recipe",
            came=repr(name),
            do=f"did you mean {' or '.join(near)}?" if near else f"the recipes are {', '.join(names)}",
        )
    recipe: Recipe = import_module(f"{__name__}.{name}").RECIPE
    return replace(recipe, name=name)


def list_recipes() -> tuple[Recipe, ...]:
    """All recipes, in the order of their names."""
    return tuple(load_recipe(name) for name in recipe_names())
