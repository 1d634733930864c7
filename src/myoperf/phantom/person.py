"""Who is sent to the virtual clinic: age, body, risk factors, complaint, and how likely coronary disease is.

A person is a function of one uniform number for each fact, so that a change of one setting leaves the other facts of
the same person alone. The chance of disease, a stenosis of 50 percent or more, is the clinical model of the CAD
Consortium (Genders, BMJ 2012;344:e3485), moved by one constant so that its mean over the referred is the prevalence
asked for; the constant is found by bisection over a fixed set of evenly spread persons, so it is the same everywhere.

Shares of risk factors, known disease and complaints are our own, near those of large registries of perfusion imaging
(age 62 to 65 years, somewhat more men, hypertension and dyslipidaemia in three of five, diabetes in one of four).
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from functools import lru_cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from ..core.errors import RefusedError
from ..core.terms import Sex

Random = np.random.Generator

_AGE, _MALE, _DIABETES, _HYPERTENSION, _DYSLIPIDAEMIA, _SMOKING = 0.062, 1.332, 0.828, 0.338, 0.422, 0.461
_DIABETES_AND_TYPICAL = -0.402
CONSORTIUM_INTERCEPT = -7.539
"""Intercept of the clinical model where disease is rare (Genders 2012); an intake puts its own in this place."""

KNOWN_DISEASE_LOG_ODDS = 1.1
"""What an infarction or revascularisation in the past adds to the log odds: three times the odds, our assumption."""

_STANDARD_PERSONS = 4096
_PRIMES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71)


class Symptoms(StrEnum):
    """Main complaint that brings the person."""

    NONE = "asymptomatic"
    NON_ANGINAL = "non-anginal"
    ATYPICAL = "atypical"
    TYPICAL = "typical"
    DYSPNOEA = "dyspnoea"


SYMPTOM_LOG_ODDS: Mapping[Symptoms, float] = {
    Symptoms.NONE: -0.2,
    Symptoms.NON_ANGINAL: 0.0,
    Symptoms.ATYPICAL: 0.633,
    Symptoms.TYPICAL: 1.998,
    Symptoms.DYSPNOEA: 0.6,
}
"""Log odds of disease against non-anginal pain: the angina terms of Genders 2012; none and dyspnoea are our own."""


@dataclass(frozen=True, kw_only=True)
class Bell:
    """A normal distribution cut off at both ends (values beyond do not occur; they are not heaped on the ends)."""

    mean: float
    sd: float
    low: float
    high: float

    def __post_init__(self) -> None:
        if self.sd <= 0 or self.low >= self.high:
            raise RefusedError(
                "phantom", rule="a distribution has a width and low < high", came=self, do="mend its four numbers"
            )

    def at(self, part: float) -> float:
        """The value below which this part (0 .. 1) of the distribution lies."""
        normal = NormalDist(self.mean, self.sd)
        low, high = normal.cdf(self.low), normal.cdf(self.high)
        inside = min(max(low + part * (high - low), 1e-12), 1 - 1e-12)
        return min(max(normal.inv_cdf(inside), self.low), self.high)


@dataclass(frozen=True, kw_only=True)
class Complaints:
    """How often each main complaint occurs among the referred, as parts of their sum."""

    none: float = 0.16
    non_anginal: float = 0.22
    atypical: float = 0.32
    typical: float = 0.14
    dyspnoea: float = 0.16

    def __post_init__(self) -> None:
        parts = [getattr(self, field.name) for field in fields(self)]
        if min(parts) < 0 or sum(parts) <= 0:
            raise RefusedError(
                "phantom", rule="parts of complaints are not negative", came=parts, do="give five parts from 0"
            )

    def at(self, part: float) -> Symptoms:
        """The complaint at this part (0 .. 1) of all."""
        edges = np.cumsum([self.none, self.non_anginal, self.atypical, self.typical, self.dyspnoea])
        return list(Symptoms)[int(np.searchsorted(edges[:-1] / edges[-1], part, side="right"))]


@dataclass(frozen=True, kw_only=True)
class Referral:
    """Chance that a patient goes on to angiography after the scan, by what the report says.

    normal, abnormal : chance after a normal and an abnormal report. per_point : added for each point of the summed
    stress score. typical : added for typical angina. The defaults are our assumption: few after a normal scan.
    """

    normal: float = 0.04
    abnormal: float = 0.30
    per_point: float = 0.02
    typical: float = 0.08

    def chance(self, *, abnormal: bool, summed_stress_score: int, symptoms: Symptoms) -> float:
        """Chance of angiography, 0 .. 1."""
        chance = self.abnormal if abnormal else self.normal
        chance += self.per_point * summed_stress_score + self.typical * (symptoms is Symptoms.TYPICAL)
        return min(max(chance, 0.0), 1.0)


EVERYONE = Referral(normal=1.0, abnormal=1.0, per_point=0.0, typical=0.0)
"""Angiography in every patient: no referral bias."""


@dataclass(frozen=True, kw_only=True)
class Intake:
    """Who is referred.

    prevalence : part of the referred persons with disease, 0 .. 1 (the low-likelihood arm is not counted among them).
    women : share of women. low_likelihood : share of an arm without disease: younger, no risk factor, no angina.
    known_disease : share of the referred with an infarction, stent or bypass in the past (1.8 times as often in men).
    """

    prevalence: float = 0.35
    women: float = 0.44
    age_men: Bell = Bell(mean=62.0, sd=11.0, low=30.0, high=90.0)
    age_women: Bell = Bell(mean=64.5, sd=11.0, low=32.0, high=91.0)
    bmi: Bell = Bell(mean=27.8, sd=4.8, low=17.0, high=46.0)
    low_likelihood: float = 0.0
    known_disease: float = 0.18
    complaints: Complaints = Complaints()
    referral: Referral = Referral()

    def __post_init__(self) -> None:
        for name in ("prevalence", "women", "low_likelihood", "known_disease"):
            share = getattr(self, name)
            if not 0.0 <= share <= 1.0:
                raise RefusedError("phantom", rule=f"{name} is a part of 1", came=share, do="give 0 to 1")


@dataclass(frozen=True, kw_only=True)
class Person:
    """One person at the door. age in years, height in cm, weight in kg, bmi in kg/m2; smoking: now or until lately."""

    sex: Sex
    age: int
    height_cm: float
    weight_kg: float
    bmi: float
    hypertension: bool
    diabetes: bool
    dyslipidaemia: bool
    smoking: bool
    family_history: bool
    prior_mi: bool
    prior_pci: bool
    prior_cabg: bool
    peripheral_artery_disease: bool
    lbbb: bool
    atrial_fibrillation: bool
    symptoms: Symptoms
    low_likelihood: bool

    @property
    def known_disease(self) -> bool:
        """Whether there was an infarction or revascularisation before."""
        return self.prior_mi or self.prior_pci or self.prior_cabg

    @property
    def risk_factors(self) -> int:
        """How many of the five classical risk factors there are."""
        return sum((self.hypertension, self.diabetes, self.dyslipidaemia, self.smoking, self.family_history))


@dataclass(frozen=True, kw_only=True)
class _Risk:
    """A fact that becomes more frequent with age (a decade from 62), body mass index (5 from 27.5) and in men."""

    share: float
    decade: float = 0.0
    heavy: float = 0.0
    male: float = 0.0

    def chance(self, male: bool, age: float, bmi: float) -> float:
        odds = np.log(self.share / (1 - self.share)) + self.decade * (age - 62) / 10 + self.heavy * (bmi - 27.5) / 5
        return float(_logistic(odds + self.male * (male - 0.5)))


_RISKS = {
    "hypertension": _Risk(share=0.60, decade=0.45, heavy=0.40),
    "diabetes": _Risk(share=0.24, decade=0.15, heavy=0.50, male=0.2),
    "dyslipidaemia": _Risk(share=0.58, decade=0.10, heavy=0.15),
    "smoking": _Risk(share=0.20, decade=-0.45, male=0.5),
    "family_history": _Risk(share=0.28, decade=-0.15),
    "peripheral_artery_disease": _Risk(share=0.06, decade=0.45, male=0.3),
    "lbbb": _Risk(share=0.03, decade=0.40),
    "atrial_fibrillation": _Risk(share=0.04, decade=0.70, male=0.3),
}
_BODY = ("arm", "sex", "age", "height", "bmi", "symptoms", "known", "prior_mi", "prior_pci", "prior_cabg")
_FACTS = (*_BODY, *_RISKS)
_HEIGHT = {
    Sex.MALE: Bell(mean=175.5, sd=7.0, low=155.0, high=203.0),
    Sex.FEMALE: Bell(mean=162.5, sd=6.5, low=142.0, high=188.0),
}
_LOW_AGE = {Sex.MALE: Bell(mean=44, sd=7, low=30, high=50), Sex.FEMALE: Bell(mean=51, sd=8, low=32, high=62)}
_LOW_COMPLAINTS = Complaints(none=0.35, non_anginal=0.65, atypical=0.0, typical=0.0, dyspnoea=0.0)
_MEN_KNOWN = 1.8
_SCARS_KNOWN, _WITHOUT_SCAR = 0.75, 0.2


def draw_person(random: Random, settings: Intake) -> Person:
    """The next person through the door; takes the same number of random numbers whatever the settings are."""
    return _person(random.random(len(_FACTS)), settings)


def _person(parts: NDArray[np.float64], settings: Intake) -> Person:
    part = dict(zip(_FACTS, parts.tolist(), strict=True))
    sex = Sex.FEMALE if part["sex"] < settings.women else Sex.MALE
    low = part["arm"] < settings.low_likelihood
    ages = _LOW_AGE[sex] if low else settings.age_men if sex is Sex.MALE else settings.age_women
    age, bmi = round(ages.at(part["age"])), round(settings.bmi.at(part["bmi"]), 1)
    height = round(_HEIGHT[sex].at(part["height"]), 1)
    has = {k: not low and part[k] < risk.chance(sex is Sex.MALE, age, bmi) for k, risk in _RISKS.items()}
    infarct, stent, bypass = (False,) * 3 if low else _past(part, sex, settings)
    return Person(
        sex=sex,
        age=age,
        height_cm=height,
        weight_kg=round(bmi * (height / 100) ** 2, 1),
        bmi=bmi,
        prior_mi=infarct,
        prior_pci=stent,
        prior_cabg=bypass,
        symptoms=(_LOW_COMPLAINTS if low else settings.complaints).at(part["symptoms"]),
        low_likelihood=low,
        **has,
    )


def _past(part: Mapping[str, float], sex: Sex, settings: Intake) -> tuple[bool, bool, bool]:
    """Infarction, stent and bypass in the past; who has known disease has at least one of them."""
    men = _MEN_KNOWN if sex is Sex.MALE else 1.0
    chance = settings.known_disease * men / (_MEN_KNOWN * (1 - settings.women) + settings.women)
    if part["known"] >= chance:
        return False, False, False
    infarct, bypass = part["prior_mi"] < 0.45, part["prior_cabg"] < 0.2
    return infarct, part["prior_pci"] < 0.6 or not (infarct or bypass), bypass


def with_past(random: Random, person: Person, settings: Intake, *, scar: bool) -> Person:
    """The person with a history that agrees with the heart: three of four scars are known infarctions.

    Without a scar one in five of the infarctions told is believed (small, or saved in time); of the others a stent is
    what is known. Where nobody with known disease is referred, scars stay unrecognised.
    """
    part = random.random()
    if settings.known_disease == 0.0:
        return person
    told = bool(part < (_SCARS_KNOWN if scar else _WITHOUT_SCAR * person.prior_mi))
    alone = person.prior_mi and not (told or person.prior_cabg)
    return replace(person, prior_mi=told, prior_pci=person.prior_pci or alone)


def log_odds(person: Person) -> float:
    """Log odds of disease without the intercept (Genders 2012, with our terms where it has none)."""
    typical = person.symptoms is Symptoms.TYPICAL
    return (
        _AGE * person.age
        + _MALE * (person.sex is Sex.MALE)
        + SYMPTOM_LOG_ODDS[person.symptoms]
        + person.diabetes * (_DIABETES + _DIABETES_AND_TYPICAL * typical)
        + _HYPERTENSION * person.hypertension
        + _DYSLIPIDAEMIA * person.dyslipidaemia
        + _SMOKING * person.smoking
        + KNOWN_DISEASE_LOG_ODDS * person.known_disease
    )


def probability_of_disease(person: Person, settings: Intake) -> float:
    """Chance of disease, 0 .. 1; its mean over the referred is the prevalence. 0 in the low-likelihood arm."""
    if person.low_likelihood:
        return 0.0
    if settings.prevalence in (0.0, 1.0):
        return settings.prevalence
    return float(_logistic(log_odds(person) + intercept(settings)))


@lru_cache(maxsize=64)
def intercept(settings: Intake) -> float:
    """Intercept that gives the prevalence: bisection over 4096 persons spread evenly (multiples of square roots)."""
    steps = np.sqrt(_PRIMES[: len(_FACTS)])
    points = np.modf(np.arange(0.5, _STANDARD_PERSONS)[:, None] * steps)[0]
    points[:, _FACTS.index("arm")] = 1.0
    scores = np.array([log_odds(_person(point, settings)) for point in points])
    low, high = -60.0, 60.0
    for _ in range(60):
        middle = (low + high) / 2
        if _logistic(scores + middle).mean() < settings.prevalence:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _logistic(odds: float | NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(1.0 / (1.0 + np.exp(-np.asarray(odds))))
