"""Write one page a recipe into docs/recipes, from the RECIPE values themselves."""

import importlib
import pkgutil
from collections.abc import Iterable, Mapping
from dataclasses import is_dataclass
from pathlib import Path

import myoperf.recipes
from myoperf.cli.recipe_text import figure_cells
from myoperf.cli.recipe_words import changes_words, claim_words, system_words, value_words, variant_words, view_words
from myoperf.protocols import protocol_words
from myoperf.recipe import Recipe, setting, setting_names, variant_names

PAGES = Path(__file__).resolve().parent / "recipes"
TOLD = ("paper", "targets", "published", "claims", "assumed")
SIZES = ("variants", "groups", "scratch", "quick", "name", "main", "usual")


def recipes() -> dict[str, Recipe]:
    """Every recipe by the name of its module."""
    names = sorted(module.name for module in pkgutil.iter_modules(myoperf.recipes.__path__))
    return {name: importlib.import_module(f"myoperf.recipes.{name}").RECIPE for name in names}


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> list[str]:
    """A table in Markdown; bars inside a cell are kept."""
    lines = [list(head), *([str(cell).replace("|", "\\|") for cell in row] for row in rows)]
    marked = ["| " + " | ".join(line) + " |" for line in lines]
    return [marked[0], "|" + "---|" * len(lines[0]), *marked[1:], ""]


def settings_rows(recipe: Recipe) -> list[tuple[str, str, str]]:
    """Every plain setting with its value, and why it is assumed, if it is."""
    rows = []
    for name in setting_names(recipe):
        value = setting(recipe, name)
        nested = is_dataclass(value) or (isinstance(value, tuple) and any(is_dataclass(item) for item in value))
        if name.split(".")[0] in (*TOLD, *SIZES) or (name[-1].isdigit() and not nested):
            continue
        if not nested or name in recipe.assumed:
            rows.append((f"`{name}`", value_words(value, recipe), recipe.assumed.get(name, "")))
    claimed = [name for name in recipe.assumed if name.split(".")[0] in TOLD]
    return rows + [(f"`{n}`", value_words(setting(recipe, n), recipe), recipe.assumed[n]) for n in claimed]


def in_short(recipe: Recipe) -> list[tuple[str, str]]:
    """The whole system in a few lines of words."""
    rows = [("input", view_words(view)) for view in recipe.views]
    rows += [*system_words(recipe), ("protocol", protocol_words(recipe.protocol))]
    for name, made in (("from scratch", recipe.scratch), ("quick size", recipe.quick)):
        rows += [(name, changes_words(made, recipe))] if made else []
    return rows


def variant_rows(recipe: Recipe) -> list[tuple[str, str]]:
    """Every variant and what it changes, then the groups."""
    rows = [(f"`{name}`", variant_words(recipe, name)) for name in variant_names(recipe)]
    return rows + [(f"`{name}`", f"a group: {', '.join(members)}") for name, members in recipe.groups.items()]


def page(name: str, recipe: Recipe) -> str:
    """The whole page of one recipe."""
    paper = recipe.paper
    doi = f" [doi:{paper.doi}](https://doi.org/{paper.doi})" if paper.doi else " No DOI is known."
    venue = f" {paper.venue}," if paper.venue else ""
    targets = [(t.name, t.kind, t.tracer or "any", f"`{t.column}`", t.meaning) for t in recipe.targets]
    lines = [
        f"# {name}",
        "",
        f"After {paper.cite}: *{paper.title}*.{venue} {paper.year}.{doi}",
        "",
        "Written after the paper, not by its authors. What the paper does not state is our choice and marked so below.",
        "",
        "## What it tells",
        "",
        *table(("target", "kind", "tracer", "column", "meaning"), targets),
        "## How it works",
        "",
        *table(("part", "in words"), in_short(recipe)),
        "## Variants",
        "",
        *table(("`--variant`", "differs in"), variant_rows(recipe)),
        "## Settings",
        "",
        *table(("setting", "value", "assumed, because"), settings_rows(recipe)),
        "## Printed figures",
        "",
    ]
    head = ("target", "variant", "part", "metric", "printed", "where")
    lines += table(head, map(figure_cells, recipe.published)) if recipe.published else ["None.", ""]
    if recipe.claims:
        lines += [
            "## Conclusions, tested on every run",
            "",
            *(f"- {claim_words(claim)}" for claim in recipe.claims),
            "",
        ]
    return "\n".join(lines)


def index(found: Mapping[str, Recipe]) -> str:
    """The list of all recipes."""
    rows = [
        (f"[{n}]({n}.md)", f"{r.paper.cite}, {r.paper.year}", r.system.kind, len(r.assumed)) for n, r in found.items()
    ]
    lines = ["# Recipes", "", "Published systems, each written after its paper as one value.", ""]
    lines += table(("recipe", "after", "kind", "settings assumed"), rows)
    lines += ["`myoperf recipes` lists them; CONTRIBUTING.md tells how to add one.", ""]
    return "\n".join(lines)


def main() -> None:
    """Write all pages; pages of recipes that are gone are removed."""
    PAGES.mkdir(exist_ok=True)
    for old in PAGES.glob("*.md"):
        old.unlink()
    found = recipes()
    (PAGES / "index.md").write_text(index(found), encoding="utf-8")
    for name, recipe in found.items():
        (PAGES / f"{name}.md").write_text(page(name, recipe), encoding="utf-8")


if __name__ == "__main__":
    main()
