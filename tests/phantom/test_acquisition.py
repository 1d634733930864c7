"""Blur, noise, masks and attenuation, each measured back."""

from dataclasses import replace

import numpy as np
import pytest

from myoperf.core.terms import Sex, State, Tracer
from myoperf.phantom.acquisition import (
    FINE,
    Attenuation,
    Field,
    attenuation_pattern,
    fine_grid,
    noise_free,
    stored_counts,
)
from myoperf.phantom.population import draw_normal
from myoperf.phantom.surface import wall_table

FIELD = Field(
    shape=(32, 64, 64),
    spacing_mm=(6.6, 6.6, 6.6),
    centre=(16.0, 31.0, 30.0),
    axes=(12.0, 12.0, 12.0),
    masked=False,
)
IMAGING = replace(
    draw_normal(0, Sex.MALE, Tracer.TC99M).rest.imaging, fwhm_mm=(14.0, 15.0, 16.0), scatter=0.0, undershoot=0.0
)
NO_LOSS = Attenuation(breast=0.0, breast_deg=80.0, breast_s=0.6, diaphragm=0.0, depth=0.0)


def test_grid_covers_the_field_with_its_margin() -> None:
    grid = fine_grid(FIELD, FIELD.centre)
    assert len(grid.slices) == (25 + 4) * FINE
    assert grid.step_mm == pytest.approx(3.3)
    assert grid.rows.mean() == pytest.approx(0.0, abs=1e-9)


def test_a_point_gets_the_asked_width_on_each_axis() -> None:
    activity = np.zeros([(25 + 4) * FINE] * 3, dtype=np.float32)
    middle = len(activity) // 2
    activity[middle, middle, middle] = 1.0
    image = noise_free(activity, FIELD, IMAGING)
    for axis, fwhm in enumerate(IMAGING.fwhm_mm):
        profile = image.sum(axis=tuple(k for k in range(3) if k != axis))
        place = np.arange(len(profile)) * 6.6
        mean = (profile * place).sum() / profile.sum()
        spread = np.sqrt((profile * (place - mean) ** 2).sum() / profile.sum())
        assert 2.3548 * spread == pytest.approx(fwhm, rel=0.03)


def test_uniform_uptake_stays_uniform_and_scaled() -> None:
    activity = np.full([(25 + 4) * FINE] * 3, 0.5, dtype=np.float32)
    assert noise_free(activity, FIELD, IMAGING) == pytest.approx(0.5 * IMAGING.counts, rel=1e-4)


def test_undershoot_never_goes_below_zero() -> None:
    activity = np.zeros([(25 + 4) * FINE] * 3, dtype=np.float32)
    activity[20:30, 20:30, 20:30] = 1.0
    image = noise_free(activity, FIELD, replace(IMAGING, undershoot=0.3))
    assert image.min() == 0.0


def test_noise_has_the_asked_size_and_is_correlated() -> None:
    image = np.full((25, 25, 25), 300.0, dtype=np.float32)
    imaging = replace(IMAGING, counts=600.0, noise=0.05)
    volume = stored_counts(image, FIELD, imaging, np.random.default_rng(4))[FIELD.crop()].astype(float)
    peak = 0.5 * imaging.counts
    assert volume.mean() == pytest.approx(300.0, abs=3.0)
    assert volume.std() == pytest.approx(0.05 * peak * np.sqrt(0.35 + 300.0 / peak), rel=0.1)
    noise = volume - volume.mean()
    assert (noise[:, :, 1:] * noise[:, :, :-1]).mean() > 0.5 * noise.var()


def test_masked_field_is_an_ellipsoid_of_whole_positive_counts() -> None:
    image = np.full((25, 25, 25), 40.0, dtype=np.float32)
    volume = stored_counts(image, replace(FIELD, masked=True), IMAGING, np.random.default_rng(0))
    assert volume.dtype == np.uint16
    assert volume.shape == FIELD.shape
    kept = (volume > 0).sum() / 25**3
    assert kept == pytest.approx(np.pi / 6 * (24 / 25) ** 3, abs=0.03)


def test_attenuation_darkens_the_wall_it_should() -> None:
    s, phi = wall_table(24, 36)
    assert (attenuation_pattern(NO_LOSS, s, phi) == 1).all()
    breast = attenuation_pattern(replace(NO_LOSS, breast=0.3), s, phi)
    low = np.unravel_index(breast.argmin(), breast.shape)
    assert abs(phi[low] - 80) <= 10
    assert breast.min() == pytest.approx(0.7, abs=0.01)
    diaphragm = attenuation_pattern(replace(NO_LOSS, diaphragm=0.3), s, phi)
    assert abs(phi[np.unravel_index(diaphragm.argmin(), diaphragm.shape)] - 262) <= 10
    assert diaphragm[0].std() < 0.01


def test_normals_of_both_sexes_show_their_shadow() -> None:
    from myoperf.core.segments import segment_means
    from myoperf.phantom.patients import expected_image
    from myoperf.phantom.truth import true_map

    means = {}
    for sex in Sex:
        patients = [draw_normal(number, sex, Tracer.TC99M) for number in range(12)]
        maps = [true_map(p, State.STRESS, expected_image(p, State.STRESS)) for p in patients]
        means[sex] = np.mean([segment_means(m.values, m.weight) for m in maps], axis=0)
    inferior, anterior = 9, 6
    assert means[Sex.MALE][inferior] < means[Sex.FEMALE][inferior] - 5
    ratio = {sex: mean[anterior] / mean[inferior] for sex, mean in means.items()}
    assert ratio[Sex.MALE] > 1.05 > ratio[Sex.FEMALE]
