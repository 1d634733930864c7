"""Virtual patients as polar maps with what is true of them: made in memory, a few hundred to a file.

Every state of a patient is there twice: sampled along the known wall from the noisy counts, and measured from the
stored volume as a user's study would be (NaN where the measuring refuses).
"""

from dataclasses import dataclass, fields, replace
from io import BytesIO
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray

from myoperf.core.errors import MyoperfError
from myoperf.core.polar import RINGS, SECTORS
from myoperf.core.progress import Progress, silent
from myoperf.core.study import Series, Volume
from myoperf.core.terms import Sex, State, Tracer
from myoperf.io.files import write_bytes
from myoperf.phantom.camera import VIRTUAL_CZT, VIRTUAL_SPECT
from myoperf.phantom.clinic import virtual_patient
from myoperf.phantom.limits import stored_limits
from myoperf.phantom.patients import STATES, Patient, expected_image, render, study
from myoperf.phantom.person import Intake
from myoperf.phantom.population import Population
from myoperf.phantom.protocol import Practice
from myoperf.phantom.truth import state_truth, true_map
from myoperf.quant.maps import series_map

FIRST_SEED = 770_000
"""Cohorts that weights are made of have this seed or a later one; nothing else in the project uses them."""

PATIENTS_A_FILE = 100
TRACERS = (2, 3)
"""Parts of Tc-99m and Tl-201; with two cameras in turn, every tracer meets every camera."""

CLINIC = Population(intake=Intake(prevalence=0.65), practice=Practice(), cameras=(VIRTUAL_SPECT, VIRTUAL_CZT))
"""More disease than usual, every protocol, position and camera."""

WAYS = ("sampled along the known wall", "measured")
SEGMENTS = 17


@dataclass(frozen=True, kw_only=True)
class Discs:
    """Maps of n patients and what is true of them.

    maps : percent of maximum, shape (n, states, ways, rings, sectors), NaN where a map was refused.
    deficit : score of each segment, 0 .. 4, before rounding; loss : part of its activity that disease takes, 0 .. 1;
    uptake : percent of maximum; each of shape (n, states, 17), from the image without noise.
    tpd : of the image and of the activity, percent, (n, states, 2). technetium, male, czt : 0 or 1, (n,).
    """

    maps: NDArray[np.float16]
    deficit: NDArray[np.float32]
    loss: NDArray[np.float32]
    uptake: NDArray[np.float32]
    tpd: NDArray[np.float32]
    technetium: NDArray[np.uint8]
    male: NDArray[np.uint8]
    czt: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.maps)


def virtual_discs(
    folder: Path, *, patients: int, seed: int, jobs: int | None = None, progress: Progress = silent
) -> Discs:
    """Discs of patients 0 .. ``patients`` - 1 of a seed; files that lie in ``folder`` already are not made again."""
    if seed < FIRST_SEED:
        raise ValueError(f"seeds of cohorts that weights are made of begin at {FIRST_SEED}, got {seed}")
    firsts = range(0, patients, PATIENTS_A_FILE)
    counts = [min(PATIENTS_A_FILE, patients - first) for first in firsts]
    paths = [folder / f"discs-{seed}-{first:06d}-{count}.npz" for first, count in zip(firsts, counts, strict=True)]
    work = [
        delayed(_file)(path, seed, range(first, first + count))
        for path, first, count in zip(paths, firsts, counts, strict=True)
        if not path.exists()
    ]
    done = len(paths) - len(work)
    for _ in Parallel(n_jobs=jobs or -1, return_as="generator", batch_size=1)(work):
        done += 1
        progress("files of virtual discs", done, len(paths))
    return joined([read_discs(path) for path in paths])


def _file(path: Path, seed: int, numbers: range) -> Path:
    """Make the discs of some patients and write them."""
    made = joined([discs_of(virtual_patient(seed, number, TRACERS, CLINIC)) for number in numbers])
    packed = BytesIO()
    arrays = {field.name: getattr(made, field.name) for field in fields(made)}
    np.savez(packed, **arrays)
    return write_bytes(path, packed.getvalue())


def read_discs(path: Path) -> Discs:
    """Discs of one file."""
    with np.load(path, allow_pickle=False) as held:
        return Discs(**{field.name: held[field.name] for field in fields(Discs)})


def joined(parts: list[Discs]) -> Discs:
    """Discs of several files, one after the other."""
    return Discs(**{f.name: np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(Discs)})


def discs_of(patient: Patient) -> Discs:
    """Maps and truth of one patient."""
    limits = stored_limits("fast")
    maps = np.full((len(STATES), len(WAYS), RINGS, SECTORS), np.nan)
    truths = []
    for row, state in enumerate(STATES):
        expected = expected_image(patient, state)
        counts = render(patient, state, expected)
        truths.append(state_truth(patient, state, expected, limits[patient.sex, patient.tracer, state]))
        crop = counts[patient.scan(state).field.crop()].astype(np.float32)
        maps[row, 0] = true_map(patient, state, crop).values
        maps[row, 1] = _measured(patient, state, counts[None].astype(np.float32))
    return Discs(
        maps=maps[None].astype(np.float16),
        deficit=np.array([[truth.deficit_17 for truth in truths]], np.float32),
        loss=np.array([[truth.loss_17 for truth in truths]], np.float32),
        uptake=np.array([[truth.uptake_17 for truth in truths]], np.float32),
        tpd=np.array([[(truth.tpd_image, truth.tpd_activity) for truth in truths]], np.float32),
        technetium=np.array([patient.tracer is Tracer.TC99M], np.uint8),
        male=np.array([patient.sex is Sex.MALE], np.uint8),
        czt=np.array([patient.camera is VIRTUAL_CZT], np.uint8),
    )


def _measured(patient: Patient, state: State, volume: Volume) -> NDArray[np.float64]:
    """The map that a user's study of the patient would have; NaN where it is refused."""
    series: Series = next(one for one in study(patient).series if one.state is state)
    try:
        return series_map(replace(series, load=lambda: volume)).values
    except MyoperfError:
        return np.full((RINGS, SECTORS), np.nan)
