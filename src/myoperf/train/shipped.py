"""Weights that come with the package: where they lie, whether they are whole, and how a package is laid out as a run.

``shipped_weights`` beside this file has one folder a package: the encoder that was pre-trained on virtual patients, and
systems of the papers on it. A package is ``package.json`` (what it is, SHA-256 of every file), ``card.md`` for readers,
and weights in safetensors of 16-bit floats; nothing in it is pickled. Tensors of a system that are those of the shipped
encoder are kept once, with the encoder. No package has seen a real patient.
"""

import hashlib
import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from myoperf.core.errors import RefusedError
from myoperf.core.predictions import Predictions
from myoperf.io.files import write_bytes, write_text
from myoperf.io.predictions import read_predictions, write_predictions
from myoperf.protocols import Splits, splits_json

SHIPPED = Path(__file__).parent / "shipped_weights"
ENCODER = "encoder-resnet18-virtual"
"""Name of the encoder's package."""
PREFIX = "virtual:"
"""What stands before the name of a shipped package where a run folder could be named."""
FORMAT = 1
TOLD = "package.json"
BORROWED = "of the shipped encoder"
"""Key in the header of a safetensors file: names of tensors that lie with the encoder, as JSON."""
LOUD = (
    "this system was trained on virtual patients only and has not been tested on real ones: "
    "research use only, not for diagnosis"
)


@dataclass(frozen=True, kw_only=True)
class Package:
    """One package. kind : "encoder" or "system". told : all of ``package.json``."""

    name: str
    kind: str
    folder: Path
    summary: str
    told: Mapping[str, Any]

    @property
    def asked_by(self) -> str:
        """The words that a user asks for it with."""
        return "--weights virtual" if self.kind == "encoder" else f"{PREFIX}{self.name}"


def shipped_packages(folder: Path = SHIPPED) -> tuple[Package, ...]:
    """Every package that comes with this version, the encoder first."""
    found = [read_package(path.parent) for path in sorted(folder.glob(f"*/{TOLD}"))]
    return tuple(sorted(found, key=lambda package: (package.kind != "encoder", package.name)))


def read_package(folder: Path) -> Package:
    """What a package's folder tells of itself; RefusedError where that is not a package of this version."""
    try:
        told = json.loads((folder / TOLD).read_text(encoding="utf-8"))
        if told["format"] != FORMAT:
            raise ValueError(f"format {told['format']}")
        name, kind, summary = (str(told[key]) for key in ("name", "kind", "summary"))
        _ = {str(path): str(digest) for path, digest in told["sha256"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise RefusedError(
            folder, rule="a package of weights of this version", came=error, do="see 'myoperf recipes'"
        ) from None
    return Package(name=name, kind=kind, folder=folder, summary=summary, told=told)


def check_package(package: Package) -> None:
    """RefusedError unless every file of a package is there and as it was when the package was made."""
    for name, wanted in package.told["sha256"].items():
        path = package.folder / name
        if Path(name).is_absolute() or ".." in Path(name).parts:
            raise RefusedError(package.folder, rule="files of a package lie in it", came=name, do="install it again")
        try:
            found = hashlib.sha256(path.read_bytes()).hexdigest()
        except OSError as error:
            raise RefusedError(path, rule="a package is whole", came=error.strerror, do="install it again") from None
        if found != wanted:
            raise RefusedError(
                path, rule=f"its SHA-256 begins with {wanted[:16]}", came=found[:16], do="install it again"
            )


@cache
def shipped_encoder(folder: Path = SHIPPED) -> Path | None:
    """File of the shipped encoder's weights, named as torchvision names them; None where none comes along."""
    if not (folder / ENCODER / TOLD).exists():
        return None
    package = read_package(folder / ENCODER)
    check_package(package)
    return package.folder / "model.safetensors"


def find_package(name: Path | str, folder: Path = SHIPPED) -> Package | None:
    """The package that a word names: ``virtual:NAME``, or its folder; None where the word is no package.

    RefusedError where ``virtual:`` stands before a name that there is none of.
    """
    text = str(name)
    if not text.startswith(PREFIX):
        return read_package(Path(name)) if (Path(name) / TOLD).is_file() else None
    names = [package.name for package in shipped_packages(folder) if package.kind == "system"]
    wanted = text.removeprefix(PREFIX)
    if wanted not in names:
        do = f"the packages are {', '.join(f'{PREFIX}{one}' for one in names) or 'none in this version'}"
        raise RefusedError(text, rule="a shipped system", came=wanted, do=do)
    return read_package(folder / wanted)


def answered_by(package: Package, predict: Callable[[Path], Path]) -> Path:
    """Let a package answer: ``predict`` is called with a folder that is laid out as a finished run.

    The package is checked first; its tensors are put together with those of the shipped encoder. What comes out says
    that the system knows virtual patients only. RefusedError where the package is not whole, is no system, or stands on
    another encoder than the one that is shipped.
    """
    if package.kind != "system":
        raise RefusedError(package.folder, rule="a system answers", came=package.kind, do="start a training from it")
    check_package(package)
    with tempfile.TemporaryDirectory(prefix="myoperf-package-") as made:
        path = predict(_laid_out(package, Path(made)))
    table = read_predictions(path)
    told = np.full(len(table), "virtual patients only")
    write_predictions(path, Predictions(columns={**table.columns, "trained_on": told}))
    notes = path.with_name("test_opened.json")
    opened = json.loads(notes.read_text(encoding="utf-8"))
    opened["warnings"] = [f"{package.name}: {LOUD}", *opened["warnings"]]
    write_text(notes, json.dumps(opened, indent=2, ensure_ascii=False) + "\n")
    return path


def _laid_out(package: Package, folder: Path) -> Path:
    """Write a package as the folder of a finished run."""
    for name in package.told["sha256"]:
        data = (package.folder / name).read_bytes()
        write_bytes(folder / name, _whole(package, data) if name.endswith(".safetensors") else data)
    write_text(folder / "versions.json", json.dumps({"run": package.told["run"]}) + "\n")
    write_text(folder / "splits.json", splits_json(Splits(seed=int(package.told["seed"]), test=(), folds=())))
    write_text(folder / "predictions.csv", str(package.told["taught"]))
    return folder


def _whole(package: Package, data: bytes) -> bytes:
    """A file of tensors with those that lie with the encoder, all in single precision."""
    from safetensors.torch import load, save

    tensors = {name: tensor.float() if tensor.is_floating_point() else tensor for name, tensor in load(data).items()}
    borrowed = _header(data).get(BORROWED)
    if borrowed is None:
        return save({name: tensor.clone() for name, tensor in tensors.items()})
    encoder = shipped_encoder(package.folder.parent) or shipped_encoder()
    if encoder is None or hashlib.sha256(encoder.read_bytes()).hexdigest() != package.told["encoder"]:
        rule, do = "a package stands on the encoder that is shipped with it", "install the version that it came with"
        raise RefusedError(package.folder, rule=rule, came="another encoder, or none", do=do)
    lent = load(encoder.read_bytes())
    for name, source in json.loads(borrowed).items():
        tensors[name] = lent[source].float()
    return save({name: tensor.clone() for name, tensor in tensors.items()})


def _header(data: bytes) -> Mapping[str, str]:
    """What a safetensors file says beside its tensors."""
    length = int.from_bytes(data[:8], "little")
    told = json.loads(data[8 : 8 + length])
    return dict(told.get("__metadata__", {}))
