"""The command line: one program, its verbs, one line for an error."""

import sys
import warnings
from collections.abc import Sequence
from typing import Annotated

import typer

from myoperf import __version__

from . import auditing, clinic, judging, later, learning, making, measuring, picturing
from .failure import STOPPED, told
from .verb import Verbs

EPILOG = "Research use only, not for diagnosis. myoperf VERB --help tells the options of a verb."

app = typer.Typer(
    name="myoperf", cls=Verbs, rich_markup_mode=None, add_completion=False, invoke_without_command=True, epilog=EPILOG
)


@app.callback()
def start(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Say the version.")] = False,
) -> None:
    """Open software for myocardial perfusion SPECT: read, measure, train, judge, report."""
    if version:
        typer.echo(f"myoperf {__version__}")
    elif context.invoked_subcommand is None:
        typer.echo(context.get_help())


making.register(app)
clinic.register(app)
making.register_cohort(app)
picturing.register(app)
measuring.register(app)
learning.register(app)
judging.register(app)
auditing.register(app)
later.register(app)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line on ``argv`` (the program's own words if None) and return its exit code.

    0 done, 1 our fault, 2 input or usage refused, 3 some studies refused and the others done. Never raises.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    debug = "--debug" in words
    if argv is None and not debug:
        warnings.simplefilter("ignore")  # what libraries warn of is for --debug; ours goes through the answer
    try:
        code = app(args=words, prog_name="myoperf", standalone_mode=False)
    except (Exception, KeyboardInterrupt) as error:  # the outermost frame: every error becomes one line
        return told(error, debug=debug)
    if code == STOPPED:
        return told(KeyboardInterrupt(), debug=debug)
    return code if isinstance(code, int) else 0
