"""How the fits of a run went, epoch by epoch, as a table beside the predictions."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path

from myoperf.io.files import write_text
from myoperf.report.training_curves import Epoch

from .task import Task

CURVES = "curves.csv"


def write_curves(folder: Path, tasks: Sequence[Task]) -> tuple[Epoch, ...]:
    """Write loss and accuracy of every epoch of every fit into ``curves.csv``; nothing where no fit has epochs.

    A figure that a fit does not tell is an empty cell. The accuracy in training is that of the answers given while
    learning, dropout and random changes included.
    """
    epochs = tuple(epoch for task in tasks for epoch in _epochs(task))
    if epochs:
        text = io.StringIO()
        writer = csv.DictWriter(text, [one.name for one in fields(Epoch)], lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: "" if v is None else v for name, v in asdict(epoch).items()} for epoch in epochs)
        write_text(folder / CURVES, text.getvalue())
    return epochs


def _epochs(task: Task) -> list[Epoch]:
    told = json.loads(task.result_file.read_text(encoding="utf-8")).get("epochs", [])
    names = {one.name for one in fields(Epoch)} - {"variant", "repeat", "fold"}
    place = {"variant": task.recipe.main, "repeat": task.repeat, "fold": task.fold}
    return [
        Epoch(**{"stage": 0, "loss": None, **place, **{name: value for name, value in each.items() if name in names}})
        for each in told
    ]
