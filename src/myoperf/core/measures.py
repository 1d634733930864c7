"""Numbers measured on one study, each with its unit, region and method; and why a number is missing."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One number. ``value`` None means it could not be measured; a warning of the same study says why.

    low, high : 95 % interval, where the value is an estimate that has one.
    region : "ventricle", a territory ("LAD") or a segment ("segment 4").
    """

    name: str
    value: float | None
    unit: str
    region: str
    method: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, kw_only=True)
class Caution:
    """A caution that belongs to a study: a short code for machines, a sentence for people."""

    code: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Measures:
    """All measures of one study, in the order of ``measures.csv``."""

    patient_id: str
    study_id: str
    tracer: str
    sex: str
    normals: str
    numbers: tuple[Measure, ...]
    warnings: tuple[Caution, ...] = ()

    def value(self, name: str) -> float | None:
        """The number called ``name``, or None if it is missing; KeyError for a name that was never measured."""
        for number in self.numbers:
            if number.name == name:
                return number.value
        raise KeyError(name)
