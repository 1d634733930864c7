"""Malformed DICOM: mutants of good files are read or refused in one line, never anything else.

``python bench/fuzz_dicom.py 100000`` prints the counts, the slowest file and the peak memory.
"""

import resource
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path

import numpy as np
from pydicom.uid import UID, ExplicitVRBigEndian, ImplicitVRLittleEndian

from myoperf.core.errors import RefusedError
from myoperf.core.terms import State, Tracer
from myoperf.io.nm import read_series
from myoperf.io.nm_object import NMObject, StoredOrder
from myoperf.io.nm_write import series_dataset

MAX_SECONDS = 2.0
_VRS = (b"AE", b"AT", b"CS", b"DS", b"FD", b"FL", b"IS", b"LO", b"OB", b"OW", b"SQ", b"UI", b"UN", b"US", b"UT", b"ZZ")


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of the mutants: read, refused (by rule), the slowest in seconds, the peak memory in MB."""

    read: int
    refused: Counter[str]
    slowest: float
    peak_mb: float


def seed_files() -> list[bytes]:
    """Good files: ungated and gated, three syntaxes, directions in several places, a bare Secondary Capture."""
    counts = np.random.default_rng(0).poisson(20, (1, 9, 12, 10)).astype(np.float32)
    heart = NMObject(
        counts=counts, spacing_mm=(6, 5, 4), patient_id="P1", state=State.STRESS, tracer=Tracer.TC99M, study_id="1"
    )
    gated = replace(heart, counts=np.repeat(counts, 4, axis=0), stored=StoredOrder(place="top", frames="shuffled"))
    letters = replace(heart, stored=StoredOrder(place="letters", base_first=True), tracer=Tracer.TL201)
    found = [_bytes(h, syntax) for h in (heart, gated, letters) for syntax in (None, ImplicitVRLittleEndian)]
    capture = series_dataset(heart)
    capture.SOPClassUID = capture.file_meta.MediaStorageSOPClassUID = UID("1.2.840.10008.5.1.4.1.1.7")
    return [*found, _bytes(heart, ExplicitVRBigEndian), _saved(capture)]


def _bytes(heart: NMObject, syntax: UID | None) -> bytes:
    dataset = series_dataset(heart)
    if syntax is not None:
        dataset.file_meta.TransferSyntaxUID = syntax
    return _saved(dataset)


def _saved(dataset: "object") -> bytes:
    buffer = BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)  # type: ignore[attr-defined]
    return buffer.getvalue()


def mutate(data: bytes, rng: np.random.Generator) -> bytes:
    """One to four faults: a flipped bit, a cut, a changed length, another VR, swapped bytes, a doubled or lost part."""
    changed = bytearray(data)
    for _ in range(int(rng.integers(1, 5))):
        at = int(rng.integers(0, min(len(changed), 4096)))
        kind = int(rng.integers(0, 7))
        if kind == 0:
            changed[at] ^= 1 << int(rng.integers(0, 8))
        elif kind == 1:
            del changed[int(rng.integers(132, len(changed) + 1)) :]
        elif kind == 2:
            changed[at : at + 4] = int(rng.choice([0, 1, 2**31 - 1, 2**32 - 1, 2**16])).to_bytes(4, "little")
        elif kind == 3:
            found = changed.find(_VRS[int(rng.integers(0, len(_VRS)))], at)
            changed[found : found + 2] = (
                _VRS[int(rng.integers(0, len(_VRS)))] if found >= 0 else changed[found : found + 2]
            )
        elif kind == 4:
            changed[at : at + 8] = changed[at : at + 8][::-1]
        elif kind == 5:
            changed[at:at] = changed[at : at + int(rng.integers(1, 64))]
        else:
            del changed[at : at + int(rng.integers(1, 64))]
        if len(changed) < 140:
            break
    return bytes(changed)


def fuzz(count: int, seed: int = 0) -> Outcome:
    """Read ``count`` mutants. AssertionError for a refusal that is not one line, a slow file, or counts not finite."""
    rng = np.random.default_rng(seed)
    seeds = seed_files()
    read, refused, slowest = 0, Counter[str](), 0.0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mutant.dcm"
        for k in range(count):
            path.write_bytes(mutate(seeds[k % len(seeds)], rng))
            line, start = "", time.perf_counter()
            try:
                assert np.isfinite(read_series(path).load()).all()
                read += 1
            except RefusedError as refusal:
                refused[refusal.rule] += 1
                line = str(refusal)
            slowest = max(slowest, time.perf_counter() - start)
            assert slowest < MAX_SECONDS
            assert line.isprintable()
            assert "RecursionError" not in line
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Outcome(read=read, refused=refused, slowest=slowest, peak_mb=peak)


def main() -> None:
    """Fuzz as many as the command line says and print what became of them."""
    outcome = fuzz(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
    print(f"read {outcome.read}, refused {sum(outcome.refused.values())}, nothing else")
    print(f"slowest {outcome.slowest * 1000:.0f} ms, peak memory {outcome.peak_mb:.0f} MB")
    for rule, times in outcome.refused.most_common(40):
        print(f"{times:8d}  {rule}")


if __name__ == "__main__":
    main()
