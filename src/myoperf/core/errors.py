"""Errors that a user can act on: one line with the file or row, the rule, what came and what to do."""


class MyoperfError(Exception):
    """Base of every error that this package raises on purpose."""


class RefusedError(MyoperfError):
    """An input that is not accepted. It reads as one line and is never turned into a number.

    Parameters
    ----------
    where : the file, row or option at fault.
    rule : the rule that it breaks.
    came : what came instead.
    do : what the user can do about it.
    """

    def __init__(self, where: object, *, rule: str, came: object, do: str) -> None:
        self.where, self.rule, self.came, self.do = str(where), rule, str(came), do
        super().__init__(one_line(f"{where}: {rule}; got {came}; {do}"))


class UsageError(MyoperfError):
    """A verb was called with options that do not go together."""


def one_line(text: str, limit: int = 600) -> str:
    """Fold white space and control characters, so that an error never spans lines or hides text."""
    folded = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return folded if len(folded) <= limit else folded[: limit - 1] + "…"
