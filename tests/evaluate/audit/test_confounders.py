from pathlib import Path

import numpy as np
import pytest

from myoperf.evaluate.audit.confounders import ALL, find_confounders
from myoperf.evaluate.audit.known_before import is_known_before
from myoperf.evaluate.audit.roster import read_roster

PACIFIC = Path(__file__).resolve().parents[4] / "shared" / "data" / "pacific" / "cohort.csv"


def written(folder: Path, header: str, rows: list[str]) -> Path:
    path = folder / "cohort.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def test_sex_that_tells_the_label(tmp_path: Path) -> None:
    rows = [f"P{k},{k},{'M' if k < 60 else 'F'},{int(k < 24)}" for k in range(96)]
    found, remarks = find_confounders(read_roster(written(tmp_path, "patient_id,study_id,sex,label_abnormal", rows)))
    (sex,) = found
    assert sex.auc == pytest.approx(0.5 + 0.5 * 36 / 72)
    assert (sex.variable, sex.target, sex.n, sex.missing) == ("sex", "label_abnormal", 96, 0)
    assert sex.low is not None
    assert sex.low < 0.75
    assert remarks == ("no patient with sex F (36 patients) is positive in label_abnormal",)


@pytest.mark.skipif(not PACIFIC.exists(), reason="the real hearts lie beside the checkout of developers only")
def test_sex_alone_tells_the_label_of_the_real_hearts() -> None:
    found, remarks = find_confounders(read_roster(PACIFIC))
    assert found[0].says.startswith("sex alone predicts label_abnormal: AUC 0.76")
    assert any("sex F (37 patients)" in line for line in remarks)
    assert {one.variable for one in found} == {"sex", "age", "bmi", ALL}


def test_random_variables_tell_nothing_and_gaps_are_counted(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    rows = [
        f"P{k},{k},{rng.integers(40, 90) if k % 10 else ''},{rng.choice(list('ABCD'))},{rng.integers(2)}"
        for k in range(200)
    ]
    found, _ = find_confounders(read_roster(written(tmp_path, "patient_id,study_id,age,center,label_x", rows)))
    by_name = {one.variable: one for one in found}
    assert (by_name["age"].missing, by_name["age"].n) == (20, 180)
    for name in ("age", "center", ALL):
        low = by_name[name].low
        assert low is not None
        assert low < 0.5, name


def test_several_images_of_a_patient_widen_the_interval(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    people = [(rng.normal(60 + 8 * (k % 2), 10), k % 2) for k in range(40)]
    header = "patient_id,study_id,age,label_x"
    once = find_confounders(
        read_roster(written(tmp_path, header, [f"P{k},{k},{a:.1f},{y}" for k, (a, y) in enumerate(people)]))
    )
    many = [f"P{k},{k}-{j},{a:.1f},{y}" for k, (a, y) in enumerate(people) for j in range(10)]
    ten = find_confounders(read_roster(written(tmp_path, header, many)))
    one, other = once[0][0], ten[0][0]
    assert other.n == one.n == 40
    assert one.low is not None
    assert other.low is not None
    assert (other.auc, other.low) == pytest.approx((one.auc, one.low), abs=0.02)
    assert "Obuchowski" in other.method


def test_what_is_known_only_afterwards_is_left_out() -> None:
    before = ["sex", "age", "bmi", "diabetes", "scanner", "center", "dose_fraction", "height_cm", "smoking", "mets"]
    after = ["label_abnormal", "event", "time_days", "report", "reader_1", "sss", "stress_tpd", "ef", "S1", "edv_ml"]
    after += [
        "stress",
        "mask",
        "screenshot_path",
        "calcium_score",
        "flow_reserve_lad",
        "split",
        "uid",
        "stress_flow_lad",
    ]
    assert [name for name in before if not is_known_before(name)] == []
    assert [name for name in after if is_known_before(name)] == []


@pytest.mark.parametrize(
    ("labels", "says"),
    [(["1"] * 6, "one class only"), ([""] * 6, "empty"), ([str(k) for k in range(6)] + ["7"], "a number")],
)
def test_labels_that_cannot_be_asked_are_told(tmp_path: Path, labels: list[str], says: str) -> None:
    rows = [f"P{k},{k},{'FM'[k % 2]},{label}" for k, label in enumerate(labels)]
    found, remarks = find_confounders(read_roster(written(tmp_path, "patient_id,study_id,sex,label_x", rows)))
    assert found == ()
    assert says in remarks[0]


def test_two_patients_and_no_label(tmp_path: Path) -> None:
    rows = ["P1,1,F,50,1", "P2,2,M,60,0"]
    found, _ = find_confounders(read_roster(written(tmp_path, "patient_id,study_id,sex,age,label_x", rows)))
    together = next(one for one in found if one.variable == ALL)
    assert together.auc is None
    assert "needs 10 patients of each class" in together.method
    assert all(one.high == 1.0 for one in found if one is not together)
    _, remarks = find_confounders(read_roster(written(tmp_path, "patient_id,study_id,sex", ["P1,1,F", "P2,2,M"])))
    assert "no column label_" in remarks[0]
