"""Who comes to the clinic: reproducible, and in the proportions that the module states."""

from collections.abc import Callable

import numpy as np
import pytest

from myoperf.core.study import Study
from myoperf.core.terms import Sex, State, Territory, Tracer, View
from myoperf.phantom.patients import Patient, expected_image, normal_wall, render, study
from myoperf.phantom.population import COUNT_RATIO, draw_normal, draw_patient
from myoperf.phantom.surface import wall_table

CROWD = [draw_patient(7, number, tracer) for tracer in Tracer for number in range(400)]


def of(tracer: Tracer, value: Callable[[Patient], float]) -> float:
    return float(np.mean([value(p) for p in CROWD if p.tracer is tracer]))


def test_same_arguments_same_patient() -> None:
    assert draw_patient(7, 12, Tracer.TC99M) == draw_patient(7, 12, Tracer.TC99M)
    assert draw_patient(7, 12, Tracer.TC99M) != draw_patient(8, 12, Tracer.TC99M)
    assert draw_patient(7, 12, Tracer.TC99M) != draw_patient(7, 13, Tracer.TC99M)


def test_counts_of_the_tracers_are_in_the_published_ratio() -> None:
    ratio = of(Tracer.TC99M, lambda p: p.stress.imaging.counts) / of(Tracer.TL201, lambda p: p.stress.imaging.counts)
    assert ratio == pytest.approx(COUNT_RATIO, rel=0.05)


def test_thallium_is_softer_noisier_and_washes_out() -> None:
    assert of(Tracer.TL201, lambda p: p.stress.imaging.fwhm_mm[1]) > of(
        Tracer.TC99M, lambda p: p.stress.imaging.fwhm_mm[1]
    )
    assert of(Tracer.TL201, lambda p: p.stress.imaging.noise) > 1.3 * of(Tracer.TC99M, lambda p: p.stress.imaging.noise)
    kept = of(Tracer.TL201, lambda p: p.rest.imaging.counts / p.stress.imaging.counts)
    assert 0.5 < kept < 0.7


def test_hearts_of_men_are_larger_and_both_sexes_are_diseased() -> None:
    by_sex = {sex: [p for p in CROWD if p.sex is sex] for sex in Sex}
    volumes = {sex: np.mean([p.ed_volume_ml for p in who]) for sex, who in by_sex.items()}
    assert volumes[Sex.MALE] > 1.2 * volumes[Sex.FEMALE]
    assert 60 < volumes[Sex.FEMALE] < volumes[Sex.MALE] < 160
    for who in by_sex.values():
        assert 0.5 < np.mean([any(d.stress > 0.15 for d in p.defects) for p in who]) < 0.75


def test_one_to_three_arteries_and_all_kinds_of_disease() -> None:
    diseased = [p for p in CROWD if any(d.stress > 0.15 for d in p.defects)]
    assert {len({d.territory for d in p.defects}) for p in diseased} == {1, 2, 3}
    reversed_ = [1 - d.rest / d.stress for p in diseased for d in p.defects]
    assert np.mean(np.array(reversed_) > 0.7) > 0.3
    assert np.mean(np.array(reversed_) < 0.2) > 0.05
    for patient in CROWD[:50]:
        assert [artery.territory for artery in patient.arteries] == list(Territory)


def test_disease_lies_in_its_territory() -> None:
    middle = {
        territory: np.angle(
            np.mean([np.exp(1j * np.radians(d.phi_deg)) for p in CROWD for d in p.defects if d.territory is territory]),
            deg=True,
        )
        % 360
        for territory in Territory
    }
    assert middle[Territory.LAD] == pytest.approx(110, abs=6)
    assert middle[Territory.RCA] == pytest.approx(246, abs=6)
    assert middle[Territory.LCX] == pytest.approx(345, abs=6)


def test_normals_have_no_disease_and_the_sex_asked_for() -> None:
    for sex in Sex:
        normal = draw_normal(4, sex, Tracer.TL201)
        assert normal.sex is sex
        assert normal.defects == ()
    assert draw_patient(7, 1, Tracer.TC99M, healthy=True).defects == ()


def test_images_follow_from_the_record() -> None:
    patient = draw_patient(7, 3, Tracer.TC99M)
    first, again = render(patient, State.STRESS), render(patient, State.STRESS)
    assert (first == again).all()
    assert not np.array_equal(first, render(patient, State.REST))
    assert 100 < first.max() < 3000
    assert first.shape[1:] == (64, 64)
    assert 24 <= first.shape[0] <= 60
    expected = expected_image(patient, State.STRESS)
    assert np.corrcoef(first[patient.stress.field.crop()].ravel(), expected.ravel())[0, 1] > 0.8


def test_study_in_memory_loads_on_demand() -> None:
    patient = draw_patient(7, 3, Tracer.TL201)
    made = study(patient)
    assert isinstance(made, Study)
    assert [s.state for s in made.series] == [State.STRESS, State.REST]
    series = made.series[0]
    assert series.view is View.SHORT_AXIS
    assert series.geometry.oriented
    assert series.load().shape == series.shape
    assert (series.load()[0] == render(patient, State.STRESS)).all()


def test_normal_wall_is_nearly_even_but_for_the_basal_septum() -> None:
    s, phi = wall_table(48, 72)
    wall = normal_wall((0, 0, 0, 0, 0, 0, 0.6), s, phi)
    assert (wall[s < 0.7] == 1).all()
    assert phi[np.unravel_index(wall.argmin(), wall.shape)] == pytest.approx(180)
