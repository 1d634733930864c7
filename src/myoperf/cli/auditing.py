"""The verb that doubts: audit."""

from pathlib import Path
from typing import Annotated, Any

import typer

from .console import answer, progress
from .later import Counts
from .verb import Call, verb

Cohort = Annotated[Path | None, typer.Argument(metavar="COHORT", help="A cohort table, or a folder of images.")]
Splits = Annotated[Path | None, typer.Option("--splits", metavar="S", help="Who is in which part: JSON or CSV.")]
Claims = Annotated[
    list[str] | None, typer.Option("--claim", metavar="NAME=VALUE", help="A printed figure; may be repeated.")
]
Patients = Annotated[int | None, typer.Option("--n", metavar="N", help="Patients behind the claims.")]
Positives = Annotated[int | None, typer.Option("--positives", metavar="P", help="How many of them are ill, if told.")]
Table = Annotated[
    Counts | None, typer.Option("--counts", metavar="TP FP FN TN", help="A table that the claims follow from.")
]
Images = Annotated[bool, typer.Option("--images/--no-images", help="Compare the pixels of all images.")]
Gap = Annotated[bool, typer.Option("--gap", help="What a split by image would claim against one by patient.")]
PlanFor = Annotated[str | None, typer.Option("--plan", metavar="NAME=VALUE", help="Patients for a wanted precision.")]
Width = Annotated[
    float | None, typer.Option("--width", metavar="W", help="Full width of the 95 % interval to plan for.")
]
Share = Annotated[
    float, typer.Option("--positives-share", metavar="X", help="Part of the patients who are ill, for --plan.")
]


def register(app: typer.Typer) -> None:
    """Add the verb to the command line."""
    verb(app, "audit", short_help="Leaks, duplicates, figures that cannot be.")(audit)


def audit(
    call: Call,
    *,
    cohort: Cohort = None,
    splits: Splits = None,
    claim: Claims = None,
    n: Patients = None,
    positives: Positives = None,
    counts: Table = None,
    images: Images = True,
    gap: Gap = False,
    plan: PlanFor = None,
    width: Width = None,
    share: Share = 0.5,
) -> None:
    """Look for leaks, duplicates, confounders, and figures that cannot be.

    Faults are the answer: the exit code is 0 when the audit is done. With -o FOLDER, audit.json and audit.html are
    written there.
    """
    from myoperf.evaluate.audit import Planned, audit_json
    from myoperf.evaluate.audit import audit as look

    asked: Any = {"splits": splits, "claim": claim or (), "n": n, "positives": positives, "counts": counts}
    planned = None if plan is None else Planned(figure=plan, width=width, share=share)
    with progress(call) as tell:
        found = look(cohort, **asked, planned=planned, images=images, gap=gap, seed=call.seed, progress=tell)
    _give(call, audit_json(found))


def _give(call: Call, body: dict[str, object]) -> None:
    from myoperf.report.audit_page import write_audit
    from myoperf.report.audit_text import audit_text

    lines = [audit_text(body)]
    if call.out is not None:
        lines.append(str(write_audit(body, call.out)))
    answer(call, body, "\n".join(lines), written=True)
