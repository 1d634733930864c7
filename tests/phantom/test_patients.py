"""A record is all that a patient is: images follow from it, and each part of it shows where it should."""

from dataclasses import replace

import numpy as np
import pytest

from myoperf.core.segments import segment_means
from myoperf.core.study import Study
from myoperf.core.terms import Correction, Position, Sex, State, Tracer, View
from myoperf.phantom.acquisition import Image
from myoperf.phantom.body import LEFT_DOME
from myoperf.phantom.disease import segment_defect
from myoperf.phantom.motion import PatientMotion
from myoperf.phantom.patients import (
    PURPOSES,
    STATES,
    Patient,
    Variation,
    body_directions,
    expected_image,
    render,
    scan_stream,
    source,
    stream,
    study,
    wall_activity,
)
from myoperf.phantom.population import draw_normal
from myoperf.phantom.surface import wall_table
from myoperf.phantom.truth import true_map

S, PHI = wall_table(48, 72)


@pytest.fixture(scope="module")
def normal() -> Patient:
    found = draw_normal(3, Sex.MALE, Tracer.TC99M)
    still = {s.value: replace(found.scan(s), imaging=replace(found.scan(s).imaging, motion=None)) for s in STATES}
    return replace(found, plan=replace(found.plan, delay_h=168.0), **still)  # type: ignore[arg-type]


def segments(patient: Patient, image: Image | None = None) -> np.ndarray:
    whole = expected_image(patient, State.STRESS) if image is None else image
    seen = true_map(patient, State.STRESS, whole)
    return segment_means(seen.values, seen.weight)


def test_every_purpose_has_a_source_of_its_own(normal: Patient) -> None:
    first = [stream(normal, name).random() for name in PURPOSES]
    assert len(set(first)) == len(PURPOSES)
    assert stream(normal, "heart").random() == source(normal.seed, normal.number, "heart").random()
    assert source(1, 2, "heart").random() != source(2, 1, "heart").random()
    with pytest.raises(ValueError, match="not in tuple"):
        source(1, 2, "dinner")


def test_every_state_and_position_has_noise_of_its_own(normal: Patient) -> None:
    laid = [replace(normal, plan=replace(normal.plan, position=position)) for position in Position]
    assert len({scan_stream(p, state).random() for p in laid for state in STATES}) == len(Position) * len(STATES)


def test_what_a_patient_is_called_and_is(normal: Patient) -> None:
    assert replace(normal, number=7).patient_id == "V00007"
    assert (normal.sex, normal.tracer, normal.position) == (Sex.MALE, Tracer.TC99M, Position.SUPINE)
    assert normal.ed_volume_ml > normal.es_volume_ml > 0
    assert normal.scan(State.STRESS) is normal.stress
    assert normal.scan(State.REST) is normal.rest


def flat(patient: Patient) -> Patient:
    """The patient with an even wall."""
    even = Variation(waves=((0.0,),), apex=(0.0,) * len(patient.variation.apex), basal=0.0)
    scans = {
        s.value: replace(patient.scan(s), apex=(0.0,) * len(patient.scan(s).apex), septal_loss=0.0) for s in STATES
    }
    return replace(patient, variation=even, **scans)  # type: ignore[arg-type]


def wall(patient: Patient, state: State = State.STRESS) -> np.ndarray:
    return wall_activity(patient, state, patient.scan(state).anatomy.mid_wall)


def test_a_wall_without_variation_is_even_but_for_its_base(normal: Patient) -> None:
    even = flat(normal)
    assert wall(even) == pytest.approx(np.ones_like(S))
    basal = wall(replace(even, variation=replace(even.variation, basal=0.3)))
    assert (basal[S < 0.45] == 1).all()
    assert PHI[np.unravel_index(basal.argmin(), basal.shape)] == pytest.approx(180)
    assert basal.min() == pytest.approx(0.7, abs=0.02)


def test_the_apex_varies_alone_and_from_scan_to_scan(normal: Patient) -> None:
    even = flat(normal)
    along = (0.2, *even.stress.apex[1:])
    varied = wall(replace(even, stress=replace(even.stress, apex=along)))
    assert varied.max() > 1.03
    assert varied.min() < 0.97
    assert np.abs(varied[S > 0.5] - 1).max() < 1e-3
    assert varied == pytest.approx(wall(replace(even, variation=replace(even.variation, apex=along))))
    assert wall(replace(even, stress=replace(even.stress, apex=along)), State.REST) == pytest.approx(np.ones_like(S))
    assert normal.stress.apex != normal.rest.apex


def test_disease_and_a_blocked_bundle_weaken_the_wall_where_they_are(normal: Patient) -> None:
    surface = normal.stress.anatomy.mid_wall
    ill = replace(normal, defects=(segment_defect(10, surface, stress=0.6),))
    sound = wall_activity(normal, State.STRESS, surface)
    ratio = wall_activity(ill, State.STRESS, surface) / sound
    assert ratio.min() == pytest.approx(0.4, abs=0.01)
    assert PHI[np.unravel_index(ratio.argmin(), ratio.shape)] == pytest.approx(270, abs=20)
    assert wall_activity(ill, State.REST, surface) == pytest.approx(wall_activity(normal, State.REST, surface))
    blocked = replace(normal, stress=replace(normal.stress, septal_loss=0.4))
    ratio = wall_activity(blocked, State.STRESS, surface) / sound
    assert 120 < PHI[np.unravel_index(ratio.argmin(), ratio.shape)] < 240
    assert ratio.max() == pytest.approx(1.0)


def test_images_show_what_the_record_says(normal: Patient) -> None:
    before = segments(normal)
    for number in (7, 10, 12):
        defect = segment_defect(number, normal.stress.anatomy.mid_wall, stress=0.7)
        after = segments(replace(normal, defects=(defect,)))
        assert np.argmin(after / before) == number - 1
        assert after[number - 1] < 0.75 * before[number - 1]


def test_images_follow_from_the_record(normal: Patient) -> None:
    first, again = render(normal, State.STRESS), render(normal, State.STRESS)
    assert (first == again).all()
    assert (render(normal, State.STRESS, expected_image(normal, State.STRESS)) == first).all()
    assert not np.array_equal(first, render(normal, State.REST))
    assert first.dtype == np.uint16
    assert first.shape == normal.stress.field.shape
    outside = np.ones(first.shape, dtype=bool)
    outside[normal.stress.field.crop()] = False
    assert not first[outside].any()
    expected = expected_image(normal, State.STRESS)
    inside = first[normal.stress.field.crop()]
    kept = normal.stress.field.kept()
    assert not inside[~kept].any()
    assert np.corrcoef(inside[kept], expected[kept])[0, 1] > 0.9


def test_directions_in_the_body_are_those_of_a_heart() -> None:
    for number in range(6):
        scan = draw_normal(number, Sex.FEMALE, Tracer.TC99M).stress
        along, down, right = directions = body_directions(scan)
        assert directions @ directions.T == pytest.approx(np.eye(3), abs=1e-12)
        assert -along[0] > 0
        assert along[1] > 0
        assert right[0] > 0
        assert down[2] < 0
        assert np.dot(np.cross(right, down), along) == pytest.approx(1.0)


def test_another_position_moves_the_body_and_not_the_heart(normal: Patient) -> None:
    prone = replace(normal, plan=replace(normal.plan, position=Position.PRONE))
    before, after = (p.torso(State.STRESS).find(LEFT_DOME) for p in (normal, prone))
    assert before is not None
    assert after is not None
    assert after.centre[2] < before.centre[2]
    inferior, anterior = 9, 6
    ratio = segments(prone) / segments(normal)
    assert ratio[inferior] > ratio[anterior]


def test_a_step_on_the_table_smears_the_image_along_its_way(normal: Patient) -> None:
    shift = 20.0 * body_directions(normal.stress)[1]
    motion = PatientMotion(from_view=normal.camera.orbit.views // 2, shift_mm=(shift[0], shift[1], shift[2]))
    moved = replace(normal, stress=replace(normal.stress, imaging=replace(normal.stress.imaging, motion=motion)))
    images = [expected_image(p, State.STRESS).astype(float) for p in (normal, moved)]
    rows = np.arange(images[0].shape[1])
    places = []
    for image in images:
        profile = np.clip(image - 0.2 * image.max(), 0, None).sum(axis=(0, 2))
        places.append((profile * rows).sum() / profile.sum())
    assert places[1] - places[0] == pytest.approx(10.0 / 6.6, abs=0.6)
    late = replace(motion, from_view=normal.camera.orbit.views - 1)
    least = replace(normal, stress=replace(normal.stress, imaging=replace(normal.stress.imaging, motion=late)))
    assert np.abs(expected_image(least, State.STRESS) - images[0]).max() < 0.1 * images[0].max()


def test_study_in_memory_loads_on_demand(normal: Patient) -> None:
    made = study(normal)
    assert isinstance(made, Study)
    assert [s.state for s in made.series] == list(STATES)
    for series in made.series:
        assert series.state is not None
        assert series.view is View.SHORT_AXIS
        assert series.geometry.oriented
        assert series.correction is Correction.NC
        assert (series.tracer, series.sex, series.position) == (normal.tracer, normal.sex, normal.position)
        assert series.load().shape == series.shape
        assert (series.load()[0] == render(normal, series.state)).all()
