"""What a recipe of masks says of its network's answers."""

from myoperf.recipe import Recipe, Torch

from .kept_masks import Post


def post_of(recipe: Recipe) -> Post:
    """What is done with a mask at the end."""
    return recipe.system.post if isinstance(recipe.system, Torch) else "none"
