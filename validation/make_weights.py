"""Make the weights that are shipped: one encoder pre-trained on virtual patients, and the papers' systems on it.

    python validation/make_weights.py [-o src/myoperf/train/shipped_weights] [--patients 1600] [--epochs 17]
        [--seed 770000] [--work build/weights] [--jobs 2] [--heads NAME ...] [--no-heads] [--twice]

Work goes on where it stopped (discs, epochs, cohorts, runs lie in --work). The last tenth of the patients is never
learnt from; the card's figures of the encoder are theirs. ``--twice`` makes the encoder in two folders from nothing and
compares the bytes. The same words give the same bytes on the same machine: torch works on one thread.
"""

import argparse
import hashlib
import shlex
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from scipy.stats import spearmanr
from weights_discs import FIRST_SEED, SEGMENTS, Discs, virtual_discs
from weights_encoder import (
    AMOUNTS,
    YES_NO,
    Asked,
    Lessons,
    Pretraining,
    answers_for,
    lessons,
    pretrain,
)
from weights_heads import HEADS, make_head

from myoperf.evaluate.delong import delong, logit_interval
from myoperf.train.package import Card, write_encoder
from myoperf.train.shipped import ENCODER, SHIPPED

PATIENTS, EPOCHS = 1600, 17
HELD_OUT = 0.1
MOST_BYTES = 40 * 10**6


def say(what: str, done: int, total: int) -> None:
    print(f"{time.strftime('%H:%M:%S')} {what} {done}/{total}", flush=True)


def part(learnt: Lessons, rows: slice) -> Lessons:
    return Lessons(maps=learnt.maps[rows], amounts=learnt.amounts[rows], yes_no=learnt.yes_no[rows])


def make_encoder(options: argparse.Namespace, work: Path, out: Path, command: str) -> Path:
    """Discs, pre-training, figures on patients who were held out, package; returns the file of the weights."""
    how = Pretraining(epochs=options.epochs)
    discs = virtual_discs(work / "discs", patients=options.patients, seed=options.seed, jobs=options.jobs, progress=say)
    held = max(int(HELD_OUT * len(discs)), 1)
    states = discs.maps.shape[1]
    every = lessons(discs)
    cut = states * (len(discs) - held)
    folder = work / f"encoder-{options.seed}-{options.patients}-{options.epochs}"
    network, losses = pretrain(part(every, slice(0, cut)), folder, seed=options.seed, how=how, progress=say)
    card = encoder_card(network, part(every, slice(cut, None)), discs, held, (options, how, losses, command))
    write_encoder(network.encoder.body.state_dict(), out / ENCODER, card)
    return out / ENCODER / "model.safetensors"


def encoder_card(
    network: Asked,
    tested: Lessons,
    discs: Discs,
    held: int,
    told: tuple[argparse.Namespace, Pretraining, list[float], str],
) -> Card:
    options, how, losses, command = told
    refused = float(np.isnan(discs.maps[:, :, 1]).any(axis=(2, 3)).mean())
    return Card(
        title="ResNet-18 pre-trained on virtual polar maps",
        summary=f"first weights for encoders of polar maps, learnt from {len(discs) - held} virtual patients",
        command=command,
        patients=len(discs) - held,
        seed=options.seed,
        data="Single discs, stress and rest, Tc-99m and Tl-201, two cameras, all protocols and positions, more disease "
        "than usual; sampled along the known wall or measured as a user's study is "
        f"({100 * refused:.1f} percent of the measurements refused). Six colour scales with grey, 64 to 160 pixels, "
        "turns of up to 10 degrees, brightness, ramps, noise, light grounds; never mirrored. Learnt at once: uptake, "
        "deficit and lost activity of 17 segments, perfusion deficit, disease, territories, state, tracer, sex. "
        f"{how.epochs} epochs in batches of {how.batch}, AdamW {how.lr:g}; last loss {losses[-1]:.3f}.",
        figures=figures(network, tested),
        judged_on=f"{held} virtual patients who were held out ({len(tested)} discs, thermal scale, 128 pixels; "
        "n counts patients)",
        limits=("Colour scales that are far from the six, and overlays on a disc, were not seen.",),
    )


def figures(network: Asked, tested: Lessons) -> tuple[tuple[str, str], ...]:
    """AUC of every yes-or-no question, rank correlation of the perfusion deficit and of segments."""
    answers = answers_for(network, tested.maps)
    found = []
    for k, question in enumerate(YES_NO):
        truth, score = tested.yes_no[:, k].astype(int), answers[:, AMOUNTS + k].astype(float)
        if 0 < truth.sum() < len(truth):
            found.append((f"AUC, {question}", auc_text(truth, score)))
    rank = float(spearmanr(answers[:, AMOUNTS - 1], tested.amounts[:, AMOUNTS - 1])[0])
    found.append(("rank correlation, lost activity of the ventricle", f"{rank:.3f}, {len(tested)} discs"))
    per_segment = [float(np.corrcoef(answers[:, k], tested.amounts[:, k])[0, 1]) for k in range(SEGMENTS)]
    found.append(
        ("correlation, uptake of a segment, median of 17", f"{np.median(per_segment):.3f}, {len(tested)} discs")
    )
    return tuple(found)


def auc_text(truth: np.ndarray, score: np.ndarray, states: int = 2) -> str:
    """AUC with its interval, which allows for the discs of one patient."""
    people = np.arange(len(truth)) // states
    found = delong(truth.astype(bool), score, people)
    around = logit_interval(float(found.auc[0]), float(found.covariance[0, 0]))
    spread = "" if around is None else f" [{around[0]:.3f}, {around[1]:.3f}]"
    return f"{found.auc[0]:.3f}{spread}, n = {len(np.unique(people))}"


def twice(options: argparse.Namespace, command: str) -> int:
    """Make the encoder from nothing in two folders; 0 where both are the same bytes."""
    digests = []
    for _ in range(2):
        with tempfile.TemporaryDirectory() as work:
            path = make_encoder(options, Path(work), Path(work) / "out", command)
            digests.append(hashlib.sha256(path.read_bytes()).hexdigest())
            print(f"SHA-256 {digests[-1]}", flush=True)
    print("the same bytes" if digests[0] == digests[1] else "OTHER BYTES")
    return int(digests[0] != digests[1])


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("-o", "--out", type=Path, default=SHIPPED)
    parser.add_argument("--patients", type=int, default=PATIENTS)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--seed", type=int, default=FIRST_SEED)
    parser.add_argument("--work", type=Path, default=Path("build/weights"))
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--heads", nargs="*", default=[head.recipe for head in HEADS])
    parser.add_argument("--no-heads", action="store_true")
    parser.add_argument("--twice", action="store_true")
    options = parser.parse_args()
    told = [("--patients", options.patients), ("--epochs", options.epochs), ("--seed", options.seed)]
    words = [word for name, value in told for word in (name, str(value))]
    command = shlex.join(["python", "validation/make_weights.py", *words])
    if options.twice:
        return twice(options, command)
    encoder = make_encoder(options, options.work, options.out, command)
    for head in HEADS:
        if head.recipe in options.heads and not options.no_heads:
            make_head(
                head, encoder, options.work, options.out, seed=options.seed, command=command, jobs=options.jobs,
                progress=say,
            )  # fmt: skip
    size = sum(path.stat().st_size for path in options.out.rglob("*") if path.is_file())
    print(f"{options.out}: {size / 1e6:.1f} MB of at most {MOST_BYTES / 1e6:.0f}")
    return int(size > MOST_BYTES)


if __name__ == "__main__":
    sys.exit(main())
