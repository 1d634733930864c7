"""What a report says of a recipe, from the recipe as plain values (what stands in ``recipe.json``)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class RecipeFacts:
    """tracer, meaning, classes : by target. assumed : setting to reason."""

    name: str = ""
    paper: str = ""
    doi: str = ""
    tracer: Mapping[str, str] = field(default_factory=dict)
    meaning: Mapping[str, str] = field(default_factory=dict)
    classes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    assumed: Mapping[str, str] = field(default_factory=dict)


def recipe_facts(recipe: Mapping[str, object] | None) -> RecipeFacts:
    """Take what is there; a recipe without a part of it is told without that part."""
    if recipe is None:
        return RecipeFacts()
    paper = _mapping(recipe.get("paper"))
    cited = [str(paper[key]) for key in ("cite", "title", "venue", "year") if paper.get(key)]
    found = recipe.get("targets")
    targets = [_mapping(one) for one in found] if isinstance(found, Sequence) and not isinstance(found, str) else []
    return RecipeFacts(
        name=str(recipe.get("name") or ""),
        paper=", ".join(cited).rstrip("."),
        doi=str(paper.get("doi") or ""),
        tracer={str(one.get("name")): str(one["tracer"]) for one in targets if one.get("tracer")},
        meaning={str(one.get("name")): str(one["meaning"]) for one in targets if one.get("meaning")},
        classes={str(one.get("name")): _texts(one.get("classes")) for one in targets},
        assumed={str(key): str(value) for key, value in _mapping(recipe.get("assumed")).items()},
    )


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _texts(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, Sequence) and not isinstance(value, str) else ()
