"""Rooms that are named like a verb can be called like it: ``myoperf.evaluate(...)``."""

import sys
from types import ModuleType
from typing import Any


class VerbModule(ModuleType):
    """A package that stands for the function of the same name inside it."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function."""
        return vars(self)[self.__name__.rpartition(".")[2]](*args, **kwargs)


def make_callable(name: str) -> None:
    """Let the loaded package ``name`` be called: last line of its ``__init__`` as ``make_callable(__name__)``."""
    sys.modules[name].__class__ = VerbModule
