"""State, tracer, view, position and correction: codes first, text second, contradictions told."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from pydicom import Dataset

from myoperf.core.errors import RefusedError
from myoperf.core.terms import Correction, Position, Sex, State, Tracer, View
from myoperf.io.nm import NMObject, read_series
from myoperf.io.nm_codes import CORRECTION_WORDS, STATE_WORDS, TRACER_WORDS, VIEW_WORDS
from myoperf.io.nm_recognise import by_words

Edited = Callable[..., Path]


@pytest.fixture
def silent(heart: NMObject) -> NMObject:
    """A heart of which nothing is told in codes."""
    return replace(heart, state=None, tracer=None, position=None, correction=None, description="x")


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("Stress [Recon FBP - NoAC ]", State.STRESS),
        ("Str_G_SAX", State.STRESS),
        ("SGATEGate", State.STRESS),
        ("STRESSGATED", State.STRESS),
        ("Belastung", State.STRESS),
        ("RestGated SA", State.REST),
        ("RST-SA", State.REST),
        ("RGATE", State.REST),
        ("REDISTRIBUTION 4h", State.REST),
        ("esfuerzo", State.STRESS),
        ("reposo", State.REST),
        ("Stress/Rest MPI", None),
        ("restricted view", None),
        ("interest", None),
        ("Series 2", None),
    ],
)
def test_state_in_words(text: str, state: State | None) -> None:
    assert by_words("state", [("text", text)], STATE_WORDS).value is state


@pytest.mark.parametrize(
    ("text", "view"),
    [
        ("SA [Recon - AC]", View.SHORT_AXIS),
        ("STRESS_SAX", View.SHORT_AXIS),
        ("Short Axis", View.SHORT_AXIS),
        ("VLA", View.VERTICAL_LONG_AXIS),
        ("Horiz Long Axis", View.HORIZONTAL_LONG_AXIS),
        ("Transaxials", View.TRANSVERSE),
        ("SA VLA HLA", None),
        ("saline", None),
    ],
)
def test_view_in_words(text: str, view: View | None) -> None:
    assert by_words("view", [("text", text)], VIEW_WORDS).value is view


@pytest.mark.parametrize(
    ("text", "correction"),
    [
        ("Recon FBP - Non AC", Correction.NC),
        ("NoAC", Correction.NC),
        ("IRNC_STRESS", Correction.NC),
        ("NAC", Correction.NC),
        ("uncorrected", Correction.NC),
        ("Recon - AC", Correction.AC),
        ("CTAC", Correction.AC),
        ("IRAC", Correction.AC),
        ("attenuation corrected", Correction.AC),
        ("acquisition", None),
    ],
)
def test_correction_in_words(edited: Edited, silent: NMObject, text: str, correction: Correction | None) -> None:
    def edit(dataset: Dataset) -> None:
        dataset.SeriesDescription = text
        del dataset.CorrectedImage

    assert read_series(edited(edit, silent)).correction is correction
    assert len(CORRECTION_WORDS) == 2


@pytest.mark.parametrize(
    ("text", "tracer"),
    [
        ("Tc99m MIBI", Tracer.TC99M),
        ("^99m^Technetium", Tracer.TC99M),
        ("sestamibi", Tracer.TC99M),
        ("Tl-201", Tracer.TL201),
        ("Thallous chloride", Tracer.TL201),
        ("Tl rest Tc stress", None),
        ("title", None),
    ],
)
def test_tracer_in_words(text: str, tracer: Tracer | None) -> None:
    assert by_words("tracer", [("text", text)], TRACER_WORDS).value is tracer


def test_nothing_told_is_unknown_and_said_so(edited: Edited, silent: NMObject) -> None:
    series = read_series(edited(lambda ds: ds, silent))
    assert (series.state, series.tracer, series.position) == (None, None, None)
    assert any("tracer is told by no" in w for w in series.warnings)


def test_both_tracers_and_states_from_codes(edited: Edited, heart: NMObject) -> None:
    for state in State:
        for tracer in Tracer:
            series = read_series(edited(lambda ds: ds, replace(heart, state=state, tracer=tracer)))
            assert (series.state, series.tracer) == (state, tracer)


@pytest.mark.parametrize(
    ("low", "high", "tracer"), [("126", "154", Tracer.TC99M), ("69", "83", Tracer.TL201), ("130", "142", Tracer.TC99M)]
)
def test_tracer_from_the_energy_window_alone(
    edited: Edited, silent: NMObject, low: str, high: str, tracer: Tracer
) -> None:
    def edit(dataset: Dataset) -> None:
        limits = Dataset()
        limits.EnergyWindowLowerLimit, limits.EnergyWindowUpperLimit = low, high
        dataset.EnergyWindowInformationSequence[0].EnergyWindowRangeSequence = [limits]

    assert read_series(edited(edit, silent)).tracer is tracer


def _nuclide(value: str, meaning: str) -> Callable[[Dataset], None]:
    def edit(dataset: Dataset) -> None:
        code = dataset.RadiopharmaceuticalInformationSequence[0].RadionuclideCodeSequence[0]
        code.CodeValue, code.CodeMeaning = value, meaning

    return edit


def _drug(name: str) -> Callable[[Dataset], None]:
    def edit(dataset: Dataset) -> None:
        dataset.RadiopharmaceuticalInformationSequence[0].Radiopharmaceutical = name

    return edit


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        (_nuclide("C-138A9", "^201^Thallium"), "tracer and energy window agree"),
        (_nuclide("C-114B1", "^123^Iodine"), "is Tc-99m or Tl-201"),
        (_drug("Tc-99m PYP"), "shows perfusion"),
        (_drug("MDP"), "shows perfusion"),
    ],
)
def test_a_wrong_tracer_is_refused(edited: Edited, edit: Callable[[Dataset], None], reason: str) -> None:
    with pytest.raises(RefusedError, match=reason):
        read_series(edited(edit))


def test_a_state_that_code_and_text_tell_differently_is_unknown(edited: Edited) -> None:
    def edit(dataset: Dataset) -> None:
        dataset.SeriesDescription = "Rest SA"

    series = read_series(edited(edit))
    assert series.state is None
    assert any(w.startswith("state:") for w in series.warnings)


def test_position_from_codes_letters_and_words(edited: Edited, heart: NMObject, silent: NMObject) -> None:
    for position in Position:
        assert read_series(edited(lambda ds: ds, replace(heart, position=position))).position is position

    def letters(dataset: Dataset) -> None:
        dataset.PatientPosition = "FFP"

    def words(dataset: Dataset) -> None:
        dataset.SeriesDescription = "Upright"

    assert read_series(edited(letters, silent)).position is Position.PRONE
    assert read_series(edited(words, silent)).position is Position.UPRIGHT


def test_correction_from_corrected_image(edited: Edited, heart: NMObject) -> None:
    def attn(dataset: Dataset) -> None:
        dataset.CorrectedImage, dataset.SeriesDescription = ["UNIF", "ATTN"], "x"

    def others(dataset: Dataset) -> None:
        dataset.SeriesDescription = "x"

    assert read_series(edited(attn)).correction is Correction.AC
    assert read_series(edited(others)).correction is Correction.NC


def test_an_other_sex_is_unknown_with_a_warning(edited: Edited, heart: NMObject) -> None:
    def other(dataset: Dataset) -> None:
        dataset.PatientSex = "O"

    assert read_series(edited(lambda ds: ds, replace(heart, sex=Sex.MALE))).sex is Sex.MALE
    series = read_series(edited(other))
    assert series.sex is None
    assert any("Sex is O" in w for w in series.warnings)


@pytest.mark.parametrize(
    ("part", "accepted"), [("BRAIN", False), ("WHOLE BODY", False), ("HEART", True), ("CHEST ABDOMEN", True)]
)
def test_a_named_body_part_must_be_the_heart(edited: Edited, part: str, accepted: bool) -> None:
    def edit(dataset: Dataset) -> None:
        dataset.BodyPartExamined = part

    if accepted:
        read_series(edited(edit))
    else:
        with pytest.raises(RefusedError, match="BodyPartExamined"):
            read_series(edited(edit))


@pytest.mark.parametrize("modality", ["CT", "PT", "MR"])
def test_an_nm_object_that_calls_itself_another_modality_is_refused(edited: Edited, modality: str) -> None:
    def edit(dataset: Dataset) -> None:
        dataset.Modality = modality

    with pytest.raises(RefusedError, match=f"Modality .*is NM; got {modality}"):
        read_series(edited(edit))


def test_coronal_sections_are_refused(edited: Edited) -> None:
    def edit(dataset: Dataset) -> None:
        code = dataset.DetectorInformationSequence[0].ViewCodeSequence[0]
        code.CodeValue, code.CodeMeaning = "81654009", "Coronal"

    with pytest.raises(RefusedError, match="coronal"):
        read_series(edited(edit))
