"""Makes ``projector_pytomography.json`` with PyTomography 3.4.0: ``python tests/reference/projector_pytomography.py``.

PyTomography counts object axes x, y, z, lengths in cm, and angles the other way round.
"""

import importlib
import json
from pathlib import Path

import numpy as np

from myoperf.physics.collimator import LEHR

SIDE, SLICES, VOXEL_CM, RADIUS_CM, VIEWS = 24, 6, 1.6, 20.0, 5


def main() -> None:
    metadata = importlib.import_module("pytomography.metadata.SPECT")
    transforms = importlib.import_module("pytomography.transforms.SPECT")
    projectors = importlib.import_module("pytomography.projectors.SPECT")
    torch = importlib.import_module("torch")
    z, y, x = np.indices((SLICES, SIDE, SIDE))
    inside = np.hypot(y - 11.5, x - 11.5) < 11
    activity = inside * (1 + np.sin(0.9 * x + 0.4 * z) * np.cos(0.7 * y))
    mu = inside * (0.15 + 0.1 * np.cos(0.5 * x - 0.3 * y + z))
    turned = [torch.from_numpy(np.ascontiguousarray(a.transpose(2, 1, 0), dtype=np.float32)) for a in (activity, mu)]
    angles = -(-45.0 + np.arange(VIEWS) * 170.0 / VIEWS)
    grid = metadata.SPECTObjectMeta([VOXEL_CM] * 3, [SIDE, SIDE, SLICES])
    views = metadata.SPECTProjMeta((SIDE, SLICES), [VOXEL_CM] * 2, angles, [RADIUS_CM] * VIEWS)
    width = metadata.SPECTPSFMeta((1.0,), lambda distance, scale: scale * LEHR.sd_mm(10 * distance) / 10)
    parts = [transforms.SPECTAttenuationTransform(turned[1]), transforms.SPECTPSFTransform(width)]
    made = projectors.SPECTSystemMatrix(parts, [], grid, views).forward(turned[0]).transpose(1, 2)
    found = {"made by": "PyTomography 3.4.0", "projections": np.round(made.numpy().astype(float), 6).tolist()}
    Path(__file__).with_suffix(".json").write_text(json.dumps(found) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
