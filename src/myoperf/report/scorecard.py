"""A scorecard as files: JSON for machines, a page for people."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from myoperf.core.scorecard import Scorecard
from myoperf.io.files import write_text

from .scorecard_json import scorecard_json
from .scorecard_more import Picture
from .scorecard_page import scorecard_page


def write_scorecard(
    scorecard: Scorecard,
    folder: Path | str,
    *,
    recipe: Mapping[str, object] | None = None,
    note: Sequence[str] = (),
    cases: Sequence[Picture] = (),
    training: Sequence[Picture] = (),
) -> Path:
    """Write ``scorecard.json`` and a self-contained ``report.html`` into a folder; returns the path of the page.

    recipe : plain values as in ``recipe.json``, which tell tracers, classes and what was assumed. note : lines that are
    to be read before any figure. cases : pictures to look at. training : how it went.
    """
    where = Path(folder)
    text = scorecard_json(scorecard)
    html = scorecard_page(scorecard, recipe=recipe, note=note, cases=cases, training=training)
    write_text(where / "scorecard.json", text)
    return write_text(where / "report.html", html)
