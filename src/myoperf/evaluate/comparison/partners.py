"""What must be said of the rows that two systems have, or have not, both judged."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Partners:
    """Counts of rows. both : judged by both, with one truth. disagree : with another truth in each, left out."""

    both: int
    only_first: int
    only_second: int
    disagree: int
    alone: bool

    def cautions(self, names: tuple[str, str], truth: str = "truth") -> Iterator[str]:
        """Sentences for the reader; alone : whether every patient has one row."""
        pair = f"{names[0]} and {names[1]}"
        if self.only_first or self.only_second:
            yield (
                f"{pair}: {self.both} studies are judged by both; {self.only_first} of {names[0]} and"
                f" {self.only_second} of {names[1]} have no partner and are left out of their comparison"
            )
        if self.disagree:
            yield f"{pair}: {self.disagree} studies have another {truth} in each and are left out"
        if self.both and not self.alone:
            yield f"{pair}: patients have several rows, so whole patients are resampled"
