"""The cameras: what files call them, how near they come, how sharp they see."""

import numpy as np
import pytest

from myoperf.phantom import preset
from myoperf.phantom.camera import CAMERAS, VIRTUAL_CZT, VIRTUAL_SPECT, Camera


def test_presets_name_cameras_that_there_are() -> None:
    assert set(CAMERAS) == {preset.SPECT, preset.CZT}
    assert {model for one in preset.PRESETS.values() for model in one.cameras} <= set(CAMERAS)
    for model, camera in CAMERAS.items():
        assert camera.model == model


@pytest.mark.parametrize("camera", CAMERAS.values(), ids=list(CAMERAS))
def test_the_arc_is_that_of_the_heart_and_the_grid_holds_a_chest(camera: Camera) -> None:
    assert camera.orbit.start_deg == -45.0
    assert camera.orbit.arc_deg == 180.0
    assert camera.shape == (camera.rows, camera.bins, camera.bins)
    assert camera.bins * camera.pixel_mm > 400
    assert camera.rows * camera.pixel_mm > 200
    assert (camera.orbit.radii_mm < camera.bins * camera.pixel_mm).all()


def test_two_heads_at_a_right_angle_go_the_same_way() -> None:
    radii = VIRTUAL_SPECT.orbit.radii_mm
    half = len(radii) // 2
    assert (radii[:half] == radii[half:]).all()
    assert len(set(radii)) > 2
    assert np.argmin(radii[:half]) == half // 2


def test_the_cardiac_camera_is_sharper_nearer_and_has_fewer_views() -> None:
    near, far = VIRTUAL_CZT, VIRTUAL_SPECT
    assert near.orbit.views < far.orbit.views
    assert near.orbit.radii_mm.max() < far.orbit.radii_mm.min()
    assert near.collimator.fwhm_mm(150.0) < far.collimator.fwhm_mm(150.0)
