"""Random labels through the whole protocol, small: by patient nothing is found, by image far too much."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from myoperf.core.scorecard import Scorecard
from myoperf.io.files import write_text
from myoperf.recipe import RandomForest, Sklearn
from myoperf.report.scorecard_json import scorecard_json

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "validation"))

from permutation import FACES, RECIPE, Found, fixed_cohort, judged, many, permuted

LIGHT = replace(RECIPE, variants={}, usual=())
FOREST = replace(FACES, system=Sklearn(estimator=RandomForest(trees=10, smallest_leaf=1)))


@pytest.fixture(autouse=True)
def no_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw no report: that takes longest."""

    def only_json(card: Scorecard, folder: Path, **_: object) -> Path:
        return write_text(folder / "scorecard.json", scorecard_json(card))

    monkeypatch.setattr("myoperf.train.closing.write_scorecard", only_json)


def test_labels_are_dealt_among_patients(tmp_path: Path) -> None:
    cohort, maps = fixed_cohort(tmp_path, 10, 3, seed=0)
    dealt = permuted(cohort, np.random.default_rng(0))
    labels = {(row.patient_id, row.values["label_abnormal"]) for row in dealt.rows}
    assert (len(dealt.rows), len(maps), len(labels)) == (30, 30, 10)
    assert sum(int(str(label)) for _, label in labels) == 5
    assert permuted(cohort, np.random.default_rng(1)) != dealt


def test_nothing_is_found_by_patient_and_faces_by_image() -> None:
    size = {"permutations": 4, "jobs": 1, "seed": 0}
    honest = many(LIGHT, "3x1:0.4", patients=120, images=1, **size)
    assert len(honest) == 4
    # standard error of a mean of 4 AUCs of 48 patients is 0.042 each: four of them
    assert abs(np.mean([one.test for one in honest]) - 0.5) < 0.17
    faces = many(FOREST, "3x1:0.3,unit=image", patients=24, images=6, **size | {"permutations": 2})
    assert min(one.test for one in faces) > 0.9
    assert min(one.folds for one in faces) > 0.9


def test_a_mean_away_from_one_half_fails(capsys: pytest.CaptureFixture[str]) -> None:
    def found(value: float, covers: bool) -> list[Found]:
        return [
            Found(system="s", folds=value + k / 1000, test=0.5, folds_cover=covers, test_covers=True) for k in range(20)
        ]

    assert judged(found(0.49, covers=True))
    assert not judged(found(0.53, covers=True))
    assert not judged(found(0.49, covers=False))
    assert "FAIL" in capsys.readouterr().out
