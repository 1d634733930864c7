from pathlib import Path

import numpy as np

from myoperf.core.measures import Caution, Measure, Measures
from myoperf.core.terms import RESEARCH_USE, State
from myoperf.report.quantify_page import FIRST, write_measures_page


def study(name: str, **values: float | None) -> Measures:
    numbers = tuple(Measure(name=n, value=v, unit="%", region="ventricle", method="m") for n, v in values.items())
    return Measures(
        patient_id=name,
        study_id=name,
        tracer="Tc-99m",
        sex="F",
        normals="percent-of-maximum",
        numbers=numbers,
        warnings=(Caution(code="no-limits", text="no normal limits <fit>"),),
    )


def test_a_page_of_measures(tmp_path: Path) -> None:
    rows = [study("<b>A</b>", stress_tpd=12.34, sss=7, tid=None, us01=81.2), study("B", stress_tpd=None, sss=0)]
    maps = {"<b>A</b>": {State.STRESS: np.full((24, 36), 80.0)}}
    path = write_measures_page(tmp_path / "m.html", rows, maps=maps, refused=("C: no heart",))
    text = path.read_text(encoding="utf-8")
    assert "<b>A</b>" not in text
    assert "&lt;b&gt;A&lt;/b&gt;" in text
    assert text.count("data:image/png;base64,") == 1
    assert RESEARCH_USE in text
    assert "12.3" in text
    assert "no normal limits &lt;fit&gt;" in text
    assert "refused: C: no heart" in text
    assert "TID" not in text.replace("TID: ", "")
    assert "<script" not in text


def test_only_the_first_maps_are_drawn(tmp_path: Path) -> None:
    rows = [study(f"S{k}", sss=k) for k in range(FIRST + 2)]
    maps = {row.study_id: {State.REST: np.full((24, 36), 80.0)} for row in rows}
    text = write_measures_page(tmp_path / "m.html", rows, maps=maps).read_text(encoding="utf-8")
    assert text.count("<figure") == FIRST
    assert f"of the first {FIRST}" in text
