"""A recipe as lines of text: who, what in, what out, what is assumed, what was printed."""

import re
from collections.abc import Sequence
from dataclasses import asdict
from textwrap import fill

from myoperf.protocols import protocol_text, protocol_words
from myoperf.recipe import Published, Recipe, variant_names

_WIDTH = 100


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
    parts = [
        f"{recipe.name}\nafter {paper.cite}, {paper.title}, {paper.year}" + (f", doi {paper.doi}" if paper.doi else ""),
        "Tells\n"
        + _items([f"{t.name}: {t.kind}, {t.tracer or 'any tracer'}; {t.meaning}".rstrip("; ") for t in recipe.targets]),
        "Looks at\n" + _items([_plain(view) for view in recipe.views]),
        "System\n" + _items([_plain(recipe.system)]),
        "Protocol\n"
        + _items([protocol_words(recipe.protocol), f"in short: --protocol {protocol_text(recipe.protocol)}"]),
        "Variants\n" + _items(_variants(recipe)),
        "Assumed, as the paper does not say\n" + _items([f"{name}: {why}" for name, why in recipe.assumed.items()]),
        "Printed\n" + _items([_printed(figure) for figure in recipe.published]),
    ]
    return "\n\n".join(parts)


def summary(recipe: Recipe) -> dict[str, object]:
    """One recipe in the JSON list of all."""
    return {
        "name": recipe.name,
        "paper": asdict(recipe.paper),
        "targets": [asdict(target) for target in recipe.targets],
        "inputs": [_plain(view) for view in recipe.views],
        "protocol": protocol_text(recipe.protocol),
        "variants": list(variant_names(recipe)),
        "assumed": dict(recipe.assumed),
        "published": [asdict(figure) for figure in recipe.published],
    }


def _variants(recipe: Recipe) -> list[str]:
    changes = [
        f"{name}: " + ", ".join(f"{key} = {_plain(value)}" for key, value in changed.items())
        for name, changed in recipe.variants.items()
    ]
    return [f"{recipe.main}: the recipe as it stands", *changes]


def _printed(figure: Published) -> str:
    spread = f" ± {figure.sd}" if figure.sd is not None else ""
    spread += f" [{figure.low}-{figure.high}]" if figure.low is not None else ""
    who = ", ".join(part for part in (figure.target, figure.variant, figure.part) if part)
    return f"{figure.metric} {figure.value}{spread}: {who} ({figure.where})"


def _plain(value: object) -> str:
    """A value with its settings, as it is written in Python."""
    return re.sub(r"<\w+\.\w+: ('[^']*')>", r"\1", repr(value))


def _items(lines: Sequence[str]) -> str:
    if not lines:
        return "  none"
    return "\n".join(fill(line, _WIDTH, initial_indent="  ", subsequent_indent="      ") for line in lines)
