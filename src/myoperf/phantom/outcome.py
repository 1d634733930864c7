"""What becomes of a patient: angiography, revascularisation, acute coronary syndrome, death, and the end of follow-up.

Each cause has a hazard of its own: a yearly rate times the exponential of a sum of facts times coefficients, all of
them stated in ``Hazards``. Death and acute coronary syndrome follow from the truth (disease of the muscle, function,
age); angiography follows from what was reported and from the complaint, as in life, so that a false positive scan sends
a patient to the laboratory; early revascularisation follows from both and from what is found there. It lowers the later
hazard of an acute coronary syndrome a little, and such a syndrome raises that of death.

All constants are ours. They are set so that death or acute coronary syndrome comes in some 0.5 percent a year of the
quarter of patients at least risk and in some 5 percent of those at most (Singh, JACC Cardiovasc Imaging 2023;16:209:
0.48 and 4.8), and so that revascularisation within 90 days is rare without ischaemia on the report and reaches two in
five with very much of it (the order of size of Hachamovitch, Circulation 2003;107:2900).
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

import numpy as np

from ..core.errors import RefusedError
from ..core.terms import Sex
from .person import Person, Random, Referral, Symptoms

YEAR_DAYS = 365.25
EARLY_DAYS = 90.0
"""Revascularisation up to this day is early, and put down to the scan."""

OPEN_ARTERIES = 0.05
"""Early revascularisation of arteries without an obstruction over that of obstructed ones (ours)."""

DEATH, ACS, REVASCULARISATION = 1, 2, 3
"""Codes of ``Outcome.first_event``; 0 is none."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the hazards depend on.

    ischaemia, scar : true percent of the ventricle's activity lost at stress only, and at rest. ejection_fraction : in
    percent. obstructed : number of arteries with obstructive disease. exercised : stress was exercise.
    abnormal, summed_stress_score, summed_difference_score : the report.
    """

    person: Person
    ischaemia: float
    scar: float
    ejection_fraction: float
    obstructed: int
    exercised: bool
    abnormal: bool
    summed_stress_score: int
    summed_difference_score: int

    def numbers(self) -> dict[str, float]:
        """The facts that coefficients are multiplied with, by name."""
        who = self.person
        return {
            "years_over_65": who.age - 65.0,
            "male": float(who.sex is Sex.MALE),
            "diabetes": float(who.diabetes),
            "smoking": float(who.smoking),
            "known_disease": float(who.known_disease),
            "typical": float(who.symptoms is Symptoms.TYPICAL),
            "dyspnoea": float(who.symptoms is Symptoms.DYSPNOEA),
            "ischaemia": min(max(self.ischaemia, 0.0), 30.0),
            "scar": min(max(self.scar, 0.0), 40.0),
            "ef_below_55": max(55.0 - self.ejection_fraction, 0.0),
            "obstructed": float(self.obstructed),
            "no_exercise": float(not self.exercised),
            "reported_ischaemia": min(float(self.summed_difference_score), 16.0),
            "reported_abnormal": float(self.abnormal),
        }


@dataclass(frozen=True, kw_only=True)
class Rate:
    """A hazard: ``yearly`` for a person of 65 with none of the facts, times exp(sum of coefficient times fact)."""

    yearly: float
    coefficients: Mapping[str, float]

    def of(self, facts: Facts) -> float:
        """Hazard a year. KeyError for a coefficient of no known fact."""
        numbers = facts.numbers()
        return float(self.yearly * np.exp(sum(value * numbers[name] for name, value in self.coefficients.items())))


def _death() -> Rate:
    terms = {"years_over_65": 0.075, "male": 0.2, "diabetes": 0.45, "smoking": 0.45, "no_exercise": 0.6}
    return Rate(yearly=0.0042, coefficients=terms | {"ischaemia": 0.03, "scar": 0.03, "ef_below_55": 0.025})


def _acs() -> Rate:
    terms = {"years_over_65": 0.03, "male": 0.3, "diabetes": 0.45, "smoking": 0.45, "known_disease": 0.4}
    return Rate(yearly=0.0021, coefficients=terms | {"ischaemia": 0.06, "scar": 0.02, "obstructed": 0.4})


def _late() -> Rate:
    return Rate(yearly=0.006, coefficients={"ischaemia": 0.03, "obstructed": 0.5, "typical": 0.6, "diabetes": 0.3})


def _early() -> Rate:
    terms = {"reported_abnormal": 1.05, "reported_ischaemia": 0.155, "typical": 0.4, "dyspnoea": 0.1}
    return Rate(yearly=0.15, coefficients=terms)


@dataclass(frozen=True, kw_only=True)
class Hazards:
    """Hazards a year of each cause.

    early : of revascularisation in the first 90 days, of those who had angiography. late : of it afterwards.
    after_revascularisation : what a revascularisation leaves of the hazard of an acute coronary syndrome; ``again``
    of that of a late revascularisation. after_acs : by what the hazard of death is multiplied after such a syndrome.
    """

    death: Rate = field(default_factory=_death)
    acs: Rate = field(default_factory=_acs)
    early: Rate = field(default_factory=_early)
    late: Rate = field(default_factory=_late)
    after_revascularisation: float = 0.8
    again: float = 0.5
    after_acs: float = 2.0


@dataclass(frozen=True, kw_only=True)
class FollowUp:
    """Follow-up ends on a fixed day (patients came evenly between these years before it) or when contact is lost."""

    least_years: float = 1.5
    most_years: float = 5.0
    lost_yearly: float = 0.03

    def __post_init__(self) -> None:
        if not 0 < self.least_years <= self.most_years or self.lost_yearly < 0:
            raise RefusedError(
                "phantom", rule="follow-up has years, least before most", came=self, do="give 0 < least <= most"
            )


USUAL_HAZARDS, USUAL_FOLLOW_UP = Hazards(), FollowUp()


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What was seen, in days from the scan; None where it did not happen while the patient was followed.

    follow_up_days : last day on which anything is known (the day of death in the dead). event, time_days : 1 and the
    day of the first of death and acute coronary syndrome, else 0 and the end of follow-up. angiography : done because
    of the scan.
    """

    angiography: bool
    death_days: int | None
    acs_days: int | None
    early_revascularisation_days: int | None
    late_revascularisation_days: int | None
    follow_up_days: int
    event: int
    time_days: int

    @property
    def first_event(self) -> tuple[int, int]:
        """Kind (0 none, 1 death, 2 acute coronary syndrome, 3 revascularisation) and day of what came first."""
        revascularised = (self.early_revascularisation_days, self.late_revascularisation_days)
        days = {REVASCULARISATION: min((day for day in revascularised if day is not None), default=None)}
        days |= {ACS: self.acs_days, DEATH: self.death_days}
        seen = [(day, kind) for kind, day in days.items() if day is not None]
        day, kind = min(seen, default=(self.follow_up_days, 0))
        return kind, day


@dataclass(frozen=True, kw_only=True)
class Steps:
    """A hazard that is constant between days: from ``days[k]`` on it is ``yearly[k]``. The first day is 0."""

    days: tuple[float, ...]
    yearly: tuple[float, ...]

    def cumulative(self, until: float) -> float:
        """Hazard summed from day 0 to a day."""
        ends = (*self.days[1:], np.inf)
        parts = (max(0.0, min(end, until) - day) for day, end in zip(self.days, ends, strict=True))
        return sum(part * rate for part, rate in zip(parts, self.yearly, strict=True)) / YEAR_DAYS

    def reached(self, amount: float) -> float:
        """Day on which the summed hazard is this much; infinity if it never is."""
        for day, end, rate in zip(self.days, (*self.days[1:], np.inf), self.yearly, strict=True):
            needed = amount - self.cumulative(day)
            if rate > 0 and day + needed / rate * YEAR_DAYS <= end:
                return day + needed / rate * YEAR_DAYS
        return float("inf")


def draw_outcome(
    random: Random,
    facts: Facts,
    *,
    referral: Referral,
    hazards: Hazards = USUAL_HAZARDS,
    follow_up: FollowUp = USUAL_FOLLOW_UP,
) -> Outcome:
    """One patient's fate. The random numbers taken are always the same few, whatever the facts are."""
    chance = referral.chance(
        abnormal=facts.abnormal,
        summed_stress_score=facts.summed_stress_score,
        symptoms=facts.person.symptoms,
    )
    angiography = bool(random.random() < chance)
    found = angiography * (1.0 if facts.obstructed else OPEN_ARTERIES)
    end_of_study = YEAR_DAYS * random.uniform(follow_up.least_years, follow_up.most_years)
    early_amount, late_amount, acs_amount, death_amount, lost_amount = random.exponential(size=5)
    early = Steps(days=(0.0, EARLY_DAYS), yearly=(found * hazards.early.of(facts), 0.0)).reached(early_amount)
    late_rate = hazards.late.of(facts) * (hazards.again if np.isfinite(early) else 1.0)
    late = Steps(days=(0.0, EARLY_DAYS), yearly=(0.0, late_rate)).reached(late_amount)
    acs = _changed(hazards.acs.of(facts), min(early, late), hazards.after_revascularisation).reached(acs_amount)
    death = _changed(hazards.death.of(facts), acs, hazards.after_acs).reached(death_amount)
    lost = YEAR_DAYS * lost_amount / follow_up.lost_yearly if follow_up.lost_yearly else np.inf
    return _seen(angiography, {"death": death, "acs": acs, "early": early, "late": late}, min(end_of_study, lost))


def _changed(yearly: float, day: float, factor: float) -> Steps:
    """A hazard that is multiplied on a day (infinity: never)."""
    return Steps(days=(0.0, day), yearly=(yearly, yearly * factor)) if np.isfinite(day) else _constant(yearly)


def _constant(yearly: float) -> Steps:
    return Steps(days=(0.0,), yearly=(yearly,))


def _seen(angiography: bool, at: Mapping[str, float], end: float) -> Outcome:
    """What of it happened before follow-up or life ended, in whole days from 1."""
    last = min(end, at["death"])
    days = {name: max(1, int(np.ceil(day))) if day <= last else None for name, day in at.items()}
    follow_up = max(1, int(np.ceil(last)))
    hard = [day for day in (days["death"], days["acs"]) if day is not None]
    return Outcome(
        angiography=angiography,
        death_days=days["death"],
        acs_days=days["acs"],
        early_revascularisation_days=days["early"],
        late_revascularisation_days=days["late"],
        follow_up_days=follow_up,
        event=int(bool(hard)),
        time_days=min(hard, default=follow_up),
    )


def columns(outcome: Outcome) -> dict[str, object]:
    """The outcome as columns of ``cohort.csv``; a day that did not come is empty."""
    kind, day = outcome.first_event
    row: dict[str, int | None] = asdict(outcome) | {"first_event": kind, "first_event_days": day}
    return {name: "" if value is None else int(value) for name, value in row.items()}
