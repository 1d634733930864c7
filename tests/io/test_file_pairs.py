from pathlib import Path

import pytest

from myoperf.core.errors import RefusedError
from myoperf.io.file_pairs import match_files, patients_of

KINDS = (".png", ".npy")


def folder(root: Path, *names: str) -> Path:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    return root


def test_files_are_matched_by_name_and_the_others_told(tmp_path: Path) -> None:
    truth = folder(tmp_path / "t", "p1/a.png", "p1/b.png", "p2/a.png", "p2/twice.png", "p2/twice.npy", ".hidden.png")
    made = folder(tmp_path / "p", "p1/a.npy", "p2/a.PNG", "p3/c.png", "p2/twice.png", "notes.tif", "notes.txt")
    found = match_files(truth, made, suffixes=KINDS)
    assert [(pair.key, pair.predicted.name) for pair in found.pairs] == [("p1/a", "a.npy"), ("p2/a", "a.PNG")]
    told = "\n".join(found.refused)
    assert str(truth / "p1/b.png") in told
    assert str(made) in told
    assert str(made / "p3/c.png") in told
    assert "two files of one name" in told
    assert len(found.refused) == 3
    assert found.notes == (f"{made}: files of other kinds are passed over: 1 .tif, 1 .txt",)


def test_two_files_match_whatever_their_names(tmp_path: Path) -> None:
    root = folder(tmp_path, "truth.png", "guess.npy", "x.tif")
    found = match_files(root / "truth.png", root / "guess.npy", suffixes=KINDS)
    assert [(pair.key, pair.truth.name, pair.predicted.name) for pair in found.pairs] == [
        ("truth", "truth.png", "guess.npy")
    ]
    for wrong in (root / "x.tif", root, root / "gone.png"):
        with pytest.raises(RefusedError):
            match_files(root / "truth.png", wrong, suffixes=KINDS)


def test_nothing_in_common_is_refused_with_both_names(tmp_path: Path) -> None:
    truth, made = folder(tmp_path / "t", "a_mask.png"), folder(tmp_path / "p", "a_pred.png")
    with pytest.raises(RefusedError, match=r"a_mask.png and a_pred.png"):
        match_files(truth, made, suffixes=KINDS)
    empty = tmp_path / "e"
    empty.mkdir()
    with pytest.raises(RefusedError, match="no file"):
        match_files(truth, empty, suffixes=KINDS)


def test_links_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    folder(tmp_path / "elsewhere", "a.png")
    truth, made = folder(tmp_path / "t", "b.png"), folder(tmp_path / "p", "a.png", "b.png")
    (truth / "a.png").symlink_to(tmp_path / "elsewhere" / "a.png")
    found = match_files(truth, made, suffixes=KINDS)
    assert [pair.key for pair in found.pairs] == ["b"]
    assert "1 links out of the folder" in found.notes[0]


def test_patients_by_folder_table_or_not_at_all(tmp_path: Path) -> None:
    by_folder = patients_of(("p1/a", "p1/b/c", "p2/a"), None)
    assert by_folder.of == {"p1/a": "p1", "p1/b/c": "p1", "p2/a": "p2"}
    assert by_folder.known_by == "the sub-folders"
    assert not by_folder.warnings
    mixed = patients_of(("p1/a", "p1"), None)
    assert len(set(mixed.of.values())) == 2
    assert "1 images have no known patient" in mixed.warnings[0]
    alone = patients_of(("a", "b"), None)
    assert alone.of == {"a": "a", "b": "b"}
    assert "each taken as a patient of their own" in alone.warnings[0]
    table = tmp_path / "who.csv"
    table.write_text("\ufefffile,patient_id\na.png,001\nsub\\b.v2.png,1\n./c,001\n", encoding="utf-8")
    found = patients_of(("a", "sub/b.v2", "c", "d"), table)
    assert found.of == {"a": "001", "sub/b.v2": "1", "c": "001"}
    assert patients_of(("a.v1",), {"a.v1": "x"}).of == {"a.v1": "x"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "an empty file"),
        ("name_of_file,patient\na,1\n", "file and patient_id"),
        ("file,patient_id\na.png,1\na.png,2\n", "one patient"),
        ("file,patient_id\n\udcff", "UTF-8"),
    ],
)
def test_a_table_that_cannot_be_used(tmp_path: Path, text: str, said: str) -> None:
    table = tmp_path / "who.csv"
    table.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(RefusedError, match=said):
        patients_of(("a",), table)
    with pytest.raises(RefusedError, match=r"gone.csv"):
        patients_of(("a",), tmp_path / "gone.csv")
