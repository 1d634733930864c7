"""The full physics: from a patient to counts and reconstructions, each step measured back."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from myoperf.core.segments import segment_means
from myoperf.core.terms import Sex, State, Tracer
from myoperf.phantom.acquisition import Image
from myoperf.phantom.disease import segment_defect
from myoperf.phantom.gating import GATES
from myoperf.phantom.motion import PatientMotion, Respiration, Truncation
from myoperf.phantom.patients import Patient, Variation, body_directions, expected_image
from myoperf.phantom.population import draw_normal
from myoperf.phantom.pose import to_body
from myoperf.phantom.tomography import Acquired, acquire, expected_tomogram, oblique_grid, shifted
from myoperf.phantom.torso import MU_PER_CM, Material, Torso
from myoperf.phantom.truth import true_map
from myoperf.phantom.ventricle import left_alone


def undisturbed(patient: Patient) -> Patient:
    """The patient at stress, lying still before a camera that is wide enough."""
    imaging = replace(patient.stress.imaging, motion=None, truncation=None)
    return replace(patient, stress=replace(patient.stress, imaging=imaging))


@pytest.fixture(scope="module")
def normal() -> Patient:
    return undisturbed(draw_normal(2, Sex.MALE, Tracer.TC99M))


@pytest.fixture(scope="module")
def taken(normal: Patient) -> Acquired:
    return acquire(normal, State.STRESS, corrected=True)


def imaged(patient: Patient, **spoiled: object) -> Patient:
    imaging = replace(patient.stress.imaging, **spoiled)  # type: ignore[arg-type]
    return replace(patient, stress=replace(patient.stress, imaging=imaging))


def segments(patient: Patient, image: Image) -> np.ndarray:
    seen = true_map(patient, State.STRESS, image.astype(np.float32))
    return segment_means(seen.values, seen.weight)


def cropped(patient: Patient, volume: np.ndarray) -> Image:
    found: Image = volume[patient.stress.field.crop()].astype(np.float32)
    return found


@pytest.mark.parametrize("threads", [1, 2])
def test_same_patient_same_bits_whatever_the_threads(normal: Patient, taken: Acquired, threads: int) -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        again = acquire(normal, State.STRESS, corrected=True)
        assert torch.get_num_threads() == threads
    finally:
        torch.set_num_threads(before)
    assert taken.corrected is not None
    assert again.corrected is not None
    pairs = [(getattr(taken, name), getattr(again, name)) for name in ("expected", "short_axis", "gated", "mu")]
    pairs += [(taken.projections, again.projections), (taken.gated_projections, again.gated_projections)]
    pairs += [(taken.transaxial, again.transaxial), (taken.corrected, again.corrected), (taken.heart, again.heart)]
    for one, other in pairs:
        assert one.tobytes() == other.tobytes()


def test_shapes_and_windows(normal: Patient, taken: Acquired) -> None:
    camera, field = normal.camera, normal.stress.field
    views = (camera.orbit.views, camera.rows, camera.bins)
    assert taken.projections.shape == (len(taken.windows), *views)
    assert taken.gated_projections.shape == (GATES, *views)
    assert taken.heart.shape == views
    assert taken.mu.shape == taken.transaxial.shape == camera.shape
    assert taken.short_axis.shape == field.shape
    assert taken.gated.shape == (GATES, *field.shape)
    assert taken.expected.shape == tuple(part.stop - part.start for part in field.crop())
    lows = [window.low_kev for window in taken.windows]
    assert lows == sorted(lows, reverse=True)
    assert taken.transaxial.min() == 0.0


def test_gates_sum_to_the_photopeak(taken: Acquired) -> None:
    assert (taken.gated_projections.sum(axis=0) == taken.projections[0]).all()
    totals = taken.gated_projections.sum(axis=(1, 2, 3), dtype=float)
    assert totals == pytest.approx(totals.mean(), rel=0.05)


def test_without_correction_only_the_correction_is_missing(normal: Patient, taken: Acquired) -> None:
    plain = acquire(normal, State.STRESS)
    assert plain.corrected is None
    assert (plain.short_axis == taken.short_axis).all()


def test_a_quarter_of_the_dose_is_thinned_from_the_same_counts(normal: Patient, taken: Acquired) -> None:
    quarter = acquire(normal, State.STRESS, dose=0.25)
    assert (quarter.projections <= taken.projections).all()
    assert (quarter.gated_projections <= taken.gated_projections).all()
    assert (quarter.gated_projections.sum(axis=0) == quarter.projections[0]).all()
    for low, full in zip(quarter.projections, taken.projections, strict=True):
        whole = float(full.sum())
        assert abs(low.sum() - whole / 4) < 5 * np.sqrt(whole * 0.25 * 0.75)
    assert quarter.expected == pytest.approx(taken.expected, rel=1e-3, abs=1e-3 * float(taken.expected.max()))
    errors = [
        np.std(cropped(normal, one.short_axis) - taken.expected * normal.stress.field.kept())
        for one in (taken, quarter)
    ]
    assert 1.5 < errors[1] / errors[0] < 2.5


def test_images_of_a_quarter_of_the_dose_are_stored_as_bright(normal: Patient, taken: Acquired) -> None:
    quarter = acquire(normal, State.STRESS, corrected=True, dose=0.25)
    for name in ("short_axis", "gated", "corrected", "transaxial"):
        low, full = (float(getattr(one, name).sum(dtype=float)) for one in (quarter, taken))
        assert low == pytest.approx(full, rel=0.1), name


def test_the_stored_image_is_the_expected_one_with_noise(normal: Patient, taken: Acquired) -> None:
    kept = normal.stress.field.kept()
    stored, expected = cropped(normal, taken.short_axis)[kept], taken.expected[kept]
    assert stored.sum() == pytest.approx(expected.sum(), rel=0.02)
    assert 0.9 < np.corrcoef(stored, expected)[0, 1] < 1.0
    gated = cropped(normal, taken.gated.mean(axis=0))[kept]
    assert gated.sum() == pytest.approx(expected.sum(), rel=0.1)
    again = expected_tomogram(normal, State.STRESS)
    assert np.abs(again - taken.expected).max() < 1e-3 * expected.max()


@pytest.mark.parametrize("tracer", list(Tracer))
def test_the_attenuation_map_is_of_tissue(tracer: Tracer) -> None:
    patient = undisturbed(draw_normal(1, Sex.FEMALE, tracer))
    found = acquire(patient, State.STRESS)
    known = MU_PER_CM[tracer]
    assert found.mu.min() == 0.0
    assert found.mu.max() <= known[Material.BONE] + 1e-6
    for material in (Material.SOFT, Material.LUNG, Material.FAT):
        assert (np.abs(found.mu - known[material]) < 1e-6).mean() > 0.005
    step, shape = patient.camera.pixel_mm, found.mu.shape
    x, y, z = patient.stress.pose.centre_mm
    cell = tuple(round(place / step + (n - 1) / 2) for place, n in zip((z, y, x), shape, strict=True))
    assert found.mu[cell] == pytest.approx(known[Material.SOFT], abs=0.01)
    assert len(found.windows) == (4 if tracer is Tracer.TC99M else 2)


@pytest.mark.parametrize("sex", list(Sex))
def test_correction_evens_out_a_healthy_heart(sex: Sex) -> None:
    patient = undisturbed(draw_normal(4, sex, Tracer.TC99M))
    even = Variation(waves=((0.0,),), apex=(0.0,) * len(patient.variation.apex), basal=0.0)
    patient = replace(patient, variation=even)
    patient = imaged(patient, relative_counts=20.0)
    found = acquire(patient, State.STRESS, corrected=True)
    assert found.corrected is not None
    plain, mended = (segments(patient, cropped(patient, v)) for v in (found.short_axis, found.corrected))
    assert np.std(mended[:16]) / np.mean(mended[:16]) < 0.8 * np.std(plain[:16]) / np.mean(plain[:16])


def test_scatter_lies_below_the_peak_and_around_the_heart(taken: Acquired) -> None:
    peak, nearest = taken.projections[0].astype(float), taken.projections[1].astype(float)
    assert 0.05 * peak.sum() < nearest.sum() < peak.sum()
    inside = [one[taken.heart].sum() / one.sum() for one in (peak, nearest)]
    assert inside[1] < inside[0]


def test_a_patient_who_moves_is_seen_elsewhere_from_then_on(normal: Patient, taken: Acquired) -> None:
    view, rows = normal.camera.orbit.views // 2, 3
    motion = PatientMotion(from_view=view, shift_mm=(0.0, 0.0, rows * normal.camera.pixel_mm))
    moved = acquire(imaged(normal, motion=motion), State.STRESS)
    still = taken.projections[0].astype(float).sum(axis=-1)
    seen = moved.projections[0].astype(float).sum(axis=-1)
    inner = slice(8, -8)
    for before, part in ((0, slice(0, view)), (rows, slice(view, None))):
        fits = {
            step: np.corrcoef(np.roll(still[part], step, axis=1)[:, inner].ravel(), seen[part][:, inner].ravel())[0, 1]
            for step in range(-5, 6)
        }
        assert max(fits, key=lambda step: fits[step]) == before
    assert (moved.heart[:view] == taken.heart[:view]).all()
    shifted = np.roll(taken.heart[view:], rows, axis=1)
    assert (moved.heart[view:] == shifted)[:, inner].mean() > 0.995
    assert np.abs(moved.expected - taken.expected).mean() > 0.02 * taken.expected.mean()


def test_a_narrow_detector_loses_its_sides_and_nothing_else(normal: Patient, taken: Acquired) -> None:
    camera = normal.camera
    half_mm = 15 * camera.pixel_mm
    cut = acquire(imaged(normal, truncation=Truncation(half_width_mm=half_mm)), State.STRESS)
    away = np.abs(np.arange(camera.bins) - (camera.bins - 1) / 2) * camera.pixel_mm
    lost = away > half_mm + camera.pixel_mm / 2
    assert lost.any()
    assert not cut.projections[..., lost].any()
    assert taken.projections[0][..., lost].any()
    kept = away < half_mm - camera.pixel_mm / 2
    whole = taken.projections[..., kept].sum(dtype=float)
    assert cut.projections[..., kept].sum(dtype=float) == pytest.approx(whole, rel=0.01)


def test_the_heart_mask_covers_what_the_left_ventricle_sends() -> None:
    """A body without any uptake around the ventricle's wall, which breathes and blurs no more than it must."""
    patient = undisturbed(draw_normal(3, Sex.MALE, Tracer.TC99M))
    cold = Torso(solids=tuple(replace(solid, uptake=0.0) for solid in patient.stress.torso.solids))
    anatomy = left_alone(patient.stress.anatomy, cavity=0.0)
    alone = replace(patient, stress=replace(patient.stress, torso=cold, anatomy=anatomy), defects=())
    found = acquire(imaged(alone, respiration=Respiration(amplitude_mm=0.0)), State.STRESS)
    counts = found.projections[0].astype(float)
    assert counts[found.heart].sum() > 0.75 * counts.sum()
    assert counts[found.heart].mean() > 8 * counts[~found.heart].mean()
    assert 0.01 < found.heart.mean() < 0.25
    places = np.indices(counts.shape).astype(float)
    for axis in (1, 2):
        middles = [
            (places[axis] * weight).sum(axis=(1, 2)) / weight.sum(axis=(1, 2)) for weight in (counts, found.heart)
        ]
        assert np.abs(middles[0] - middles[1]).max() < 2.5


def both_physics(patient: Patient) -> list[np.ndarray]:
    images = [make(patient, State.STRESS) for make in (expected_image, expected_tomogram)]
    assert images[0].shape == images[1].shape
    return [segments(patient, image) for image in images]


@pytest.mark.parametrize(
    ("sex", "tracer"), [(Sex.MALE, Tracer.TC99M), (Sex.FEMALE, Tracer.TC99M), (Sex.MALE, Tracer.TL201)]
)
def test_fast_and_full_images_of_a_patient_are_alike(sex: Sex, tracer: Tracer) -> None:
    fast, full = both_physics(undisturbed(draw_normal(6, sex, tracer)))
    assert np.abs(fast - full).mean() < 6.0


def test_fast_and_full_images_show_the_same_defect(normal: Patient) -> None:
    defect = segment_defect(8, normal.stress.anatomy.mid_wall, stress=0.6)
    sound, ill = both_physics(normal), both_physics(replace(normal, defects=(defect,)))
    assert np.abs(ill[0] - ill[1]).mean() < 6.0
    lost = [1 - after / before for after, before in zip(ill, sound, strict=True)]
    assert np.argmax(lost[0]) == np.argmax(lost[1]) == 7
    assert lost[0][7] == pytest.approx(lost[1][7], abs=0.12)


def test_the_oblique_grid_is_where_the_heart_is(normal: Patient) -> None:
    """The voxel of the ellipsoid's centre, and one along each axis of the heart, in the body."""
    scan = normal.stress
    grid = oblique_grid(scan)
    assert grid.axes == pytest.approx(body_directions(scan))
    first = np.array([part.start for part in scan.field.crop()])
    voxel = np.asarray(scan.anatomy.centre) - first - (np.asarray(grid.shape) - 1) / 2
    place = np.asarray(grid.centre_mm) + grid.spacing_mm * (voxel @ grid.axes)
    assert place == pytest.approx(np.asarray(scan.pose.centre_mm), abs=1e-6)
    base = to_body(scan.pose, np.array([0.0, 0.0, 30.0])) - place
    assert np.dot(base, grid.axes[0]) > 25


def test_shifting_along_an_axis() -> None:
    values = np.array([0.0, 4.0, 8.0, 2.0, 0.0, 0.0])
    assert shifted(6, 0.0) @ values == pytest.approx(values)
    assert shifted(6, 1.0) @ values == pytest.approx([0.0, 0.0, 4.0, 8.0, 2.0, 0.0])
    assert shifted(6, -0.5) @ values == pytest.approx([2.0, 6.0, 5.0, 1.0, 0.0, 0.0])
    assert shifted(6, 99.0) @ (values + 1) == pytest.approx(np.ones(6))
    assert shifted(6, 2.3).sum(axis=1) == pytest.approx(np.ones(6))


def test_breathing_smears_along_the_body(normal: Patient) -> None:
    profiles = []
    for amplitude in (0.0, 30.0):
        body = acquire(imaged(normal, respiration=Respiration(amplitude_mm=amplitude)), State.STRESS)
        seen = np.where(body.heart, body.projections[0], 0).astype(float)
        profiles.append(np.abs(np.diff(seen.sum(axis=(0, 2)))).max())
    assert profiles[1] < profiles[0]
