"""Masks of the ventricle against the anatomy that they are made of."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import ndimage

from myoperf.core.polar import RINGS, SECTORS
from myoperf.core.segments import segment_means
from myoperf.core.terms import Sex, State, Tracer
from myoperf.phantom.disease import segment_defect
from myoperf.phantom.heart import MUSCLE_G_PER_ML, to_voxels
from myoperf.phantom.masks import Mask
from myoperf.phantom.matrix import segment_patient
from myoperf.phantom.patients import STATES, Patient, expected_image
from myoperf.phantom.population import draw_normal
from myoperf.phantom.surface import wall_table
from myoperf.phantom.ventricle import ischaemic_mask, left_alone, ventricle_masks

NORMALS = [draw_normal(number, sex, Tracer.TC99M) for sex in Sex for number in range(4)]


def on_segments(patient: Patient, mask: Mask) -> np.ndarray:
    """Part of each segment's mid-wall that lies in a mask of the stress volume."""
    scan = patient.stress
    s, phi = wall_table(RINGS, SECTORS)
    place, _ = scan.anatomy.mid_wall.points(s, phi)
    voxels = to_voxels(scan.anatomy, place, scan.field.spacing_mm)
    found = ndimage.map_coordinates(mask.astype(np.float64), voxels, order=1)
    return segment_means(found, scan.anatomy.mid_wall.area(s, phi))


@pytest.mark.parametrize("patient", NORMALS, ids=lambda p: f"{p.sex}{p.number}")
def test_volume_and_mass_are_those_of_the_anatomy(patient: Patient) -> None:
    for state in STATES:
        masks, anatomy = ventricle_masks(patient, state), patient.scan(state).anatomy
        voxel_ml = np.prod(masks.spacing_mm) / 1000.0
        assert masks.cavity.sum() * voxel_ml == pytest.approx(anatomy.cavity_ml, rel=0.10)
        assert MUSCLE_G_PER_ML * masks.wall.sum() * voxel_ml == pytest.approx(anatomy.mass_g, rel=0.10)
        assert masks.wall.shape == patient.scan(state).field.shape
        assert not (masks.wall & masks.cavity).any()
        assert not masks.defect.any()


def test_wall_is_warmer_than_cavity_in_the_image() -> None:
    for patient in NORMALS[::3]:
        masks, crop = ventricle_masks(patient, State.STRESS), patient.stress.field.crop()
        image = expected_image(patient, State.STRESS)
        wall, cavity = image[masks.wall[crop]].mean(), image[masks.cavity[crop]].mean()
        assert wall > 1.15 * cavity
        assert masks.wall.sum() == masks.wall[crop].sum()


@pytest.mark.parametrize("segment", [1, 4, 8, 11, 13, 15, 17])
def test_a_defect_is_marked_in_its_segment(segment: int) -> None:
    patient = segment_patient(segment)
    masks = ventricle_masks(patient, State.STRESS)
    assert masks.defect.any()
    assert not (masks.defect & ~masks.wall).any()
    parts = on_segments(patient, masks.defect)
    assert np.argmax(parts) == segment - 1
    assert parts[segment - 1] > 0.5
    assert np.delete(parts, segment - 1).max() < 0.35
    assert not ventricle_masks(patient, State.REST).defect.any()


def test_what_is_ischaemic_is_what_rest_still_has() -> None:
    patient = segment_patient(10)
    masks = ventricle_masks(patient, State.STRESS)
    ischaemic = ischaemic_mask(patient, masks.wall)
    assert not (ischaemic & ~masks.wall).any()
    assert (ischaemic & masks.defect).sum() > 0.9 * masks.defect.sum()
    surface = patient.stress.anatomy.mid_wall
    fixed = replace(patient, defects=(segment_defect(10, surface, stress=0.8, rest=0.8),))
    assert not ischaemic_mask(fixed, ventricle_masks(fixed, State.STRESS).wall).any()
    assert ventricle_masks(fixed, State.REST).defect.any()


def test_a_faint_loss_is_no_defect() -> None:
    patient = segment_patient(10, severity=0.1)
    assert not ventricle_masks(patient, State.STRESS).defect.any()


def test_the_left_ventricle_alone_keeps_its_own_shape() -> None:
    whole = NORMALS[0].stress.anatomy
    alone = left_alone(whole, cavity=0.4)
    assert (alone.inner, alone.outer, alone.mid_wall) == (whole.inner, whole.outer, whole.mid_wall)
    assert alone.atria is None
    assert alone.right.uptake == 0.0
    assert alone.blood == 0.4
