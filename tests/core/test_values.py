"""The frozen values: what they refuse, what they fill in, and that nobody can change them."""

from dataclasses import FrozenInstanceError, fields, is_dataclass

import numpy as np
import pytest

from myoperf.core import findings, measures, polar, predictions, scorecard, segments, study
from myoperf.core.errors import RefusedError
from myoperf.core.measures import Measure, Measures
from myoperf.core.predictions import Predictions, is_number
from myoperf.core.progress import silent
from myoperf.core.study import Geometry, Series
from myoperf.core.terms import Correction, Sex, State, Territory, Tracer, View

MODULES = (findings, measures, polar, predictions, scorecard, segments, study)


def test_every_value_is_frozen_and_keyword_only() -> None:
    values = {v for m in MODULES for v in vars(m).values() if isinstance(v, type) and is_dataclass(v)}
    assert {"Study", "PolarMap", "Measures", "Predictions", "Findings", "Scorecard"} <= {v.__name__ for v in values}
    for value in values:
        assert value.__dataclass_params__.frozen, value  # type: ignore[attr-defined]
        assert all(f.kw_only for f in fields(value)), value


def test_terms_are_spelled_as_in_files() -> None:
    assert [str(t) for t in Tracer] == ["Tc-99m", "Tl-201"]
    assert [str(s) for s in State] == ["stress", "rest"]
    assert [str(s) for s in Sex] == ["F", "M"]
    assert [str(c) for c in Correction] == ["AC", "NC"]
    assert [str(t) for t in Territory] == ["LAD", "LCX", "RCA"]


def test_a_prediction_needs_patient_truth_and_score() -> None:
    with pytest.raises(RefusedError, match=r"truth and score must be there .*; got no score"):
        Predictions(columns={"patient_id": np.array(["a"]), "truth": np.array([1.0])})


def test_columns_of_unequal_length_are_refused() -> None:
    with pytest.raises(RefusedError, match=r"one length; got \[1, 2\]"):
        Predictions(
            columns={"patient_id": np.array(["a", "b"]), "truth": np.array([1.0, 0.0]), "score": np.array([0.3])}
        )


def test_missing_columns_have_one_meaning() -> None:
    table = Predictions(
        columns={"patient_id": np.array(["a", "b"]), "truth": np.array([1.0, 0.0]), "score": np.array([0.3, 0.2])}
    )
    assert len(table) == 2
    assert list(table["study_id"]) == ["a", "b"]
    assert list(table["split"]) == ["test", "test"]
    assert list(table["fold"]) == [0, 0]
    assert list(table["target"]) == ["target", "target"]
    with pytest.raises(KeyError, match="time_days"):
        table["time_days"]


def test_which_columns_of_predictions_hold_numbers() -> None:
    assert is_number("score")
    assert is_number("class_2")
    assert not is_number("patient_id")
    assert not is_number("classified_by")


def test_a_measure_is_found_by_name_and_missing_is_none() -> None:
    table = Measures(
        patient_id="P1",
        study_id="S1",
        tracer="Tc-99m",
        sex="F",
        normals="percent-of-maximum",
        numbers=(
            Measure(name="sss", value=4.0, unit="points", region="ventricle", method="percent of maximum"),
            Measure(name="stress_tpd", value=None, unit="%", region="ventricle", method="after Slomka 2005"),
        ),
    )
    assert table.value("sss") == 4.0
    assert table.value("stress_tpd") is None
    with pytest.raises(KeyError, match="ef"):
        table.value("ef")
    with pytest.raises(FrozenInstanceError):
        table.sex = "M"  # type: ignore[misc]


def test_a_series_loads_its_counts_only_when_asked() -> None:
    asked: list[str] = []

    def load() -> study.Volume:
        asked.append("loaded")
        return np.zeros((8, 3, 4, 5), dtype=np.float32)

    series = Series(
        source="a.dcm",
        view=View.SHORT_AXIS,
        geometry=Geometry(spacing_mm=(6.6, 6.6, 6.6), oriented=True),
        shape=(8, 3, 4, 5),
        load=load,
    )
    assert series.gates == 8
    assert asked == []
    assert series.load().shape == series.shape
    assert asked == ["loaded"]


def test_silence_tells_nobody(capsys: pytest.CaptureFixture[str]) -> None:
    silent("studies measured", 1, 2)
    assert capsys.readouterr().out == ""
