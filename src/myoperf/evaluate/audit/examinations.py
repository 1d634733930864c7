"""What the headers of a cohort's files tell of whose they are."""

from collections.abc import Sequence
from pathlib import Path

from myoperf.core.errors import MyoperfError
from myoperf.io.nm import read_series


def examinations(paths: Sequence[Path]) -> dict[Path, str]:
    """Study Instance UID of every readable NM heart; other files, and headers that are silent, are left out."""
    found = {}
    for path in paths:
        if path.suffix.casefold() in (".dcm", ".ima"):
            try:
                uid = read_series(path).study_uid
            except (MyoperfError, OSError):
                continue
            if uid:
                found[path] = uid
    return found
