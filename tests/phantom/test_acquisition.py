"""Blur, noise, masks and movement, each measured back."""

from dataclasses import replace

import numpy as np
import pytest

from myoperf.core.terms import Sex, Tracer
from myoperf.phantom.acquisition import (
    FINE,
    Field,
    fine_grid,
    moved_about,
    noise_free,
    spread,
    stored_counts,
    stored_whole,
    voxel_places,
)
from myoperf.phantom.population import draw_normal

FIELD = Field(
    shape=(32, 64, 64),
    spacing_mm=(6.6, 6.6, 6.6),
    centre=(16.0, 31.0, 30.0),
    axes=(12.0, 12.0, 12.0),
    masked=False,
)
IMAGING = replace(
    draw_normal(0, Sex.MALE, Tracer.TC99M).rest.imaging,
    fwhm_mm=(14.0, 15.0, 16.0),
    scatter=0.0,
    undershoot=0.0,
    counts=800.0,
    cutoff=50.0,
)
CELLS = [(25 + 4) * FINE] * 3


def test_grid_covers_the_field_with_its_margin() -> None:
    grid = fine_grid(FIELD, FIELD.centre)
    assert len(grid.slices) == CELLS[0]
    assert grid.step_mm == pytest.approx(3.3)
    assert grid.rows.mean() == pytest.approx(0.0, abs=1e-9)


def test_voxels_and_fine_cells_are_the_same_places() -> None:
    slices, rows, columns = voxel_places(FIELD)
    grid = fine_grid(FIELD, (0.0, 0.0, 0.0))
    for voxels, fine in ((slices, grid.slices), (rows, grid.rows), (columns, grid.columns)):
        assert fine.reshape(-1, FINE).mean(axis=1) == pytest.approx(voxels * 6.6)
    values = np.random.default_rng(0).random((len(slices), len(rows), len(columns))).astype(np.float32)
    finer = spread(values)
    assert list(finer.shape) == CELLS
    assert (finer[::FINE, ::FINE, ::FINE] == values).all()
    assert finer.mean() == pytest.approx(values.mean(), rel=1e-5)


def test_a_point_gets_the_asked_width_on_each_axis() -> None:
    activity = np.zeros(CELLS, dtype=np.float32)
    middle = len(activity) // 2
    activity[middle, middle, middle] = 1.0
    image = noise_free(activity, FIELD, IMAGING)
    for axis, fwhm in enumerate(IMAGING.fwhm_mm):
        profile = image.sum(axis=tuple(k for k in range(3) if k != axis))
        place = np.arange(len(profile)) * 6.6
        mean = (profile * place).sum() / profile.sum()
        width = np.sqrt((profile * (place - mean) ** 2).sum() / profile.sum())
        assert 2.3548 * width == pytest.approx(fwhm, rel=0.03)


def test_a_lower_cutoff_is_softer_and_keeps_the_counts() -> None:
    activity = np.full(CELLS, 0.5, dtype=np.float32)
    activity[25:33, 25:33, 25:33] = 1.0
    sharp, soft = (noise_free(activity, FIELD, replace(IMAGING, cutoff=cutoff)) for cutoff in (0.5, 0.3))
    assert soft.max() < sharp.max()
    assert soft.sum() == pytest.approx(sharp.sum(), rel=1e-3)


def test_uniform_uptake_stays_uniform_and_scaled() -> None:
    activity = np.full(CELLS, 0.5, dtype=np.float32)
    for imaging in (IMAGING, replace(IMAGING, cutoff=0.3), replace(IMAGING, scatter=0.2)):
        assert noise_free(activity, FIELD, imaging) == pytest.approx(0.5 * IMAGING.counts, rel=1e-4)


def test_undershoot_darkens_and_never_goes_below_zero() -> None:
    activity = np.zeros(CELLS, dtype=np.float32)
    activity[20:30, 20:30, 20:30] = 1.0
    image = noise_free(activity, FIELD, replace(IMAGING, undershoot=0.3))
    assert image.min() == 0.0
    assert image.max() < noise_free(activity, FIELD, IMAGING).max()


def test_scatter_lies_wide_around() -> None:
    activity = np.zeros(CELLS, dtype=np.float32)
    activity[25:33, 25:33, 25:33] = 1.0
    bare, hazy = (noise_free(activity, FIELD, replace(IMAGING, scatter=part)) for part in (0.0, 0.3))
    assert hazy.max() < bare.max()
    assert hazy[12, 12, 2] > bare[12, 12, 2]


def test_noise_has_the_asked_size_and_is_correlated() -> None:
    image = np.full((25, 25, 25), 300.0, dtype=np.float32)
    imaging = replace(IMAGING, counts=600.0, noise=0.05, cutoff=0.34)
    whole = stored_counts(image, FIELD, imaging, np.random.default_rng(4))[FIELD.crop()].astype(float)
    assert whole[:6].std() > 1.3 * whole[-6:].std()
    volume = whole[10:18]
    peak = 0.5 * imaging.counts
    assert volume.mean() == pytest.approx(300.0, abs=3.0)
    assert volume.std() == pytest.approx(0.05 * peak * np.sqrt(0.35 + 300.0 / peak), rel=0.3)
    noise = volume - volume.mean()
    assert (noise[:, :, 1:] * noise[:, :, :-1]).mean() > 0.5 * noise.var()


def test_no_noise_is_the_image_itself() -> None:
    image = np.random.default_rng(1).uniform(0, 500, (25, 25, 25)).astype(np.float32)
    volume = stored_counts(image, FIELD, replace(IMAGING, noise=0.0), np.random.default_rng(0))
    assert np.abs(volume[FIELD.crop()] - image).max() <= 0.5 + 1e-3


def test_masked_field_is_an_ellipsoid_of_whole_positive_counts() -> None:
    image = np.full((25, 25, 25), 40.0, dtype=np.float32)
    volume = stored_whole(image, replace(FIELD, masked=True))
    assert volume.dtype == np.uint16
    assert volume.shape == FIELD.shape
    kept = (volume > 0).sum() / 25**3
    assert kept == pytest.approx(np.pi / 6 * (24 / 25) ** 3, abs=0.03)


def test_stored_numbers_are_cut_at_both_ends_and_not_wrapped_around() -> None:
    image = np.full((25, 25, 25), -3.0, dtype=np.float32)
    image[0, 0, 0] = 1e6
    volume = stored_whole(image, FIELD)[FIELD.crop()]
    assert volume[0, 0, 0] == 65535
    assert volume.sum() == 65535


def test_a_patient_who_moved_is_the_mean_of_both_places() -> None:
    image = np.zeros((20, 20, 20), dtype=np.float32)
    image[10, 10, 10] = 8.0
    assert moved_about(image, None) is image
    moved = moved_about(image, (0.25, np.array([2.0, 0.0, -1.0])))
    assert moved[10, 10, 10] == pytest.approx(6.0)
    assert moved[12, 10, 9] == pytest.approx(2.0)
    assert moved.sum() == pytest.approx(8.0)
