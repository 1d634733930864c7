"""myoperf: open software for myocardial perfusion SPECT. Research use only, not for diagnosis.

Every verb of the command line is a function here: ``myoperf.quantify``, ``myoperf.train``, ``myoperf.evaluate`` ...
They are loaded when first used, so that ``import myoperf`` stays instant.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from myoperf.evaluate import evaluate, evaluate_counts

__version__ = "0.1.0"

_VERBS = {
    "demo": "myoperf.cli.demo",
    "quantify": "myoperf.quant.batch",
    "train": "myoperf.train",
    "predict": "myoperf.train",
    "evaluate": "myoperf.evaluate",
    "evaluate_counts": "myoperf.evaluate",
    "audit": "myoperf.evaluate.audit",
}

__all__ = ["__version__", "evaluate", "evaluate_counts"]


def __getattr__(name: str) -> Any:
    if name in _VERBS:
        module = import_module(_VERBS[name])
        return module if module.__name__ == f"{__name__}.{name}" else getattr(module, name)
    raise AttributeError(f"module 'myoperf' has no attribute {name!r}")
