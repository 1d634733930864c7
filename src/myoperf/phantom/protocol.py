"""How a study is done: order and doses of the injections, stressor, position, times; and what follows for counts.

Names of the protocols are those of the ``protocol`` column of a cohort table.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

import numpy as np

from ..core.errors import RefusedError
from ..core.terms import Position, State, Tracer
from .kinetics import Agent, draw_washout

TWO_DAY, STRESS_REST, REST_STRESS = "2day", "stress-rest-1day", "rest-stress-1day"
REDISTRIBUTION, REINJECTION = "stress-redistribution", "stress-redistribution-reinjection"
NAMES: Mapping[Tracer, tuple[str, ...]] = MappingProxyType(
    {Tracer.TC99M: (TWO_DAY, STRESS_REST, REST_STRESS), Tracer.TL201: (REDISTRIBUTION, REINJECTION)}
)

HALF_LIFE_H: Mapping[Tracer, float] = MappingProxyType({Tracer.TC99M: 6.01, Tracer.TL201: 73.0})
"""Physical half-lives in hours."""

CLEARANCE_H = 24.0
"""Time in which half of the Tc-99m agents leaves the heart, decay apart (our assumption: a tenth in some 4 hours)."""

STRESS_GAIN = 1.2
"""Uptake of the heart from a dose injected under stress over that from one at rest (about 1.5 to 1.2 percent)."""

MSV_PER_MBQ: Mapping[Agent, float] = MappingProxyType(
    {Agent.SESTAMIBI: 0.0127, Agent.TETROFOSMIN: 0.0100, Agent.THALLIUM: 0.225}
)
"""Effective dose: 800 MBq sestamibi 10 mSv, 1000 MBq 13; tetrofosmin 8 and 10; 80 MBq Tl-201 18, 120 MBq 27."""

REFERENCE_MBQ, REFERENCE_SECONDS = 450.0, 20.0
THALLIUM_YIELD = 1.72
"""Counts of the heart from a MBq of Tl-201 over those from a MBq of Tc-99m (more uptake, fewer and softer photons).

Set so that the wall in stress images of the general clinic, where all Tc-99m studies take two days, has 3.5 times the
counts with Tc-99m (JNC 1999;6:278 found 3.47); the body takes more of the softer photons on top of this."""


class Stressor(StrEnum):
    """What raises the flow."""

    EXERCISE = "exercise"
    VASODILATOR = "vasodilator"


@dataclass(frozen=True, kw_only=True)
class Protocol:
    """One way of doing a study.

    stress_mbq, rest_mbq : activity injected for each state; for Tl-201 ``rest_mbq`` is what is reinjected (0 without).
    delay_h : hours from the first injection to the second, or to the late image of Tl-201.
    stress_seconds, rest_seconds : time of each view of the camera. effort : part of the flow reserve that the stress
    calls up, 0 .. 1. washout : part of Tl-201 that leaves normal muscle in ``delay_h``.
    dose_fraction : part of the full doses that is given (1 full); doses above are those of the full study.
    """

    name: str
    agent: Agent
    stressor: Stressor
    effort: float
    position: Position = Position.SUPINE
    stress_mbq: float
    rest_mbq: float
    delay_h: float
    stress_seconds: float = REFERENCE_SECONDS
    rest_seconds: float = REFERENCE_SECONDS
    washout: float = 0.0
    dose_fraction: float = 1.0

    def __post_init__(self) -> None:
        if self.name not in NAMES[self.tracer]:
            known = ", ".join(NAMES[self.tracer])
            rule = f"a protocol of {self.tracer} is one of {known}"
            raise RefusedError("protocol", rule=rule, came=repr(self.name), do="choose one of these")
        if not 0.0 < self.dose_fraction <= 1.0:
            rule = "a dose fraction lies above 0 and up to 1"
            raise RefusedError("protocol", rule=rule, came=self.dose_fraction, do="give 1 for the full dose")

    @property
    def tracer(self) -> Tracer:
        """The radionuclide."""
        return self.agent.tracer

    @property
    def effective_dose_msv(self) -> float:
        """Effective dose of all injections in mSv."""
        return MSV_PER_MBQ[self.agent] * (self.stress_mbq + self.rest_mbq) * self.dose_fraction


@dataclass(frozen=True, kw_only=True)
class Practice:
    """How a clinic works. All shares are our assumption.

    two_day, stress_first : share of Tc-99m studies on two days, and with stress first on one (the others: rest first).
    reinjection : share of Tl-201 studies with a second injection. sestamibi : share among the Tc-99m agents.
    exercise_at_60, exercise_a_decade : share that exercises at 60, and what each further decade takes from it.
    prone, upright : share of positions. dose_fraction : part of the full dose.
    """

    two_day: float = 0.60
    stress_first: float = 0.15
    reinjection: float = 0.25
    sestamibi: float = 0.60
    exercise_at_60: float = 0.58
    exercise_a_decade: float = 0.15
    prone: float = 0.04
    upright: float = 0.06
    dose_fraction: float = 1.0


ONE_PROTOCOL = Practice(two_day=1.0, reinjection=0.0, prone=0.0, upright=0.0)
"""Everyone is studied alike, so that one file of normal limits serves a tracer."""


def decayed(tracer: Tracer, hours: float) -> float:
    """Part of an activity that is left after some hours."""
    return float(2.0 ** (-hours / HALF_LIFE_H[tracer]))


def _contents(protocol: Protocol, state: State) -> dict[State, float]:
    """Activity in normal muscle when the state is imaged, in MBq injected at rest, by the state it came from."""
    own = {State.STRESS: STRESS_GAIN * protocol.stress_mbq, State.REST: protocol.rest_mbq}
    other = State.REST if state is State.STRESS else State.STRESS
    if protocol.tracer is Tracer.TL201:
        left = own[State.STRESS] * (1.0 - protocol.washout) * decayed(protocol.tracer, protocol.delay_h)
        return {other: 0.0, state: own[State.STRESS] if state is State.STRESS else left + protocol.rest_mbq}
    comes_second = protocol.name in (TWO_DAY, STRESS_REST) if state is State.REST else protocol.name == REST_STRESS
    kept = decayed(protocol.tracer, protocol.delay_h) * 2.0 ** (-protocol.delay_h / CLEARANCE_H)
    return {state: own[state], other: own[other] * kept if comes_second else 0.0}


def mixture(protocol: Protocol, state: State) -> dict[State, float]:
    """Share of the stress pattern and of the resting pattern in the image of a state; they sum to 1.

    Tc-99m: what is left of the first injection lies under the second. Tl-201: the late image is the resting pattern
    itself, for redistribution has its part in that already (see ``kinetics.redistributed``).
    """
    contents = _contents(protocol, state)
    whole = sum(contents.values())
    return {each: contents[each] / whole for each in State}


def count_factor(protocol: Protocol, state: State) -> float:
    """Counts of normal muscle in the image of a state; 1 is Tc-99m of the reference dose and time, given under stress.

    Multiply the counts of a typical full-dose Tc-99m study by this; noise falls with the root of it.
    """
    seconds = protocol.stress_seconds if state is State.STRESS else protocol.rest_seconds
    activity = sum(_contents(protocol, state).values()) * protocol.dose_fraction
    yield_ = THALLIUM_YIELD if protocol.tracer is Tracer.TL201 else 1.0
    return yield_ * activity * seconds / (STRESS_GAIN * REFERENCE_MBQ * REFERENCE_SECONDS)


def draw_protocol(
    random: np.random.Generator, tracer: Tracer, settings: Practice | None = None, *, age: float = 60.0
) -> Protocol:
    """A study as the clinic would do it; older patients are given a vasodilator more often."""
    practice = settings or Practice()
    able = practice.exercise_at_60 - practice.exercise_a_decade * (age - 60.0) / 10.0
    exercise = bool(random.random() < np.clip(able, 0.05, 0.95))
    effort = float(np.clip(random.normal(0.80, 0.12), 0.4, 1.0) if exercise else random.uniform(0.85, 1.0))
    where = random.random()
    upright = where < practice.prone + practice.upright
    position = Position.PRONE if where < practice.prone else Position.UPRIGHT if upright else Position.SUPINE
    stressor = Stressor.EXERCISE if exercise else Stressor.VASODILATOR
    if tracer is Tracer.TL201:
        return _thallium(random, practice, stressor, effort, position)
    return _technetium(random, practice, stressor, effort, position)


def _thallium(
    random: np.random.Generator, practice: Practice, stressor: Stressor, effort: float, position: Position
) -> Protocol:
    again = bool(random.random() < practice.reinjection)
    return Protocol(
        name=REINJECTION if again else REDISTRIBUTION,
        agent=Agent.THALLIUM,
        stressor=stressor,
        effort=effort,
        position=position,
        stress_mbq=float(random.uniform(74.0, 86.0)),
        rest_mbq=float(random.uniform(37.0, 43.0)) if again else 0.0,
        delay_h=float(random.uniform(3.0, 4.5)),
        washout=draw_washout(random),
        dose_fraction=practice.dose_fraction,
    )


def _technetium(
    random: np.random.Generator, practice: Practice, stressor: Stressor, effort: float, position: Position
) -> Protocol:
    agent = Agent.SESTAMIBI if random.random() < practice.sestamibi else Agent.TETROFOSMIN
    which = random.random()
    first_on_one_day = which < practice.two_day + practice.stress_first
    name = TWO_DAY if which < practice.two_day else STRESS_REST if first_on_one_day else REST_STRESS
    low, high = float(random.uniform(230.0, 300.0)), float(random.uniform(680.0, 800.0))
    each = float(random.uniform(400.0, 500.0))
    stress, rest = {TWO_DAY: (each, each), STRESS_REST: (low, high), REST_STRESS: (high, low)}[name]
    delay = 24.0 * int(random.integers(1, 8)) if name == TWO_DAY else float(random.uniform(1.5, 4.0))
    return Protocol(
        name=name,
        agent=agent,
        stressor=stressor,
        effort=effort,
        position=position,
        stress_mbq=stress,
        rest_mbq=rest,
        delay_h=delay,
        stress_seconds=25.0 if name == STRESS_REST else REFERENCE_SECONDS,
        rest_seconds=25.0 if name == REST_STRESS else REFERENCE_SECONDS,
        dose_fraction=practice.dose_fraction,
    )
