"""A study of another tracer, of none, or of two is refused in one line; an external cohort goes all the way."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest
from made_cohort import SAMARAS, VALUES, Made, make
from unlike_systems import TPD_RULE

from myoperf.core.errors import RefusedError
from myoperf.core.terms import Tracer
from myoperf.evaluate import evaluate
from myoperf.io.cohort_table import CohortRow
from myoperf.recipe import Recipe, variant
from myoperf.train import predict, train
from myoperf.train.studies import choose
from myoperf.train.told_tracer import require_tracer


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make(tmp_path_factory.mktemp("made"), 64)


def row(tracer: Tracer | None = Tracer.TC99M, **values: object) -> CohortRow:
    return CohortRow(row=2, patient_id="P1", study_id="P1-1", tracer=tracer, values=values, source="made.csv row 2")


@pytest.mark.parametrize(
    ("study", "came"),
    [
        (row(None), "knows Tc-99m and Tl-201; got no tracer"),
        (row(stress_tracer="Tc-99m", rest_tracer="Tl-201"), "got stress Tc-99m and rest Tl-201"),
        (row(Tracer.TL201, stress_tracer="Tl-201", rest_tracer="Tc-99m"), "got stress Tl-201 and rest Tc-99m"),
        (row(Tracer.TC99M, stress_tracer="Tl-201"), "got the study Tc-99m and stress Tl-201"),
    ],
)
def test_a_study_that_is_not_of_one_known_tracer_is_refused(study: CohortRow, came: str) -> None:
    with pytest.raises(RefusedError, match=came) as told:
        require_tracer(SAMARAS, study)
    assert "\n" not in str(told.value)
    assert str(told.value).startswith("made.csv row 2")
    (line,) = choose(SAMARAS, [study], labelled=False).refused
    assert came in line


def test_a_study_of_one_tracer_is_taken() -> None:
    require_tracer(SAMARAS, row(stress_tracer="Tc-99m", rest_tracer="Tc-99m"))
    require_tracer(SAMARAS, row(stress_tracer=None, rest_tracer=None))
    anybody = replace(TPD_RULE, targets=tuple(replace(target, tracer=None) for target in TPD_RULE.targets))
    require_tracer(anybody, row(None))


def test_a_head_that_was_never_trained_does_not_answer(made: Made, tmp_path: Path) -> None:
    run = train(VALUES, made.cohort, maps=made.maps, out=tmp_path / "run", where="tracer == 'Tc-99m'", jobs=1)
    path = predict(run, made.cohort, maps=made.maps, out=tmp_path / "out", jobs=1)
    with path.open(encoding="utf-8") as table:
        assert {line["target"] for line in csv.DictReader(table)} == {"abnormal"}
    refused = (tmp_path / "out" / "refused.txt").read_text(encoding="utf-8").splitlines()
    assert len(refused) == 32
    assert all("this run was trained on Tc-99m; got Tl-201" in line for line in refused)


def test_an_external_cohort_is_predicted_and_judged_by_itself(made: Made, tmp_path: Path) -> None:
    run = train(two_inputs(), made.cohort, maps=made.maps, out=tmp_path / "run", variant="pair", jobs=1)
    other = make(tmp_path, 64, seed=7)
    path = predict(run, other.cohort, maps=other.maps, out=tmp_path / "out", jobs=1)
    card = evaluate(path, bootstrap=0)
    assert card.published == ()
    assert card.split == "test"
    assert len(card.targets) == 4
    tested = {str(found["metric"]): found for found in card.comparisons}
    assert tested["auc_difference_between_targets"]["n"] == 64
    assert tested["auc_difference"]["p_holm"] is not None


def two_inputs() -> Recipe:
    """Stress and rest of segment values, as one group."""
    rest = {"views.0.states": variant(SAMARAS, "rest").views[0].states}  # type: ignore[union-attr]  # a view of maps
    return replace(VALUES, variants={"rest": rest}, groups={"pair": (VALUES.main, "rest")})
