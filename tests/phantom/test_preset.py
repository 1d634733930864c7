"""Presets have the sizes of the papers, and classes are filled exactly, in order, or not at all."""

import numpy as np
import pytest

from myoperf.core.errors import RefusedError
from myoperf.core.terms import Position, Sex, Tracer
from myoperf.phantom.preset import CZT, PRESETS, Output, Preset, preset_named
from myoperf.phantom.quota import Quota, Traits, class_of, fill, shared_out

SIZES = {
    "samaras": 640,
    "abulaila": 87,
    "wang": 103,
    "pacific": 96,
    "betancur2018": 1638,
    "betancur2019": 1160,
    "singh": 20401,
    "pieszko": 20418,
    "shi": 65,
    "yang": 100,
    "demist": 338,
}


def traits(number: int) -> Traits:
    """A made-up patient: a third has ischaemia, a fifth a scar, most diseased are obstructed."""
    random = np.random.default_rng([1, number])
    ischaemia, infarct = bool(random.random() < 0.33), bool(random.random() < 0.2)
    return Traits(
        sex=Sex.MALE if random.random() < 0.56 else Sex.FEMALE,
        tracer=Tracer.TC99M,
        ischaemia=ischaemia,
        infarct=infarct,
        obstructive=ischaemia and bool(random.random() < 0.8),
        low_likelihood=not (ischaemia or infarct) and bool(random.random() < 0.3),
        clear=bool(random.random() < 0.9),
    )


def test_the_sizes_are_those_of_the_papers() -> None:
    assert {name: PRESETS[name].patients for name in SIZES} == SIZES
    assert PRESETS["samaras"].tracers == (274, 366)
    assert PRESETS["wang"].images == 5008
    assert PRESETS["alenezi"].images == 4560
    assert PRESETS["betancur2019"].centers == 4
    assert PRESETS["betancur2019"].positions == (Position.UPRIGHT, Position.SUPINE)
    assert PRESETS["demist"].dose_fractions == (0.0625, 0.125, 0.25)
    assert Output.MU_MAP in PRESETS["shi"].outputs
    assert PRESETS["yang"].cameras == (CZT,)


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_every_preset_is_whole(preset: Preset) -> None:
    assert preset.notes
    assert preset.source or preset.name == "default"
    assert not preset.quotas or sum(quota.count for quota in preset.quotas) == preset.patients
    assert sum(preset.tracers) > 0
    assert preset.physics in ("fast", "full")
    assert preset.centers >= 1


@pytest.mark.parametrize("name", ["abulaila", "wang", "berkaya", "miller2023"])
def test_classes_are_filled_exactly_and_in_order(name: str) -> None:
    quotas = PRESETS[name].quotas
    taken = fill(traits, quotas)
    assert len(taken) == PRESETS[name].patients
    assert list(taken) == sorted(set(taken))
    assert taken == fill(traits, quotas)
    for quota in quotas:
        assert sum(quota.matches(traits(number)) for number in taken) >= quota.count
    if name in ("abulaila", "miller2023"):
        counted = {quota.name: sum(class_of(traits(n), quotas) == quota.name for n in taken) for quota in quotas}
        assert counted == {quota.name: quota.count for quota in quotas}


def test_no_patient_is_passed_over_without_need() -> None:
    quota = Quota(name="women", count=3, sex=Sex.FEMALE)
    women = [number for number in range(40) if traits(number).sex is Sex.FEMALE][:3]
    assert fill(traits, (quota,)) == tuple(women)
    assert fill(traits, ()) == ()
    assert fill(traits, (Quota(name="anyone", count=4),)) == (0, 1, 2, 3)


def test_classes_that_cannot_be_filled_are_refused_in_one_line() -> None:
    impossible = Quota(name="obstructed without ischaemia", count=2, ischaemia=False, obstructive=True)
    with pytest.raises(RefusedError, match="full within 50 draws; got 2 obstructed without ischaemia still missing"):
        fill(traits, (impossible,), most_draws=50)
    with pytest.raises(RefusedError, match="0 or more"):
        Quota(name="less than none", count=-1)


def test_a_resized_preset_keeps_the_shares() -> None:
    small = preset_named("abulaila", 20)
    assert [quota.count for quota in small.quotas] == [15, 4, 1]
    assert sum(quota.count for quota in shared_out(PRESETS["papandrianos"].quotas, 101)) == 101
    assert preset_named("abulaila") is PRESETS["abulaila"]
    assert preset_named("samaras", 50).quotas == ()
    with pytest.raises(RefusedError, match="a cohort has patients"):
        preset_named("abulaila", 0)
    with pytest.raises(RefusedError, match=r"a preset is one of default, samaras, .* got nobody"):
        preset_named("nobody")
