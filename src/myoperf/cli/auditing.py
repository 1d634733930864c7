"""The verb that doubts: audit."""

from pathlib import Path
from typing import Annotated

import typer

from .console import answer, progress
from .later import Counts
from .verb import Call, verb


def register(app: typer.Typer) -> None:
    """Add the verb to the command line."""
    verb(app, "audit", short_help="Leaks, duplicates, figures that cannot be.")(audit)


def audit(
    call: Call,
    *,
    cohort: Annotated[
        Path | None, typer.Argument(metavar="COHORT", help="A cohort table, or a folder of images.")
    ] = None,
    splits: Annotated[
        Path | None, typer.Option("--splits", metavar="S", help="Who is in which part: JSON or CSV.")
    ] = None,
    claim: Annotated[
        list[str] | None, typer.Option("--claim", metavar="NAME=VALUE", help="A printed figure; may be repeated.")
    ] = None,
    n: Annotated[int | None, typer.Option("--n", metavar="N", help="Patients behind the claims.")] = None,
    positives: Annotated[
        int | None, typer.Option("--positives", metavar="P", help="How many of them are ill, if told.")
    ] = None,
    counts: Annotated[
        Counts | None, typer.Option("--counts", metavar="TP FP FN TN", help="A table that the claims follow from.")
    ] = None,
    images: Annotated[bool, typer.Option("--images/--no-images", help="Compare the pixels of all images.")] = True,
    gap: Annotated[
        bool, typer.Option("--gap", help="What a split by image would claim against one by patient.")
    ] = False,
    plan: Annotated[
        str | None, typer.Option("--plan", metavar="NAME=VALUE", help="Patients for a wanted precision.")
    ] = None,
    width: Annotated[
        float | None, typer.Option("--width", metavar="W", help="Full width of the 95 % interval to plan for.")
    ] = None,
    share: Annotated[
        float, typer.Option("--positives-share", metavar="X", help="Part of the patients who are ill, for --plan.")
    ] = 0.5,
) -> None:
    """Look for leaks, duplicates, confounders, and figures that cannot be.

    Faults are the answer: the exit code is 0 when the audit is done. With -o FOLDER, audit.json and audit.html are
    written there.
    """
    from myoperf.evaluate.audit import Planned, audit_json
    from myoperf.evaluate.audit import audit as look
    from myoperf.report.audit_page import write_audit
    from myoperf.report.audit_text import audit_text

    with progress(call) as tell:
        found = look(
            cohort,
            splits=splits,
            claims=claim or (),
            n=n,
            positives=positives,
            counts=counts,
            planned=None if plan is None else Planned(figure=plan, width=width, share=share),
            images=images,
            gap=gap,
            seed=call.seed,
            progress=tell,
        )
    body = audit_json(found)
    lines = [audit_text(body)]
    if call.out is not None:
        lines.append(str(write_audit(body, call.out)))
    answer(call, body, "\n".join(lines), written=True)
