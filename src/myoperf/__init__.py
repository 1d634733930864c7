"""myoperf: open software for myocardial perfusion SPECT. Research use only, not for diagnosis.

Every verb of the command line is a function here: ``myoperf.quantify``, ``myoperf.train``, ``myoperf.evaluate`` ...
They are loaded when first used, so that ``import myoperf`` stays instant.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_VERBS = {
    "quantify": "myoperf.quant.batch",
}

__all__ = ["__version__"]


def __getattr__(name: str) -> Any:
    if name in _VERBS:
        return getattr(import_module(_VERBS[name]), name)
    raise AttributeError(f"module 'myoperf' has no attribute {name!r}")
