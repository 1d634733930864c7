"""Pictures of several runs, and of single cases."""

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from myoperf.core.errors import RefusedError
from myoperf.core.scorecard import Curve, Scorecard, Table, TargetScore, Threshold
from myoperf.report.histograms import histograms_picture
from myoperf.report.outline_pictures import MODEL, READER, OutlinedCase, outlined_picture
from myoperf.report.run_rocs import run_rocs_picture
from myoperf.report.scorecard_more import pictures
from myoperf.report.scorecard_page import scorecard_page

RUNS = Table(
    columns=("run", "patients", "rows", "auc", "auc_low", "auc_high"),
    rows=(
        ("run 1", 20, 400, 0.9, 0.8, 0.95),
        ("run $2$", 20, 400, None, None, None),
        ("mean", "", "", 0.9, None, None),
    ),
)
CURVES = {f"roc_runs/{name}": Curve(x=(0, 0.1, 1), y=(0, 0.8, 1)) for name in ("run 1", "run $2$")}
BINS = Table(
    columns=("run", "figure", "unit", "from", "to", "images"),
    rows=(
        ("run 1", "iou", "fraction", 0.0, 0.5, 3.0),
        ("run 1", "iou", "fraction", 0.5, 1.0, 5.0),
        ("run 1", "hausdorff", "pixels", 0.0, 40.0, 8.0),
    ),
)


def shown(png: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(png)) as image:
        return np.asarray(image.convert("RGB")).astype(int)


def case() -> OutlinedCase:
    reader, model = np.zeros((40, 40), bool), np.zeros((40, 40), bool)
    reader[5:12, 20:30] = True
    return OutlinedCase(
        title="worst", told="missed; Dice 0", picture=np.zeros((40, 40), np.uint8), reader=reader, model=model
    )


def coloured(picture: np.ndarray, colour: str) -> tuple[np.ndarray, ...]:
    wanted = np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)])
    return np.nonzero(np.abs(picture - wanted).sum(axis=2) < 40)


def test_runs_and_bins_become_pictures() -> None:
    assert shown(run_rocs_picture(CURVES, RUNS)).std() > 0
    assert shown(histograms_picture(BINS)).std() > 0
    assert run_rocs_picture(CURVES, RUNS) == run_rocs_picture(CURVES, RUNS)


def test_an_outline_lies_where_it_was_drawn_and_an_empty_mask_has_none() -> None:
    picture = shown(outlined_picture([case()]))
    rows, columns = coloured(picture, READER)
    assert len(rows)
    middle = picture.shape[1] * (1 / 2 - 0.09)
    assert columns.mean() > middle - picture.shape[1] * 0.06
    assert rows.mean() < picture.shape[0] / 2
    assert not len(coloured(picture, MODEL)[0])
    both = replace(case(), model=case().reader)
    assert len(coloured(shown(outlined_picture([both])), MODEL)[0])


def test_masks_of_another_size_are_refused() -> None:
    with pytest.raises(RefusedError, match="masks have the size of their picture"):
        replace(case(), model=np.zeros((40, 41), bool))


def test_the_page_shows_runs_and_keeps_histograms_out_of_the_tables() -> None:
    score = TargetScore(metrics={}, curves=CURVES, tables={"runs": RUNS, "run_histograms": BINS})
    titles = [picture.alt for picture in pictures(score)]
    assert titles == ["ROC curve of each randomisation", "Masks of each randomisation"]
    card = Scorecard(
        title="Runs",
        n_patients=20,
        n_rows=400,
        split="validation",
        threshold=Threshold(value=0.5, chosen_on="given"),
        targets={"ischaemia": score},
    )
    page = scorecard_page(card, cases=pictures(score)[:1])
    assert "Each randomisation" in page
    assert "<h2>Cases</h2>" in page
    assert "run_histograms" not in page
    assert "20 patients, 400 rows" in page
