"""What a verb says: its answer on standard output, its progress and errors on standard error."""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from myoperf.core.errors import one_line
from myoperf.core.progress import Progress, silent

from .verb import STDOUT, Call

_SECONDS = 1.0


def answer(call: Call, payload: Any, text: str, *, written: bool = False) -> None:
    """Give the answer: JSON where it is asked for, and text for people unless the JSON takes standard output.

    written : whether the result already lies at ``call.out``; otherwise the text is written there.
    """
    from myoperf.io.files import write_text

    machine = json.dumps(payload, indent=2, ensure_ascii=False, default=str) + "\n"
    if call.out is not None and not written:
        write_text(call.out, _plain(text))
    if call.json == STDOUT:
        sys.stdout.write(machine)
        return
    if call.json is not None:
        write_text(Path(call.json), machine)
    sys.stdout.write(_plain(text))


def say(call: Call, line: str) -> None:
    """A line for the user beside the answer."""
    if not call.quiet:
        sys.stderr.write(one_line(line) + "\n")


def refusals(call: Call, lines: tuple[str, ...]) -> int:
    """Tell every refused study in a line of its own, even when quiet; the exit code: 3 if there are any, else 0."""
    for line in lines:
        sys.stderr.write(one_line(f"refused: {line}") + "\n")
    return 3 if lines else 0


def _plain(text: str) -> str:
    """Text that cannot steer a terminal, whatever names it holds; it ends with one line break."""
    return "".join(c if c.isprintable() or c == "\n" else " " for c in text).rstrip("\n") + "\n"


@contextmanager
def progress(call: Call) -> Iterator[Progress]:
    """Progress for the time of a block: bars with time left on a terminal, JSON lines elsewhere, nothing if quiet."""
    if call.quiet:
        yield silent
    elif sys.stderr.isatty():
        with _bars() as bars:
            yield bars
    else:
        yield _lines()


def _lines() -> Progress:
    """One JSON line when a step begins, when it ends, and at most one a second between."""
    last: dict[str, float] = {}

    def tell(step: str, done: int, total: int) -> None:
        now = time.monotonic()
        if step not in last or done >= total or now - last[step] >= _SECONDS:
            last[step] = now
            sys.stderr.write(json.dumps({"step": step, "done": done, "total": total}) + "\n")
            sys.stderr.flush()

    return tell


@contextmanager
def _bars() -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as shown:
        tasks: dict[str, Any] = {}

        def tell(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = shown.add_task(step, total=total)
            shown.update(tasks[step], completed=done, total=total)

        yield tell
