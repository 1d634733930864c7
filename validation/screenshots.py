"""Made-up screenshots in eight layouts, with names burnt in, read back: how true, how safe, what is refused.

    python validation/screenshots.py N --seed S [--jobs 2] [--pacific COHORT.csv] [--pictures DIR]

N pages of virtual patients (fast physics), enlarged or shrunk by 0.7 to 1.5, as PNG or JPEG of quality 50 to 95, with a
made-up name and number at random places, also across discs. Every page is read as it is, and again with one thing
wrong: mirrored (left to right, or top to bottom), turned by 90, 180 or 270 degrees, channels exchanged; each done to
the whole page, to a disc that is cut out, or to all discs where they stand (one of the three by lot; with --every
all three). Printed for each layout and in all: mean
absolute error of uptake in percent points against the map that was drawn, discs found and rightly named, good pages
and cut-out discs refused, wrong ones caught, names and numbers that tesseract reads (four of its signs or more in a
row) on the raw page and on the cleaned discs, and how often "text inside the disc" is told where there was text and
where there was none. With ``--pacific`` discs of real hearts are drawn and judged alike.
"""

import argparse
import io
import os
import re
import string
import subprocess
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed
from matplotlib import get_data_path
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from myoperf.core.errors import MyoperfError
from myoperf.core.terms import State, Tracer
from myoperf.io.polar_image import PolarPage, page_of
from myoperf.phantom.layouts import LAYOUTS, Layout
from myoperf.phantom.limits import stored_limits
from myoperf.phantom.patients import render
from myoperf.phantom.population import draw_patient
from myoperf.phantom.screenshot import Screenshot, Shown, screenshot
from myoperf.phantom.slices import Reach, reach_of
from myoperf.phantom.truth import map_scores, true_map
from myoperf.phantom.ventricle import ventricle_masks

Picture = NDArray[np.uint8]
Random = np.random.Generator
WRONGS = ("mirrored", "upside down", "turned 90", "turned 180", "turned 270", "channels")
WHERE = ("page", "cut out", "in place")
_ORDERS = ((0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0))
_INKS = ((255, 255, 255), (0, 0, 0), (255, 255, 0), (255, 0, 0), (0, 255, 0), (0, 255, 255), (190, 190, 190))
_FONTS = (None, "DejaVuSans.ttf", "DejaVuSerif.ttf", "DejaVuSansMono-Bold.ttf", "DejaVuSans-Bold.ttf")
_LONG = 4


@dataclass(frozen=True, kw_only=True)
class Made:
    """A made-up page: its pixels, what was drawn, what was burnt in, and the discs with text across them."""

    pixels: Picture = field(repr=False)
    shot: Screenshot = field(repr=False)
    maps: Mapping[str, NDArray[np.float64]] = field(repr=False)
    factor: float
    names: tuple[str, ...]
    written_on: frozenset[str]
    lossy: int


def shown(seed: int, number: int, layout: Layout) -> Shown:
    """What a page shows of a virtual patient; volumes only where the layout has slices."""
    patient = draw_patient(seed, number, Tracer.TC99M if number % 7 < 3 else Tracer.TL201)
    maps, scores, volumes, reach = {}, {}, {}, dict[State, Reach]()
    for state in State:
        counts = render(patient, state)
        seen = true_map(patient, state, counts[patient.scan(state).field.crop()].astype(np.float32))
        maps[state] = seen.values
        scores[state] = map_scores(seen, stored_limits("fast")[patient.sex, patient.tracer, state])
        if layout.slices is not None:
            volumes[state] = counts.astype(np.float32)
            wall = ventricle_masks(patient, state).wall
            reach[state] = reach_of(wall, volumes[state], patient.scan(state).field.spacing_mm)
    facts = (f"Virtual^{patient.patient_id}", f"{patient.sex} {patient.age} y  {patient.person.weight_kg:.0f} kg",
             f"{patient.tracer}  {patient.protocol}", f"{patient.camera.model}  {patient.position}")  # fmt: skip
    return Shown(maps=maps, scores=scores, facts=facts, volumes=volumes, reach=reach)


def made_page(show: Shown, layout: Layout, random: Random) -> Made:
    """Draw, burn names in, resize, and write as a picture file would hold it."""
    shot = screenshot(show, layout)
    image = Image.fromarray(shot.pixels)
    draw = ImageDraw.Draw(image)
    written: set[str] = set()
    width, height = image.size
    names = [
        _burn(draw, random, (random.uniform(0, 0.8 * width), random.uniform(0, 0.95 * height)), shot, written)
        for _ in range(int(random.integers(1, 3)))
    ]
    for content, (x, y), radius in shot.discs:
        if random.random() < 0.6:
            place = (x - random.uniform(0.3, 0.9) * radius, y + random.uniform(-0.6, 0.5) * radius)
            names.append(_burn(draw, random, place, shot, written))
            written.add(content)
    if layout.numbers != "none":
        written |= {content for content, _, _ in shot.discs if content != "difference"}
    factor = float(random.uniform(0.7, 1.5))
    image = image.resize((round(width * factor), round(height * factor)), _resampling(random))
    lossy = 0 if random.random() < 0.3 else int(random.integers(50, 96))
    maps = {state.value: np.clip(values, 0, 100) for state, values in show.maps.items()}
    if len(maps) == 2:
        maps["difference"] = np.clip(2 * (show.maps[State.REST] - show.maps[State.STRESS]), 0, 100)
    return Made(pixels=np.asarray(image), shot=shot, maps=maps, factor=factor, names=tuple(names),
                written_on=frozenset(written), lossy=lossy)  # fmt: skip


def _resampling(random: Random) -> Image.Resampling:
    return (Image.Resampling.BILINEAR, Image.Resampling.BICUBIC, Image.Resampling.LANCZOS)[int(random.integers(3))]


def _burn(
    draw: ImageDraw.ImageDraw, random: Random, place: tuple[float, float], shot: Screenshot, written: set[str]
) -> str:
    """Write a made-up name and number, and note the discs that it runs across."""
    letters = "".join(random.choice(list(string.ascii_uppercase), int(random.integers(5, 9))))
    word = f"{letters if random.random() < 0.5 else letters.title()} {random.integers(10**6, 10**8)}"
    size = int(random.integers(10, 29))
    face = _FONTS[int(random.integers(len(_FONTS)))]
    path = Path(get_data_path()) / "fonts" / "ttf" / (face or "")
    font = ImageFont.load_default(size) if face is None else ImageFont.truetype(str(path), size)
    draw.text(place, word, fill=_INKS[int(random.integers(len(_INKS)))], font=font)
    box = draw.textbbox(place, word, font=font)
    for content, (x, y), radius in shot.discs:
        near = np.hypot(x - np.clip(x, box[0], box[2]), y - np.clip(y, box[1], box[3]))
        if near < 0.9 * radius:
            written.add(content)
    return word


def stored(pixels: Picture, quality: int) -> Picture:
    """The pixels after a file: PNG (0) or JPEG."""
    if not quality:
        return np.ascontiguousarray(pixels)
    held = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(held, "JPEG", quality=quality)
    return np.asarray(Image.open(held).convert("RGB"))


def spoilt(pixels: Picture, wrong: str, order: tuple[int, ...]) -> Picture:
    """Do one thing wrong to a picture."""
    if wrong == "mirrored":
        return pixels[:, ::-1]
    if wrong == "upside down":
        return pixels[::-1]
    if wrong == "channels":
        return pixels[..., list(order)]
    return np.rot90(pixels, int(wrong.split()[1]) // 90)


def squares(made: Made, margin: float) -> dict[str, tuple[slice, slice]]:
    """Where the discs stand, with a margin in parts of the radius."""
    found = {}
    for content, (x, y), radius in made.shot.discs:
        reach = radius * made.factor * (1 + margin)
        left, top = round(x * made.factor - reach), round(y * made.factor - reach)
        side = round(2 * reach)
        rows, columns = made.pixels.shape[:2]
        side = min(side, rows - max(top, 0), columns - max(left, 0))
        found[content] = (slice(max(top, 0), max(top, 0) + side), slice(max(left, 0), max(left, 0) + side))
    return found


def in_place(made: Made, wrong: str, order: tuple[int, ...]) -> Picture:
    """The page with every disc spoilt where it stands, all around it as it was."""
    pixels = made.pixels.copy()
    for box in squares(made, 0.005).values():
        piece = pixels[box]
        side = piece.shape[0]
        axis = (np.arange(side) + 0.5) / side * 2 - 1
        inside = np.hypot(*np.meshgrid(axis, axis)) <= 1.0
        pixels[box] = np.where(inside[..., None], spoilt(piece, wrong, order), piece)
    return pixels


def read_back(name: str, strings: tuple[str, ...]) -> bool:
    """Whether four signs in a row of a name or number are among what was read."""
    seen = re.sub(r"[^A-Z0-9]", "", " ".join(strings).upper())
    parts = [re.sub(r"[^A-Z0-9]", "", part.upper()) for part in name.split()]
    return any(part[k : k + _LONG] in seen for part in parts for k in range(len(part) - _LONG + 1))


def ocr(pixels: Picture) -> str:
    """What tesseract reads, twice as large."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "page.png"
        image = Image.fromarray(pixels)
        image.resize((2 * image.width, 2 * image.height), Image.Resampling.BICUBIC).save(path)
        done = subprocess.run(["tesseract", str(path), "-", "--psm", "11"], capture_output=True, text=True, check=False,
                              env={**os.environ, "OMP_THREAD_LIMIT": "1"})  # fmt: skip
    return done.stdout


def refused(pixels: Picture) -> str:
    """The refusal of a picture, or nothing."""
    try:
        page_of(pixels, "picture")
    except MyoperfError as error:
        return str(error)
    return ""


Counts = dict[str, list[float]]


def one(number: int, seed: int, read_text: bool, every: bool) -> tuple[str, Counts]:
    """Everything about one page: lists of figures by name."""
    layout = LAYOUTS[number % len(LAYOUTS)]
    random = np.random.default_rng([seed, number])
    return layout.name, judged(made_page(shown(seed, number, layout), layout, random), random, read_text, every=every)


def judged(made: Made, random: Random, read_text: bool, *, every: bool = False) -> Counts:
    found: Counts = defaultdict(list)
    good = stored(made.pixels, made.lossy)
    start = time.process_time()
    try:
        page: PolarPage | None = page_of(good, "picture")
    except MyoperfError as error:
        page = None
        found["why"].append(str(error))  # type: ignore[arg-type]  # words among figures, printed as they are
    found["seconds"].append(time.process_time() - start)
    found["good refused, page"].append(page is None)
    if page is not None:
        _truth(found, made, page)
        if read_text:
            _text(found, made, page, good)
    order = _ORDERS[int(random.integers(len(_ORDERS)))]
    boxes = squares(made, random.uniform(0.0, 0.12))
    content = ("stress", "rest")[int(random.integers(2))]
    words = refused(stored(made.pixels[boxes[content]], made.lossy))
    found["good refused, cut out"].append(bool(words))
    if words:
        found["why"].append(f"cut out: {words}")  # type: ignore[arg-type]  # as above
    for wrong in WRONGS:
        turn = int(random.integers(len(WHERE)))
        if every or turn == 0:
            found[f"page, {wrong}"].append(bool(refused(stored(spoilt(made.pixels, wrong, order), made.lossy))))
        if every or turn == 1:
            cut = stored(spoilt(made.pixels[boxes[content]], wrong, order), made.lossy)
            found[f"cut out, {wrong}"].append(bool(refused(cut)))
        if every or turn == 2:
            found[f"in place, {wrong}"].append(bool(refused(stored(in_place(made, wrong, order), made.lossy))))
    return found


def _truth(found: Counts, made: Made, page: PolarPage) -> None:
    for content, (x, y), radius in made.shot.discs:
        near = [d for d in page.discs if np.hypot(d.centre[0] - x * made.factor, d.centre[1] - y * made.factor)
                < 0.1 * radius * made.factor]  # fmt: skip
        right = bool(near) and near[0].content == content
        found["named"].append(right)
        found[f"named {content}"].append(right)
        found["found"].append(bool(near))
        if near:
            error = float(np.abs(near[0].values - made.maps[content]).mean())
            found["error"].append(error)
            found[f"error {content}"].append(error)
            found["residual"].append(near[0].residual)
            told = any(w.startswith("text inside") for w in near[0].warnings)
            found["text told" if content in made.written_on else "text told where there was none"].append(told)
    found["too many"].append(len(page.discs) > len(made.shot.discs))


def _text(found: Counts, made: Made, page: PolarPage, good: Picture) -> None:
    raw = (ocr(good),)
    found["names read on the page"] += [read_back(name, raw) for name in made.names]
    cleaned = (ocr(np.concatenate([disc.picture for disc in page.discs], axis=1)),)
    found["names read on cleaned discs"] += [read_back(name, cleaned) for name in made.names]


def real_pages(cohort: Path, seed: int) -> list[tuple[str, Counts]]:
    """Discs of real hearts, drawn in the layouts in turn; a layout's slices are left out."""
    from myoperf.io.cohort import read_cohort
    from myoperf.quant.batch import cohort_maps

    results = []
    for number, study in enumerate(cohort_maps(read_cohort(cohort).rows, jobs=1).studies.values()):
        if set(study.maps) != set(State):
            continue
        layout = LAYOUTS[number % len(LAYOUTS)]
        random = np.random.default_rng([seed, number])
        maps = {state: np.nan_to_num(study.maps[state].values, nan=0.0) for state in State}
        results.append((layout.name, judged(made_page(Shown(maps=maps), layout, random), random, read_text=False)))
    return results


def table(results: list[tuple[str, Counts]]) -> str:
    """Means by layout and in all."""
    columns = [*(layout.name for layout in LAYOUTS if any(name == layout.name for name, _ in results)), "all"]
    keys = [key for key in dict.fromkeys(key for _, counts in results for key in counts) if key != "why"]
    lines = [" " * 34 + "".join(f"{name[:13]:>14}" for name in columns) + f"{'n':>7}"]
    for key in keys:
        cells, count = [], 0
        for column in columns:
            values = [v for name, counts in results if column in (name, "all") for v in counts.get(key, [])]
            count = len(values)
            share = 1.0 if key.startswith(("error", "seconds", "residual")) else 100.0
            cells.append(f"{share * float(np.mean(values)):>14.2f}" if values else f"{'':>14}")
        lines.append(f"{key:<34}" + "".join(cells) + f"{count:>7}")
    for wrong in WRONGS:
        values = [v for _, counts in results for where in WHERE for v in counts.get(f"{where}, {wrong}", [])]
        lines.append(f"{'caught in all, ' + wrong:<34}{100 * float(np.mean(values)):.2f} ({len(values)})")
    return "\n".join(lines)


def _explain(results: list[tuple[str, Counts]], *, wanted: bool) -> None:
    """Print why good pages were refused."""
    if wanted:
        print("\n".join(f"{name}: {why}" for name, counts in results for why in counts.get("why", [])), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--no-ocr", action="store_true")
    parser.add_argument("--every", action="store_true", help="do every wrong thing to each page in all three places")
    parser.add_argument("--shown-each", type=int, default=0, help="print what is known after every so many pages")
    parser.add_argument("--why", action="store_true", help="print the refusals of good pages")
    parser.add_argument("--pacific", type=Path, help="cohort table of real hearts")
    options = parser.parse_args()
    if options.pages:
        work = (delayed(one)(k, options.seed, not options.no_ocr, options.every) for k in range(options.pages))
        results: list[tuple[str, Counts]] = []
        for result in Parallel(n_jobs=options.jobs, return_as="generator")(work):
            results.append(result)
            if options.shown_each and len(results) % options.shown_each == 0:
                print(f"so far {len(results)} pages\n{table(results)}", flush=True)
                _explain(results[-options.shown_each :], wanted=options.why)
        print(f"{options.pages} virtual pages, seed {options.seed}; percent, but error and residual in percent points")
        print(table(results))
        _explain(results, wanted=options.why and not options.shown_each)
    if options.pacific is not None:
        if not options.pacific.exists():
            print(f"no real hearts: {options.pacific} is not there")
            return
        results = real_pages(options.pacific, options.seed)
        print(f"{len(results)} pages of real hearts, drawn anew")
        print(table(results))


if __name__ == "__main__":
    main()
