"""How a verb becomes a command: every one takes the same options, and no heavy library is loaded to say so."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

STDOUT = "-"
ORDER = (
    "demo", "phantom", "cohort", "pictures", "quantify", "normals", "recipes", "train", "predict", "evaluate", "audit",
)  # fmt: skip
"""Verbs that work, in the order of the work; the others follow."""

Jobs = Annotated[int | None, typer.Option("--jobs", metavar="N", min=1, help="Processes; one a core if not given.")]
"""Number of processes, for verbs that use several."""


@dataclass(frozen=True, kw_only=True)
class Call:
    """What every verb is given beside its own options.

    json : where the machine's answer goes: "-" for standard output, a file, or None. out : where the result goes.
    """

    json: str | None = None
    quiet: bool = False
    out: Path | None = None
    seed: int = 0
    debug: bool = False


_SHARED = {
    "out": (Path | None, typer.Option("-o", "--out", metavar="OUT", help="Where the result goes."), None),
    "json": (str | None, typer.Option("--json", metavar="[FILE|-]", help="Answer as JSON."), None),
    "quiet": (bool, typer.Option("--quiet", help="Say nothing but the answer."), False),
    "seed": (int, typer.Option("--seed", metavar="N", min=0, help="Same seed, same numbers."), 0),
    "debug": (bool, typer.Option("--debug", help="Show where an error comes from."), False),
}


class VerbCommand(TyperCommand):
    """A command whose ``--json`` may stand alone, which means standard output."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the words after the verb."""
        return super().parse_args(ctx, json_alone(args))


class Verbs(TyperGroup):
    """Verbs listed in the order of the work."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Names of all verbs."""
        return sorted(self.commands, key=lambda name: ORDER.index(name) if name in ORDER else len(ORDER))


def json_alone(args: list[str]) -> list[str]:
    """Give a ``--json`` without a file the value "-"; only "-" and names ending in .json are taken as its file."""
    words, end = list(args), args.index("--") if "--" in args else len(args)
    for place in reversed([k for k, word in enumerate(words[:end]) if word == "--json"]):
        following = words[place + 1] if place + 1 < end else ""
        named = following == STDOUT or following.lower().endswith(".json")
        words[place : place + (2 if named else 1)] = [f"--json={following if named else STDOUT}"]
    return words


def verb(
    app: typer.Typer, name: str, **settings: Any
) -> Callable[[Callable[..., int | None]], Callable[..., int | None]]:
    """Register ``function(call, ...)`` as a command. Its own parameters come first, then those of every verb."""

    def register(function: Callable[..., int | None]) -> Callable[..., int | None]:
        def run(**options: Any) -> int:
            call = Call(**{key: options.pop(key) for key in _SHARED})
            return function(call, **options) or 0

        own = [p for p in inspect.signature(function).parameters.values() if p.name != "call"]
        shared = [
            inspect.Parameter(key, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[kind, option])
            for key, (kind, option, default) in _SHARED.items()
        ]
        parameters = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in own] + shared
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # typer reads it
        run.__annotations__ = {p.name: p.annotation for p in parameters}
        run.__name__, run.__doc__ = name, function.__doc__
        app.command(name, cls=VerbCommand, **settings)(run)
        return function

    return register
