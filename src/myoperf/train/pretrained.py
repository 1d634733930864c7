"""Where a user's file of published encoder weights lies, and whether it is whole. Nothing is ever downloaded."""

import hashlib
import re
from pathlib import Path

from myoperf.core.errors import RefusedError

_NAMED = re.compile(r"-([0-9a-f]{8,64})\.pth$")


def find_imagenet(given: Path | str | None, network: str = "resnet18") -> Path | None:
    """The file of ImageNet weights for a network: the given one, else one in torch hub's cache folder, else None.

    network : as the published file is named, "resnet18" or "resnet152".

    RefusedError where the given file is not there or not whole. One in the cache folder that is not whole counts as
    none.
    """
    if given is not None:
        path = Path(given)
        if not path.is_file():
            raise RefusedError(path, rule="a file of weights", came="no such file", do="check the path")
        check_weights_file(path)
        return path
    for path in sorted((Path.home() / ".cache/torch/hub/checkpoints").glob(f"{network}-*.pth")):
        try:
            check_weights_file(path)
        except RefusedError:
            continue
        return path
    return None


def check_weights_file(path: Path) -> None:
    """RefusedError unless the file is ``.safetensors``, or ``.pth`` whose SHA-256 begins as its name says."""
    if path.suffix == ".safetensors":
        return
    named = _NAMED.search(path.name)
    if not named:
        raise RefusedError(
            path,
            rule="weights are .safetensors, or .pth with the start of their SHA-256 in the name",
            came=path.name,
            do="keep the published name, as in resnet18-f37072fd.pth",
        )
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    if not digest.startswith(named[1]):
        raise RefusedError(path, rule=f"its SHA-256 begins with {named[1]}", came=digest[:16], do="fetch it again")
