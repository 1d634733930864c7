"""Makes ``agreement_pingouin.json`` with pingouin 0.7.0: ``python tests/reference/agreement_pingouin.py``.

Ratings: table 2 of Shrout and Fleiss 1979 (six targets, four judges), and peak expiratory flow of 17 people by two
meters, litres a minute, first readings (Bland and Altman 1986, table 1). scipy gives the others.
"""

import importlib
import json
from pathlib import Path

import numpy as np

SHROUT_FLEISS = ((9, 2, 5, 8), (6, 1, 3, 2), (8, 4, 6, 8), (7, 1, 2, 6), (10, 5, 6, 9), (6, 2, 4, 7))
WRIGHT = (494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427)
MINI = (512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451)


def icc(ratings: np.ndarray) -> dict[str, object]:
    pandas, pingouin = importlib.import_module("pandas"), importlib.import_module("pingouin")
    long = pandas.DataFrame(
        [(i, j, value) for i, row in enumerate(ratings) for j, value in enumerate(row)], columns=["who", "by", "value"]
    )
    table = pingouin.intraclass_corr(data=long, targets="who", raters="by", ratings="value")
    print(table)
    found: dict[str, object] = {}
    for ours, theirs in (("agreement", "ICC(A,1)"), ("consistency", "ICC(C,1)")):
        row = table[table["Type"] == theirs].iloc[0]
        interval = next(row[name] for name in row.index if name.startswith("CI95"))
        found[ours] = {"value": float(row["ICC"]), "interval": [float(end) for end in interval]}
    return found


def main() -> None:
    stats = importlib.import_module("scipy.stats")
    truth, score = np.array(MINI, dtype=float), np.array(WRIGHT, dtype=float)
    found = {
        "made by": "pingouin 0.7.0",
        "shrout_fleiss": icc(np.array(SHROUT_FLEISS, dtype=float)),
        "flow": icc(np.stack([truth, score], axis=1)),
        "spearman": float(stats.spearmanr(truth, score)[0]),
        "pearson": float(stats.pearsonr(truth, score)[0]),
        "pearson_interval": list(map(float, stats.pearsonr(truth, score).confidence_interval())),
        "slope": float(stats.linregress((truth + score) / 2, score - truth).slope),
        "slope_error": float(stats.linregress((truth + score) / 2, score - truth).stderr),
    }
    Path(__file__).with_suffix(".json").write_text(json.dumps(found) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
