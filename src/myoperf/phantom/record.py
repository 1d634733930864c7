"""The clinical record of a patient: history, medicine, stress test, function, CT and flow, as columns of a cohort.

Complaint and risk factors belong to the person (``person.py``), who has disease with the chance that they give; what is
measured here follows from the person and from the true disease. Published relations are named where they stand; all
other constants are our assumptions, chosen to look like large registries. Nothing here reads an image: volumes are the
true ones with an error of measurement.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType

import numpy as np

from ..core.errors import RefusedError
from ..core.terms import Sex, Territory
from .person import Person, Random, Symptoms

TERRITORIES = tuple(territory.value for territory in Territory)
VESSELS = ("LM", *TERRITORIES)
"""Arteries that CT reads: left main and the three."""

EXERCISE, VASODILATOR = "exercise", "vasodilator"
NEGATIVE, POSITIVE, NON_DIAGNOSTIC = "negative", "positive", "non-diagnostic"

NORMAL_RESERVE = 3.2
"""Flow reserve of a healthy territory."""

MUCH_CALCIUM = 400
"""Agatston units from which CT is read too high."""


@dataclass(frozen=True, kw_only=True)
class CoronaryFacts:
    """The truth that the record depends on.

    stenosis : percent diameter by vessel (``VESSELS``; one that is not named is open). flow_reserve : hyperaemic over
    resting flow by territory (one that is not named has ``NORMAL_RESERVE``). ischaemia : percent of the ventricle whose
    activity is lost at stress and not at rest.
    """

    stenosis: Mapping[str, float]
    flow_reserve: Mapping[str, float]
    ischaemia: float

    def __post_init__(self) -> None:
        unknown = sorted({*self.stenosis, *self.flow_reserve} - set(VESSELS))
        if unknown:
            raise RefusedError("phantom", rule=f"a vessel is one of {', '.join(VESSELS)}", came=unknown, do="rename it")


@dataclass(frozen=True, kw_only=True)
class HeartFacts:
    """True volumes in mL at end-diastole and end-systole at rest, and the length of the ventricle in mm if known."""

    ed_volume_ml: float
    es_volume_ml: float
    length_mm: float | None = None


@dataclass(frozen=True, kw_only=True)
class Precision:
    """Errors of the measurements, as standard deviations.

    volume : of ln volume. stenosis : of the CT reading in points of percent. blooming : points that much calcium adds.
    flow : of ln flow of one territory.
    """

    volume: float = 0.04
    stenosis: float = 11.0
    blooming: float = 6.0
    flow: float = 0.08


CAREFUL = Precision()


@dataclass(frozen=True, kw_only=True)
class Visit:
    """Medicine, blood pressure in mmHg, heart rate a minute, cholesterol and creatinine in mg/dL."""

    beta_blocker: bool
    statin: bool
    aspirin: bool
    nitrate: bool
    heart_rate: int
    systolic: int
    diastolic: int
    cholesterol: int
    creatinine: float


@dataclass(frozen=True, kw_only=True)
class StressTest:
    """What happened at stress. mets : metabolic equivalents, none if no exercise. st_depression_mm : none without ECG.

    ecg_response : "negative", "positive" (1 mm of ST depression and more) or "non-diagnostic" (bundle branch block).
    """

    stressor: str
    peak_heart_rate: int
    peak_systolic: int
    mets: float | None
    ecg_response: str
    st_depression_mm: float | None
    chest_pain_at_stress: bool


@dataclass(frozen=True, kw_only=True)
class Function:
    """Measured volumes in mL and ejection fraction in percent, at rest; length of the ventricle in mm where known."""

    edv_ml: float
    esv_ml: float
    ejection_fraction: int
    lv_length_mm: float | None


@dataclass(frozen=True, kw_only=True)
class Ct:
    """Calcium in Agatston units, and stenosis as read in CT, percent in steps of 5, by vessel."""

    calcium_score: int
    stenosis: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class Flow:
    """Blood flow as PET measures it, mL/min/g by territory."""

    rest: Mapping[str, float]
    stress: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class Record:
    """All that stands in the record of one person."""

    person: Person
    visit: Visit
    stress_test: StressTest
    function: Function
    ct: Ct
    flow: Flow


GROUPS = ("person", "visit", "stress_test", "function", "ct", "flow")
"""Parts of the record that ``columns`` can write."""


def draw_record(
    random: Random,
    person: Person,
    *,
    coronary: CoronaryFacts,
    heart: HeartFacts,
    stressor: str,
    precision: Precision = CAREFUL,
) -> Record:
    """The record of a person with this disease. stressor : "exercise" or "vasodilator", refused otherwise."""
    if stressor not in (EXERCISE, VASODILATOR):
        raise RefusedError(
            "phantom", rule="a stressor is exercise or vasodilator", came=stressor, do="take one of the two"
        )
    visit = _visit(random, person)
    calcium = _calcium(random, person, coronary)
    return Record(
        person=person,
        visit=visit,
        stress_test=_stress_test(random, person, visit, coronary.ischaemia, stressor),
        function=_function(random, heart, precision),
        ct=Ct(calcium_score=calcium, stenosis=_read_stenosis(random, coronary, calcium, precision)),
        flow=_flow(random, person, visit, coronary, precision),
    )


def _chance(random: Random, chance: float) -> bool:
    return bool(random.random() < chance)


def _about(random: Random, mean: float, sd: float, low: float, high: float) -> float:
    return float(np.clip(random.normal(mean, sd), low, high))


def _visit(random: Random, person: Person) -> Visit:
    known, angina = person.known_disease, person.symptoms is Symptoms.TYPICAL
    beta_blocker = _chance(random, 0.18 + 0.22 * person.hypertension + 0.30 * known)
    statin = _chance(random, 0.10 + 0.45 * person.dyslipidaemia + 0.30 * known)
    older = person.age - 62
    creatinine = (0.97 if person.sex is Sex.MALE else 0.78) + 0.004 * older + 0.08 * person.diabetes
    return Visit(
        beta_blocker=beta_blocker,
        statin=statin,
        aspirin=_chance(random, 0.15 + 0.10 * person.diabetes + 0.50 * known),
        nitrate=_chance(random, 0.03 + 0.15 * angina + 0.12 * known),
        heart_rate=round(_about(random, 72 - 8 * beta_blocker + 7 * person.atrial_fibrillation, 10, 42, 125)),
        systolic=round(_about(random, 127 + 9 * person.hypertension + 0.3 * older, 15, 85, 205)),
        diastolic=round(_about(random, 75 + 4 * person.hypertension - 0.1 * older, 9, 45, 115)),
        cholesterol=round(_about(random, 188 + 28 * person.dyslipidaemia - 38 * statin, 33, 90, 360)),
        creatinine=round(_about(random, creatinine, 0.18, 0.4, 3.5), 2),
    )


def _stress_test(random: Random, person: Person, visit: Visit, ischaemia: float, stressor: str) -> StressTest:
    exercise = stressor == EXERCISE
    part = _about(random, 0.90 - 0.08 * visit.beta_blocker, 0.07, 0.55, 1.08)
    rise, fall = _about(random, 20 - 6 * person.diabetes, 8, 0, 50), _about(random, -8, 12, -50, 30)
    strain = _about(random, 45, 18, -20, 110)
    mets = _mets(person, ischaemia) * _about(random, 1.0, 0.2, 0.4, 1.6)
    positive, depth = _chance(random, _st_chance(person, ischaemia, exercise)), random.random()
    readable = not person.lbbb
    fastest = max(part * (208 - 0.7 * person.age), visit.heart_rate + 5)
    return StressTest(
        stressor=stressor,
        peak_heart_rate=round(fastest if exercise else visit.heart_rate + rise),
        peak_systolic=round(max(visit.systolic + (strain if exercise else fall), 70)),
        mets=round(max(mets, 2.0), 1) if exercise else None,
        ecg_response=NON_DIAGNOSTIC if not readable else POSITIVE if positive else NEGATIVE,
        st_depression_mm=round((1.0 + 2.0 * depth**2) if positive else 0.9 * depth**3, 1) if readable else None,
        chest_pain_at_stress=_chance(random, (0.04 if exercise else 0.12) + 0.35 * _reached(ischaemia, 12.0)),
    )


def _mets(person: Person, ischaemia: float) -> float:
    """Expected work: norms by age of men (Morris 1993) and women (Gulati 2005), less with weight and ischaemia."""
    norm = 14.7 - (0.11 if person.sex is Sex.MALE else 0.13) * person.age
    return norm * (1 - 0.012 * (person.bmi - 27.5)) * (1 - 0.25 * _reached(ischaemia, 12.0))


def _st_chance(person: Person, ischaemia: float, exercise: bool) -> float:
    """Chance of 1 mm of ST depression.

    With exercise near the pooled 68 percent of the diseased and 23 percent of the others (Gianrossi 1989), the women
    more often falsely; vasodilators seldom show it.
    """
    least, most = (0.15 if person.sex is Sex.MALE else 0.22, 0.90) if exercise else (0.04, 0.40)
    return least + (most - least) * _reached(ischaemia, 6.0)


def _reached(ischaemia: float, scale: float) -> float:
    """How far an effect of ischaemia has come, 0 .. 1, when it comes with this scale (percent of the ventricle)."""
    return float(1 - np.exp(-max(ischaemia, 0.0) / scale))


def _function(random: Random, heart: HeartFacts, precision: Precision) -> Function:
    errors = np.exp(random.normal(0.0, precision.volume, 2))
    edv = round(float(heart.ed_volume_ml * errors[0]), 1)
    esv = round(float(min(heart.es_volume_ml * errors[1], 0.95 * edv)), 1)
    return Function(
        edv_ml=edv,
        esv_ml=esv,
        ejection_fraction=round(100.0 * (1.0 - esv / edv)),
        lv_length_mm=None if heart.length_mm is None else round(heart.length_mm, 1),
    )


def _calcium(random: Random, person: Person, coronary: CoronaryFacts) -> int:
    """Agatston score: none becomes rarer, and the median of the others grows, with age, in men and with stenosis."""
    burden = sum(coronary.stenosis.get(vessel, 0.0) for vessel in TERRITORIES) / len(TERRITORIES)
    older, male = person.age - 55, person.sex is Sex.MALE
    none = 1.2 - 0.06 * older - 0.8 * male - 0.06 * burden
    amount = random.normal(2.6 + 0.045 * older + 0.5 * male + 0.03 * burden, 1.1)
    return 0 if _chance(random, 1 / (1 + np.exp(-none))) else max(1, round(float(np.exp(min(amount, 8.7)))))


def _read_stenosis(random: Random, coronary: CoronaryFacts, calcium: int, precision: Precision) -> dict[str, int]:
    """What CT shows: an error in every vessel with plaque or calcium, and blooming of much calcium."""
    found = {}
    for vessel in VESSELS:
        true, error = coronary.stenosis.get(vessel, 0.0), random.normal(0.0, precision.stenosis)
        plaque = true > 0 or calcium > 0
        seen = true + error + precision.blooming * (calcium >= MUCH_CALCIUM) if plaque else 0.0
        found[vessel] = int(5 * round(float(np.clip(seen, 0.0, 100.0)) / 5))
    return found


def _flow(random: Random, person: Person, visit: Visit, coronary: CoronaryFacts, precision: Precision) -> Flow:
    """Resting flow follows the rate-pressure product (and is higher in women); stress flow is the reserve of it."""
    demand = np.sqrt(visit.heart_rate * visit.systolic / 9000)
    level = (0.88 if person.sex is Sex.MALE else 1.02) * demand * np.exp(random.normal(0.0, 0.15))
    rest, stress = {}, {}
    for territory in TERRITORIES:
        here = float(level * np.exp(random.normal(0.0, 0.05)))
        errors = np.exp(random.normal(0.0, precision.flow, 2))
        rest[territory] = round(float(here * errors[0]), 2)
        stress[territory] = round(float(here * coronary.flow_reserve.get(territory, NORMAL_RESERVE) * errors[1]), 2)
    return Flow(rest=rest, stress=stress)


def history_points(record: Record) -> float:
    """What the record adds to a reader's weighed sum of deficits, in points; about 0 on average. Our assumption."""
    typical, test = record.person.symptoms is Symptoms.TYPICAL, record.stress_test
    told = 0.5 * typical + 0.3 * record.person.known_disease
    return told + 0.9 * (test.ecg_response == POSITIVE) + 0.4 * test.chest_pain_at_stress - 0.4


def columns(record: Record, groups: Collection[str] = GROUPS) -> dict[str, object]:
    """The record as columns of ``cohort.csv``: numbers and plain words, yes as 1 and no as 0, missing as "".

    groups : which of ``GROUPS`` are written, so that a cohort need not have CT or flow. Refused: another name.
    """
    unknown = sorted(set(groups) - set(GROUPS))
    if unknown:
        raise RefusedError("phantom", rule=f"groups are {', '.join(GROUPS)}", came=unknown, do="choose of these")
    written: dict[str, Callable[[], dict[str, object]]] = {
        "person": lambda: _person_columns(record.person),
        "visit": lambda: asdict(record.visit),
        "stress_test": lambda: asdict(record.stress_test) | _of_maximum(record),
        "function": lambda: asdict(record.function),
        "ct": lambda: _ct_columns(record.ct),
        "flow": lambda: _flow_columns(record.flow),
    }
    return {name: _cell(value) for group in GROUPS if group in groups for name, value in written[group]().items()}


def _person_columns(person: Person) -> dict[str, object]:
    facts = asdict(person)
    del facts["low_likelihood"]
    return facts | {"risk_factors": person.risk_factors, "known_disease": person.known_disease}


def _of_maximum(record: Record) -> dict[str, object]:
    """Peak rate as percent of 220 less the age."""
    return {
        "percent_of_maximum_heart_rate": round(100 * record.stress_test.peak_heart_rate / (220 - record.person.age))
    }


def _ct_columns(ct: Ct) -> dict[str, object]:
    read = {f"cta_stenosis_{vessel.lower()}": value for vessel, value in ct.stenosis.items()}
    obstructed = sum(ct.stenosis[vessel] >= 50 for vessel in VESSELS)
    return {"calcium_score": ct.calcium_score, **read, "cta_obstructed_vessels": obstructed}


def _flow_columns(flow: Flow) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, values in (("rest_flow", flow.rest), ("stress_flow", flow.stress)):
        found |= {f"{name}_{territory.lower()}": value for territory, value in values.items()}
        found[f"{name}_mean"] = round(sum(values.values()) / len(values), 2)
    reserve = {territory: flow.stress[territory] / flow.rest[territory] for territory in TERRITORIES}
    found |= {f"flow_reserve_{territory.lower()}": round(value, 2) for territory, value in reserve.items()}
    return found | {"flow_reserve_least": round(min(reserve.values()), 2)}


def _cell(value: object) -> object:
    if value is None:
        return ""
    return int(value) if isinstance(value, bool) else str(value) if isinstance(value, str) else value


def with_gaps(random: Random, row: Mapping[str, object], rate: float, keep: Collection[str] = ()) -> dict[str, object]:
    """The row with each cell empty with this chance (0 .. 1), never sex, age or those to ``keep``."""
    if not 0.0 <= rate <= 1.0:
        raise RefusedError("phantom", rule="a rate of missing cells is a part of 1", came=rate, do="give 0 to 1")
    empty = random.random(len(row)) < rate
    kept = {"sex", "age", *keep}
    return {k: "" if gone and k not in kept else v for (k, v), gone in zip(row.items(), empty, strict=True)}


_RISK = ("hypertension", "diabetes", "dyslipidaemia", "smoking", "family_history")
_FLOWS = tuple(f"{kind}_{place}" for kind in ("rest_flow", "stress_flow") for place in ("lad", "lcx", "rca", "mean"))
_CT = ("calcium_score", "cta_stenosis_lm", "cta_stenosis_lad", "cta_stenosis_lcx", "cta_stenosis_rca")

INPUTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "amini": ("age", "sex", "family_history", "diabetes", "smoking", "ejection_fraction"),
        "rahmani": ("age", "sex", "risk_factors"),
        "betancur": ("sex",),
        "otaki": ("age", "sex", "edv_ml", "esv_ml"),
        "liu": ("sex", "bmi", "lv_length_mm", "stressor"),
        "teuho": (
            *("age", "sex", "bmi", *_RISK, "prior_mi", "prior_pci", "symptoms", "beta_blocker", "statin", "aspirin"),
            *("nitrate", "heart_rate", "systolic", "cholesterol", *_CT, *_FLOWS),
            *("flow_reserve_lad", "flow_reserve_lcx", "flow_reserve_rca", "flow_reserve_least"),
        ),
        "singh": ("age", "sex", "edv_ml", "esv_ml"),
        "pieszko": (
            *("age", "sex", "bmi", *_RISK, "prior_mi", "prior_pci", "prior_cabg", "peripheral_artery_disease"),
            *("symptoms", "stressor", "ecg_response"),
        ),
        "chen": ("bmi", "sex"),
    }
)
"""Clinical inputs of published systems by first author. Teuho's 35 and Pieszko's 15 are our choice of what such records
hold, as their lists are not at hand; tracer, position and correction are columns of every cohort."""
