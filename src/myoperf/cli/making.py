"""Verbs that make and tend cohorts: demo, cohort build, check, describe."""

from pathlib import Path
from typing import Annotated

import typer

from myoperf.core.errors import UsageError

from .console import answer, progress, refusals
from .verb import Call, Jobs, Verbs, verb

PATIENTS = 640
LEAST = 200
"""Fewer patients leave folds without two of each class of each tracer."""


def register(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
    verb(app, "demo", short_help="Virtual patients, a system trained and judged, a report.")(demo)


def register_cohort(app: typer.Typer) -> None:
    """Add the verbs of the cohort table."""
    cohort = typer.Typer(cls=Verbs, rich_markup_mode=None)
    app.add_typer(cohort, name="cohort", help="Build, check and describe the table of a cohort.")
    verb(cohort, "build", short_help="A cohort table from a folder of DICOM.")(cohort_build)
    verb(cohort, "check", short_help="Every row that breaks a rule.")(cohort_check)
    verb(cohort, "describe", short_help="The first table of a paper.")(cohort_describe)


def demo(
    call: Call,
    *,
    patients: Annotated[int, typer.Option("--patients", metavar="N", min=LEAST, help="Virtual patients.")] = PATIENTS,
    jobs: Jobs = None,
) -> None:
    """Make virtual patients, measure them, train the tracer-aware system, judge it; ends with the path of the report.

    Run again with the same options it goes on where it stopped. Results go to demo (or -o OUT).
    """
    from .demo import demo as run

    with progress(call) as tell:
        report = run(call.out or Path("demo"), patients=patients, seed=call.seed, jobs=jobs, progress=tell)
    answer(
        call, {"report": str(report), "scorecard": str(report.with_name("scorecard.json"))}, str(report), written=True
    )


def cohort_build(
    call: Call,
    *,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder of DICOM.")],
    jobs: Jobs = None,
) -> int:
    """Find the series below a folder, pair stress and rest, and write the table to -o cohort.csv.

    Every file that could not be used is told in a line; a second table beside the first says why each series is taken
    for what it is.
    """
    if call.out is None:
        raise UsageError("cohort build: give -o cohort.csv for the table")
    from myoperf.io.cohort import build_cohort

    with progress(call) as tell:
        built = build_cohort(folder, call.out, jobs=jobs, progress=tell)
    code = refusals(call, built.unusable)
    payload = {"cohort": built.path, "evidence": built.evidence, "studies": built.studies, "unusable": built.unusable}
    answer(call, payload, str(built.path), written=True)
    return code


def cohort_check(call: Call, cohort: Annotated[Path, typer.Argument(metavar="C", help="A cohort table.")]) -> int:
    """Tell every row that breaks a rule, one a line; exit code 2 if there is any."""
    from myoperf.io.cohort import check_cohort

    broken = check_cohort(cohort)
    answer(call, {"cohort": str(cohort), "broken": list(broken)}, "\n".join(broken) or f"{cohort}: every rule is kept")
    return 2 if broken else 0


def cohort_describe(call: Call, cohort: Annotated[Path, typer.Argument(metavar="C", help="A cohort table.")]) -> None:
    """Describe the patients of a cohort, as the first table of a paper does."""
    from dataclasses import asdict

    from myoperf.io.cohort import describe_cohort, description_text

    found = describe_cohort(cohort)
    answer(call, asdict(found), description_text(found))
