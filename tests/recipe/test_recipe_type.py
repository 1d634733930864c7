"""The type holds five unlike systems, and finds wrong names in them."""

import json
import subprocess
import sys
from dataclasses import FrozenInstanceError, asdict, replace
from pathlib import Path

import pytest
from unlike_systems import FIVE, FOREST, PAPER, TPD_RULE

from myoperf.core.errors import RefusedError
from myoperf.core.terms import State
from myoperf.recipe import (
    Claim,
    Published,
    Recipe,
    Rule,
    Target,
    as_trained,
    changed,
    named_variants,
    read_recipe,
    recipe_json,
    setting,
    setting_names,
    variant,
    variant_names,
)
from myoperf.recipes import load_recipe

SAMARAS = FIVE[0]


@pytest.mark.parametrize("recipe", FIVE, ids=lambda r: r.name)
def test_a_system_is_a_value(recipe: Recipe, tmp_path: Path) -> None:
    with pytest.raises(FrozenInstanceError):
        recipe.name = "other"  # type: ignore[misc]
    told = json.loads(recipe_json(recipe))
    assert told["system"]["kind"] == recipe.system.kind
    assert told["targets"][0]["kind"] == recipe.targets[0].kind
    for name in variant_names(recipe):
        alone = as_trained(variant(recipe, name), scratch=True, quick=True)
        path = tmp_path / f"{name}.json"
        path.write_text(recipe_json(alone), encoding="utf-8")
        assert read_recipe(path) == alone


def test_listing_recipes_does_not_load_torch() -> None:
    code = "import sys, myoperf.recipes as r; r.list_recipes(); print({'torch', 'monai'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_settings_are_found_by_dotted_name() -> None:
    assert setting(SAMARAS, "system.training.lr") == 1e-4
    assert setting(SAMARAS, "views.0.size") == 224
    assert {"views.0.states", "system.network.encoder.weights"} <= set(setting_names(SAMARAS))
    with pytest.raises(ValueError, match=r"no setting 'system.training.rate'"):
        setting(SAMARAS, "system.training.rate")


def test_an_assumed_name_that_is_no_setting_is_found() -> None:
    with pytest.raises(ValueError, match=r"no setting 'system.treshold'; near: system.threshold"):
        replace(TPD_RULE, assumed={"system.treshold": "misspelt"})


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"system.speed": 1}, "no setting"),
        ({"system.threshold": "five"}, "is of kind float"),
        ({"system.fewest": 2.5}, "is of kind int"),
        ({"system.fewest": True}, "is of kind int"),
        ({"views.0.states": State.REST}, "is of kind tuple"),
        ({"system": 3}, "cannot become"),
    ],
)
def test_a_variant_changes_settings_that_are_there_to_values_of_their_kind(
    changes: dict[str, object], why: str
) -> None:
    with pytest.raises(ValueError, match=why):
        replace(TPD_RULE, variants={"other": changes})


def test_a_variant_differs_only_in_what_it_names() -> None:
    stress = variant(FOREST, "stress")
    assert stress.main == "stress"
    assert setting(stress, "views.0.states") == (State.STRESS,)
    assert replace(stress, main="main", views=FOREST.views, variants=FOREST.variants) == FOREST
    with pytest.raises(RefusedError, match=r"its variants are main, stress; got 'strss'; did you mean 'stress'"):
        variant(FOREST, "strss")


def test_a_group_stands_for_its_variants() -> None:
    samaras = load_recipe("samaras2026_tracer_aware")
    assert named_variants(samaras, ["inputs"]) == ("stress", "rest", "dual")
    assert named_variants(samaras, ["colours", "rest", "stress"]) == ("stress", "scalar", "rest")
    assert named_variants(samaras, []) == samaras.usual
    assert named_variants(TPD_RULE, []) == (TPD_RULE.main,)
    with pytest.raises(
        RefusedError, match=r"\(groups: inputs, tracers, colours\); got 'trcers'; did you mean 'tracers'"
    ):
        variant(samaras, "trcers")
    alone = variant(samaras, "dual")
    assert (alone.groups, alone.claims) == ({}, ())
    assert "claims.1.margin" in samaras.assumed
    assert "claims.1.margin" not in alone.assumed


def test_groups_and_claims_name_variants() -> None:
    with pytest.raises(ValueError, match="a group has a name of its own"):
        replace(TPD_RULE, groups={"all": ("main", "other")})
    with pytest.raises(ValueError, match="a group has a name of its own"):
        replace(TPD_RULE, groups={TPD_RULE.main: (TPD_RULE.main,)})
    with pytest.raises(ValueError, match="a claim about an unknown variant"):
        replace(TPD_RULE, claims=(Claim(text="x", says="better", first=TPD_RULE.main, second="rest"),))
    with pytest.raises(ValueError, match="two variants are compared"):
        Claim(text="x", says="alike", first="a", second="b")
    with pytest.raises(ValueError, match="a margin is above 0"):
        Claim(text="x", says="no gain", first="a", second="b", margin=0)


def test_a_setting_that_a_variant_has_not_is_not_assumed_in_it() -> None:
    separate = variant(SAMARAS, "separate_networks")
    assert "system.network.heads.hidden" in SAMARAS.assumed
    assert "system.network.heads.hidden" not in separate.assumed


def test_sizes_are_settled_before_training() -> None:
    quick = as_trained(variant(SAMARAS, "dual"), scratch=False, quick=True)
    assert setting(quick, "views.0.size") == 40
    assert setting(quick, "views.0.states") == (State.STRESS, State.REST)
    assert as_trained(quick, scratch=True, quick=True) == quick
    whole = as_trained(variant(SAMARAS, "dual"), scratch=False, quick=False)
    assert setting(whole, "views.0.size") == 224
    assert {figure.variant for figure in whole.published} == {"dual"}


def test_a_whole_number_may_stand_for_a_fraction() -> None:
    assert changed(Rule(), {"threshold": 4}).threshold == 4


def test_published_figures_are_of_targets_and_variants_that_exist() -> None:
    figure = Published("auc", 0.9, where="table 1", target="abnormal", variant="rest", part="test")
    with pytest.raises(ValueError, match="unknown target or variant"):
        replace(TPD_RULE, published=(figure,))


def test_names_of_targets_and_variants_can_be_columns_and_files() -> None:
    with pytest.raises(ValueError, match="one word"):
        Target("high risk", kind="binary")
    with pytest.raises(ValueError, match="one word"):
        replace(TPD_RULE, variants={"a/b": {}})
    with pytest.raises(ValueError, match="names of their own"):
        replace(TPD_RULE, targets=TPD_RULE.targets * 2)
    with pytest.raises(ValueError, match="causes belong to survival"):
        Target("event", kind="survival")


def test_reading_back_refuses_what_is_no_recipe(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="a run holds its recipe"):
        read_recipe(tmp_path / "absent.json")
    path = tmp_path / "recipe.json"
    told = asdict(TPD_RULE) | {"system": {"kind": "oracle"}}
    path.write_text(json.dumps(told), encoding="utf-8")
    with pytest.raises(RefusedError, match="fits this version"):
        read_recipe(path)
    assert PAPER.doi is None
