"""Cohorts whose studies are told by pictures of polar maps: read once, kept by content, refused alone."""

from pathlib import Path

import numpy as np
import pytest
from made_cohort import a_map, small

from myoperf.core.errors import RefusedError
from myoperf.core.polar import PolarMap, weighted_percentile
from myoperf.core.progress import silent
from myoperf.core.terms import State, Tracer
from myoperf.io import polar_image
from myoperf.io.cache import cache_beside
from myoperf.io.cohort_table import Cohort, CohortRow
from myoperf.io.files import write_bytes
from myoperf.io.picture_file import png_bytes
from myoperf.phantom.layouts import LAYOUTS
from myoperf.phantom.limits import stored_limits
from myoperf.phantom.screenshot import Shown, screenshot
from myoperf.train.plan import measured_maps
from myoperf.train.polar_pictures import has_pictures, has_series, on_both, picture_maps
from myoperf.train.studies import choose


def row(name: str, *columns: str, folder: Path) -> CohortRow:
    files = {column: folder / f"{name}_{column}.png" for column in columns}
    stress = files.get("stress")
    return CohortRow(row=2, patient_id=name, study_id=f"{name}-1", stress=stress, files=files, source=f"row of {name}")


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, State | None, str]]:
    """What was read, by a reader that refuses whatever is called bad and gives 80 elsewhere but at the dark apex."""
    read: list[tuple[str, State | None, str]] = []

    def reader(path: Path, state: State | None = None, inside: str = "") -> PolarMap:
        read.append((path.name, state, inside))
        if "bad" in path.name:
            raise RefusedError(path, rule="a polar map", came="a chest radiograph", do="give another")
        flat = a_map(np.random.default_rng(0), State.STRESS, dark=False)
        values = np.full_like(flat.values, 80.0)
        values[:2] = 20
        return PolarMap(
            values=values,
            weight=flat.weight,
            ring_mm=flat.ring_mm,
            reference_counts=float("nan"),
            state=state,
            source="picture",
        )

    monkeypatch.setattr(polar_image, "read_polar_map", reader)
    return read


def test_rows_with_both_are_measured_and_that_is_said_once(tmp_path: Path) -> None:
    both, alone = row("A", "stress", "stress_polar", folder=tmp_path), row("B", "rest_polar", folder=tmp_path)
    assert has_series(both)
    assert has_pictures(both)
    assert not has_series(alone)
    told = on_both([both, both, alone])
    assert len(told) == 1
    assert told[0].startswith("2 studies name DICOM files and pictures")
    assert on_both([alone]) == ()


def test_a_refused_picture_costs_its_state_and_no_more(
    tmp_path: Path, readings: list[tuple[str, State | None, str]]
) -> None:
    good = row("good", "stress_polar", "rest_polar", folder=tmp_path)
    bad = row("bad", "stress_polar", folder=tmp_path)
    lost = row("lost", "stress_polar", folder=tmp_path)
    for one in (good, bad):
        for path in one.files.values():
            write_bytes(path, path.name.encode())
    cache = cache_beside(tmp_path / "cohort.csv")
    found = picture_maps([good, bad, lost], cache=cache, jobs=1, progress=silent)
    assert set(found.maps) == {"good-1"}
    assert set(found.maps["good-1"]) == {State.STRESS, State.REST}
    assert [line.split(":")[0] for line in found.refused] == ["row of bad, stress_polar", "row of lost, stress_polar"]
    values = found.maps["good-1"][State.STRESS].values
    assert values.max() == pytest.approx(100)
    assert values.min() == pytest.approx(25)
    count = len(readings)
    again = picture_maps([good], cache=cache, jobs=1, progress=silent)
    assert len(readings) == count
    np.testing.assert_array_equal(again.maps["good-1"][State.STRESS].values, values)
    write_bytes(good.files["stress_polar"], b"another picture")
    picture_maps([good], cache=cache, jobs=1, progress=silent)
    assert len(readings) == count + 1


def test_a_page_takes_the_place_of_dicom(tmp_path: Path) -> None:
    limits = stored_limits("fast")
    heart = next(value.mean for key, value in limits.items() if key[2] is State.STRESS)
    drawn = screenshot(Shown(maps={State.STRESS: heart, State.REST: heart}), LAYOUTS[0])
    page = write_bytes(tmp_path / "page.png", png_bytes(drawn.pixels))
    one = CohortRow(
        row=2,
        patient_id="P1",
        study_id="P1-1",
        tracer=Tracer.TC99M,
        values={"label_abnormal": 1},
        files={"stress_polar": page, "rest_polar": page},
        inside={"stress_polar": "stress", "rest_polar": "rest"},
    )
    cohort = Cohort(path=tmp_path / "cohort.csv", rows=(one,), columns=())
    found, refused = measured_maps(cohort, choose(small(), [one], labelled=True).studies, jobs=1, progress=silent)
    assert refused == ()
    was = heart / weighted_percentile(heart, found["P1-1"][State.REST].weight, 98) * 100
    for state in State:
        assert np.nanmean(np.abs(found["P1-1"][state].values - was)) < 3
