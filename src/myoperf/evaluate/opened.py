"""What a run has written beside its predictions of how often their patients were looked at."""

import json
from dataclasses import dataclass
from pathlib import Path

FILE = "test_opened.json"


@dataclass(frozen=True, kw_only=True)
class Looked:
    """times : how often the judged part was opened, None where that is not known. said : what the reader must know."""

    times: int | None = None
    said: tuple[str, ...] = ()


def looked_at(predictions: Path) -> Looked:
    """What ``test_opened.json`` beside a table of predictions tells; nothing where there is none of ours."""
    try:
        told = json.loads(predictions.with_name(FILE).read_text(encoding="utf-8"))
        times, warnings = told["times"], told["warnings"]
        said = tuple(str(line) for line in [*warnings, told["text"]])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return Looked()
    if isinstance(warnings, str):  # not a list of lines: not a file of ours
        return Looked()
    return Looked(times=times if type(times) is int and times >= 0 else None, said=said)
