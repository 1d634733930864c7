"""From an exception to one line and an exit code."""

import os
import sys
import tempfile
import traceback
from pathlib import Path

from myoperf.core.errors import MyoperfError, one_line

REFUSED, OURS, STOPPED = 2, 1, 130


def told(error: BaseException, *, debug: bool) -> int:
    """Tell an error in one line on standard error; returns the exit code.

    Input and usage errors end with 2; anything else is our fault, ends with 1, and its details go to a file.
    """
    if debug and not _usage(error):
        traceback.print_exception(error)
    if isinstance(error, KeyboardInterrupt) or type(error).__name__ == "Abort":
        return _line("stopped", STOPPED)
    if isinstance(error, BrokenPipeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    if isinstance(error, MyoperfError):
        return _line(str(error), REFUSED)
    if _usage(error):
        return _line(_usage(error), REFUSED)
    if isinstance(error, OSError) and error.strerror:
        return _line(f"{error.filename or 'a file'}: {error.strerror}", REFUSED)
    where = "" if debug else f"; details in {_details(error)}"
    return _line(f"our fault: {type(error).__name__}: {error}{where}", OURS)


def _usage(error: BaseException) -> str:
    """What the command line parser says of wrong usage; "" for any other error."""
    message = getattr(error, "format_message", None)
    if message is None:
        return ""
    context = getattr(error, "ctx", None)
    path = getattr(context, "command_path", "myoperf")
    return f"{str(message()).rstrip('.')}; see {path} --help"


def _line(text: str, code: int) -> int:
    sys.stderr.write(f"myoperf: {one_line(text)}\n")
    return code


def _details(error: BaseException) -> Path:
    """A file, readable by its owner alone, with the traceback."""
    handle, name = tempfile.mkstemp(prefix="myoperf-error-", suffix=".txt")
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        traceback.print_exception(error, file=stream)
    return Path(name)
