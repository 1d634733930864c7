import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from myoperf.core.errors import RefusedError
from myoperf.core.measures import Measures
from myoperf.core.study import Study
from myoperf.core.terms import Sex, State, Tracer
from myoperf.phantom.disease import segment_defect
from myoperf.phantom.patients import study
from myoperf.phantom.population import draw_normal
from myoperf.quant.batch import safe_name, write_maps
from myoperf.quant.maps import study_maps
from myoperf.quant.measure import PERCENT_OF_MAXIMUM, limits_key, measure_study
from myoperf.quant.normals import NormalLimits, build_limits
from myoperf.quant.table import COLUMNS, as_csv, as_json


@pytest.fixture(scope="module")
def normals() -> tuple[NormalLimits, ...]:
    """Limits of ten normal virtual men for both states."""
    studies = [study(draw_normal(n, Sex.MALE, Tracer.TC99M)) for n in range(10)]
    maps = [study_maps(s) for s in studies]
    keys = {series.state: limits_key(studies[0], series) for series in studies[0].series}
    return tuple(build_limits(keys[state], [m[state] for m in maps], source={"made": "phantom"}) for state in State)


def number(measures: Measures, name: str) -> float:
    value = measures.value(name)
    assert value is not None
    return value


def sick() -> Study:
    """A man with a large defect of the anterior wall that is worse under stress."""
    patient = draw_normal(41, Sex.MALE, Tracer.TC99M)
    surface = patient.stress.anatomy.mid_wall
    defects = tuple(segment_defect(number, surface, stress=0.7, rest=0.3) for number in (7, 8, 13))
    return study(replace(patient, defects=defects))


def test_every_column_of_the_contract_is_there_and_numbers_have_units(normals: tuple[NormalLimits, ...]) -> None:
    found = measure_study(sick(), normals=normals).measures
    assert number(found, "stress_tpd") > 3
    assert number(found, "sss") == sum(number(found, f"s{k:02d}") for k in range(1, 18))
    expected = sum(max(0, number(found, f"s{k:02d}") - number(found, f"r{k:02d}")) for k in range(1, 18))
    assert number(found, "sds") == expected
    assert number(found, "ischemic_tpd") == max(0, number(found, "stress_tpd") - number(found, "rest_tpd"))
    assert all(m.unit for m in found.numbers)
    (entry,) = json.loads(json.dumps(as_json([found])))
    assert set(entry) == set(COLUMNS)
    assert set(entry["stress_tpd"]) == {"value", "low", "high", "unit"}
    assert entry["tid"] is None
    assert any(w["code"] == "not_measured" and "tid" in w["text"] for w in entry["warnings"])


def test_without_limits_tpd_is_empty_and_scores_come_from_percent_of_maximum() -> None:
    found = measure_study(sick()).measures
    assert found.normals == PERCENT_OF_MAXIMUM
    assert found.value("stress_tpd") is None
    assert found.value("sss") is not None
    header, row = as_csv([found]).splitlines()
    cells = dict(zip(header.split(","), row.split(","), strict=False))
    assert cells["stress_tpd"] == ""
    assert cells["ef"] == ""


def test_a_normal_patient_has_little_deficit(normals: tuple[NormalLimits, ...]) -> None:
    found = measure_study(study(draw_normal(40, Sex.MALE, Tracer.TC99M)), normals=normals).measures
    assert number(found, "stress_tpd") < 5


def test_limits_of_another_tracer_are_not_used(normals: tuple[NormalLimits, ...]) -> None:
    thallium = study(draw_normal(41, Sex.MALE, Tracer.TL201))
    found = measure_study(thallium, normals=normals).measures
    assert found.value("stress_tpd") is None
    assert any(c.code == "no_limits" and "tracer Tc-99m" in c.text for c in found.warnings)


def test_rest_only_is_measured_and_said(normals: tuple[NormalLimits, ...]) -> None:
    whole = sick()
    rest = replace(whole, series=tuple(s for s in whole.series if s.state is State.REST))
    found = measure_study(rest, normals=normals)
    numbers = {m.name: m.value for m in found.measures.numbers}
    assert "stress_tpd" not in numbers
    assert numbers["rest_tpd"] is not None
    assert numbers["ischemic_tpd"] is None
    assert "got no stress" in found.refused[0]
    assert "\n" not in found.refused[0]


def test_a_study_with_nothing_to_measure_is_refused_in_one_line() -> None:
    empty = replace(sick(), series=())
    with pytest.raises(RefusedError, match="at least one series must be measurable") as caught:
        measure_study(empty)
    assert "\n" not in str(caught.value)


def test_an_empty_image_refuses_its_series_alone() -> None:
    whole = sick()
    blank = np.zeros(whole.series[0].shape, np.float32)
    broken = replace(whole, series=(replace(whole.series[0], load=lambda: blank), *whole.series[1:]))
    found = measure_study(broken)
    assert len(found.maps) == 1
    assert "no counts" in found.refused[0]


def test_maps_are_written_as_the_contract_says(tmp_path: Path) -> None:
    path = write_maps(tmp_path / "x.npz", study_maps(sick()))
    with np.load(path) as arrays:
        assert arrays["stress"].shape == arrays["rest"].shape == arrays["weight"].shape == (24, 36)
        assert arrays["weight"].sum() == pytest.approx(1)
        assert arrays["mm"].shape == (24,)


def test_file_names_of_ids_are_safe_and_never_shared() -> None:
    ids = ["a", "A b", "../../etc", "..", "CON:1", "x" * 300, "x" * 301, "a/b", "a\\b", "a\0b", "", "-r", "ü"]
    names = [safe_name(i) for i in ids]
    assert len(set(names)) == len(ids)
    assert all("/" not in n and "\\" not in n and "\0" not in n and not n.startswith((".", "-")) and n for n in names)
