"""How often a test part was opened: one line for each run that opened it, beside the cohort."""

import fcntl
import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from myoperf.io.cache import cache_beside
from myoperf.io.cohort_rules import plain_id

LEDGER = "test-parts.jsonl"
"""File in the cache folder beside a cohort. Patients stand there as digests; who removes it, loses the count."""

Line = Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class Opening:
    """A run that looks at a test part.

    run : what makes the run another run, as one text. units : ids of the part, as the split has them. patients : whose
    they are. labels : columns that hold the answers.
    """

    verb: str
    run: str
    units: tuple[str, ...]
    patients: tuple[str, ...]
    labels: tuple[str, ...]

    @property
    def part(self) -> str:
        """SHA-256 of the ids and the columns of the answers."""
        told = json.dumps([sorted(set(self.units)), sorted(set(self.labels))], ensure_ascii=False)
        return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Opened:
    """times : runs that have opened this part, or one that shares patients and answers with it, this run included; None
    where it is not known. alike : those of them that opened exactly this part. lost : lines that cannot be read."""

    times: int | None
    alike: int = 0
    lost: int = 0
    patients: int = 0
    part: str = ""

    def told(self, name: str = "test part") -> str:
        """The count as a sentence."""
        who = f"{name} ({self.patients} patients) opened"
        if self.times is None:
            return f"{who}; how often before is not known, as nothing can be noted beside the cohort"
        least = "at least " if self.lost else ""
        if self.times == 1:
            return f"{who} {least}1 time: by this run"
        others = self.times - self.alike
        shared = f" ({others} of them a part that shares patients with it)" if others else ""
        return f"{who} {least}{self.times} times, this run included{shared}; what was chosen after a look flatters"


def note_opening(table: Path, opening: Opening) -> Opened:
    """Add a line to the ledger beside a cohort table, unless this run stands there for this part already, and count.

    Nothing is written beside a cohort whose folder is marked read-only; the count is then not known.
    """
    folder = cache_beside(table).folder
    patients = len({plain_id(patient) for patient in opening.patients})
    unknown = Opened(times=None, patients=patients, part=opening.part)
    try:
        if not folder.parent.stat().st_mode & 0o222:
            return unknown
        folder.mkdir(exist_ok=True)
        lines, lost = _noted(folder / LEDGER, _line(opening))
    except OSError:
        return unknown
    mine, labels = set(_digests(opening)), set(opening.labels)
    touching = [line for line in lines if labels & _texts(line, "labels") and mine & _texts(line, "patients")]
    runs = {str(line.get("run")) for line in touching}
    alike = {str(line.get("run")) for line in touching if line.get("part") == opening.part}
    return replace(unknown, times=len(runs), alike=len(alike), lost=lost)


def _noted(path: Path, line: Line) -> tuple[list[Line], int]:
    """All lines with this one among them, and how many others cannot be read."""
    with path.open("a+b") as ledger:
        fcntl.flock(ledger, fcntl.LOCK_EX)
        ledger.seek(0)
        content = ledger.read()
        texts = [text for text in content.split(b"\n") if text.strip()]
        lines = [found for text in texts if (found := _read(text)) is not None]
        lost = len(texts) - len(lines)
        if not any(found.get("run") == line["run"] and found.get("part") == line["part"] for found in lines):
            cut = b"\n" if content and not content.endswith(b"\n") else b""
            ledger.write(cut + json.dumps(line).encode() + b"\n")
            lines.append(line)
    return lines, lost


def _read(text: bytes) -> Line | None:
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) and found.get("run") else None


def _line(opening: Opening) -> Line:
    return {
        "time": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "verb": opening.verb,
        "run": hashlib.sha256(opening.run.encode("utf-8", "surrogatepass")).hexdigest(),
        "part": opening.part,
        "labels": sorted(set(opening.labels)),
        "patients": _digests(opening),
    }


def _digests(opening: Opening) -> list[str]:
    """Patients as short digests: enough to see that two parts share one."""
    plain = {plain_id(patient) for patient in opening.patients}
    return sorted(hashlib.sha256(one.encode("utf-8", "surrogatepass")).hexdigest()[:16] for one in plain)


def _texts(line: Line, name: str) -> set[str]:
    found = line.get(name)
    return set(map(str, found)) if isinstance(found, list) else set()
