"""Make the pictures of README and documentation. Run it, look at them, commit them."""

import json
import tomllib
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import matplotlib as mpl
import numpy as np
import pydicom
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, Polygon, Wedge
from scipy.special import expit

from myoperf.core.colour import paint
from myoperf.core.polar import Map
from myoperf.core.predictions import Predictions
from myoperf.core.segments import AHA17, Segment, segment_means
from myoperf.core.study import Series
from myoperf.core.terms import RESEARCH_USE, Territory, Tracer
from myoperf.evaluate import evaluate
from myoperf.io.nm import read_series
from myoperf.phantom.examination import examine
from myoperf.phantom.filing import Order, file_patient, shoot
from myoperf.phantom.limits import stored_limits
from myoperf.phantom.masks import read_masks
from myoperf.phantom.matrix import segment_patient
from myoperf.phantom.patients import STATES, Patient, study
from myoperf.phantom.population import GENERAL, draw_patient
from myoperf.phantom.preset import Output
from myoperf.quant.maps import trace_series
from myoperf.quant.surface import Surface
from myoperf.report.curve_pictures import net_benefit_picture, reliability_picture
from myoperf.report.figures import roc_picture
from myoperf.report.polar_picture import Look, polar_picture

HERE = Path(__file__).resolve().parent
IMAGES = HERE / "images"
TERRITORY_COLOURS = {Territory.LAD: "#d9a441", Territory.LCX: "#5b8fb9", Territory.RCA: "#7fa65a"}
DISEASED_SEGMENT = 11
EXAMPLE_SEED, EXAMPLE_NUMBER = 38, 20


def outline(segment: Segment, **style: object) -> Wedge:
    """The patch of a segment on a disc of radius 1."""
    return Wedge(
        (0, 0),
        segment.outer,
        segment.start,
        segment.start + segment.width,
        width=segment.outer - segment.inner,
        **style,
    )


def draw_segments(axes: Axes, title: str) -> None:
    """The numbers of the segments on their places, coloured by territory."""
    for segment in AHA17:
        colour = TERRITORY_COLOURS[segment.territory]
        axes.add_patch(outline(segment, facecolor=colour, edgecolor="white", linewidth=1.5))
        radius = (segment.inner + segment.outer) / 2 if segment.inner else 0.0
        angle = np.radians(segment.start + segment.width / 2)
        axes.text(radius * np.cos(angle), radius * np.sin(angle), str(segment.number), ha="center", va="center")
    for territory, colour in TERRITORY_COLOURS.items():
        axes.plot([], [], "s", color=colour, markersize=9, label=str(territory))
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, -0.13), ncols=3, frameon=False, handletextpad=0.2)
    frame(axes, title)


def frame(axes: Axes, title: str) -> None:
    """Equal axes without ticks, and the names of the four walls."""
    axes.set(xlim=(-1.13, 1.13), ylim=(-1.13, 1.13), aspect="equal")
    axes.axis("off")
    axes.set_title(title, fontsize=11, pad=10)
    for x, y, name, turn in (
        (0, 1.07, "anterior", 0),
        (0, -1.07, "inferior", 0),
        (-1.07, 0, "septum", 90),
        (1.07, 0, "lateral", 270),
    ):
        axes.text(x, y, name, ha="center", va="center", rotation=turn, fontsize=8, color="0.35")


def polar_maps() -> Figure:
    """From slices to polar maps: stress above rest, apex to base, then the map that was measured on them."""
    examination = study(segment_patient(DISEASED_SEGMENT, severity=0.7))
    figure = plt.figure(figsize=(11, 5.0))
    for row, state in enumerate(STATES):
        series = next(s for s in examination.series if s.state is state)
        traced = trace_series(series)
        bottom = 0.5 - 0.46 * row
        for k, picture in enumerate(slices(series, traced.surface)):
            axes = figure.add_axes((0.035 + 0.165 * k, bottom + 0.025, 0.162, 0.162 * 11 / 5.0))
            axes.imshow(paint(picture), interpolation="bilinear")
            axes.axis("off")
        figure.text(0.02, bottom + 0.2, state.value, rotation=90, ha="center", va="center", fontsize=12)
        disc = figure.add_axes((0.705, bottom - 0.02, 0.29, 0.46))
        means = segment_means(traced.polar.values, traced.polar.weight)
        disc.imshow(plt.imread(BytesIO(polar_picture(traced.polar.values, Look(numbers=[f"{m:.0f}" for m in means])))))
        disc.axis("off")
    figure.text(0.365, 0.955, "short-axis slices, apex to base", ha="center", fontsize=10.5)
    figure.text(0.835, 0.955, "polar maps, mean uptake of 17 segments", ha="center", fontsize=10.5)
    figure.text(0.02, 0.01, f"A virtual patient. {RESEARCH_USE}", ha="left", fontsize=8, color="0.4")
    return figure


def slices(series: Series, wall: Surface, count: int = 4, half_mm: float = 62.0) -> list[Map]:
    """Slices from apex to base, cut to the heart, in percent of the brightest point of its wall."""
    spacing = np.asarray(series.geometry.spacing_mm)
    places = (wall.rays.points(wall.radius_mm) / spacing)[: round(wall.end_row)]
    first, last = places[..., 0].min(), places[..., 0].max()
    chosen = np.linspace(first + 1, last - 1, count).round().astype(int)
    row, column = (round(float(middle)) for middle in places[..., 1:].mean(axis=(0, 1)))
    half = round(half_mm / spacing[1])
    cut = series.load()[0, chosen, row - half : row + half, column - half : column + half]
    return list(100.0 * cut / np.nanmax(wall.wall))


def segments() -> Figure:
    """The 17 segments alone."""
    figure, axes = plt.subplots(figsize=(4.2, 4.4), layout="constrained")
    draw_segments(axes, "")
    return figure


def floors() -> Figure:
    """The floors, read from the contract that tests them."""
    contracts = tomllib.loads((HERE.parent / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    layers = next(c["layers"] for c in contracts if c["type"] == "layers")
    figure, axes = plt.subplots(figsize=(7.2, 0.5 * len(layers) + 0.4), layout="constrained")
    for height, layer in enumerate(reversed(layers)):
        rooms = [room.strip() for room in layer.split("|")]
        width = 10 / len(rooms)
        for k, room in enumerate(rooms):
            planned = room.startswith("(")
            axes.add_patch(
                FancyBboxPatch(
                    (k * width + 0.06, height + 0.08),
                    width - 0.12,
                    0.84,
                    boxstyle="round,pad=0,rounding_size=0.12",
                    facecolor="white" if planned else "#f1ddb8",
                    edgecolor="#8a6a2f",
                    linestyle="--" if planned else "-",
                )
            )
            axes.text(
                (k + 0.5) * width,
                height + 0.5,
                room.strip("()"),
                ha="center",
                va="center",
                color="0.5" if planned else "black",
            )
    axes.annotate("", (10.5, 0.1), (10.5, len(layers) - 0.1), arrowprops={"arrowstyle": "-|>", "color": "#8a6a2f"})
    axes.text(10.75, len(layers) / 2, "imports run down", rotation=270, va="center", color="#8a6a2f")
    axes.set(xlim=(0, 11.2), ylim=(0, len(layers)))
    axes.axis("off")
    return figure


def example(folder: Path) -> Patient:
    """A patient of the virtual clinic with all its files in a folder."""
    patient = draw_patient(EXAMPLE_SEED, EXAMPLE_NUMBER, Tracer.TC99M)
    order = Order(physics="full", outputs=frozenset(Output))
    shots = {state: shoot(patient, state, order) for state in STATES}
    expected = {state: shot.expected for state, shot in shots.items()}
    found = examine(patient, expected, stored_limits("full"), referral=GENERAL.intake.referral)
    file_patient(folder, patient, shots, found, order)
    return patient


def virtual_patient(folder: Path, patient: Patient) -> Figure:
    """What lies in the files of one patient: projections and body above, hearts and their outline below."""
    figure, (above, below) = plt.subplots(2, 4, figsize=(11, 5.6), layout="constrained")
    dicom, orbit = folder / "dicom" / patient.patient_id, patient.camera.orbit
    counts = pydicom.dcmread(dicom / "stress_projections.dcm").pixel_array[: orbit.views]
    for axes, view in zip(above, (0, orbit.views // 3, 5 * orbit.views // 6), strict=False):
        angle = orbit.start_deg + orbit.arc_deg * view / orbit.views
        show(axes, counts[view], f"projection at {angle:.0f} degrees", "gray_r")
    body = pydicom.dcmread(dicom / "stress_mu.dcm").pixel_array
    show(above[3], body[len(body) // 2, 12:52], "attenuation map, seen from below", "gray")
    for axes, name, title in zip(
        below, ("stress", "stress_ac", "stress_gated"), ("short axis", "corrected", "gated, end-systole"), strict=False
    ):
        volume = read_series(dicom / f"{name}.dcm").load()
        show(axes, middle_slice(folder, patient, volume[len(volume) // 3]), f"{title}, stress", "gray")
    draw_outline(below[3], folder / "slices" / f"{patient.patient_id}_stress_VLA_05.json")
    figure.supxlabel(f"A virtual patient. {RESEARCH_USE}", fontsize=8, color="0.4")
    return figure


def show(axes: Axes, picture: Map, title: str, colours: str) -> None:
    """A picture without ticks below its title."""
    axes.imshow(picture, cmap=colours, interpolation="nearest")
    axes.set_title(title, fontsize=10)
    axes.axis("off")


def middle_slice(folder: Path, patient: Patient, volume: Map, half: int = 11) -> Map:
    """The slice through the middle of the ventricle, cut to the heart; its mask says where that is."""
    wall = read_masks(folder / "masks" / f"{patient.patient_id}_stress.npz").wall
    place, row, column = (round(float(middle)) for middle in np.argwhere(wall).mean(axis=0))
    return volume[place, row - half : row + half, column - half : column + half]


def draw_outline(axes: Axes, labelme: Path) -> None:
    """A slice picture with the polygons of its Labelme file."""
    record = json.loads(labelme.read_text(encoding="utf-8"))
    axes.imshow(plt.imread(labelme.with_name(record["imagePath"])))
    for shape in record["shapes"]:
        axes.add_patch(Polygon(shape["points"], fill=False, edgecolor="#5bd0ff", linewidth=1.6))
    axes.set_title(f"slice picture, outline: {record['shapes'][0]['label']}", fontsize=10)
    axes.axis("off")


def simulated_table(patients: int = 400, seed: int = 1) -> Predictions:
    """Patients of a system that ranks well, and whose scores are too extreme: logit twice that of the true chance."""
    rng = np.random.default_rng(seed)
    logit = rng.normal(-0.4, 1.5, patients)
    return Predictions(
        columns={
            "patient_id": np.array([f"P{number:03d}" for number in range(patients)]),
            "truth": (rng.random(patients) < expit(logit)).astype(np.float64),
            "score": expit(2 * logit),
        }
    )


def scorecard() -> Figure:
    """Three pictures of a report in a row."""
    (score,) = evaluate(simulated_table()).targets.values()
    table = score.tables["reliability"]
    places = [table.columns.index(name) for name in ("mean_predicted", "observed", "low", "high")]
    bins = np.array([[row[place] for place in places] for row in table.rows], dtype=np.float64).tolist()
    drawn = {
        "Does it rank?\nROC curve": roc_picture(score.curves),
        "Are its probabilities right?\nreliability": reliability_picture(score.curves, "reliability", bins),
        "Is acting on it worth it?\ndecision curve": net_benefit_picture(score.curves),
    }
    figure, row = plt.subplots(1, 3, figsize=(9.6, 3.7), layout="compressed")
    for axes, (title, picture) in zip(row, drawn.items(), strict=True):
        axes.imshow(plt.imread(BytesIO(picture)), interpolation="lanczos")
        axes.set_title(title, fontsize=10)
        axes.axis("off")
    return figure


def main() -> None:
    """Write every picture into docs/images."""
    IMAGES.mkdir(exist_ok=True)
    mpl.use("agg")
    mpl.rcParams.update({"font.size": 10, "savefig.dpi": 130, "savefig.facecolor": "white"})
    with TemporaryDirectory() as scratch:
        patient = example(Path(scratch))
        shown = virtual_patient(Path(scratch), patient)
        page = Path(scratch) / "screenshots" / f"{patient.patient_id}.png"
        (IMAGES / "screenshot.png").write_bytes(page.read_bytes())
    figures = {"polar-maps": polar_maps(), "segments": segments(), "floors": floors(), "virtual-patient": shown}
    figures["scorecard"] = scorecard()
    for name, figure in figures.items():
        figure.savefig(IMAGES / f"{name}.png", metadata={"Software": "myoperf"})
        plt.close(figure)
        print(IMAGES / f"{name}.png")


if __name__ == "__main__":
    main()
