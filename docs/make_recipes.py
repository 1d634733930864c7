"""Write one page a recipe into docs/recipes, from the RECIPE values themselves."""

import importlib
import pkgutil
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path

import myoperf.recipes
from myoperf.recipe import Recipe, setting, setting_names, variant_names

PAGES = Path(__file__).resolve().parent / "recipes"
LEFT_OUT = ("paper", "targets", "published", "assumed", "variants", "scratch", "quick", "name", "main", "usual")


def recipes() -> dict[str, Recipe]:
    """Every recipe by the name of its module."""
    names = sorted(module.name for module in pkgutil.iter_modules(myoperf.recipes.__path__))
    return {name: importlib.import_module(f"myoperf.recipes.{name}").RECIPE for name in names}


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> list[str]:
    """A table in Markdown; bars inside a cell are kept."""
    lines = [list(head), *([str(cell).replace("|", "\\|") for cell in row] for row in rows)]
    marked = ["| " + " | ".join(line) + " |" for line in lines]
    return [marked[0], "|" + "---|" * len(lines[0]), *marked[1:], ""]


def shown(value: object) -> str:
    """A setting as a reader writes it; of a described part its kind and what is not as usual."""
    if value is None:
        return "none"
    if isinstance(value, tuple):
        return ", ".join(shown(item) for item in value) or "none"
    if not is_dataclass(value):
        return str(value)
    unusual = [f for f in fields(value) if f.name != "kind" and getattr(value, f.name) != f.default]
    told = ", ".join(f"{f.name.replace('_', ' ')}: {shown(getattr(value, f.name))}" for f in unusual)
    kind = str(getattr(value, "kind", "as below"))
    return f"{kind} ({told})" if told else kind


def changes(changed: Mapping[str, object]) -> str:
    """What a variant changes, as one cell."""
    return "; ".join(f"`{name}` = {shown(value)}" for name, value in changed.items()) or "the recipe as it stands"


def settings_rows(recipe: Recipe) -> list[tuple[str, str, str]]:
    """Every plain setting with its value, and why it is assumed, if it is."""
    rows = []
    for name in setting_names(recipe):
        value = setting(recipe, name)
        nested = is_dataclass(value) or (isinstance(value, tuple) and any(is_dataclass(item) for item in value))
        if name.split(".")[0] in LEFT_OUT or (name[-1].isdigit() and not nested):
            continue
        if not nested or name in recipe.assumed:
            rows.append((f"`{name}`", shown(value), recipe.assumed.get(name, "")))
    return rows


def published_rows(recipe: Recipe) -> list[tuple[str, ...]]:
    """Every printed figure, with its spread and where it stands."""
    rows: list[tuple[str, ...]] = []
    for figure in recipe.published:
        spread = f" ± {figure.sd}" if figure.sd is not None else ""
        spread += f" (95 % {figure.low} to {figure.high})" if figure.low is not None else ""
        rows.append(
            (
                figure.target,
                figure.variant or "all",
                figure.metric,
                f"{figure.value}{spread}",
                figure.part,
                figure.where,
            )
        )
    return rows


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
        "## Variants",
        "",
        *table(("variant", "differs in"), [(v, changes(recipe.variants.get(v, {}))) for v in variant_names(recipe)]),
        "## Settings",
        "",
        *table(("setting", "value", "assumed, because"), settings_rows(recipe)),
        "## Printed figures",
        "",
    ]
    head = ("target", "variant", "metric", "printed", "part", "where")
    lines += table(head, published_rows(recipe)) if recipe.published else ["None.", ""]
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
