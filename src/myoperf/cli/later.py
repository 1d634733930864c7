"""Verbs that are not built yet. They take what they will take, say so, and end with exit code 2."""

from pathlib import Path
from typing import Annotated

import typer

from myoperf.core.errors import UsageError

from .verb import Call, verb

Counts = tuple[int, int, int, int]
_MARK = "(not built yet)"


def register(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
    verb(app, "deidentify", short_help=f"DICOM without identity {_MARK}.")(deidentify)
    verb(app, "read", short_help=f"One study to findings and a report {_MARK}.")(read)
    verb(app, "explain", short_help=f"What spoke for a prediction, by segment {_MARK}.")(explain)
    verb(app, "serve", short_help=f"The reading room in a browser {_MARK}.")(serve)


def not_built(name: str) -> UsageError:
    """The error that says so."""
    return UsageError(f"{name}: not built yet in this version")


def deidentify(call: Call, folder: Annotated[Path | None, typer.Argument(metavar="DIR")] = None) -> None:
    """Write DICOM without identity (PS3.15 basic profile). Not built yet."""
    raise not_built("deidentify")


def read(
    call: Call,
    *,
    study: Annotated[Path | None, typer.Argument(metavar="STUDY")] = None,
    normals: Annotated[Path | None, typer.Option("--normals", metavar="FILE")] = None,
    sex: Annotated[str | None, typer.Option("--sex", metavar="F|M")] = None,
    model: Annotated[list[Path] | None, typer.Option("--model", metavar="M")] = None,
) -> None:
    """Read one patient's study: findings and a report. Not built yet."""
    raise not_built("read")


def explain(
    call: Call,
    *,
    run: Annotated[Path | None, typer.Argument(metavar="RUN")] = None,
    study: Annotated[Path | None, typer.Option("--study", metavar="S")] = None,
) -> None:
    """Tell what spoke for a prediction, by map, segment and territory. Not built yet."""
    raise not_built("explain")


def serve(call: Call) -> None:
    """Open the reading room on the loopback address. Not built yet."""
    raise not_built("serve")
