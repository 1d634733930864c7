"""Training that is killed and started again ends with the same predictions, byte for byte."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from made_cohort import VALUES, make

from myoperf.recipe import changed
from myoperf.train import train, training

COUNT, KILLS, EPOCHS = 48, 3, 60
HERE = Path(__file__).parent


def run(folder: Path) -> None:
    """Train with a checkpoint after every epoch; says when it begins."""
    training.CHECKPOINT_SECONDS = 0.0
    made = make(folder, COUNT)
    recipe = changed(VALUES, {"system.training.epochs": EPOCHS, "system.training.patience": EPOCHS})
    print("begins", flush=True)
    train(recipe, made.cohort, maps=made.maps, out=folder, jobs=1)


def outcome(folder: Path, kill_after: float | None = None) -> float:
    """Start a run, kill it so many seconds after it began, or let it end; gives the seconds that it trained."""
    code = f"import sys; sys.path.insert(0, {str(HERE)!r}); import test_resume as t; t.run(t.Path({str(folder)!r}))"
    with subprocess.Popen([sys.executable, "-W", "error", "-c", code], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begins\n"
        begun = time.monotonic()
        if kill_after is not None:
            time.sleep(kill_after)
            process.send_signal(signal.SIGKILL)
        assert process.wait() in (0, -signal.SIGKILL)
        assert kill_after is not None or process.returncode == 0
    return time.monotonic() - begun


def test_a_killed_run_goes_on_and_ends_the_same(tmp_path: Path) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    lasted = outcome(whole)
    draw = random.Random(0)
    for _ in range(KILLS):
        outcome(broken, kill_after=draw.uniform(0.1, 0.4) * lasted)
    outcome(broken)
    assert (broken / "predictions.csv").read_bytes() == (whole / "predictions.csv").read_bytes()
    assert (broken / "splits.json").read_bytes() == (whole / "splits.json").read_bytes()
    log = (broken / "log.jsonl").read_text(encoding="utf-8")
    assert log.count('"started"') == 1
    assert log.count('"resumed"') >= 1
    assert not list(broken.rglob("*.checkpoint"))
