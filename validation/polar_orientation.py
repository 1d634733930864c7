"""Learn which way round a polar map is, and which way up letters are; writes io/polar_image/orientation.npz.

    python validation/polar_orientation.py [--patients 4000] [--seed 7001] [--glyphs 60000] [--jobs 2]
        [--only glyphs|pattern]

Pattern: stress and rest maps of virtual patients of the general clinic (fast physics, noise as stored), in 16 poses;
a network of 91 features and 48 hidden units gives each a score, and the upright one is to have the largest share.
Letters: signs in the fonts of this machine and Pillow's own, in sizes, blur and JPEG noise as on screenshots.
"""

import argparse
import io
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from joblib import Parallel, delayed
from matplotlib import font_manager
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from myoperf.core.terms import State, Tracer
from myoperf.io.polar_image import learnt as stored
from myoperf.io.polar_image.glyphs import find_glyphs
from myoperf.phantom.patients import render
from myoperf.phantom.population import draw_patient
from myoperf.phantom.truth import true_map

PATH = Path(__file__).parents[1] / "src" / "myoperf" / "io" / "polar_image" / stored.STORED
Arrays = dict[str, NDArray[np.float16]]
_PLAIN = ("DejaVu", "Liberation", "Nimbus Sans", "Nimbus Mono", "Nimbus Roman", "Noto Sans", "P052", "C059", "Arial")
_HIDDEN = {"pattern": (48,), "poses": (64,), "letters": (64,)}


def heart_maps(seed: int, number: int) -> NDArray[np.float32]:
    """Stress and rest map of one virtual patient, from images with noise."""
    patient = draw_patient(seed, number, Tracer.TC99M if number % 7 < 3 else Tracer.TL201)
    found = []
    for state in State:
        crop = render(patient, state)[patient.scan(state).field.crop()].astype(np.float32)
        found.append(true_map(patient, state, crop).values)
    return np.stack(found).astype(np.float32)


def network(sizes: tuple[int, ...]) -> torch.nn.Sequential:
    parts: list[torch.nn.Module] = []
    for k, (before, behind) in enumerate(pairwise(sizes)):
        parts += [torch.nn.Linear(before, behind)] + ([torch.nn.Tanh()] if k + 2 < len(sizes) else [])
    return torch.nn.Sequential(*parts)


def layers_of(net: torch.nn.Sequential, name: str) -> Arrays:
    parts = [p for layer in net if isinstance(layer, torch.nn.Linear) for p in (layer.weight.T, layer.bias)]
    return {f"{name}_{k}": part.detach().numpy().astype(np.float16) for k, part in enumerate(parts)}


def all_poses(maps: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.stack(
        [[stored.wall_features(m, t, mirrored=mi) for mi in (False, True) for t in stored.TURNS] for m in maps]
    ).astype(np.float32)


def learn_pattern(maps: NDArray[np.float32], seed: int) -> Arrays:
    """maps : (patients, states, rings, sectors)."""
    torch.manual_seed(seed)
    features = all_poses(maps.reshape(-1, *maps.shape[2:]))
    mean, spread = features.mean((0, 1)), features.std((0, 1)) + 1e-4
    x = torch.tensor((features - mean) / spread)
    net = network((x.shape[-1], *_HIDDEN["pattern"], 1))
    rounds = 30
    adam = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=0.3)
    plan = torch.optim.lr_scheduler.CosineAnnealingLR(adam, rounds)
    for _ in range(rounds):
        for part in torch.split(torch.randperm(len(x)), 256):
            rows = x[part] + 0.15 * torch.randn(len(part), *x.shape[1:])
            loss = torch.nn.functional.cross_entropy(net(rows)[..., 0], torch.zeros(len(part), dtype=torch.long))
            adam.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]  # torch has no type for it
            adam.step()
        plan.step()
    print(f"pattern: {len(maps)} patients, last loss {loss.item():.3f}")
    return {"mean": mean.astype(np.float16), "spread": spread.astype(np.float16), **layers_of(net, "pattern")}


def fonts() -> list[str | None]:
    """Pillow's own font (None) and plain ones of this machine."""
    found = sorted(
        {f.fname for f in font_manager.fontManager.ttflist if f.name.startswith(_PLAIN) and f.fname.endswith(".ttf")}
    )
    return [None, None, None, *found]


def glyph(random: np.random.Generator, faces: list[str | None]) -> tuple[NDArray[np.float32], int, int] | None:
    """Ink of one sign, its pose and letter."""
    size = int(random.integers(9, 26))
    face = faces[int(random.integers(len(faces)))]
    font = ImageFont.load_default(size) if face is None else ImageFont.truetype(face, size)
    digits = random.random() < 0.35
    letter = int(random.integers(52, 62)) if digits else int(random.integers(0, 52))
    canvas = Image.new("L", (3 * size, 3 * size), 0)
    place = (1.5 * size + random.uniform(0, 1), 1.5 * size + random.uniform(0, 1))
    ink = int(random.integers(150, 256))
    ImageDraw.Draw(canvas).text(place, stored.LETTERS[letter], fill=ink, font=font, anchor="mm")
    factor = random.uniform(0.65, 1.5)
    side = max(12, round(3 * size * factor))
    canvas = canvas.resize((side, side), Image.Resampling.BILINEAR)
    pose = int(random.integers(8))
    turn, mirrored = stored.POSES[pose]
    pixels = np.asarray(canvas)
    pixels = np.rot90(pixels[:, ::-1] if mirrored else pixels, turn // 90)
    if random.random() < 0.7:
        held = io.BytesIO()
        Image.fromarray(np.ascontiguousarray(pixels)).save(held, "JPEG", quality=int(random.integers(45, 95)))
        pixels = np.asarray(Image.open(held))
    found = find_glyphs((pixels / max(int(pixels.max()), 1)).astype(np.float32), most=60)
    if not found:
        return None
    return max(found, key=lambda g: g.width * g.height).ink, pose, letter


def some_glyphs(seed: int, count: int) -> list[tuple[NDArray[np.float32], int, int]]:
    random, faces = np.random.default_rng(seed), fonts()
    return [made for _ in range(count) if (made := glyph(random, faces)) is not None]


def learn_glyphs(made: list[tuple[NDArray[np.float32], int, int]], seed: int) -> Arrays:
    torch.manual_seed(seed)
    ink = np.stack([m[0] for m in made])
    pose, letter = np.array([m[1] for m in made]), np.array([m[2] for m in made])
    # turned back, every sign is upright once more
    upright = np.stack([undone(i, p) for i, p in zip(ink, pose, strict=True)])
    found: Arrays = {}
    for name, x, y, classes in (("poses", ink, pose, 8), ("letters", upright, letter, len(stored.LETTERS))):
        rows, wanted = torch.tensor(x.reshape(len(x), -1) - np.float32(0.3)), torch.tensor(y)
        held = len(rows) // 20
        net = network((256, *_HIDDEN[name], classes))
        adam, rounds = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=0.02), 16
        plan = torch.optim.lr_scheduler.CosineAnnealingLR(adam, rounds)
        for _ in range(rounds):
            for part in torch.split(torch.randperm(len(rows) - held) + held, 256):
                loss = torch.nn.functional.cross_entropy(net(rows[part]), wanted[part])
                adam.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]  # torch has no type for it
                adam.step()
            plan.step()
        right = (net(rows[:held]).argmax(1) == wanted[:held]).float().mean().item()
        print(f"{name}: {len(rows)} signs, right on {held} held back: {right:.3f}")
        found |= layers_of(net, name)
    return found


def undone(ink: NDArray[np.float32], pose: int) -> NDArray[np.float32]:
    turn, mirrored = stored.POSES[pose]
    back = np.rot90(ink, -turn // 90)
    return back[:, ::-1] if mirrored else back


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--patients", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=7001)
    parser.add_argument("--glyphs", type=int, default=60_000)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", choices=("glyphs", "pattern"))
    options = parser.parse_args()
    torch.set_num_threads(1)
    found: Arrays = dict(np.load(PATH)) if PATH.exists() else {}
    if options.only != "glyphs":
        numbers = range(options.patients)
        maps = Parallel(n_jobs=options.jobs)(delayed(heart_maps)(options.seed, number) for number in numbers)
        found |= learn_pattern(np.stack(maps), options.seed)
    if options.only != "pattern":
        parts = Parallel(n_jobs=options.jobs)(
            delayed(some_glyphs)(options.seed + k, options.glyphs // 20) for k in range(20)
        )
        found |= learn_glyphs([made for part in parts for made in part], options.seed)
    held = io.BytesIO()
    np.savez_compressed(held, allow_pickle=False, **found)
    PATH.write_bytes(held.getvalue())
    print(f"{len(held.getvalue())} bytes in {PATH.name}")


if __name__ == "__main__":
    main()
