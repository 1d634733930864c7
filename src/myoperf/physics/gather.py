"""Sparse weighted sums of rows: rotation of transaxial slices as one table a view, and its exact transpose."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from scipy.sparse import csr_array

from .orbit import trigonometry


@dataclass(frozen=True, kw_only=True)
class Gather:
    """Each output row is a weighted sum of a few input rows.

    index, weight : all entries, output row by output row. start : first entry of each row, and one after the last.
    """

    index: torch.Tensor
    weight: torch.Tensor
    start: torch.Tensor

    def __call__(self, rows: torch.Tensor) -> torch.Tensor:
        """Rows (inputs, values) to rows (outputs, values)."""
        return torch.nn.functional.embedding_bag(
            self.index, rows, self.start, mode="sum", per_sample_weights=self.weight, include_last_offset=True
        )

    def part(self, first: int, last: int) -> "Gather":
        """The output rows from ``first`` up to ``last`` only."""
        if first == 0 and last == len(self.start) - 1:
            return self
        begin, end = int(self.start[first]), int(self.start[last])
        start = self.start[first : last + 1] - begin
        return Gather(index=self.index[begin:end], weight=self.weight[begin:end], start=start)


def gather(table: csr_array) -> Gather:
    """The weighted sums that a sparse matrix (outputs, inputs) stands for."""
    table.sum_duplicates()
    table.eliminate_zeros()
    return Gather(
        index=torch.from_numpy(table.indices.astype(np.int32)),
        weight=torch.from_numpy(table.data.astype(np.float32)),
        start=torch.from_numpy(table.indptr.astype(np.int32)),
    )


@dataclass(frozen=True, kw_only=True)
class Rotation:
    """Pixels of a transaxial slice to cells (depth, bin) of one view, and the transpose of that."""

    forward: Gather
    back: Gather


@lru_cache(maxsize=288)
def rotation(rows: int, columns: int, angle_deg: float) -> Rotation:
    """Bilinear rotation of slices (rows, columns) into the detector's frame at one angle, zero outside.

    Pixels count row by row. The result counts cells depth by depth, the nearest to the detector first, with
    ``max(rows, columns)`` depths and ``columns`` bins, of the pixel's own size.
    """
    cos, sin = trigonometry(angle_deg)
    depths = max(rows, columns)
    towards = ((depths - 1) / 2 - np.arange(depths))[:, None]
    across = (np.arange(columns) - (columns - 1) / 2)[None, :]
    x = (across * cos + towards * sin + (columns - 1) / 2).ravel()
    y = (across * sin - towards * cos + (rows - 1) / 2).ravel()
    low_x, low_y = np.floor(x), np.floor(y)
    cell, pixel, weight = [], [], []
    for step_y in (0, 1):
        for step_x in (0, 1):
            at_x, at_y = low_x + step_x, low_y + step_y
            part = (1 - np.abs(x - at_x)) * (1 - np.abs(y - at_y))
            inside = (part > 0) & (at_x >= 0) & (at_x < columns) & (at_y >= 0) & (at_y < rows)
            cell.append(np.nonzero(inside)[0])
            pixel.append((at_y * columns + at_x)[inside].astype(np.intp))
            weight.append(part[inside])
    entries = (np.concatenate(weight), (np.concatenate(cell), np.concatenate(pixel)))
    table = csr_array(entries, shape=(depths * columns, rows * columns))
    return Rotation(forward=gather(table), back=gather(csr_array(table.T)))
