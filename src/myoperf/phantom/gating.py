"""Gated images by the fast physics: the heart of every gate, with the noise of its share of the counts."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ..core.terms import State
from .acquisition import stored_counts
from .beat import gate_anatomies
from .patients import PURPOSES, Patient, Scan, expected_image

GATES = 8
"""Of every beat, where nothing else is asked for."""


def gated_counts(patient: Patient, state: State, gates: int = GATES) -> NDArray[np.uint16]:
    """Stored counts of every gate, shape (gate, slice, row, column), scaled as the ungated image is."""
    scan = patient.scan(state)
    imaging = replace(scan.imaging, noise=scan.imaging.noise * gates**0.5)
    random = np.random.default_rng([patient.seed, patient.number, PURPOSES.index(state.value), gates, gates])
    volumes = []
    for anatomy in gate_anatomies(scan.anatomy, scan.beat, gates):
        still: Scan = replace(scan, anatomy=anatomy)
        beating = replace(patient, stress=still) if state is State.STRESS else replace(patient, rest=still)
        image = expected_image(beating, state)
        volumes.append(stored_counts(image, scan.field, imaging, random))
    return np.stack(volumes)
