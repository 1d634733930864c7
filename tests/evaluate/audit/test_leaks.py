import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from myoperf.core.errors import RefusedError
from myoperf.evaluate.audit import audit
from myoperf.evaluate.audit.leaks import Leak, without_marks
from myoperf.protocols import Subject, make_splits

RNG = np.random.default_rng(0)


def table(folder: Path, rows: Sequence[str], header: str = "patient_id,study_id,split") -> Path:
    path = folder / "cohort.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def leaks(path: Path, splits: Path | None = None) -> tuple[Leak, ...]:
    return audit(path, splits=splits).leaks


def told(found: Sequence[Leak]) -> list[tuple[str, tuple[int, ...]]]:
    return [(leak.kind, leak.rows) for leak in found]


def written(folder: Path, body: object) -> Path:
    path = folder / "splits.json"
    path.write_text(json.dumps(body), encoding="utf-8")
    return path


def test_no_leak_is_told_where_there_is_none(tmp_path: Path) -> None:
    path = table(tmp_path, ["P1,1,train", "P1,2,train", "P2,3,test", "P10,4,test"])
    assert leaks(path) == ()


def test_one_patient_on_two_sides(tmp_path: Path) -> None:
    (leak,) = leaks(table(tmp_path, ["P1,1,train", "P2,2,train", "P1,3,test"]))
    assert (leak.kind, leak.rows, leak.sides, leak.patients) == ("same patient", (2, 4), ("test", "train"), ("P1",))


@pytest.mark.parametrize("pair", [("001", "1"), ("p7", "P7"), ("P 7", "P7"), ("7 ", "7")])
def test_one_patient_spelled_two_ways(tmp_path: Path, pair: tuple[str, str]) -> None:
    (leak,) = leaks(table(tmp_path, [f"{pair[0]},1,train", f"{pair[1]},2,test"]))
    assert (leak.kind, leak.rows, leak.patients) == ("alias", (2, 3), pair)


def test_versions_of_a_scan_on_two_sides(tmp_path: Path) -> None:
    header = "patient_id,study_id,split,attenuation_correction,position"
    rows = ["P1,1,train,AC,supine", "P1,2,test,NC,supine", "P2,3,train,NC,supine", "P2,4,test,NC,prone"]
    found = leaks(table(tmp_path, rows, header))
    assert told(found) == [("variant", (2, 3)), ("variant", (4, 5))]
    assert "attenuation_correction AC / NC" in found[0].what
    (marked,) = leaks(table(tmp_path, ["P1_AC,1,train", "P1-nc,2,test", "P3,3,test"]))
    assert told([marked]) == [("variant", (2, 3))]


def test_ids_that_only_look_alike_are_kept_apart() -> None:
    ids = ["AC-001", "AC-002", "site_ac_001", "site_ac_002", "rest1", "V00001", "V00002", "P1 stress", "P1"]
    assert len({without_marks(one) for one in ids}) == len(ids) - 1


def test_one_study_and_one_file_on_two_sides(tmp_path: Path) -> None:
    Image.fromarray(RNG.integers(0, 255, (32, 32), dtype=np.uint8)).save(tmp_path / "a.png")
    rows = ["P1,S1,train,a.png", "P2,S1,test,", "P3,S3,test,a.png"]
    found = leaks(table(tmp_path, rows, "patient_id,study_id,split,image"))
    assert told(found) == [("same study", (2, 3)), ("same file", (2, 4))]


def test_the_same_pixels_under_two_names(tmp_path: Path) -> None:
    picture = Image.fromarray(RNG.integers(0, 255, (48, 48), dtype=np.uint8))
    picture.save(tmp_path / "a.png")
    picture.save(tmp_path / "b.png", compress_level=0)
    found = leaks(table(tmp_path, ["P1,S1,train,a.png", "P2,S2,test,b.png"], "patient_id,study_id,split,image"))
    assert told(found) == [("same pixels", (2, 3))]


def test_rows_that_break_rules_are_audited_all_the_same(tmp_path: Path) -> None:
    rows = ["P1,1,train,999,", "P1,1,test,40,/etc/passwd", "P2,3,test,40,missing.png", "P3,4,test"]
    found = audit(table(tmp_path, rows, "patient_id,study_id,split,age,image"))
    assert told(found.leaks) == [("same patient", (2, 3))]
    text = "\n".join(found.warnings)
    assert "row 5: has 3 cells" in text
    assert "row 3, column image: '/etc/passwd' is no path" in text


def test_our_own_splits_are_free_of_leaks_and_a_changed_one_is_not(tmp_path: Path) -> None:
    from dataclasses import asdict

    from myoperf.protocols import RepeatedPatientCV

    ids = [f"P{k}" for k in range(40)]
    subjects = [Subject(patient_id=one, strata=(f"label={k % 2}",)) for k, one in enumerate(ids)]
    protocol = RepeatedPatientCV(folds=4, repeats=2, test_fraction=0.2)
    body = json.loads(json.dumps(asdict(make_splits(protocol, subjects, 1)), default=str))
    path = table(tmp_path, [f"{one},{one}-1," for one in ids])
    assert leaks(path, written(tmp_path, body)) == ()
    body["folds"][0]["inner"] = [
        {"repeat": 0, "fold": 0, "train": ["P1", "P2"], "validation": ["P2"], "held_out": ["P3"]}
    ]
    assert [leak.within for leak in leaks(path, written(tmp_path, body)) if leak.kind == "same patient"] == [
        ("fold 0 inner 0",)
    ]
    body["folds"][0]["inner"] = []
    stray = body["test"][0]
    for fold in body["folds"]:
        fold["train"].append(stray)
    (leak,) = leaks(path, written(tmp_path, body))
    assert (leak.kind, leak.patients, leak.sides) == ("same patient", (stray,), ("test", "train"))
    assert len(leak.within) == 8


def test_splits_of_others_are_read(tmp_path: Path) -> None:
    path = table(tmp_path, ["001,a,", "002,b,", "003,c,"])
    plain = {"train": ["1", "2"], "test": ["3", "002"]}
    assert [leak.patients for leak in leaks(path, written(tmp_path, plain))] == [("002",)]
    folds = [{"train": ["001", "002"], "val": ["003"]}, {"train": ["003", "001"], "val": ["001"]}]
    found = leaks(path, written(tmp_path, folds))
    assert [(leak.kind, leak.within) for leak in found] == [
        ("same patient", ("fold 1",)),
        ("not in the split", ("fold 1",)),
    ]
    other = tmp_path / "s.csv"
    other.write_text(
        "file,split\n001_stress_0001.png,train\n001_rest_0002.png,test\n002_x.png,test\n", encoding="utf-8"
    )
    assert told(leaks(path, other)) == [("same patient", (2,)), ("not in the split", (4,))]


def test_rows_without_ids_and_parts_in_capitals(tmp_path: Path) -> None:
    path = table(tmp_path, [",a,TRAIN", ",b,test", "P1,c,Train", "P1,d,train"])
    assert leaks(path) == ()
    found = leaks(path, written(tmp_path, {"train": ["P1"], "test": []}))
    assert [(leak.kind, leak.patients) for leak in found] == [
        ("not in the split", ("row 2",)),
        ("not in the split", ("row 3",)),
    ]


def test_ids_that_do_not_fit_are_told(tmp_path: Path) -> None:
    path = table(tmp_path, ["P1,a,", "P2,b,", "P3,c,"])
    found = leaks(path, written(tmp_path, {"train": ["P1", "Q9"], "test": ["P2", "Q9"]}))
    assert [leak.kind for leak in found] == ["named twice", "unknown id", "unknown id", "not in the split"]
    assert found[-1].patients == ("P3",)


def test_folds_of_a_table_with_split_and_fold_are_looked_at_one_by_one(tmp_path: Path) -> None:
    path = table(tmp_path, ["P1,a,", "P2,b,"])
    split = tmp_path / "s.csv"
    split.write_text("patient_id,fold,split\nP1,0,train\nP2,0,test\nP1,1,test\nP2,1,train\n", encoding="utf-8")
    assert leaks(path, split) == ()


@pytest.mark.parametrize("text", ["", "[]", "{}", "3", "[1, 2]", '{"train": 3}', "\x00", "[[[["])
def test_a_file_that_is_no_split_is_refused(tmp_path: Path, text: str) -> None:
    path = table(tmp_path, ["P1,a,", "P2,b,"])
    broken = tmp_path / "broken.json"
    broken.write_text(text, encoding="utf-8")
    with pytest.raises(RefusedError):
        audit(path, splits=broken)


def test_random_cohorts(tmp_path: Path) -> None:
    """Each cohort has one patient on two sides or none; never another answer."""
    rng = np.random.default_rng(11)
    from myoperf.evaluate.audit.assignment import own_assignment
    from myoperf.evaluate.audit.leaks import find_leaks
    from myoperf.evaluate.audit.roster import Entry, Roster

    for _ in range(300):
        n = int(rng.integers(2, 30))
        names = [f"{k:03d}" for k in rng.permutation(n)]
        sides = {name: str(rng.choice(["train", "test"])) for name in names}
        rows = [(name, sides[name]) for name in names for _ in range(int(rng.integers(1, 4)))]
        leaky = bool(rng.integers(2))
        if leaky:
            stray = str(rng.choice(names))
            rows.append((stray.lstrip("0") or "0", "test" if sides[stray] == "train" else "train"))
        entries = tuple(
            Entry(row=k + 2, patient_id=p, study_id=f"s{k}", cells={"split": s}, files={})
            for k, (p, s) in enumerate(rows)
        )
        roster = Roster(path=tmp_path, entries=entries, columns=("patient_id", "study_id", "split"))
        assert len(find_leaks(roster, own_assignment(roster))) == leaky
