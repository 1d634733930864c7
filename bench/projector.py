"""Projector and OSEM beside PyTomography: same settings, same threads, one run.

python bench/projector.py [--threads 1] [--sizes 64 128] [--repeats 5]

Where PyTomography is absent only our own figures are printed; ``pip install pytomography==3.4.0`` brings it.
"""

import argparse
import importlib
import importlib.util
import statistics
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

from myoperf.physics.collimator import LEHR
from myoperf.physics.orbit import Orbit
from myoperf.physics.projector import Projector
from myoperf.recon.osem import osem

FIELD_MM, RADIUS_MM, VIEWS, SUBSETS = 409.6, 250.0, 64, 8
PRESENT = importlib.util.find_spec("pytomography") is not None


@dataclass(frozen=True, kw_only=True)
class Case:
    """Random numbers to project and a body with a heart to reconstruct, both inside the inscribed circle."""

    size: int
    random: torch.Tensor
    patient: torch.Tensor
    mu: torch.Tensor
    iterations: int

    @property
    def voxel_mm(self) -> float:
        return FIELD_MM / self.size


def case(size: int) -> Case:
    draw = torch.Generator().manual_seed(size)
    place = (torch.arange(size) - (size - 1) / 2) * (FIELD_MM / size)
    radius = torch.hypot(place[:, None], place[None])
    inside, body = radius < FIELD_MM * (0.5 - 1 / size), radius < 160.0
    heart = (torch.hypot(place[:, None] + 50, place[None] - 40) - 30).abs() < 8
    return Case(
        size=size,
        random=torch.rand((size, size, size), generator=draw) * inside,
        patient=(0.2 * body + 0.8 * heart).expand(size, size, size).contiguous(),
        mu=0.2 * body * torch.rand((size, size, size), generator=draw),
        iterations=4 if size <= 64 else 1,
    )


def ours(this: Case) -> tuple[Projector, Callable[[torch.Tensor], torch.Tensor]]:
    orbit = Orbit(views=VIEWS, radius_mm=RADIUS_MM)
    projector = Projector((this.size,) * 3, this.voxel_mm, orbit, this.mu, LEHR)
    return projector, lambda counts: osem(counts, projector, this.iterations, SUBSETS)


def module(name: str) -> Any:
    return importlib.import_module(f"pytomography.{name}")


def theirs(this: Case) -> tuple[Any, Callable[[torch.Tensor], torch.Tensor]]:
    """PyTomography with object axes x, y, z, angles that rise the other way round, and centimetres."""
    transforms, metadata = module("transforms.SPECT"), module("metadata.SPECT")
    n, step = this.size, this.voxel_mm / 10
    grid = metadata.SPECTObjectMeta([step] * 3, [n, n, n])
    angles = -Orbit(views=VIEWS).angles_deg
    views = metadata.SPECTProjMeta((n, n), [step] * 2, angles, [RADIUS_MM / 10] * VIEWS)
    width = metadata.SPECTPSFMeta((1.0,), lambda distance, scale: scale * LEHR.sd_mm(10 * distance) / 10)
    losses = transforms.SPECTAttenuationTransform(this.mu.permute(2, 1, 0).contiguous())
    matrix = module("projectors.SPECT").SPECTSystemMatrix(
        [losses, transforms.SPECTPSFTransform(width)], [], grid, views
    )

    def reconstruct(counts: torch.Tensor) -> torch.Tensor:
        matrix.set_n_subsets(SUBSETS)
        likelihood = module("likelihoods").PoissonLogLikelihood(matrix, counts.transpose(1, 2).contiguous())
        found = module("algorithms").OSEM(likelihood)(this.iterations, SUBSETS)
        return torch.as_tensor(found).permute(2, 1, 0)

    return matrix, reconstruct


def seconds(work: Callable[[], torch.Tensor], repeats: int) -> tuple[float, torch.Tensor]:
    """Median time of a call after one that does not count, and what it gave."""
    made, times = work(), []
    for _ in range(repeats):
        start = time.perf_counter()
        made = work()
        times.append(time.perf_counter() - start)
    return statistics.median(times), made


def adjoint_error(projector: Projector) -> float:
    """|<Ax, y> - <x, A'y>| / <Ax, y> of random x and y."""
    draw = torch.Generator().manual_seed(1)
    x = torch.rand(projector.shape, generator=draw)
    y = torch.rand(projector.projection_shape, generator=draw)
    left = (projector.forward(x).double() * y).sum()
    right = (x.double() * projector.back(y)).sum()
    return float(abs(left - right) / left)


def row(size: int, repeats: int) -> str:
    this = case(size)
    projector, reconstruct = ours(this)
    start = time.perf_counter()
    projector.forward(this.random)
    first = time.perf_counter() - start
    forward, made = seconds(lambda: projector.forward(this.random), repeats)
    counts = projector.forward(this.patient)
    whole, image = seconds(lambda: reconstruct(counts), min(repeats, 3))
    told = f"{size:>5} {adjoint_error(projector):>9.1e} {first:>9.3f} {forward:>9.3f} {whole:>9.3f}"
    if not PRESENT:
        return told
    matrix, their_reconstruct = theirs(this)
    turned = this.random.permute(2, 1, 0).contiguous()
    their_forward, their_made = seconds(lambda: matrix.forward(turned), min(repeats, 3))
    their_whole, their_image = seconds(lambda: their_reconstruct(counts), 1)
    apart = float((their_made.transpose(1, 2) - made).abs().max() / made.max())
    image_apart = float((their_image - image).abs().max() / image.max())
    return (
        f"{told} {their_forward:>9.3f} {their_whole:>9.3f} {their_forward / forward:>7.1f}x"
        f" {their_whole / whole:>7.1f}x {apart:>9.1e} {image_apart:>9.1e}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--sizes", type=int, nargs="+", default=[64, 128])
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    warnings.simplefilter("ignore")
    print(f"{VIEWS} views over 180 degrees, cubes; attenuation and LEHR blur; {options.threads} threads; seconds")
    print("OSEM: 8 subsets, 4 iterations (1 above 64); medians after a warm-up; 1st call: with all tables made")
    print(f"{'size':>5} {'adjoint':>9} {'1st call':>9} {'forward':>9} {'OSEM':>9}", end="")
    if PRESENT:
        print(f" {'theirs':>9} {'OSEM':>9} {'forward':>8} {'OSEM':>8} {'apart':>9} {'image':>9}")
    else:
        print("\nPyTomography is not installed here: nothing to compare with, these are our own figures alone")
    for size in options.sizes:
        print(row(size, options.repeats), flush=True)
    if PRESENT:
        print(
            "apart: largest difference of the projections, as part of their maximum; image: the same of the OSEM images"
        )


if __name__ == "__main__":
    main()
