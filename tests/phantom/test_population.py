"""Who comes to the clinic: reproducible, and each fact where it belongs."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from myoperf.core.errors import RefusedError
from myoperf.core.terms import Position, Sex, Territory, Tracer
from myoperf.phantom.bed import Vessel
from myoperf.phantom.camera import VIRTUAL_CZT, VIRTUAL_SPECT
from myoperf.phantom.coronary import Coronary, Lesion, Scar
from myoperf.phantom.forms import Form
from myoperf.phantom.patients import Patient, source
from myoperf.phantom.person import Intake, Person, draw_person
from myoperf.phantom.population import GENERAL, NORMALS_SEED, Population, draw_normal, draw_patient, patient_of
from myoperf.phantom.protocol import NAMES

CROWD = [draw_patient(7, number, tracer) for tracer in Tracer for number in range(150)]
WELL = Coronary()


def of(tracer: Tracer, value: Callable[[Patient], float]) -> float:
    return float(np.mean([value(p) for p in CROWD if p.tracer is tracer]))


def somebody(number: int = 5, **facts: object) -> Person:
    return replace(draw_person(source(1, number, "person"), Intake()), **facts)  # type: ignore[arg-type]


def made(coronary: Coronary, number: int = 5, population: Population = GENERAL, **facts: object) -> Patient:
    return patient_of((1, number), somebody(number, **facts), coronary, Tracer.TC99M, population)


def test_same_arguments_same_patient() -> None:
    assert draw_patient(7, 12, Tracer.TC99M) == draw_patient(7, 12, Tracer.TC99M)
    assert draw_patient(7, 12, Tracer.TC99M) != draw_patient(8, 12, Tracer.TC99M)
    assert draw_patient(7, 12, Tracer.TC99M) != draw_patient(7, 13, Tracer.TC99M)


def test_the_tracer_changes_the_study_and_not_the_person() -> None:
    for number in range(10):
        technetium, thallium = (draw_patient(7, number, tracer) for tracer in Tracer)
        assert technetium.coronary == thallium.coronary
        assert technetium.person == thallium.person
        assert technetium.form is thallium.form
        assert technetium.stress.pose == thallium.stress.pose
        assert {technetium.tracer, thallium.tracer} == set(Tracer)


def test_everyone_of_a_tracer_is_studied_alike() -> None:
    for tracer in Tracer:
        plans = {(p.protocol, p.position) for p in CROWD if p.tracer is tracer}
        assert len(plans) == 1
        ((name, position),) = plans
        assert name in NAMES[tracer]
        assert position is Position.SUPINE


def test_both_sexes_come_and_hearts_of_men_are_larger() -> None:
    by_sex = {sex: [p for p in CROWD if p.sex is sex] for sex in Sex}
    volumes = {sex: np.median([p.ed_volume_ml for p in who]) for sex, who in by_sex.items()}
    assert min(len(who) for who in by_sex.values()) > 0.25 * len(CROWD)
    assert 50 < volumes[Sex.FEMALE] < volumes[Sex.MALE] < 180


def test_some_are_ill_and_some_are_not() -> None:
    ill = np.mean([bool(p.defects) for p in CROWD])
    assert 0.1 < ill < 0.9
    for patient in CROWD:
        assert [artery.territory for artery in patient.arteries] == list(Territory)
        assert patient.coronary.lesions or not patient.defects


def test_normals_have_no_disease_and_the_sex_asked_for() -> None:
    for sex in Sex:
        for number in range(5):
            normal = draw_normal(number, sex, Tracer.TL201)
            assert normal.sex is sex
            assert normal.person.low_likelihood
            assert (normal.defects, normal.coronary) == ((), WELL)
            assert normal.seed >= NORMALS_SEED
    assert draw_patient(7, 1, Tracer.TC99M, healthy=True).defects == ()
    assert len({draw_normal(0, sex, tracer).seed for sex in Sex for tracer in Tracer}) == 4


def test_a_scar_widens_and_weakens_the_heart() -> None:
    scar = Lesion(artery=Vessel.LAD, place=0.0, stenosis=95.0, scar=Scar(transmurality=0.9, spared=0.1))
    for number in range(4):
        well, ill = made(WELL, number), made(Coronary(lesions=(scar,)), number)
        assert ill.ed_volume_ml > well.ed_volume_ml
        assert ill.rest.beat.ef < well.rest.beat.ef
        assert min(ill.rest.beat.amplitude) < min(well.rest.beat.amplitude)
        assert ill.stress.pose == well.stress.pose


def test_severe_ischaemia_can_dilate_the_heart_after_stress() -> None:
    tight = Coronary(lesions=tuple(Lesion(artery=v, place=0.0, stenosis=90.0) for v in (Vessel.LAD, Vessel.LCX)))

    def larger(coronary: Coronary) -> float:
        found = [made(coronary, number) for number in range(8)]
        return float(np.mean([p.stress.beat.ed_volume_ml / p.rest.beat.ed_volume_ml for p in found]))

    assert larger(tight) > larger(WELL)


def test_a_blocked_left_bundle_is_seen_at_the_septum_only_where_there_is_one() -> None:
    blocked = made(WELL, lbbb=True)
    assert blocked.form is Form.LBBB
    assert blocked.stress.septal_loss > 0
    assert len(set(blocked.rest.beat.delay_deg)) > 1
    for patient in CROWD:
        assert (patient.form is Form.LBBB) == patient.person.lbbb
        assert (patient.stress.septal_loss > 0) == patient.person.lbbb


def test_centres_cameras_and_positions_are_spread_in_turn() -> None:
    population = Population(
        centers=3, cameras=(VIRTUAL_SPECT, VIRTUAL_CZT), positions=(Position.UPRIGHT, Position.SUPINE)
    )
    found = [draw_patient(0, number, Tracer.TC99M, population=population) for number in range(6)]
    assert [p.center for p in found] == [f"virtual-{number % 3 + 1}" for number in range(6)]
    assert [p.camera for p in found] == [VIRTUAL_SPECT, VIRTUAL_CZT] * 3
    assert {p.position for p in found} == {Position.UPRIGHT}
    assert draw_patient(0, 0, Tracer.TC99M).center == "virtual"


def test_a_clinic_without_centre_or_camera_is_refused() -> None:
    with pytest.raises(RefusedError, match="a centre and a camera"):
        Population(centers=0)
    with pytest.raises(RefusedError, match="a centre and a camera"):
        Population(cameras=())


def test_thallium_gives_fewer_counts() -> None:
    counts = {tracer: of(tracer, lambda p: p.stress.imaging.relative_counts) for tracer in Tracer}
    assert counts[Tracer.TC99M] > 1.5 * counts[Tracer.TL201]
    assert of(Tracer.TL201, lambda p: p.rest.imaging.counts / p.stress.imaging.counts) < 0.9
