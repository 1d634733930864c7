"""Gated images by the fast physics: the heart contracts, and its counts are shared among the gates."""

from dataclasses import replace

import numpy as np
import pytest

from myoperf.core.errors import RefusedError
from myoperf.core.terms import Sex, State, Tracer
from myoperf.phantom.beat import gate_anatomies, gate_volumes
from myoperf.phantom.gating import GATES, gated_counts
from myoperf.phantom.patients import Patient, expected_image
from myoperf.phantom.population import draw_normal


@pytest.fixture(scope="module")
def quiet() -> Patient:
    """A normal heart that beats evenly, imaged without noise."""
    patient = draw_normal(1, Sex.MALE, Tracer.TC99M)
    rest = patient.rest
    beat = replace(rest.beat, ed_volume_ml=120.0, es_volume_ml=45.0, heart_rate=65.0)
    beat = replace(beat, amplitude=(1.0,) * 17, delay_deg=(0.0,) * 17)
    anatomy = replace(rest.anatomy, cavity_ml=90.0, tilt_deg=(0.0, 0.0))
    imaging = replace(rest.imaging, noise=0.0, motion=None)
    return replace(patient, rest=replace(rest, anatomy=anatomy, beat=beat, imaging=imaging))


@pytest.fixture(scope="module")
def gates(quiet: Patient) -> np.ndarray:
    return gated_counts(quiet, State.REST)


def radius(patient: Patient, volume: np.ndarray) -> float:
    """Mean distance (voxels) from the long axis of the hot counts in the middle of the ventricle."""
    slices, rows, columns = patient.rest.anatomy.centre
    middle = volume[round(slices) - 2 : round(slices) + 1].astype(float)
    y, x = np.indices(middle.shape[1:])
    away = np.hypot(y - rows, x - columns)
    hot = np.where(away < 8, np.clip(middle - 0.5 * middle.max(), 0, None), 0.0)
    return float((hot * away).sum() / hot.sum())


def test_the_cavity_shrinks_gate_by_gate_to_the_end_of_systole(quiet: Patient) -> None:
    volumes = gate_volumes(quiet.rest.beat, GATES)
    end = int(np.argmin(volumes))
    assert 0 < end < GATES - 1
    assert (np.diff(volumes[: end + 1]) < 0).all()
    assert (np.diff(volumes[end:]) >= 0).all()
    hearts = gate_anatomies(quiet.rest.anatomy, quiet.rest.beat, GATES)
    assert [heart.cavity_ml for heart in hearts] == pytest.approx(volumes, rel=1e-6)


def test_the_images_contract_with_the_cavity(quiet: Patient, gates: np.ndarray) -> None:
    volumes = gate_volumes(quiet.rest.beat, GATES)
    radii = [radius(quiet, gate) for gate in gates]
    assert np.corrcoef(radii, np.cbrt(volumes))[0, 1] > 0.97
    assert np.argmin(radii) == np.argmin(volumes)
    assert radii[0] > 1.1 * min(radii)


def test_gates_are_stored_as_the_ungated_image_is(quiet: Patient, gates: np.ndarray) -> None:
    assert gates.dtype == np.uint16
    assert gates.shape == (GATES, *quiet.rest.field.shape)
    crop, kept = quiet.rest.field.crop(), quiet.rest.field.kept()
    whole, mean = expected_image(quiet, State.REST)[kept], gates.mean(axis=0)[crop][kept]
    assert mean.sum() == pytest.approx(whole.sum(), rel=0.05)
    assert np.corrcoef(mean, whole)[0, 1] > 0.97


def test_a_thick_wall_is_brighter_at_the_end_of_systole(quiet: Patient, gates: np.ndarray) -> None:
    end = int(np.argmin(gate_volumes(quiet.rest.beat, GATES)))
    assert gates[end].max() > 1.05 * gates[0].max()


def test_noise_of_a_gate_is_that_of_an_eighth_of_the_counts(quiet: Patient, gates: np.ndarray) -> None:
    noisy = replace(quiet, rest=replace(quiet.rest, imaging=replace(quiet.rest.imaging, noise=0.03)))
    found = gated_counts(noisy, State.REST)
    assert (found == gated_counts(noisy, State.REST)).all()
    errors = [np.std(found[k].astype(float) - gates[k]) for k in range(GATES)]
    sixteen = gated_counts(noisy, State.REST, 16)
    mean_of_16 = np.std(sixteen.astype(float).mean(axis=0) - gates.mean(axis=0))
    assert len(sixteen) == 16
    assert min(errors) > 1.8 * mean_of_16
    assert len({gate.tobytes() for gate in found}) == GATES


def test_only_eight_or_sixteen_gates(quiet: Patient) -> None:
    with pytest.raises(RefusedError, match="8 or 16"):
        gated_counts(quiet, State.REST, 5)
