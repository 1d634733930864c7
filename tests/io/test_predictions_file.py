from pathlib import Path

import numpy as np
import pytest

from myoperf.core.errors import RefusedError
from myoperf.core.predictions import Predictions
from myoperf.io.predictions import read_predictions, write_predictions


def written(folder: Path, text: str) -> Path:
    path = folder / "predictions.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_ids_stay_text_and_missing_columns_take_defaults(tmp_path: Path) -> None:
    found = read_predictions(written(tmp_path, "patient_id,truth,score\n001,1,0.9\n1,0,-2\nNA,0,\n"))
    assert found["patient_id"].tolist() == ["001", "1", "NA"]
    assert found["study_id"].tolist() == ["001", "1", "NA"]
    assert found["split"].tolist() == ["test"] * 3
    assert found["target"].tolist() == ["target"] * 3
    np.testing.assert_array_equal(found["score"], [0.9, -2, np.nan])


def test_empty_cells_of_known_columns_take_defaults(tmp_path: Path) -> None:
    found = read_predictions(written(tmp_path, "patient_id,truth,score,split,fold\na,1,0.9,,\nb,0,0.1,validation,3\n"))
    assert found["split"].tolist() == ["test", "validation"]
    assert found["fold"].tolist() == [0, 3]


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    columns = {
        "patient_id": np.array(["=1+1", "007", "-5", 'a,"b"']),
        "truth": np.array([1.0, 0, np.nan, 1]),
        "score": np.array([-0.1, 1 / 3, 1e-300, np.nan]),
        "repeat": np.array([-1.0, 0, 1, 2]),
        "sex": np.array(["F", "M", "", "@x"]),
        "class_a": np.array([0.1, 0.2, 0.3, np.nan]),
    }
    path = write_predictions(tmp_path / "p.csv", Predictions(columns=columns))
    found = read_predictions(path)
    for name, column in columns.items():
        np.testing.assert_array_equal(found[name], column, err_msg=name)
    text = path.read_text(encoding="utf-8")
    assert "\n,,-1,0,test,'=1+1,'=1+1,target,1.0,-0.1,0.1,F\n" in text


def test_a_byte_order_mark_and_spaces_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_bytes(b"\xef\xbb\xbfpatient_id, truth ,score\n a ,1,0.5\n")
    assert read_predictions(path)["patient_id"].tolist() == ["a"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty file"),
        ("patient_id,truth,score\n", "header only"),
        ("patient_id;truth;score\na;1;0,5\n", "separated by commas"),
        ("patient_id,truth\na,1\n", "no score"),
        (
            "patient_id,truth,score\na,1,0.5\nb,0,high\nc,0,low\n",
            "row 3: score is a number or empty; got 'high' (and 1 more",
        ),
        ("patient_id,truth,score\na,1,inf\n", "row 2: score"),
        ("patient_id,truth,score\na,yes,0.5\n", "row 2: truth"),
        ("patient_id,truth,score\n,1,0.5\n", "row 2: every row has a patient_id"),
        ("patient_id,truth,score,score\na,1,0.5,0.6\n", "score more than once"),
        ("patient_id,truth,score,\na,1,0.5,0.6\n", "without a name"),
        ("patient_id,truth,score\na,1,0.5,7,8\n", "no row longer"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_line(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(RefusedError, match=r"predictions\.csv") as refused:
        read_predictions(written(tmp_path, text))
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="check the path"):
        read_predictions(tmp_path / "none.csv")
    with pytest.raises(RefusedError, match="check the path"):
        read_predictions(tmp_path)
    binary = tmp_path / "b.csv"
    binary.write_bytes(b"\xff\xfe\x00\x01,\x80\n")
    with pytest.raises(RefusedError, match="UTF-8"):
        read_predictions(binary)


def test_classes_keep_their_order_for_it_is_their_number(tmp_path: Path) -> None:
    names = ("class_normal", "class_ischaemia", "class_infarction")
    columns = {"patient_id": np.array(["a"]), "truth": np.array([2.0]), "score": np.array([np.nan])}
    table = Predictions(columns=columns | {name: np.array([0.1 * k]) for k, name in enumerate(names)})
    found = read_predictions(write_predictions(tmp_path / "p.csv", table))
    assert tuple(name for name in found.columns if name.startswith("class_")) == names


def test_a_class_may_be_named_and_needs_no_single_score(tmp_path: Path) -> None:
    table = written(tmp_path, "patient_id,truth,class_normal,class_ischaemia\na,ischaemia,0.2,0.8\nb,0,0.9,0.1\n")
    found = read_predictions(table)
    assert found["truth"].tolist() == [1, 0]
    assert np.isnan(np.asarray(found["score"], dtype=float)).all()


def test_follow_up_stands_for_a_truth(tmp_path: Path) -> None:
    found = read_predictions(written(tmp_path, "patient_id,score,event,time_days\na,0.2,1,30\n"))
    assert np.isnan(np.asarray(found["truth"], dtype=float)).all()
    with pytest.raises(RefusedError, match="no truth"):
        read_predictions(written(tmp_path, "patient_id,score,event\na,0.2,1\n"))
