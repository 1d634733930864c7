import numpy as np

from myoperf.core.predictions import Predictions
from myoperf.core.scorecard import Scorecard
from myoperf.evaluate import evaluate
from myoperf.evaluate.checklists import Facts, checklists, claim, quadas2, tripod_ai


def card(*, validation: bool = True, lost: bool = False) -> Scorecard:
    rng = np.random.default_rng(3)
    truth = np.tile([0.0, 1.0], 40)
    score = np.clip(0.5 + 0.3 * (truth - 0.5) + rng.normal(0, 0.2, 80), 0, 1)
    if lost:
        score[79] = np.nan
    split = np.where((np.arange(80) < 40) & validation, "validation", "test")
    patient = np.array([f"P{k}" for k in range(80)])
    columns = {"patient_id": patient, "truth": truth, "score": score, "split": split}
    return evaluate(Predictions(columns=columns), title="A title", bootstrap=50)


def answers(name: str, found: Scorecard, facts: Facts | None = None) -> dict[str, str]:
    return {item.item: item.answer for item in checklists(found, facts or Facts())[name]}


def test_every_list_has_all_its_items_once() -> None:
    assert len(claim.ITEMS) == 44
    assert [item for item, _, _ in claim.ITEMS] == [str(k) for k in range(1, 45)]
    assert {"".join(c for c in item if c.isdigit()) for item, _, _ in tripod_ai.ITEMS} == {str(k) for k in range(1, 28)}
    assert len({item for item, _, _ in tripod_ai.ITEMS}) == len(tripod_ai.ITEMS) == 52
    assert len(quadas2.ITEMS) == 10 + 3


def test_every_answer_is_one_that_can_be_given() -> None:
    everything = Facts(**{name: name for name in Facts.__dataclass_fields__ if name != "opened"}, opened=2)
    found = checklists(card(), everything)
    asked = {
        (name, item)
        for name, items in (("CLAIM", claim.ITEMS), ("TRIPOD+AI", tripod_ai.ITEMS), ("QUADAS-2", quadas2.ITEMS))
        for item, _, keys in items
        if keys not in ("", "comparison", "published", "groups")
    }
    filled = {(name, item.item) for name, items in found.items() for item in items if item.answer}
    assert asked <= filled


def test_what_nobody_told_stays_empty() -> None:
    found = answers("TRIPOD+AI", card())
    assert found["17"] == found["18a"] == found["12c"] == ""
    assert "auc" in found["12e"]
    assert "target: auc" in found["23a"]
    assert "40 patients" in found["10"]


def test_the_threshold_is_settled_beforehand_only_where_it_is() -> None:
    assert answers("QUADAS-2", card())["Index test 2"].startswith("yes: validation")
    assert answers("QUADAS-2", card(validation=False))["Index test 2"].startswith("yes: not chosen")


def test_patients_who_are_left_out_are_told() -> None:
    assert answers("QUADAS-2", card())["Flow 3"].startswith("yes")
    told = answers("QUADAS-2", card(lost=True))["Flow 3"]
    assert told.startswith("no")
    assert "1 rows without a truth or a score" in told


def test_facts_of_the_run_stand_in_their_items() -> None:
    facts = Facts(unit="patients", splits="splits.json, SHA-256 abc", opened=3)
    found = answers("CLAIM", card(), facts)
    assert found["20"] == "patients"
    assert "abc" in found["19"]
    assert "opened 3 times" in found["32"]
