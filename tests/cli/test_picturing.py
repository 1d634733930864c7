"""The verbs of pictures, on one virtual patient."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from myoperf.cli import main
from myoperf.core.terms import State
from myoperf.io.cohort import read_cohort
from myoperf.io.labelme import annotation_of, read, write
from myoperf.io.picture_file import read_picture
from myoperf.io.picture_stack import Cell, read_stack
from myoperf.io.tomogram import ventricle_centre, write_labels
from myoperf.phantom.clinic import make_cohort
from myoperf.phantom.preset import Output


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("cohort")
    kinds = [Output.SHORT_AXIS, Output.SCREENSHOTS]
    return make_cohort(out, preset="miller2023", patients=1, tracers=(1, 0), physics="fast", outputs=kinds, jobs=1)


def test_slices_of_a_cohort_are_centred_and_hold_nothing_else(cohort: Path, tmp_path: Path) -> None:
    assert main(["pictures", "slices", str(cohort), "-o", str(tmp_path), "--size", "128", "--quiet"]) == 0
    (row,) = read_cohort(cohort).rows
    folder = tmp_path / row.study_id
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as stream:
        told = list(csv.DictReader(stream))
    assert {(one["state"], one["view"]) for one in told} == {
        (state, view) for state in State for view in ("SA", "HLA", "VLA")
    }
    assert {one["label"] for one in told} == {""}
    stack = read_stack(Cell(path=folder))
    assert stack.images.shape == (len(told), 128, 128, 3)
    middle = [one["image"] for one in told if one["view"] == "SA" and one["slice"] == "7"]
    for name in middle:
        found = ventricle_centre(stack.images[stack.names.index(name)])
        assert found is not None
        assert np.hypot(found[0] - 64, found[1] - 64) < 12  # 15 mm
    data = (folder / told[0]["image"]).read_bytes()
    assert [name for name in (b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"iCCP", b"tIME") if name in data] == []


def test_bare_dicom_is_numbered_and_grey_if_asked(
    cohort: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (row,) = read_cohort(cohort).rows
    words = ["pictures", "slices", str(cohort.parent / "dicom"), "-o", str(tmp_path), "--size", "32", "--scale", "grey"]
    main([*words, "--quiet", "--json"])
    made = json.loads(capsys.readouterr().out)
    assert made["made"][0]["name"] == "S0001"
    names = [path.name for path in tmp_path.rglob("*")]
    assert not any(row.patient_id in name for name in names)
    with Image.open(next(tmp_path.rglob("*.png"))) as image:
        assert (image.mode, image.size, image.info) == ("L", (32, 32), {})


def test_polar_maps_from_dicom_and_screenshots(cohort: Path, tmp_path: Path) -> None:
    assert main(["pictures", "polar", str(cohort), "-o", str(tmp_path), "--quiet"]) == 0
    (row,) = read_cohort(cohort).rows
    for state in State:
        assert read_picture(tmp_path / f"{row.study_id}_{state}.png").shape == (224, 224, 3)
    with np.load(tmp_path / f"{row.study_id}.npz") as maps:
        assert sorted(maps.files) == ["rest", "stress"]
        truth = maps["stress"]
    assert truth.shape == (24, 36)
    discs = cohort.parent / "polar"
    code = main(["pictures", "polar", str(discs), "-o", str(tmp_path / "read"), "--quiet"])
    assert code in (0, 2, 3)
    if code != 2:
        with (tmp_path / "read" / "polar.csv").open(encoding="utf-8", newline="") as stream:
            told = list(csv.DictReader(stream))
        assert all(float(one["residual_percent"]) < 5 for one in told)


def test_outlines_to_masks_and_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    marked = {"wall": np.zeros((30, 40), dtype=bool), "scar": np.zeros((30, 40), dtype=bool)}
    marked["wall"][5:20, 6:30] = True
    marked["scar"][8:12, 8:12] = True
    there = tmp_path / "outlined" / "P1"
    there.mkdir(parents=True)
    Image.new("L", (40, 30)).save(there / "a.png")
    write(there / "a.json", annotation_of(marked, "a.png"))
    (there / "other.json").write_text("{}", encoding="utf-8")
    words = ["pictures", "masks", str(tmp_path / "outlined"), "-o", str(tmp_path / "masks"), "--quiet"]
    assert main([*words, "--label", "wall", "--label", "scar"]) == 0
    mask = np.asarray(Image.open(tmp_path / "masks" / "P1" / "a.png"))
    assert np.array_equal(mask, np.where(marked["scar"], 2, marked["wall"].astype(int)))
    assert (tmp_path / "masks" / "classes.csv").read_text(encoding="utf-8") == "class,label\n1,wall\n2,scar\n"
    words = ["pictures", "masks", str(tmp_path / "masks"), "-o", str(tmp_path / "back"), "--quiet", "--outlines"]
    assert main([*words, "--label", "wall", "--label", "scar"]) == 0
    back = read(tmp_path / "back" / "P1" / "a.json")
    assert {shape.label for shape in back.shapes} == {"wall", "scar"}
    (there / "b.json").write_text('{"shapes": 3}', encoding="utf-8")
    assert main(["pictures", "masks", str(tmp_path / "outlined"), "-o", str(tmp_path / "again"), "--quiet"]) == 3
    assert "b.json" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ["slices", "DIR"],
        ["polar", "DIR"],
        ["masks", "DIR"],
        ["slices", "DIR", "-o", "OUT"],
        ["polar", "DIR", "-o", "OUT"],
        ["masks", "DIR", "-o", "OUT"],
        ["masks", "DIR", "-o", "OUT", "--outlines"],
        ["polar", "DIR", "-o", "OUT", "--scale", "rainbow"],
    ],
)
def test_what_cannot_be_done_costs_one_line(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "DIR").mkdir()
    given = [str(tmp_path / word) if word in ("DIR", "OUT") else word for word in words]
    assert main(["pictures", *given, "--quiet"]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


def picture(path: Path, grey: int = 100) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (16, 12), (grey, 0, 0)).save(path)


def test_a_folder_a_patient_becomes_a_cohort(tmp_path: Path) -> None:
    for who, answers in (("P1", [0, 1]), ("P2", [0, 0])):
        for number in range(2):
            picture(tmp_path / "data" / who / f"{number}.png")
        write_labels(tmp_path / "data" / who / "labels.csv", ["0.png", "1.png"], {"label": answers})
    out = tmp_path / "cohort.csv"
    assert main(["cohort", "build", str(tmp_path / "data"), "-o", str(out), "--quiet"]) == 0
    rows = read_cohort(out).rows
    assert [(row.patient_id, row.values["label_ischaemia"]) for row in rows] == [("P1", 1), ("P2", 0)]
    stack = read_stack(Cell(path=rows[0].files["slices"]))
    assert stack.labels["ischaemia"].tolist() == [0, 1]


def test_a_table_of_rest_and_stress_becomes_a_cohort(tmp_path: Path) -> None:
    lines = ["Patient ID,Rest path,Stress path,Label,Sex"]
    for number, label in enumerate(("normal", "ischaemia")):
        picture(tmp_path / f"r/{number}.png")
        picture(tmp_path / f"s/{number}.png")
        lines.append(f"P{number},r/{number}.png,s\\{number}.png,{label},F")
    lines += ["P9,../x.png,s/0.png,normal,M"]
    (tmp_path / "list.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    out = tmp_path / "cohort.csv"
    assert main(["cohort", "build", str(tmp_path), "-o", str(out), "--quiet"]) == 3
    rows = read_cohort(out).rows
    assert [row.values["label_triad"] for row in rows] == ["normal", "ischaemia"]
    assert rows[1].files["stress_polar"] == (tmp_path / "s/1.png").absolute()
    assert str(rows[0].sex) == "F"


def test_an_index_of_images_and_patients_becomes_a_cohort(tmp_path: Path) -> None:
    for number in range(3):
        picture(tmp_path / f"{number}.png", number)
    text = "image,patient_id,label\n0.png,A,1\n1.png,A,0\n2.png,B,0\n"
    (tmp_path / "index.csv").write_text(text, encoding="utf-8")
    out = tmp_path / "cohort.csv"
    assert main(["cohort", "build", str(tmp_path), "-o", str(out), "--quiet"]) == 0
    first, second = read_cohort(out).rows
    assert (first.inside["slices"], second.values["label_ischaemia"]) == ("A", 0)
    assert read_stack(Cell(path=first.files["slices"], inside=first.inside["slices"])).names == ("0.png", "1.png")


def test_pictures_that_nobody_tells_apart_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture(tmp_path / "a.png")
    assert main(["cohort", "build", str(tmp_path), "-o", str(tmp_path / "cohort.csv"), "--quiet"]) == 2
    assert "told apart by patient" in capsys.readouterr().err
