"""Protocols as short texts and as sentences."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from myoperf.core.errors import RefusedError

from .protocol import (
    External,
    Given,
    Holdout,
    LeaveOneGroupOut,
    Nested,
    Protocol,
    RandomSplits,
    RepeatedPatientCV,
    unit_of,
)

FORMS = "5x2, 5x2:0.15, 5fold, holdout:0.2, random5:0.2, nested5x5, logo:center, external:center=B,C or given"
"""Examples of all texts."""

_COUNT, _FRACTION, _COLUMN = r"([0-9]{1,3})", r"(?::([0-9]*\.?[0-9]+))?", r"(?::([^\s:=,][^:=,]*))?"
_BY_IMAGE = re.compile(r"\s*,\s*unit\s*=\s*(image|patient)\s*$")
_VALIDATION = re.compile(r"\s*,\s*validation\s*=\s*([0-9]*\.?[0-9]+)$")

Found = tuple[str | None, ...]


def _share(found: str | None, default: float) -> float:
    return default if found is None else float(found)


def _repeated(found: Found) -> Protocol:
    test = _share(found[2], RepeatedPatientCV().test_fraction)
    return RepeatedPatientCV(folds=int(found[0] or 0), repeats=int(found[1] or 0), test_fraction=test)


def _random(found: Found) -> Protocol:
    usual = RandomSplits()
    return RandomSplits(repeats=int(found[0] or usual.repeats), test_fraction=_share(found[1], usual.test_fraction))


def _nested(found: Found) -> Protocol:
    return Nested(outer=int(found[0] or 0), inner=int(found[1] or 0), test_fraction=_share(found[2], 0))


def _external(found: Found) -> Protocol:
    groups = tuple(dict.fromkeys(name.strip() for name in (found[1] or "").split(",")))
    return External(column=(found[0] or "").strip(), groups=groups)


_READERS: Mapping[str, Callable[[Found], Protocol]] = MappingProxyType(
    {
        rf"{_COUNT}x{_COUNT}{_FRACTION}": _repeated,
        rf"{_COUNT}fold{_FRACTION}": lambda found: _repeated((found[0], "1", found[1] or "0")),
        rf"holdout{_FRACTION}": lambda found: Holdout(test_fraction=_share(found[0], Holdout().test_fraction)),
        rf"random{_COUNT}?{_FRACTION}": _random,
        rf"nested{_COUNT}x{_COUNT}{_FRACTION}": _nested,
        rf"logo{_COLUMN}": lambda found: LeaveOneGroupOut(column=(found[0] or "center").strip()),
        r"external:([^:=,]+)=(.+)": _external,
        rf"given{_COLUMN}": lambda found: Given(column=(found[0] or "split").strip()),
    }
)


def _stopping(protocol: Protocol, fraction: float) -> Protocol:
    """The protocol with another validation part."""
    match protocol:
        case Given():
            raise ValueError("the cohort names its own validation part")
        case Holdout():
            return replace(protocol, validation_fraction=fraction, every_class=True)
    return replace(protocol, validation_fraction=fraction)


def parse_protocol(text: str) -> Protocol:
    """A protocol from a short text.

    ``5x2`` or ``5x2:0.15`` : folds x repeats, and the test fraction. ``5fold`` : every patient judged once, no test
    part (``5fold:0.15`` has one). ``holdout:0.3``. ``random5:0.2`` : five randomisations. ``nested5x5`` : outer x inner
    folds. ``logo:center`` : one fold a value of a column. ``external:center=B,C`` : these groups are the test part.
    ``given`` : the cohort's own column ``split`` (``given:COLUMN`` : another). ``,validation=0.176`` behind all but the
    last: the part of what is left to train on that chooses when to stop, 0 for none; of a hold-out it is taken from
    every class, however few. ``,unit=image`` at the end of the first four kinds deals images in place of patients, as
    some papers did. RefusedError for anything else.
    """
    words = text.strip()
    suffix = _BY_IMAGE.search(words)
    before = words[: suffix.start()] if suffix else words
    stop = _VALIDATION.search(before)
    plain = before[: stop.start()] if stop else before
    reason = repr(text)
    for form, read in _READERS.items():
        if found := re.fullmatch(form, plain):
            try:
                made = read(found.groups())
                made = made if stop is None else _stopping(made, float(stop[1]))
                if suffix is None or suffix[1] == "patient":
                    return made
                if isinstance(made, RepeatedPatientCV | Holdout | RandomSplits):
                    return replace(made, unit="image")
                reason = f"{text!r} (only folds, hold-out and random splits can deal images)"
            except ValueError as error:
                reason = f"{text!r} ({error})"
    raise RefusedError("protocol", rule="one of the known protocols", came=reason, do=f"write it like {FORMS}")


def protocol_text(protocol: Protocol) -> str:
    """The short text that ``parse_protocol`` reads as this protocol; settings that it cannot tell are left out."""
    match protocol:
        case RepeatedPatientCV(folds=folds, repeats=1, test_fraction=0):
            text = f"{folds}fold"
        case RepeatedPatientCV(folds=folds, repeats=repeats, test_fraction=test):
            text = f"{folds}x{repeats}:{test:g}"
        case Holdout(test_fraction=test):
            text = f"holdout:{test:g}"
        case RandomSplits(repeats=repeats, test_fraction=test):
            text = f"random{repeats}:{test:g}"
        case Nested(outer=outer, inner=inner, test_fraction=test):
            text = f"nested{outer}x{inner}" + (f":{test:g}" if test else "")
        case LeaveOneGroupOut(column=column):
            text = f"logo:{column}"
        case External(column=column, groups=groups):
            text = f"external:{column}={','.join(groups)}"
        case Given(column=column):
            text = "given" if column == "split" else f"given:{column}"
    usual = Holdout().validation_fraction
    share = getattr(protocol, "validation_fraction", usual)
    told = share != usual or (isinstance(protocol, Holdout) and protocol.every_class)
    return text + (f",validation={share:g}" if told else "") + (",unit=image" if unit_of(protocol) == "image" else "")


def protocol_words(protocol: Protocol) -> str:
    """A protocol as a sentence: what is dealt, who judges, what is kept apart."""
    match protocol:
        case RepeatedPatientCV(folds=folds, repeats=repeats, test_fraction=test):
            what = f"{folds}-fold cross-validation, {_times(repeats)}, stratified by tracer and class" + _apart(test)
        case Holdout(test_fraction=test):
            what = f"hold-out: {test:.0%} are the test part, stratified by tracer and class"
        case RandomSplits(repeats=repeats, test_fraction=test):
            what = f"{repeats} random splits, stratified by tracer and class, each judged on its own {test:.0%}"
        case Nested(outer=outer, inner=inner, repeats=repeats, test_fraction=test):
            what = f"{outer}-fold cross-validation, {_times(repeats)}; {inner} inner folds choose the variant" + _apart(
                test
            )
        case LeaveOneGroupOut(column=column):
            what = f"one fold a value of {column}: trained on all others, judged on it"
        case External(column=column, groups=groups, folds=folds, repeats=repeats):
            what = f"test part: {column} {', '.join(groups)}; {folds}-fold cross-validation of the others"
            what += f", {_times(repeats)}"
        case Given(column=column):
            what = f"the parts that the cohort's column {column} names"
    who = "images: a patient can stand on both sides" if unit_of(protocol) == "image" else "patients"
    stop = getattr(protocol, "validation_fraction", 0)
    stops = f"; {stop:.0%} of what trains choose when training stops" if stop else ""
    return f"{what}{stops}; dealt are {who}"


def _times(repeats: int) -> str:
    return "once" if repeats == 1 else f"{repeats} times"


def _apart(test: float) -> str:
    return f"; {test:.0%} kept apart as the test part" if test else "; no test part"
