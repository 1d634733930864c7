"""The folder of a run: one run at a time, one run for ever, every file whole."""

import fcntl
import json
import os
import platform
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path

from myoperf.core.errors import RefusedError
from myoperf.io.files import write_text

_PACKAGES = ("myoperf", "numpy", "scipy", "scikit-learn", "torch", "monai", "safetensors")


@contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """Hold the folder for one process; RefusedError where another one holds it. A killed process holds nothing."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "run.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise RefusedError(
                folder, rule="one process works in a run folder", came="a second one", do="wait for the first"
            ) from None
        yield


def claim_identity(folder: Path, identity: Mapping[str, object]) -> bool:
    """Note what the run is; True where it was noted before. RefusedError where the folder holds another run."""
    path = folder / "versions.json"
    if path.exists():
        try:
            told = json.loads(path.read_text(encoding="utf-8"))["run"]
        except (ValueError, KeyError, TypeError, OSError) as error:
            raise _another(folder, f"a versions.json that cannot be read ({error})") from None
        for name, value in identity.items():
            if told.get(name) != value:
                raise _another(folder, f"another {name}: {_short(told.get(name))} there, {_short(value)} now")
        return True
    others = [found.name for found in folder.iterdir() if found.name != "run.lock" and not found.name.startswith(".")]
    if others:
        raise _another(folder, f"other files ({sorted(others)[0]})")
    told = {
        "run": dict(identity),
        "packages": package_versions(),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "processor": platform.machine(),
    }
    write_json(path, told)
    return False


def write_json(path: Path, told: Mapping[str, object]) -> Path:
    """Write plain values as JSON, whole or not at all."""
    return write_text(path, json.dumps(told, indent=2, ensure_ascii=False) + "\n")


def append_log(folder: Path, event: str, **told: object) -> None:
    """Add one line to ``log.jsonl``; a line that a kill has cut off is closed first."""
    line = json.dumps({"time": time.strftime("%Y-%m-%dT%H:%M:%S%z"), "event": event, **told}, ensure_ascii=False)
    path = folder / "log.jsonl"
    with path.open("a+b") as log:
        log.seek(0, os.SEEK_END)
        if log.tell():
            log.seek(-1, os.SEEK_END)
            if log.read(1) != b"\n":
                line = "\n" + line
        log.write(line.encode("utf-8", "replace") + b"\n")


def _another(folder: Path, came: str) -> RefusedError:
    return RefusedError(folder, rule="a run folder holds one run", came=came, do="give another folder with -o")


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 40 else f"{text[:12]}…"


def package_versions() -> dict[str, str]:
    """Versions of the packages that a fit depends on; "" for one that is not installed."""
    return {name: _version(name) for name in _PACKAGES}


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""
