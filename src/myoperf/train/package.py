"""Pack weights for others: an encoder, or the systems of a finished run, as a folder with a card.

Layout: ``model.safetensors`` (an encoder) or ``recipe.json`` and ``models/`` (a system), ``package.json`` with the
SHA-256 of every file, ``card.md``. Weights are 16-bit floats; means and variances of normalisation layers stay whole.
"""

import csv
import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from myoperf.core.errors import RefusedError
from myoperf.io.files import write_bytes, write_text

from .run_folder import package_versions, write_json
from .shipped import BORROWED, FORMAT, TOLD

if TYPE_CHECKING:
    from torch import Tensor

LICENCE = "Apache-2.0 (weights and card); data: virtual patients, no data of people"


@dataclass(frozen=True, kw_only=True)
class Card:
    """What a package's card says beside what the files tell.

    title, summary : one line each. command : that makes the package. patients, seed : of the virtual cohort learnt
    from. data : that cohort in a sentence. figures : (what, value with interval and n), on virtual patients that were
    not learnt from; judged_on : who they are. limits, changes : lines.
    """

    title: str
    summary: str
    command: str
    patients: int
    seed: int
    data: str
    figures: tuple[tuple[str, str], ...]
    judged_on: str
    limits: tuple[str, ...] = ()
    changes: tuple[str, ...] = ("first version",)


GENERAL_LIMITS = (
    "Not trained and not tested on real patients. What it says of a real study is unknown.",
    "Research use only, not for diagnosis.",
    "Virtual hearts have the shapes, defects, cameras and protocols that the phantom knows, and no others.",
    "Figures on virtual patients tell that the weights work, not how well they do in a clinic.",
)


def write_encoder(state: Mapping[str, "Tensor"], out: Path, card: Card) -> Path:
    """Write an encoder's weights, named as torchvision names them, as the package ``out``."""
    from safetensors.torch import save

    write_bytes(out / "model.safetensors", save(_halved(state)))
    return _finished(out, "encoder", card, ["model.safetensors"], {})


def write_package(run: Path, out: Path, card: Card, *, encoder: Path | None = None) -> Path:
    """Pack the models of a finished run as the package ``out``; what is the ``encoder``'s is left out and named.

    RefusedError where the folder holds no finished run with models in safetensors.
    """
    try:
        told = json.loads((run / "versions.json").read_text(encoding="utf-8"))["run"]
        taught = _taught((run / "predictions.csv").read_text(encoding="utf-8"))
    except (OSError, ValueError, KeyError) as error:
        raise RefusedError(run, rule="a finished run", came=error, do="name the folder of 'myoperf train'") from None
    lent = {} if encoder is None else _tensors(encoder.read_bytes())
    names = ["recipe.json"]
    write_bytes(out / "recipe.json", (run / "recipe.json").read_bytes())
    for path in sorted((run / "models").iterdir()):
        name = f"models/{path.name}"
        if path.suffix == ".safetensors":
            write_bytes(out / name, _packed(_tensors(path.read_bytes()), lent))
        elif path.suffix == ".json":
            write_bytes(out / name, path.read_bytes())
        else:
            continue
        names.append(name)
    if not any(name.endswith(".safetensors") for name in names):
        raise RefusedError(run, rule="a run with models", came="none", do="train again")
    known = {"variant": told["variant"], "exact": told["exact"], "quick": told["quick"], "recipe": told["recipe"]}
    more = {
        "run": {**known, "package": out.name},
        "taught": taught,
        "encoder": None if encoder is None else hashlib.sha256(encoder.read_bytes()).hexdigest(),
    }
    return _finished(out, "system", card, names, more)


def _taught(predictions: str) -> str:
    """Of a run's predictions the header and one answered row a target, as text: what its heads have learnt."""
    rows = list(csv.DictReader(predictions.splitlines()))
    answered = {row["target"]: row for row in rows if row.get("truth")}
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]) if rows else ["target", "truth"], lineterminator="\n")
    writer.writeheader()
    writer.writerows(answered.values())
    return text.getvalue()


def _tensors(data: bytes) -> dict[str, "Tensor"]:
    from safetensors.torch import load

    return dict(load(data))


def _halved(state: Mapping[str, "Tensor"]) -> dict[str, "Tensor"]:
    """Weights as 16-bit floats, rows of numbers (biases, normalisation) in single precision, counters left out."""
    return {
        name: (tensor.half() if tensor.ndim > 1 else tensor.float()).detach().clone().contiguous()
        for name, tensor in state.items()
        if tensor.is_floating_point()
    }


def _packed(state: Mapping[str, "Tensor"], lent: Mapping[str, "Tensor"]) -> bytes:
    """Tensors for a package; those that are the encoder's are only named in the header."""
    from safetensors.torch import save

    counters = {name: tensor for name, tensor in state.items() if not tensor.is_floating_point()}
    borrowed: dict[str, str] = {}
    for name, tensor in state.items():
        source = max((own for own in lent if f".{name}".endswith(f".{own}")), key=len, default=None)
        if source is not None and _same(tensor, lent[source]):
            borrowed[name] = source
    kept = {name: tensor for name, tensor in {**_halved(state), **counters}.items() if name not in borrowed}
    # one key: several would stand in another order each time
    return save(kept, metadata={BORROWED: json.dumps(borrowed, sort_keys=True)} if borrowed else None)


def _same(tensor: "Tensor", lent: "Tensor") -> bool:
    """Whether a kept tensor is the encoder's, rounded to 16 bits as it may be."""
    if tensor.shape != lent.shape or not tensor.is_floating_point():
        return False
    whole = lent.float()
    return bool((tensor.float() == whole).all() or (tensor == whole.bfloat16()).all())


def _finished(out: Path, kind: str, card: Card, names: Sequence[str], more: Mapping[str, Any]) -> Path:
    """Write card and table of contents."""
    digests = {name: hashlib.sha256((out / name).read_bytes()).hexdigest() for name in names}
    sizes = {name: (out / name).stat().st_size for name in names}
    versions = package_versions()
    write_text(out / "card.md", card_text(out.name, card, digests, sizes, versions))
    told = {
        "format": FORMAT,
        "name": out.name,
        "kind": kind,
        "summary": card.summary,
        "patients": card.patients,
        "seed": card.seed,
        "trained_on": "virtual patients only",
        "command": card.command,
        "packages": versions,
        **more,
        "sha256": digests,
    }
    return write_json(out / TOLD, told)


def card_text(
    name: str, card: Card, digests: Mapping[str, str], sizes: Mapping[str, int], versions: Mapping[str, str]
) -> str:
    """The card as Markdown."""
    figures = ["| figure | value |", "|---|---|", *(f"| {what} | {value} |" for what, value in card.figures)]
    files = ["| file | bytes | SHA-256 |", "|---|---|---|"]
    files += [f"| {file} | {sizes[file]} | `{digest}` |" for file, digest in digests.items()]
    parts = [
        f"# {card.title}",
        f"**{card.summary}**",
        "Trained on virtual patients only, never on real ones. Research use only, not for diagnosis.",
        "## Made from\n\n" + card.data,
        f"Virtual patients learnt from: {card.patients}, seed {card.seed}; no test, example or validation of this "
        "project uses a patient of them.",
        f"## Made by\n\n```sh\n{card.command}\n```\n\nWith "
        + ", ".join(f"{package} {version}" for package, version in versions.items() if version)
        + ". The same command gives the same bytes on the same machine.",
        f"## Figures\n\nOn {card.judged_on}; 95 % intervals in brackets.\n\n" + "\n".join(figures),
        "## Limits\n\n" + "\n".join(f"- {line}" for line in (*GENERAL_LIMITS, *card.limits)),
        "## Licence\n\n" + LICENCE + ".",
        f"## Files of {name}\n\n" + "\n".join(files),
        "## Changes\n\n" + "\n".join(f"- {line}" for line in card.changes),
    ]
    return "\n\n".join(parts) + "\n"
