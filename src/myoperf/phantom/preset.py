"""Cohorts with the size and mix of published ones, by the first author of the paper.

A preset says who is referred, how studies are done, how many patients of which class there are, and what is written.
Where a paper does not tell a figure, the default stands; ``notes`` say what is known and what is ours.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType

from ..core.errors import RefusedError
from ..core.terms import Position, Sex
from .person import EVERYONE, Bell, Complaints, Intake
from .protocol import ONE_PROTOCOL, Practice
from .quota import Quota, shared_out
from .stenoses import Disease

SPECT, CZT = "Virtual SPECT", "Virtual CZT"
"""Models of camera, as they are called in files."""


class Output(StrEnum):
    """What may be written of a patient beside the truth and the row of the cohort."""

    SHORT_AXIS = "short-axis"
    GATED = "gated"
    PROJECTIONS = "projections"
    GATED_PROJECTIONS = "gated projections"
    SCATTER = "scatter window"
    CORRECTED = "attenuation corrected"
    MU_MAP = "attenuation map"
    SCREENSHOTS = "screenshots"
    SLICES = "slices"
    MASKS = "masks"


@dataclass(frozen=True, kw_only=True)
class Preset:
    """A cohort to be made.

    patients : how many. tracers : parts of Tc-99m and Tl-201. quotas : classes with exact numbers; none for patients as
    they come. positions : every patient is imaged in each; with none, positions are those of ``practice``.
    centers, cameras : patients are spread over them in turn. dose_fractions : thinned copies of each study, as parts of
    the full counts. images : pictures or frames that the paper counts, if it does; ischaemic_images : how many of its
    slice pictures show ischaemia (``phantom.planes`` tells which are written). source : the paper; notes : what is
    known of its patients and what is ours.
    """

    name: str
    patients: int
    tracers: tuple[int, int] = (1, 0)
    intake: Intake = field(default_factory=Intake)
    disease: Disease = field(default_factory=Disease)
    practice: Practice = field(default_factory=Practice)
    quotas: tuple[Quota, ...] = ()
    positions: tuple[Position, ...] = ()
    centers: int = 1
    cameras: tuple[str, ...] = (SPECT,)
    outputs: tuple[Output, ...] = (Output.SHORT_AXIS,)
    dose_fractions: tuple[float, ...] = ()
    images: int | None = None
    ischaemic_images: int | None = None
    physics: str = "fast"
    source: str = ""
    notes: str = ""


_ALL_TO_ANGIOGRAPHY = Intake(prevalence=0.81, women=0.33, known_disease=0.0, referral=EVERYONE)
_WANG_AGE = Bell(mean=65.5, sd=9.5, low=47, high=86)
_PROGNOSIS = Intake(prevalence=0.30, women=0.44, known_disease=0.28)
_CORRECTION = (Output.SHORT_AXIS, Output.CORRECTED, Output.MU_MAP)
_UPRIGHT_AND_SUPINE = (Position.UPRIGHT, Position.SUPINE)


def _obstructive(some: int, none: int) -> tuple[Quota, ...]:
    return (
        Quota(name="obstructive", count=some, obstructive=True),
        Quota(name="not obstructive", count=none, obstructive=False),
    )


def _triad(normal: int, ischaemia: int, infarction: int) -> tuple[Quota, ...]:
    """Three classes; a patient with scar and ischaemia is of none of them."""
    return (
        Quota(name="normal", count=normal, ischaemia=False, infarct=False),
        Quota(name="ischaemia", count=ischaemia, ischaemia=True, infarct=False),
        Quota(name="infarction", count=infarction, ischaemia=False, infarct=True),
    )


_PRIMARY = (
    Preset(
        name="default",
        patients=100,
        tracers=(274, 366),
        intake=Intake(prevalence=0.46),
        outputs=(Output.SHORT_AXIS, Output.SCREENSHOTS),
        notes="A general clinic with both tracers; every figure is ours.",
    ),
    Preset(
        name="samaras",
        patients=640,
        tracers=(274, 366),
        intake=Intake(prevalence=0.46),
        practice=ONE_PROTOCOL,
        outputs=(Output.SHORT_AXIS, Output.SCREENSHOTS),
        source="Samaras 2026, tracer-aware ResNet-18",
        notes="274 Tc-99m and 366 Tl-201 studies, stress and rest. Shares of the labels, sex and age are not told.",
    ),
    Preset(
        name="abulaila",
        patients=87,
        quotas=_triad(65, 18, 4),
        outputs=(Output.SHORT_AXIS, Output.SCREENSHOTS),
        source="Abulaila, dual-input triad classification",
        notes="65 normal, 18 ischaemia, 4 infarction, as their arteries are; tracer and patients are not told.",
    ),
    Preset(
        name="wang",
        patients=103,
        intake=Intake(prevalence=0.8, women=0.16, age_men=_WANG_AGE, age_women=_WANG_AGE),
        practice=Practice(two_day=0.0, stress_first=0.0, sestamibi=1.0, exercise_at_60=0.0, exercise_a_decade=0.0),
        quotas=(
            Quota(name="men with ischaemia", count=87, sex=Sex.MALE, ischaemia=True, clear=True),
            Quota(name="women with ischaemia", count=16, sex=Sex.FEMALE, ischaemia=True, clear=True),
        ),
        positions=_UPRIGHT_AND_SUPINE,
        cameras=(CZT,),
        outputs=(Output.SHORT_AXIS, Output.GATED, Output.SLICES, Output.MASKS),
        images=5008,
        ischaemic_images=2094,
        source="Wang, Int J Cardiovasc Imaging 2022;38:465",
        notes="87 men, 16 women, all with ischaemia, 47 to 86 years; very large defects and hot organs left out; 5008 "
        "slice pictures (2914 without, 2094 with ischaemia), some 49 a patient; rest and adenosine stress on one day. "
        "Which slices is not told: an even share of those under stress, ischaemic from 3 voxels on; others at rest.",
    ),
    Preset(
        name="alenezi",
        patients=100,
        outputs=(Output.PROJECTIONS, Output.GATED_PROJECTIONS, Output.MASKS),
        physics="full",
        images=4560,
        source="Alenezi, U-Net segmentation; Mayya's public code",
        notes="4560 frames and masks of 100 studies among 1100 patients, as far as the numbers agree; gated "
        "projections of 64 x 64. Which frames were marked is not told: here they are even over states, gates and "
        "views.",
    ),
    Preset(
        name="pacific",
        patients=96,
        intake=Intake(
            prevalence=0.30,
            women=0.385,
            age_men=Bell(mean=55.7, sd=9.5, low=33, high=82),
            age_women=Bell(mean=56.2, sd=10.0, low=33, high=82),
            bmi=Bell(mean=27.3, sd=3.9, low=18, high=40),
            known_disease=0.08,
            complaints=Complaints(none=0.10, non_anginal=0.21, atypical=0.30, typical=0.31, dyspnoea=0.08),
        ),
        practice=Practice(prone=0.0, upright=0.0),
        source="A public set of Symbia studies",
        notes="Tc-99m, both states, supine, no correction, a quarter abnormal. There all women are normal; here not.",
    ),
)

_DIAGNOSIS = (
    Preset(
        name="spier", patients=946, source="Spier, Sci Rep 2019;9:7569", notes="Rest and stress maps; sex not told."
    ),
    Preset(
        name="amini",
        patients=395,
        practice=Practice(two_day=1.0, sestamibi=1.0),
        outputs=(Output.SHORT_AXIS, Output.GATED, Output.MASKS),
        source="Amini, Sci Rep 2023;13:14920",
        notes="Two-day stress and rest, sestamibi; the ventricle outlined in both.",
    ),
    Preset(name="su", patients=694, cameras=(CZT,), source="Su, J Chin Med Assoc 2023;86:122", notes="CZT camera."),
    Preset(
        name="apostolopoulos",
        patients=566,
        intake=Intake(prevalence=0.55, referral=EVERYONE),
        outputs=(*_CORRECTION, Output.SCREENSHOTS),
        physics="full",
        source="Apostolopoulos, Phys Med 2021;84",
        notes="Corrected and uncorrected maps against angiography; the share of disease is ours.",
    ),
    Preset(
        name="papandrianos",
        patients=625,
        quotas=_triad(257, 241, 127),
        outputs=(Output.SHORT_AXIS, Output.SLICES),
        source="Papandrianos, Appl Sci 2022;12:7592",
        notes="257 normal, 241 ischaemia, 127 infarction; the sister paper (J Clin Med 2022;11:3918) has 842 patients.",
    ),
    Preset(
        name="rahmani",
        patients=923,
        intake=Intake(prevalence=0.45),
        source="Rahmani, Rev Esp Med Nucl 2019;38:275",
        notes="Angiography in some 93; the share of disease is ours.",
    ),
    Preset(
        name="betancur2018",
        patients=1638,
        intake=_ALL_TO_ANGIOGRAPHY,
        quotas=_obstructive(1018, 620),
        centers=9,
        cameras=(CZT,),
        source="Betancur, JACC Cardiovasc Imaging 2018;11:1654",
        notes="1018 with obstructive disease, 37 percent of arteries; no known disease, all had angiography; share of "
        "women is ours.",
    ),
    Preset(
        name="betancur2019",
        patients=1160,
        intake=_ALL_TO_ANGIOGRAPHY,
        practice=Practice(sestamibi=1.0),
        quotas=_obstructive(718, 442),
        positions=_UPRIGHT_AND_SUPINE,
        centers=4,
        cameras=(CZT,),
        source="Betancur, J Nucl Med 2019;60:664",
        notes="718 with obstructive disease, 37 percent of arteries; stress upright and supine at four centres.",
    ),
    Preset(
        name="otaki",
        patients=3578,
        intake=_ALL_TO_ANGIOGRAPHY,
        centers=5,
        cameras=(CZT,),
        outputs=(Output.SHORT_AXIS, Output.GATED),
        source="Otaki, JACC Cardiovasc Imaging 2022;15:1091",
        notes="Suspected disease, angiography in all; share of disease is that of Betancur.",
    ),
    Preset(
        name="miller2022",
        patients=240,
        intake=_ALL_TO_ANGIOGRAPHY,
        cameras=(CZT,),
        outputs=(Output.SHORT_AXIS, Output.GATED),
        source="Miller, J Nucl Med 2022;63:1768",
        notes="Read twice by each reader, with and without help; share of disease is ours.",
    ),
    Preset(
        name="miller2023",
        patients=511,
        intake=Intake(prevalence=0.70, women=0.4, known_disease=0.0, low_likelihood=0.35, referral=EVERYONE),
        quotas=(
            Quota(name="angiography", count=332, low_likelihood=False),
            Quota(name="low likelihood", count=179, low_likelihood=True),
        ),
        positions=_UPRIGHT_AND_SUPINE,
        centers=3,
        cameras=(CZT,),
        source="Miller, Eur J Nucl Med 2023;50:387",
        notes="The external part: 332 with angiography and 179 of low likelihood; 828 more made the training part.",
    ),
    Preset(
        name="nakajima",
        patients=1001,
        practice=Practice(sestamibi=1.0),
        centers=12,
        outputs=(Output.SHORT_AXIS, Output.GATED),
        source="Nakajima, Eur J Nucl Med 2017;44:2280",
        notes="Gated Tc-99m studies of 12 hospitals.",
    ),
    Preset(
        name="liu",
        patients=37243,
        tracers=(9, 1),
        source="Liu, Eur J Nucl Med 2021;48:2793",
        notes="One site, stress, tracer and correction among the inputs; the mix of tracers is ours.",
    ),
    Preset(
        name="berkaya",
        patients=192,
        intake=Intake(prevalence=0.78, women=0.62),
        quotas=(
            Quota(name="normal", count=42, ischaemia=False, infarct=False),
            Quota(name="ischaemia", count=90, ischaemia=True),
            Quota(name="infarction", count=60, infarct=True),
        ),
        outputs=(Output.SHORT_AXIS, Output.SLICES, Output.SCREENSHOTS),
        source="Kaplan Berkaya, Comput Biol Med 2020;123:103893",
        notes="42 normal, 150 abnormal, 38 percent men, mean age 61.5; how many of them have an infarction is ours.",
    ),
    Preset(
        name="teuho",
        patients=138,
        intake=Intake(prevalence=0.43, referral=EVERYONE),
        outputs=(Output.SHORT_AXIS, Output.SCREENSHOTS),
        source="Teuho, J Nucl Cardiol 2024, 101889",
        notes="Water PET in the paper; here SPECT maps with the record's flow and CT columns. Prevalence is ours.",
    ),
    Preset(
        name="kusumoto",
        patients=5443,
        source="Kusumoto, Sci Rep 2024;14:13583",
        notes="One centre, rest and stress volumes; labels from reports.",
    ),
)

_OUTCOME = (
    Preset(
        name="singh",
        patients=20401,
        intake=_PROGNOSIS,
        centers=5,
        cameras=(CZT,),
        outputs=(Output.SHORT_AXIS, Output.GATED),
        source="Singh, JACC Cardiovasc Imaging 2023;16:209",
        notes="The part for training, 5 sites; 9019 of 2 more sites were external.",
    ),
    Preset(
        name="pieszko",
        patients=20418,
        intake=_PROGNOSIS,
        centers=5,
        cameras=(CZT,),
        outputs=(Output.SHORT_AXIS, Output.GATED),
        source="Pieszko, npj Digit Med 2023;6:78",
        notes="The internal part; 13988 of 3 more sites were external; median follow-up 3.1 years.",
    ),
)

_IMAGES = (
    Preset(
        name="shi",
        patients=65,
        practice=Practice(sestamibi=0.0),
        outputs=(*_CORRECTION, Output.PROJECTIONS, Output.SCATTER),
        physics="full",
        source="Shi, Eur J Nucl Med 2020;47:2383",
        notes="Tetrofosmin SPECT with CT map, photopeak and scatter windows; 40 for training, 25 for the test.",
    ),
    Preset(
        name="yang",
        patients=100,
        practice=Practice(sestamibi=0.0),
        cameras=(CZT,),
        outputs=_CORRECTION,
        physics="full",
        source="Yang, J Nucl Med 2021;62:1645",
        notes="Tetrofosmin on a cardiac CZT camera, corrected and not.",
    ),
    Preset(
        name="chen",
        patients=200,
        cameras=(SPECT, CZT),
        outputs=(*_CORRECTION, Output.PROJECTIONS, Output.SCATTER),
        physics="full",
        source="Chen, Eur J Nucl Med 2022;49:3046",
        notes="A general and a cardiac camera in turn; the number of patients is ours.",
    ),
    Preset(
        name="shanbhag",
        patients=604,
        intake=Intake(prevalence=0.55, low_likelihood=0.18, known_disease=0.0, referral=EVERYONE),
        centers=2,
        cameras=(CZT,),
        outputs=_CORRECTION,
        physics="full",
        source="Shanbhag, J Nucl Med 2023;64:472",
        notes="The external part, with an arm of low likelihood; 4886 of one site made the training part.",
    ),
    Preset(
        name="demist",
        patients=338,
        cameras=(SPECT, CZT),
        outputs=(Output.SHORT_AXIS, Output.PROJECTIONS),
        dose_fractions=(0.0625, 0.125, 0.25),
        physics="full",
        source="Rahman, IEEE Trans Radiat Plasma Med Sci 2024;8:439",
        notes="Two scanners, low dose by thinning of the counts.",
    ),
)

PRESETS: Mapping[str, Preset] = MappingProxyType(
    {preset.name: preset for preset in (*_PRIMARY, *_DIAGNOSIS, *_OUTCOME, *_IMAGES)}
)
"""Every preset by its name."""


def preset_named(name: str, patients: int | None = None) -> Preset:
    """A preset, with another number of patients if asked for; its classes and pictures then keep their shares.

    Refused: no such preset, no patients.
    """
    if name not in PRESETS:
        raise RefusedError("phantom", rule=f"a preset is one of {', '.join(PRESETS)}", came=name, do="choose one")
    found = PRESETS[name]
    if patients is None or patients == found.patients:
        return found
    part = patients / found.patients
    images, ischaemic = (n if n is None else round(n * part) for n in (found.images, found.ischaemic_images))
    quotas = shared_out(found.quotas, patients)
    return replace(found, patients=patients, quotas=quotas, images=images, ischaemic_images=ischaemic)
