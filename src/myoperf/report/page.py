"""One self-contained HTML page: style inside, pictures inside, no script, nothing fetched."""

import base64
import hashlib
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from myoperf import __version__
from myoperf.core.terms import RESEARCH_USE


def page(template: str, *, title: str, note: Sequence[str] = (), warnings: Sequence[str] = (), **values: object) -> str:
    """Fill a template of this room. Every value is escaped; a missing one is an error, not a blank.

    note : lines that must be read first. warnings : what the reader must know, shown on top.
    """
    style = _read("style.css")
    return (
        _environment()
        .get_template(template)
        .render(
            title=title,
            note=tuple(note),
            warnings=tuple(warnings),
            style=Markup(style),  # our own file, its hash stands in the policy
            policy=_policy(style),
            research_use=RESEARCH_USE,
            version=__version__,
            **values,
        )
    )


def data_uri(png: bytes) -> str:
    """A PNG as the address of a picture that lies inside the page."""
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")


def _policy(style: str) -> str:
    """Nothing is loaded but the pictures inside the page, and no style but this one is applied."""
    digest = base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii")
    return f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def _read(name: str) -> str:
    return (files(__package__) / "templates" / name).read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        autoescape=True, loader=FunctionLoader(_read), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
