"""Recipes in words: no Python in what a physicist reads, and counts of parameters that are right."""

import re

import pytest

from myoperf.cli.recipe_text import grouped, told
from myoperf.cli.recipe_words import resnet18_parameters, target_words, value_words, view_words
from myoperf.networks.resnet import ResNet18Encoder
from myoperf.recipe import EncoderUNet, MaskEnsemble, PictureAugmentation, Recipe, Stage, Target, UNet
from myoperf.recipes import list_recipes
from myoperf.views import Images

PYTHON = re.compile(r"\w+\((\w+=|')|<\w|=\(|\bNone\b|\bTrue\b|\bFalse\b")


@pytest.mark.parametrize("recipe", list_recipes(), ids=lambda recipe: recipe.name)
def test_a_recipe_is_told_without_python(recipe: Recipe) -> None:
    text = told(recipe)
    assert not PYTHON.search(text), PYTHON.search(text)
    assert max(map(len, text.splitlines())) <= 160
    assert sum(len(rows) for rows in grouped(recipe).values()) == len(recipe.assumed)


@pytest.mark.parametrize("width", [1.0, 0.5, 0.125])
def test_parameters_are_those_of_the_network(width: float) -> None:
    made = sum(weights.numel() for weights in ResNet18Encoder(width=width).parameters())
    assert resnet18_parameters(width) == made
    assert resnet18_parameters() == 11_176_512


def test_words_of_parts_that_no_recipe_here_may_have() -> None:
    recipe = list_recipes()[0]
    images = Images(column="frames", size=64, fit="crop", channels=1, marked_only=True)
    assert "frames, each by itself, cropped around the ventricle to 64 x 64 pixels, grey" in view_words(images)
    ensemble = MaskEnsemble(members=(UNet(attention=True), EncoderUNet(encoder="mobilenet_v2")))
    words = value_words(ensemble, recipe)
    assert "U-Net of 3 levels (64, 128, 256 channels), attention gates" in words
    assert "U-Net on mobilenet_v2 (starts from ImageNet)" in words
    assert value_words((Stage(epochs=5, lr=1e-3, learns="heads"),), recipe).startswith("5 epochs at rate 0.001")
    assert "shift up to 3% of the side" in value_words(PictureAugmentation(), recipe)
    mask = Target("wall", kind="mask", classes=("background", "wall"), each="image")
    assert target_words(mask).startswith("wall: a mask of background, wall, of each image with any tracer")
