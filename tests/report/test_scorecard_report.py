import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from myoperf.core.predictions import Predictions
from myoperf.core.scorecard import Metric, Scorecard, TargetScore, Threshold
from myoperf.core.terms import RESEARCH_USE
from myoperf.evaluate import evaluate, evaluate_counts
from myoperf.report import write_scorecard
from myoperf.report.words import interval, metric_name, number, spread

ATTACKS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    "{{ 7 * 7 }}{% raw %}",
    "javascript:alert(1)",
    "</style><script>alert(1)</script>",
    "&lt;b&gt; \u202e 💥 \x00",
]

RECIPE: dict[str, object] = {
    "name": "doe2026_test",
    "paper": {"cite": "Doe et al.", "title": "A title", "year": 2026, "doi": None},
    "targets": [{"name": "abnormal", "tracer": "Tc-99m", "classes": ["normal", "abnormal"], "meaning": "perfusion"}],
    "assumed": {"system.training.lr": "not stated"},
}


class Reader(HTMLParser):
    """Every tag with its attributes, and all text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def read(path: Path) -> Reader:
    reader = Reader()
    reader.feed(path.read_text(encoding="utf-8"))
    return reader


def card(name: str = "abnormal") -> Scorecard:
    rng = np.random.default_rng(0)
    rows: list[tuple[object, ...]] = []
    for variant in ("stress", "rest", "dual"):
        for k in range(90):
            truth = k % 3 == 0
            score = 1 / (1 + np.exp(-(2.0 * truth - 1 + rng.normal())))
            part = ("test", -1, -1) if k >= 60 else ("validation", 0, k % 5)
            rows.append((name, variant, *part, f"P{k}", truth, score, "FM"[k % 2]))
    names = ("target", "variant", "split", "repeat", "fold", "patient_id", "truth", "score", "sex")
    numbers = {"repeat", "fold", "truth", "score"}
    columns = {
        n: np.array(c, dtype=float if n in numbers else str)
        for n, c in zip(names, zip(*rows, strict=True), strict=True)
    }
    return evaluate(Predictions(columns=columns), title="Tracer-aware", bootstrap=200)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_scorecard(card(), tmp_path_factory.mktemp("report"), recipe=RECIPE, note=("Virtual patients.",))


def test_the_page_needs_nothing_from_outside(written: Path) -> None:
    reader = read(written)
    assert not {"script", "link", "iframe", "object", "embed", "form", "base"} & {tag for tag, _ in reader.tags}
    for tag, attributes in reader.tags:
        assert not any(name.startswith("on") or name in {"href", "style", "srcset"} for name in attributes), tag
        if "src" in attributes:
            assert str(attributes["src"]).startswith("data:image/png;base64,")
    text = written.read_text(encoding="utf-8")
    without_pictures = re.sub(r"data:image/png;base64,[A-Za-z0-9+/=]+", "", text)
    assert not re.search(r"https?:|//[a-z]|url\(|@import", without_pictures)
    (policy,) = [
        a["content"] for t, a in reader.tags if t == "meta" and a.get("http-equiv") == "Content-Security-Policy"
    ]
    assert str(policy).startswith("default-src 'none'; img-src data:; style-src 'sha256-")
    assert "unsafe" not in str(policy)


def test_the_page_says_what_must_be_said(written: Path) -> None:
    text = " ".join(read(written).text.split())
    assert text.count(RESEARCH_USE) == 2
    for words in ("Virtual patients.", "Tc-99m · abnormal", "stress", "rest", "dual", "Doe et al.", "not stated"):
        assert words in text
    for words in ("AUC", "Balanced accuracy", "n 30", "5 folds", "sex: F", "sex alone", "positive from"):
        assert words in text
    assert text.index("warning") < text.index("At a glance")
    assert not re.search(r"\bnan\b|\bNone\b|\binf\b", text)


def test_the_json_has_the_keys_of_the_contract(written: Path) -> None:
    found = json.loads((written.parent / "scorecard.json").read_text(encoding="utf-8"))
    assert set(found) == {
        "title", "n_patients", "n_rows", "split", "threshold", "targets", "comparisons", "published", "warnings",
        "test_opened", "checklists"
    }  # fmt: skip
    assert set(found["threshold"]) == {"value", "chosen_on"}
    target = found["targets"]["stress/abnormal"]
    assert {"metrics", "folds", "subgroups"} <= set(target)
    assert set(target["metrics"]["auc"]) == {"value", "low", "high", "method", "n"}
    assert {"mean", "sd", "values"} <= set(target["folds"]["auc"])
    assert set(target["subgroups"]) == {"sex=F", "sex=M"}


@pytest.mark.parametrize("attack", ATTACKS)
def test_text_from_outside_stays_text(tmp_path: Path, attack: str) -> None:
    plain = card("x")
    hostile = replace(
        plain,
        title=attack,
        warnings=(attack,),
        targets={key.replace("x", attack): score for key, score in plain.targets.items()},
        comparisons=({"target": attack, "comparison": attack, "method": attack, "value": 0.5, "n": attack},),
    )
    recipe = {**RECIPE, "name": attack, "assumed": {attack: attack}, "paper": {"cite": attack}}
    harmless = read(write_scorecard(plain, tmp_path / "a", recipe=RECIPE, note=("n",)))
    reader = read(write_scorecard(hostile, tmp_path / "b", recipe=recipe, note=(attack,)))
    assert {tag for tag, _ in reader.tags} <= {tag for tag, _ in harmless.tags}
    assert not any(name.startswith("on") for _, attributes in reader.tags for name in attributes)
    assert "49" not in reader.tags[0][0]


def test_counts_have_a_page_too(tmp_path: Path) -> None:
    reader = read(write_scorecard(evaluate_counts(385, 30, 41, 545), tmp_path))
    text = " ".join(reader.text.split())
    assert "1001 patients, from the four counts" in text
    assert "17.32 [12.21–24.58]" in text
    assert "At a glance" not in text


def test_what_could_not_be_judged_is_told(tmp_path: Path) -> None:
    score = TargetScore(metrics={"auc": Metric(value=None, method="one class only: 0 positive, 9 negative", n=9)})
    empty = Scorecard(
        title="T",
        n_patients=9,
        n_rows=9,
        split="test",
        threshold=Threshold(value=None, chosen_on="none"),
        targets={"a": score},
    )
    assert "one class only: 0 positive, 9 negative" in read(write_scorecard(empty, tmp_path)).text


def test_nothing_is_written_of_a_figure_that_is_not_finite(tmp_path: Path) -> None:
    score = TargetScore(metrics={"auc": Metric(value=float("nan"), method="wrong", n=9)})
    wrong = Scorecard(
        title="T",
        n_patients=9,
        n_rows=9,
        split="test",
        threshold=Threshold(value=None, chosen_on="none"),
        targets={"a": score},
    )
    with pytest.raises(ValueError, match="JSON compliant"):
        write_scorecard(wrong, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_words() -> None:
    assert number(None) == "–"
    assert number(-0.1) == "−0.10"
    assert interval(0.671, 0.99) == "[0.67–0.99]"
    assert interval(None, 1.0) == ""
    assert spread(0.88, 0.0671) == "0.88 ± 0.067"
    assert spread(None, None) == "–"
    assert metric_name("hd_95") == "hd 95"
