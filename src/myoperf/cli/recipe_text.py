"""A recipe as lines of text: who, what in, what out, what is assumed, what was printed."""

from collections.abc import Sequence
from dataclasses import asdict
from textwrap import fill

from myoperf.protocols import protocol_text, protocol_words
from myoperf.recipe import Published, Recipe, setting, variant_names

from .recipe_words import (
    changes_words,
    claim_words,
    system_words,
    target_words,
    value_words,
    variant_words,
    view_words,
)

_WIDTH = 100
PARTS = {
    "views": "input",
    "system.network": "network",
    "system.loss": "loss",
    "system.training": "training",
    "system": "system",
    "protocol": "protocol",
    "claims": "conclusions",
    "targets": "questions",
}
"""Where a setting belongs, by how its dotted name begins; the longest beginning counts."""


def listed(recipe: Recipe) -> str:
    """One recipe in the list of all: three lines."""
    targets = ", ".join(f"{t.name} ({t.tracer or 'any tracer'})" for t in recipe.targets)
    variants = variant_names(recipe)
    return "\n".join(
        [
            f"{recipe.name}",
            f"  after {recipe.paper.cite} {recipe.paper.year}: {recipe.paper.title}",
            f"  tells {targets}; variants {', '.join(variants)}; {len(recipe.assumed)} settings assumed",
        ]
    )


def told(recipe: Recipe) -> str:
    """All of one recipe that a reader needs to judge it."""
    paper = recipe.paper
    doi = f", doi {paper.doi}" if paper.doi else ""
    system = [("input", view_words(view)) for view in recipe.views] + system_words(recipe)
    sizes = {"from scratch, where the first weights are not at hand": recipe.scratch, "--quick": recipe.quick}
    parts = [
        f"{recipe.name}\n" + fill(f"after {paper.cite}, {paper.title}, {paper.year}{doi}", _WIDTH),
        "Tells\n" + _items([target_words(target) for target in recipe.targets]),
        "System\n" + _items([f"{name}: {words}" for name, words in system]),
        "Other sizes\n" + _items([f"{name}: {changes_words(made, recipe)}" for name, made in sizes.items() if made]),
        "Protocol\n"
        + _items([protocol_words(recipe.protocol), f"in short: --protocol {protocol_text(recipe.protocol)}"]),
        "Variants (train --variant NAME)\n" + _items(_variants(recipe)),
        "Conclusions of the paper, tested on every run\n" + _items([claim_words(claim) for claim in recipe.claims]),
        "Assumed, as the paper does not say\n" + _assumed(recipe),
        "Printed in the paper\n" + _printed(recipe.published),
        "Written after the paper, not by its authors. Research use only, not for diagnosis.",
    ]
    return "\n\n".join(part for part in parts if not part.endswith("\n  none"))


def summary(recipe: Recipe) -> dict[str, object]:
    """One recipe in the JSON list of all."""
    return {
        "name": recipe.name,
        "paper": asdict(recipe.paper),
        "targets": [asdict(target) for target in recipe.targets],
        "inputs": [view_words(view) for view in recipe.views],
        "protocol": protocol_text(recipe.protocol),
        "variants": list(variant_names(recipe)),
        "groups": {name: list(members) for name, members in recipe.groups.items()},
        "assumed": dict(recipe.assumed),
        "published": [asdict(figure) for figure in recipe.published],
    }


def grouped(recipe: Recipe) -> dict[str, list[tuple[str, str, str]]]:
    """What is assumed, by the part of the system: dotted name, value in words, reason."""
    found: dict[str, list[tuple[str, str, str]]] = {}
    for name, why in recipe.assumed.items():
        part = max((start for start in PARTS if f"{name}.".startswith(f"{start}.")), key=len, default="")
        value = value_words(setting(recipe, name), recipe)
        found.setdefault(PARTS.get(part, "other"), []).append((name, value, why))
    return found


def figure_cells(figure: Published) -> tuple[str, ...]:
    """A printed figure as cells: target, variant, part, metric, value with its spread, place."""
    spread = f" ± {_decimals(figure.sd)}" if figure.sd is not None else ""
    if figure.low is not None and figure.high is not None:
        spread += f" [{_decimals(figure.low)}-{_decimals(figure.high)}]"
    value = f"{_decimals(figure.value)}{spread}"
    return figure.target, figure.variant or "all", figure.part, figure.metric, value, figure.where


def _decimals(value: float) -> str:
    """Two decimals at least, more where there are more."""
    return max(f"{value:.2f}", f"{value:g}", key=len)


def _variants(recipe: Recipe) -> list[str]:
    each = [f"{name}: {variant_words(recipe, name)}" for name in variant_names(recipe)]
    return each + [f"{name}: a group, {', '.join(members)}" for name, members in recipe.groups.items()]


def _assumed(recipe: Recipe) -> str:
    blocks = []
    for part, rows in grouped(recipe).items():
        lines = [f"{name} = {value}: {why}" for name, value, why in rows]
        blocks.append(f"  {part}\n" + _items(lines, indent="    "))
    return "\n".join(blocks) or "  none"


def _printed(figures: Sequence[Published]) -> str:
    """A table; the columns are as wide as their longest cell."""
    if not figures:
        return "  none"
    rows = [("target", "variant", "part", "metric", "printed", "where"), *map(figure_cells, figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    lines = []
    for row in rows:
        start = "  " + "".join(f"{cell.ljust(width)}  " for cell, width in zip(row[:-1], widths, strict=True))
        width = max(_WIDTH, len(start) + 30)
        lines.append(fill(row[-1], width, initial_indent=start, subsequent_indent=" " * len(start)))
    return "\n".join(lines)


def _items(lines: Sequence[str], indent: str = "  ") -> str:
    if not lines:
        return "  none"
    return "\n".join(fill(line, _WIDTH, initial_indent=indent, subsequent_indent=f"{indent}    ") for line in lines)
