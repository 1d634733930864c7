"""An audit as files: JSON for machines, a page for people."""

import json
from pathlib import Path

from myoperf.io.files import write_text

from .audit_text import (
    Body,
    claim_line,
    count_line,
    duplicate_line,
    gap_line,
    leak_line,
    names_of,
    plan_line,
    telling,
    together_line,
)
from .page import page
from .words import interval, metric_name, number

FIRST = 500
"""Rows of a list that the page shows; the rest is in ``audit.json``."""


def write_audit(body: Body, folder: Path | str) -> Path:
    """Write ``audit.json`` and a self-contained ``audit.html`` into a folder; returns the path of the page."""
    where = Path(folder)
    if where.suffix.casefold() in (".html", ".json"):
        where = where.parent
    text = json.dumps(body, indent=1, ensure_ascii=False, default=str) + "\n"
    html = audit_page(body)
    write_text(where / "audit.json", text)
    return write_text(where / "audit.html", html)


def audit_page(body: Body) -> str:
    """HTML text of the page. body : plain values with the keys of ``audit.json``."""
    return page(
        "audit.html.j2",
        title="Audit" + (f" of {Path(str(body['about']['path'])).name}" if "path" in body["about"] else ""),
        warnings=list(body["warnings"])[:FIRST],
        about=body["about"],
        body=body,
        first=FIRST,
        told=telling(body["confounders"]),
        lines={
            "claim": claim_line,
            "count": count_line,
            "together": together_line,
            "plan": plan_line,
            "leak": leak_line,
            "duplicate": duplicate_line,
            "gap": gap_line,
        },
        names_of=names_of,
        metric_name=metric_name,
        number=number,
        interval=interval,
    )
