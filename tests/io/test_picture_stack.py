"""Pictures of a study from whatever a cell names: folders, indexes, single files, arrays, DICOM."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pydicom import dcmread

from myoperf.core.errors import RefusedError
from myoperf.core.terms import State, Tracer
from myoperf.io.labelme import annotation_of, write
from myoperf.io.nm_object import PHOTOPEAKS, NMObject, ProjectionObject
from myoperf.io.nm_write import write_series
from myoperf.io.nm_write_scan import write_projections
from myoperf.io.picture_marks import Reading
from myoperf.io.picture_stack import Cell, Square, read_stack
from myoperf.io.tomogram import write_labels

ROWS, COLUMNS = 20, 24


def picture(
    path: Path, seed: int, *, grey: bool = False, size: tuple[int, int] = (ROWS, COLUMNS)
) -> np.ndarray[Any, Any]:
    pixels = np.random.default_rng(seed).integers(0, 256, (*size, 3), dtype=np.uint8)
    if grey:
        pixels[:] = pixels[..., :1]
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    return pixels


def spot(row: int) -> np.ndarray[Any, Any]:
    mask = np.zeros((ROWS, COLUMNS), dtype=bool)
    mask[row : row + 4, 5:9] = True
    return mask


@pytest.fixture
def patient(tmp_path: Path) -> Path:
    """A patient's folder: three pictures, two of them outlined, answers in a table."""
    folder = tmp_path / "P1"
    for number in range(3):
        picture(folder / f"{number}.png", number)
    write(folder / "0.json", annotation_of({"ischaemia": spot(3)}, "0.png"))
    write(folder / "1.json", annotation_of({"Normal": spot(9)}, "1.png"))
    write_labels(folder / "labels.csv", ["0.png", "2"], {"label": [1, 0], "scar": [0, 1], "view": ["SA", "HLA"]})
    return folder


def test_a_folder_with_outlines_and_answers(patient: Path) -> None:
    found = read_stack(Cell(path=patient))
    assert found.names == ("0.png", "1.png", "2.png")
    assert found.images.shape == (3, ROWS, COLUMNS, 3)
    assert found.images.dtype == np.uint8
    assert found.masks is not None
    assert found.marked is not None
    assert np.array_equal(found.masks[0], spot(3))
    assert not found.masks[1:].any()
    assert found.marked.tolist() == [True, True, False]
    # the table tells of 0 and 2; of 1 its outlines do, which hold nothing but normal
    assert {key: values.tolist() for key, values in found.labels.items() if key == "ischaemia"} == {
        "ischaemia": [1, 0, 0]
    }
    assert np.array_equal(found.labels["scar"], [0, np.nan, 1], equal_nan=True)


def test_which_labels_are_normal_is_the_readers_choice(patient: Path) -> None:
    found = read_stack(Cell(path=patient), reading=Reading(normal_labels=("ischaemia",), question="wall"))
    assert found.masks is not None
    assert not found.masks[0].any()
    assert np.array_equal(found.masks[1], spot(9))
    assert found.labels["wall"].tolist() == [1, 1, 0]


def test_an_index_names_pictures_below_itself(patient: Path) -> None:
    index = patient.parent / "index.csv"
    text = "image,study_id,ischaemia,pixel_mm\nP1/2.png,A,1,0.5\nP1/0.png,A,,0.5\nP1/1.png,B,0,0.5\n"
    index.write_text(text, encoding="utf-8")
    found = read_stack(Cell(path=index))
    assert found.names == ("P1/2.png", "P1/0.png", "P1/1.png")
    assert found.labels["ischaemia"].tolist() == [1, 1, 0]
    assert found.spacing_mm == (0.5, 0.5)
    assert read_stack(Cell(path=index, inside="A")).names == ("P1/2.png", "P1/0.png")
    with pytest.raises(RefusedError, match="rows of 'C'"):
        read_stack(Cell(path=index, inside="C"))
    for name in ("../x.png", "/etc/hostname", "P1/9.png", "P1\\..\\..\\x.png"):
        index.write_text(f"image,label\n{name},1\n", encoding="utf-8")
        with pytest.raises(RefusedError, match="lies in the folder"):
            read_stack(Cell(path=index))


def test_masks_of_their_own_stand_before_outlines(patient: Path) -> None:
    masks = patient.parent / "masks"
    masks.mkdir()
    Image.fromarray(spot(12).astype(np.uint8) * 255).save(masks / "1.png")
    np.save(masks / "2.npy", spot(13).astype(np.uint8) * 3)
    found = read_stack(Cell(path=patient), Cell(path=masks))
    assert found.masks is not None
    assert found.marked is not None
    assert found.marked.tolist() == [False, True, True]
    assert np.array_equal(found.masks[1], spot(12))
    assert np.array_equal(found.masks[2], spot(13) * 3)
    np.savez(patient.parent / "all.npz", heart=np.stack([spot(k) for k in (1, 2, 3)]))
    found = read_stack(Cell(path=patient), Cell(path=patient.parent / "all.npz", inside="heart"))
    assert found.masks is not None
    assert np.array_equal(found.masks[2], spot(3))
    np.save(masks / "9.npy", spot(1))
    with pytest.raises(RefusedError, match="stem of a picture"):
        read_stack(Cell(path=patient), Cell(path=masks))
    single = read_stack(Cell(path=patient / "1.png"), Cell(path=masks / "1.png"))
    assert single.masks is not None
    assert single.masks.sum() == 16


def test_grey_pictures_have_no_colours_and_one_in_colour_changes_that(tmp_path: Path) -> None:
    kept = [picture(tmp_path / f"{k}.png", k, grey=True) for k in range(2)]
    assert np.array_equal(read_stack(Cell(path=tmp_path)).images, np.stack(kept)[..., 0])
    picture(tmp_path / "c.png", 5)
    assert read_stack(Cell(path=tmp_path)).images.shape == (3, ROWS, COLUMNS, 3)


def test_pictures_of_unlike_size_are_refused_by_name_or_brought_to_a_square(patient: Path) -> None:
    picture(patient / "large.png", 7, size=(40, 30))
    with pytest.raises(RefusedError, match=r"large\.png of 30 x 40 among 24 x 20"):
        read_stack(Cell(path=patient))
    for fit in ("resize", "crop"):
        found = read_stack(Cell(path=patient), square=Square(size=16, fit="crop" if fit == "crop" else "resize"))
        assert found.images.shape == (4, 16, 16, 3)
        assert found.masks is not None
        assert set(np.unique(found.masks)) <= {0, 1}
    plain = read_stack(Cell(path=patient), square=Square(size=48))
    assert plain.masks is not None
    assert plain.masks[0].sum() == 64  # 24 to 48 pixels: every marked pixel becomes four


def test_slices_of_a_volume_as_counts(tmp_path: Path, heart: NMObject) -> None:
    path = write_series(tmp_path / "stress.dcm", heart)
    found = read_stack(Cell(path=path))
    assert np.array_equal(found.images, heart.counts[0])
    assert found.spacing_mm == (5.0, 4.0)
    with pytest.raises(RefusedError, match="named as a whole"):
        read_stack(Cell(path=path, inside="x"))
    fitted = read_stack(Cell(path=path), square=Square(size=6))
    assert fitted.images.shape == (9, 6, 6)
    assert fitted.spacing_mm == (10.0, 8.0)


def test_frames_of_projections_as_they_are_stored(tmp_path: Path) -> None:
    counts = np.random.default_rng(5).poisson(20, (1, 1, 6, 10, 12))
    scan = ProjectionObject(
        counts=counts,
        pixel_mm=(6.0, 5.0),
        windows=(PHOTOPEAKS[Tracer.TC99M],),
        patient_id="P001",
        study_id="P001-1",
        state=State.STRESS,
        tracer=Tracer.TC99M,
    )
    path = write_projections(tmp_path / "scan.dcm", scan)
    stored = dcmread(path).pixel_array
    masks = tmp_path / "heart.npz"
    np.savez(masks, heart=stored > 25)
    found = read_stack(Cell(path=path), Cell(path=masks))
    assert found.images.dtype == np.float32
    assert np.array_equal(found.images, stored)
    assert found.spacing_mm == (6.0, 5.0)
    assert found.masks is not None
    assert np.array_equal(found.masks, stored > 25)


@pytest.mark.parametrize(
    ("table", "match"),
    [
        ("a,b\n1,2\n", "column 'image'"),
        ("image,label\n0.png,yes\n", "holds 0 and 1"),
        ("image,label\n0.png,1\n0.png,1\n", "every picture once"),
        ("image,label\n0.png\n", "row 2 has 2 cells"),
        ("image,label,label\n0.png,1,1\n", "own name"),
        ("image,label\n7.png,1\n", "pictures of its folder"),
        ("", "1 to"),
    ],
)
def test_poor_tables_cost_one_line(table: str, match: str, patient: Path) -> None:
    (patient / "labels.csv").write_text(table, encoding="utf-8")
    with pytest.raises(RefusedError, match=match):
        read_stack(Cell(path=patient))


def test_tables_of_other_manners_are_read(patient: Path) -> None:
    for table in ("0.png,1\n1.png,0\n", "Filename;Label\n0.png;1\n1.png;0\n", "\ufeffimage\tischaemia\n0\t1\n1\t0\n"):
        (patient / "labels.csv").write_text(table, encoding="utf-8")
        assert read_stack(Cell(path=patient)).labels["ischaemia"][:2].tolist() == [1, 0]


def test_what_is_no_stack_is_refused(patient: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "x.txt").write_text("x", encoding="utf-8")
    np.savez(tmp_path / "flat.npz", a=np.zeros((3, 4)))
    np.savez(tmp_path / "m.npz", a=np.zeros((3, 5, 5), dtype=np.uint8))
    picture(patient / "0.jpg", 3)
    for pictures, mask in (
        (tmp_path / "empty", None),
        (tmp_path / "x.txt", None),
        (tmp_path / "none.png", None),
        (tmp_path / "flat.npz", None),
        (patient, None),  # 0.png and 0.jpg: whose is 0.json?
        (patient / "1.png", tmp_path / "m.npz"),
    ):
        with pytest.raises(RefusedError):
            read_stack(Cell(path=pictures), None if mask is None else Cell(path=mask))


def test_words_of_other_programs_beside_a_picture_are_passed_over(patient: Path) -> None:
    (patient / "1.json").write_text('{"scores": [1, 2]}', encoding="utf-8")
    found = read_stack(Cell(path=patient))
    assert found.marked is not None
    assert found.marked.tolist() == [True, False, False]
    (patient / "1.json").write_text('{"shapes": [1, 2]}', encoding="utf-8")
    with pytest.raises(RefusedError, match="label and points"):
        read_stack(Cell(path=patient))
