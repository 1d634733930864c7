"""How a cohort gets exact numbers of each class: patients are taken in order of their number until every class is full.

Classes are decided from what was drawn of a patient, never from an image, so that whoever is left out costs nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace

from ..core.errors import RefusedError
from ..core.terms import Sex, Tracer


@dataclass(frozen=True, kw_only=True)
class Traits:
    """What classes are made of.

    ischaemia : a part of the muscle gets too little at stress only. infarct : there is a scar. obstructive : an artery
    is obstructed. low_likelihood : of the arm without disease. clear : no defect so large that the shape of the heart
    is lost, and no hot organ beside it.
    """

    sex: Sex
    tracer: Tracer
    ischaemia: bool
    infarct: bool
    obstructive: bool
    low_likelihood: bool = False
    clear: bool = True


@dataclass(frozen=True, kw_only=True)
class Quota:
    """A class and how many of it there are to be. A trait that is None may be either way."""

    name: str
    count: int
    sex: Sex | None = None
    tracer: Tracer | None = None
    ischaemia: bool | None = None
    infarct: bool | None = None
    obstructive: bool | None = None
    low_likelihood: bool | None = None
    clear: bool | None = None

    def __post_init__(self) -> None:
        if self.count < 0:
            raise RefusedError("phantom", rule="a class has 0 or more patients", came=self.count, do="count again")

    def matches(self, traits: Traits) -> bool:
        """Whether a patient is of this class."""
        wanted = {field.name: getattr(self, field.name) for field in fields(Traits)}
        return all(value is None or value == getattr(traits, name) for name, value in wanted.items())


def shared_out(quotas: Sequence[Quota], patients: int) -> tuple[Quota, ...]:
    """The same classes with this many patients in all, in the same shares; what is left over goes to the largest rests.

    Without classes there are none. Refused: fewer than one patient.
    """
    if patients < 1:
        raise RefusedError("phantom", rule="a cohort has patients", came=patients, do="ask for at least 1")
    whole = sum(quota.count for quota in quotas)
    exact = [quota.count * patients / whole for quota in quotas] if whole else []
    counts = [int(count) for count in exact]
    order = sorted(range(len(exact)), key=lambda k: (counts[k] - exact[k], k))
    for k in order[: patients - sum(counts)] if whole else ():
        counts[k] += 1
    return tuple(replace(quota, count=count) for quota, count in zip(quotas, counts, strict=True))


def class_of(traits: Traits, quotas: Sequence[Quota]) -> str | None:
    """Name of the first class that a patient is of, or None."""
    return next((quota.name for quota in quotas if quota.matches(traits)), None)


def fill(
    traits_of: Callable[[int], Traits], quotas: Sequence[Quota], *, most_draws: int | None = None
) -> tuple[int, ...]:
    """Numbers of the patients who make up the classes, rising.

    Patients 0, 1, 2, ... are looked at in order; each is taken for the first class that it is of and that is not full,
    and the search ends when all are full. most_draws : patients that are looked at before it is given up, by default
    1000 and a hundred for each place. Refused: classes that cannot be filled in so many draws.
    """
    open_places = [quota.count for quota in quotas]
    most = 1000 + 100 * sum(open_places) if most_draws is None else most_draws
    taken: list[int] = []
    for number in range(most):
        if not any(open_places):
            break
        traits = traits_of(number)
        free = (k for k, quota in enumerate(quotas) if open_places[k] and quota.matches(traits))
        place = next(free, None)
        if place is not None:
            open_places[place] -= 1
            taken.append(number)
    if any(open_places):
        missing = ", ".join(f"{left} {quota.name}" for left, quota in zip(open_places, quotas, strict=True) if left)
        raise RefusedError(
            "phantom",
            rule=f"classes are full within {most} draws",
            came=f"{missing} still missing",
            do="change the intake or the numbers",
        )
    return tuple(taken)
