"""A small lopsided heart, and files of it with single elements changed."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset

from myoperf.core.study import Volume
from myoperf.core.terms import State, Tracer
from myoperf.io.nm_object import NMObject
from myoperf.io.nm_write import series_dataset

Edit = Callable[[Dataset], object]


def lopsided(gates: int = 1, slices: int = 9, rows: int = 12, columns: int = 10) -> Volume:
    """Whole counts, all voxels unlike their mirror images."""
    counts: Volume = np.random.default_rng(5).poisson(30, (gates, slices, rows, columns)).astype(np.float32)
    return counts


@pytest.fixture
def heart() -> NMObject:
    return NMObject(
        counts=lopsided(),
        spacing_mm=(6.0, 5.0, 4.0),
        patient_id="P001",
        study_id="P001-1",
        state=State.STRESS,
        tracer=Tracer.TC99M,
    )


@pytest.fixture
def edited(tmp_path: Path, heart: NMObject) -> Callable[..., Path]:
    """Write the heart with its data set changed by a function; gives the file."""

    def write(edit: Edit, of: NMObject = heart, name: str = "edited.dcm") -> Path:
        dataset = series_dataset(of)
        edit(dataset)
        path = tmp_path / name
        dataset.save_as(path, enforce_file_format=True)
        return path

    return write
