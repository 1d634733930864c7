"""The full physics: the heart beats in its body, a camera counts it, and what it counted is reconstructed.

Everything runs on one thread, so that the same patient gives the same bits however many processes are at work.
"""

from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray

from ..core.terms import State, Tracer
from ..networks.threads import one_thread
from ..physics.energy import PHOTOPEAK, TC99M_SCATTER, EnergyWindow, primary_share
from ..physics.noise import poisson, thin
from ..physics.projector import Projector
from ..physics.scatter import Scatter
from ..recon.butterworth import Butterworth
from ..recon.fbp import fbp
from ..recon.osem import osem
from ..recon.reorient import ObliqueGrid, short_axis
from .acquisition import FINE, ORDER, Field, Image, stored_whole
from .beat import gate_anatomies
from .gating import GATES
from .motion import kept_bins, projected_shifts, respiration_weights, view_shifts
from .painting import Activity, Grid, paint_heart
from .patients import TABLE_RINGS, TABLE_SECTORS, Patient, Scan, body_directions, scan_stream, wall_activity
from .pose import grid_turn
from .surface import Floats
from .torso import paint_torso
from .ventricle import left_alone

PHOTONS, USUAL_VIEWS = 21.0, 64
"""Counts that a voxel of normal muscle would add to each view of a usual study, were there nothing in between."""

STORED = 1900.0 / PHOTONS
"""Stored counts of a reconstructed count (clinical software scales, too)."""

CORRECTED = 600.0 / PHOTONS
ITERATIONS, SUBSETS, LESS_SMOOTH = 4, 8, 1.25
"""Of the corrected reconstruction, and its cutoff over that of the uncorrected one: our choice."""
_ROOM_MM = 62.0
"""What is painted of the heart beyond the left ventricle's own reach: right ventricle and atria."""

LOWER_WINDOWS = {Tracer.TC99M: TC99M_SCATTER, Tracer.TL201: (EnergyWindow(low_kev=50.0, high_kev=62.0),)}
"""Windows below the photopeak, nearest first; that of Tl-201 is our choice."""

Counts = NDArray[np.uint16]


@dataclass(frozen=True, kw_only=True)
class Acquired:
    """What one state leaves, before it is written.

    expected : the uncorrected short axis without noise, in the field's crop. short_axis, corrected, gated : as stored,
    in the project's orientation; gated has the gate in front. projections : (window, view, z, bin), photopeak first.
    windows : energy windows of the projections. gated_projections : (gate, view, z, bin), photopeak.
    transaxial, corrected_transaxial : (z, y, x), without and with correction. mu : 1/cm, (z, y, x). heart : what each
    view sees of the left ventricle, (view, z, bin).
    """

    expected: Image = field(repr=False)
    short_axis: Counts = field(repr=False)
    gated: Counts = field(repr=False)
    corrected: Counts | None = field(repr=False)
    corrected_transaxial: Image | None = field(repr=False)
    projections: Counts = field(repr=False)
    windows: tuple[EnergyWindow, ...]
    gated_projections: Counts = field(repr=False)
    transaxial: Image = field(repr=False)
    mu: Image = field(repr=False)
    heart: NDArray[np.bool_] = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class _Body:
    """Uptake of every gate (gate, z, y, x), attenuation (z, y, x), and the wall of the ungated heart alone."""

    gates: Activity
    mu: Activity
    wall: Activity


@dataclass(frozen=True, kw_only=True)
class _Views:
    """Expected counts: of the photopeak by gate (gate, view, z, bin), scatter and all, of each lower window, and of
    the scatter within the photopeak (view, z, bin)."""

    gates: NDArray[np.float64]
    lower: tuple[NDArray[np.float64], ...]
    scatter: NDArray[np.float64]


def acquire(
    patient: Patient, state: State, *, corrected: bool = False, dose: float = 1.0, gates: int = GATES
) -> Acquired:
    """One state of a patient, through camera and reconstruction.

    corrected : also reconstruct with attenuation, resolution and scatter (OSEM). dose : part of the counts that is
    kept (exact thinning; 1 keeps all). gates : 8 or 16.
    """
    with one_thread():
        return _acquire(patient, state, corrected, dose, gates)


def expected_tomogram(patient: Patient, state: State) -> Image:
    """The uncorrected short axis without noise, in the field's crop, shape (slice, row, column)."""
    with one_thread():
        body = _body(patient, state)
        views = _expected_views(patient, state, body, _projector(patient, body), lower=False)
        image: Image = _short_axes(patient, state, _filtered(patient, state, views.gates.sum(axis=0)))[0]
        return image


def _acquire(patient: Patient, state: State, corrected: bool, dose: float, number: int) -> Acquired:
    scan, random = patient.scan(state), scan_stream(patient, state)
    body = _body(patient, state, number)
    projector = _projector(patient, body)
    views = _expected_views(patient, state, body, projector)
    gates = poisson(views.gates, random)
    windows = [poisson(window, random) for window in views.lower]
    if dose < 1.0:
        thinned = np.random.default_rng([int(random.integers(2**62)), round(1e6 * dose)])
        gates = thin(gates, dose, thinned)
        windows = [thin(window, dose, thinned) for window in windows]
    whole = gates.sum(axis=0)
    volumes = _filtered(
        patient, state, np.concatenate([dose * views.gates.sum(axis=0)[None], whole[None], gates]) / dose
    )
    axes = _short_axes(patient, state, volumes)
    factor = np.float32(number)
    even = _corrected(patient, state, whole / dose, views.scatter, projector) if corrected else None
    return Acquired(
        expected=axes[0],
        short_axis=stored_whole(axes[1], scan.field),
        gated=np.stack([stored_whole(axis * factor, scan.field) for axis in axes[2:]]),
        corrected=None if even is None else _stored_corrected(patient, state, even),
        corrected_transaxial=even,
        projections=np.stack([whole, *windows]).astype(np.uint16),
        windows=(PHOTOPEAK[patient.tracer], *LOWER_WINDOWS[patient.tracer]),
        gated_projections=gates.astype(np.uint16),
        transaxial=np.maximum(volumes[1], 0.0),
        mu=body.mu,
        heart=_seen_heart(patient, state, body),
    )


def _body(patient: Patient, state: State, number: int = GATES) -> _Body:
    """The heart of every gate in its body, on the camera's grid, blurred by breathing."""
    scan, camera = patient.scan(state), patient.camera
    torso, step = patient.torso(state), camera.pixel_mm
    around, mu = paint_torso(torso, camera.shape, step, patient.tracer)
    box, grid = _heart_box(patient, scan)
    room = around[box]
    fine = np.ascontiguousarray(room.repeat(FINE, 0).repeat(FINE, 1).repeat(FINE, 2))
    gates = np.repeat(around[None], number, axis=0)
    for gate, anatomy in enumerate(gate_anatomies(scan.anatomy, scan.beat, number)):
        wall = wall_activity(patient, state, anatomy.mid_wall)
        gates[gate][box] = _averaged(paint_heart(anatomy, wall, grid, fine.copy()), room.shape)
    alone, even = np.zeros_like(around), np.ones((TABLE_RINGS, TABLE_SECTORS))
    alone[box] = _averaged(
        paint_heart(left_alone(scan.anatomy, cavity=1.0), even, grid, np.zeros_like(fine)), room.shape
    )
    return _Body(gates=_breathing(scan, gates, step), mu=mu, wall=alone)


def _heart_box(patient: Patient, scan: Scan) -> tuple[tuple[slice, slice, slice], Grid]:
    """The part of the camera's grid around the heart, and its fine cells."""
    camera = patient.camera
    step, reach = camera.pixel_mm, max(scan.anatomy.outer) + _ROOM_MM
    cuts, axes = [], []
    for cells, middle in zip(camera.shape, scan.pose.centre_mm[::-1], strict=True):
        at = middle / step + (cells - 1) / 2
        low, high = max(0, int(at - reach / step)), min(cells, int(at + reach / step) + 2)
        cuts.append(slice(low, high))
        axes.append((low - 0.5 + (np.arange((high - low) * FINE) + 0.5) / FINE - at) * step)
    grid = Grid(slices=axes[0], rows=axes[1], columns=axes[2], step_mm=step / FINE, turn=grid_turn(scan.pose))
    return (cuts[0], cuts[1], cuts[2]), grid


def _averaged(fine: Activity, shape: tuple[int, ...]) -> Activity:
    slices, rows, columns = shape
    cells = fine.reshape(slices, FINE, rows, FINE, columns, FINE)
    return np.asarray(cells.mean(axis=(1, 3, 5)), dtype=np.float32)


def _breathing(scan: Scan, gates: Activity, step_mm: float) -> Activity:
    """Heart and body smeared along z by breathing."""
    shifts, shares = respiration_weights(scan.imaging.respiration)
    slices = gates.shape[1]
    smear = np.zeros((slices, slices))
    for shift, share in zip(shifts / step_mm, shares, strict=True):
        smear += share * shifted(slices, float(shift))
    breathed: Activity = np.einsum("ij,gjyx->giyx", smear.astype(np.float32), gates, optimize=True)
    return breathed


def shifted(length: int, shift: float) -> Floats:
    """Matrix that moves values along an axis by ``shift`` cells, linear between them; the ends are held."""
    source = np.clip(np.arange(length) - shift, 0, length - 1)
    low = np.minimum(source.astype(np.intp), length - 2)
    part = source - low
    matrix = np.zeros((length, length))
    matrix[np.arange(length), low] = 1 - part
    matrix[np.arange(length), low + 1] += part
    return matrix


def _projector(patient: Patient, body: _Body) -> Projector:
    camera = patient.camera
    mu = torch.from_numpy(body.mu)
    return Projector(camera.shape, camera.pixel_mm, camera.orbit, mu, camera.collimator)


def _expected_views(patient: Patient, state: State, body: _Body, projector: Projector, *, lower: bool = True) -> _Views:
    """What the camera would count on average. lower : also in the windows below the photopeak."""
    scan, camera, tracer = patient.scan(state), patient.camera, patient.tracer
    primary = projector.forward(torch.from_numpy(body.gates)).contiguous().numpy()
    windows = (PHOTOPEAK[tracer], *(LOWER_WINDOWS[tracer] if lower else ()))
    mean = torch.from_numpy(np.ascontiguousarray(body.gates.mean(axis=0)))
    scattered = [
        part.contiguous().numpy().astype(np.float64)
        for part in Scatter(projector, tracer, camera.energy).project(mean, windows)
    ]
    level = PHOTONS * scan.imaging.relative_counts * camera.sensitivity * USUAL_VIEWS / camera.orbit.views

    def counted(views: NDArray[np.float64]) -> NDArray[np.float64]:
        spoiled = _spoiled(scan, views, camera.orbit.angles_deg, camera.pixel_mm)
        return np.maximum(spoiled, 0.0)

    seen = [
        scatter + primary_share(window, tracer, camera.energy) * primary.mean(axis=0)
        for scatter, window in zip(scattered, windows, strict=True)
    ]
    gates = primary_share(windows[0], tracer, camera.energy) * primary.astype(np.float64) + scattered[0]
    return _Views(
        gates=counted(gates * (level / len(primary))),
        lower=tuple(counted(level * views[None])[0] for views in seen[1:]),
        scatter=counted(level * scattered[0][None])[0],
    )


def _spoiled(scan: Scan, views: NDArray[np.float64], angles: Floats, step_mm: float) -> NDArray[np.float64]:
    """Views (gate, view, z, bin) of a patient who moved, and of a detector that is too narrow."""
    motion = scan.imaging.motion
    slices, bins = views.shape[-2:]
    if motion is not None:
        moves = projected_shifts(view_shifts(motion, len(angles)), angles) / step_mm
        for view in range(motion.from_view, len(angles)):
            along, up = shifted(bins, float(moves[view, 0])), shifted(slices, float(moves[view, 1]))
            views[:, view] = up @ views[:, view] @ along.T
    return views * kept_bins(scan.imaging.truncation, bins, step_mm)


def _filtered(patient: Patient, state: State, views: NDArray[np.float64]) -> Image:
    """Filtered back-projections (..., z, y, x) without any correction."""
    window = Butterworth(cutoff_per_cm=patient.scan(state).imaging.cutoff, order=ORDER)
    camera = patient.camera
    made = fbp(torch.from_numpy(views.astype(np.float32)), camera.orbit, camera.pixel_mm, window)
    return made.contiguous().numpy()


def oblique_grid(scan: Scan) -> ObliqueGrid:
    """The field's crop as a grid in the body."""
    along, down, right = body_directions(scan)
    crop, spacing = scan.field.crop(), scan.field.spacing_mm[0]
    middle = [(part.start + part.stop - 1) / 2 for part in crop]
    away = (np.asarray(middle) - scan.anatomy.centre) * spacing
    centre = np.asarray(scan.pose.centre_mm) + away[0] * along + away[1] * down + away[2] * right
    return ObliqueGrid(
        slice=_direction(along),
        row=_direction(down),
        column=_direction(right),
        shape=_shape(scan.field),
        spacing_mm=spacing,
        centre_mm=_direction(centre),
    )


def _direction(vector: Floats) -> tuple[float, float, float]:
    return float(vector[0]), float(vector[1]), float(vector[2])


def _shape(field_: Field) -> tuple[int, int, int]:
    slices, rows, columns = (part.stop - part.start for part in field_.crop())
    return slices, rows, columns


def _short_axes(patient: Patient, state: State, volumes: Image, scale: float = STORED) -> Image:
    """Reconstructed volumes (..., z, y, x), not below 0, turned into the field's crop (n, slice, row, column)."""
    camera = patient.camera
    scale *= camera.orbit.views / (USUAL_VIEWS * camera.sensitivity)
    positive = torch.from_numpy(np.maximum(volumes, np.float32(0)) * np.float32(scale))
    grid = oblique_grid(patient.scan(state))
    turned = short_axis(positive.reshape(-1, *positive.shape[-3:]), patient.camera.pixel_mm, grid)
    return turned.contiguous().numpy()


def _corrected(
    patient: Patient, state: State, counts: NDArray[np.float64], scatter: NDArray[np.float64], projector: Projector
) -> Image:
    """Transaxial volume after OSEM with attenuation, resolution and scatter, smoothed a little; in counts as seen."""
    additive = torch.from_numpy(scatter.astype(np.float32))
    measured = torch.from_numpy(counts.astype(np.float32))
    volume = osem(measured, projector, ITERATIONS, SUBSETS, additive)
    cutoff = LESS_SMOOTH * patient.scan(state).imaging.cutoff
    smooth = Butterworth(cutoff_per_cm=cutoff, order=ORDER).smooth(volume.contiguous(), patient.camera.pixel_mm)
    return np.asarray(np.maximum(smooth.numpy(), np.float32(0)))


def _stored_corrected(patient: Patient, state: State, volume: Image) -> Counts:
    return stored_whole(_short_axes(patient, state, volume, CORRECTED)[0], patient.scan(state).field)


def _seen_heart(patient: Patient, state: State, body: _Body) -> NDArray[np.bool_]:
    """Where each view sees the left ventricle: bins that at least half a voxel of it lies behind, moved as it moves."""
    camera = patient.camera
    plain = Projector(camera.shape, camera.pixel_mm, camera.orbit)
    seen = plain.forward(torch.from_numpy(body.wall)).contiguous().numpy().astype(np.float64)
    spoiled = _spoiled(patient.scan(state), seen[None], camera.orbit.angles_deg, camera.pixel_mm)
    return np.asarray(spoiled[0] > 0.5)
