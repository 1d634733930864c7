"""Bad pictures: is each read or refused in under 2 seconds and 300 MB?

    python validation/bad_pictures.py [--seconds 2] [--megabytes 300] [--readers picture stack ...]

Makes some 40 hostile and odd files in a temporary folder and gives each, in a process of its own, to every reader of
pictures: the plain one, the stack of a study, the page of polar maps. Prints a table of what became of it, with the
time in the reader (by the clock, and the process's own: the limit is on it, so that a busy machine does not change
the answer) and the peak memory of the whole process; ends with 1 if any takes more, or fails in another way than
by one line. A further set looks at Labelme files, with every file that is opened outside their folder counted.
"""

import argparse
import base64
import json
import multiprocessing
import resource
import struct
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from io import BytesIO
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

READERS = ("picture", "stack", "polar page")
_LIMIT_BYTES = 4_000_000_000


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one file in one reader."""

    word: str
    seconds: float
    own_seconds: float
    megabytes: float
    outside: int = 0


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(columns: int, rows: int, data: bytes, *more: bytes, depth: int = 8, colour: int = 2) -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", columns, rows, depth, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(more) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def coded(image: Image.Image, kind: str = "PNG", **settings: Any) -> bytes:
    stream = BytesIO()
    image.save(stream, kind, **settings)
    return stream.getvalue()


def radiograph() -> Image.Image:
    """Something like a chest: two dark lungs, a bright middle, ribs."""
    y, x = np.mgrid[:2048, :2048] / 2048
    light = 0.75 - 0.5 * np.exp(-((((x - 0.3) / 0.13) ** 2 + ((y - 0.45) / 0.28) ** 2) ** 2))
    light -= 0.5 * np.exp(-((((x - 0.7) / 0.13) ** 2 + ((y - 0.45) / 0.28) ** 2) ** 2))
    light += 0.06 * np.sin(y * 90 + 8 * np.abs(x - 0.5)) + np.random.default_rng(0).normal(0, 0.02, x.shape)
    return Image.fromarray((np.clip(light, 0, 1) * 255).astype(np.uint8))


def pictures() -> Iterator[tuple[str, bytes]]:
    rng = np.random.default_rng(0)
    small = Image.fromarray(rng.integers(0, 256, (300, 400, 3), dtype=np.uint8))
    large = Image.fromarray(np.tile(rng.integers(0, 256, (50, 5000, 3), dtype=np.uint8), (100, 1, 1)))
    row = zlib.compress(bytes(4))
    yield "1 pixel", coded(small.crop((0, 0, 1, 1)))
    yield "1 pixel, JPEG", coded(small.crop((0, 0, 1, 1)), "JPEG")
    yield "50,000 x 50,000", png(50_000, 50_000, row)
    yield "50,000 x 50,000, all there (2.4 MB)", png(50_000, 50_000, zlib.compress(bytes(1 << 20)) * 2400)
    yield "1,000,000 x 20", png(1_000_000, 20, row)
    yield "largest allowed, 5,000 x 5,000", coded(large, compress_level=1)
    yield "largest allowed, RGBA", coded(large.convert("RGBA"), compress_level=1)
    yield "largest allowed, all black", png(5000, 5000, zlib.compress(bytes(75_005_000), 9))
    yield "largest allowed, 16 bit colour", png(5000, 5000, zlib.compress(bytes(150_005_000), 1), depth=16)
    yield "largest allowed, JPEG", coded(large, "JPEG", quality=60)
    yield "largest allowed, JPEG CMYK", coded(large.convert("CMYK"), "JPEG", quality=60)
    yield "5,000 x 5,000, progressive JPEG", coded(large, "JPEG", quality=60, progressive=True)
    yield "3,400 x 3,400, progressive JPEG", coded(large.crop((0, 0, 3400, 3400)), "JPEG", progressive=True)
    yield "CMYK (Adobe, inverted)", coded(small.convert("CMYK"), "JPEG")
    grey = Image.fromarray(rng.integers(0, 65536, (300, 400), dtype=np.uint16))
    yield "16 bit grey", coded(grey)
    yield "16 bit colour", png(4, 4, zlib.compress(bytes(100)), depth=16)
    yield from odd_pictures(small)


def odd_pictures(small: Image.Image) -> Iterator[tuple[str, bytes]]:
    """What is smaller than it says, damaged, or no picture."""
    row, plain, jpeg = zlib.compress(bytes(4)), coded(small), coded(small, "JPEG")
    yield "largest allowed, all clear", png(5000, 5000, zlib.compress(bytes(100_005_000), 9), colour=6)
    yield "palette", coded(small.quantize(64))
    yield "palette with transparency", coded(small.quantize(64), transparency=5)
    yield "alpha", coded(small.convert("RGBA"))
    yield "grey with alpha", coded(small.convert("LA"))
    yield "two tones", coded(small.convert("1"))
    yield "animated PNG", coded(small, save_all=True, append_images=[small.rotate(90)] * 3)
    frames = chunk(b"acTL", struct.pack(">II", 1_000_000, 0))
    yield "animated PNG of 1,000,000 frames, it says", png(1, 1, row, frames)
    yield "animated GIF", coded(small, "GIF", save_all=True, append_images=[small.rotate(90)] * 3)
    yield "truncated PNG", plain[: len(plain) // 2]
    yield "truncated JPEG", jpeg[: len(jpeg) // 2]
    yield "damaged PNG", plain[:5000] + bytes(200) + plain[5200:]
    yield "zTXt of 1 GB", png(1, 1, row, chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(1 << 30), 9)))
    yield "colour profile of 1 GB", png(1, 1, row, chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(1 << 30), 9)))
    yield "30 MB of words", png(1, 1, row, chunk(b"tEXt", b"a\0" + b"a" * 30_000_000))
    yield "1,000,000 chunks", png(1, 1, row, chunk(b"tEXt", b"a\0b") * 1_000_000)
    exif = b"\xff\xe1\xff\xffExif\0\0II*\0\x08\0\0\0\xff\xff" + b"\x12\x01" * 32759
    yield "JPEG with 65k of EXIF", jpeg[:2] + exif[:65537] + jpeg[2:]
    yield "JPEG with 255 profiles", jpeg[:2] + (b"\xff\xe2\xff\xff" + bytes(65533)) * 255 + jpeg[2:]
    yield "JPEG of 65,535 a side", jpeg.replace(b"\x08\x01\x2c\x01\x90\x03", b"\x08\xff\xff\xff\xff\x03")
    yield "JPEG of 5,000 scans", jpeg[:-2] + b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\x00" * 5000 + b"\xff\xd9"
    yield "FITS", b"SIMPLE  =                    T" + b" " * 2850
    yield "HTML", b"<html><script>alert(1)</script></html>"
    yield "program", b"MZ" + bytes(1000)
    yield "nothing", b""
    yield "40 MB of zeros behind its head", plain[:33] + bytes(39_999_900)
    yield "60 MB", plain + bytes(60_000_000)
    yield "chest radiograph", coded(radiograph(), "JPEG")


def reader(name: str) -> Callable[[Path], object] | None:
    """What reads a file; None where this version has no such reader."""
    if name == "picture":
        from myoperf.io.picture_file import read_picture

        return read_picture
    if name == "labelme":
        from myoperf.io.labelme import read_annotated

        return read_annotated
    if name == "stack":
        from myoperf.io.picture_stack import Cell, read_stack

        return lambda path: read_stack(Cell(path=path)).images
    try:
        found: Callable[[Path], object] = import_module("myoperf.io.polar_image").read_polar_page
    except (ImportError, AttributeError):
        return None
    return found


def child(name: str, path: str, pipe: Connection) -> None:
    """In a process of its own: read one file, tell what became of it."""
    from myoperf.core.errors import RefusedError

    read = reader(name)
    resource.setrlimit(resource.RLIMIT_AS, (_LIMIT_BYTES, _LIMIT_BYTES))
    outside: list[str] = []
    if read is None:
        pipe.send((f"no such reader: {name}", 0.0, 0.0, 0.0, 0))
        return
    folder = str(Path(path).parent.resolve())
    with suppress(RefusedError):
        read(Path(__file__))  # so that libraries are loaded before anything is counted
    sys.addaudithook(lambda event, told: _note(event, told, folder, outside))
    start, own = time.perf_counter(), time.process_time()
    try:
        found: Any = read(Path(path))
        word = f"read, {'x'.join(map(str, getattr(found, 'shape', ()))) or type(found).__name__}"
    except RefusedError as error:
        word = "refused: " + str(error).removeprefix(f"{path}: ")
        word = f"MORE THAN A LINE: {word!r}" if "\n" in word else word
    except BaseException as error:  # anything else is what is looked for
        word = f"FAILED: {type(error).__name__}: {error}"
    seconds, own, opened = time.perf_counter() - start, time.process_time() - own, len(outside)
    pipe.send((word, seconds, own, peak_megabytes(), opened))


def peak_megabytes() -> float:
    """Largest memory of this process so far (not getrusage, which remembers that of the parent)."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return float(line.split()[1]) / 1024
    return 0.0


def _note(event: str, told: tuple[Any, ...], folder: str, outside: list[str]) -> None:
    """Remember a file that is opened outside a folder; modules of Python itself do not count."""
    if event != "open" or not isinstance(told[0], str) or told[0].endswith((".py", ".pyc", ".so")):
        return
    if not str(Path(told[0]).resolve()).startswith(folder) and "site-packages" not in told[0]:
        outside.append(told[0])


def tried(name: str, path: Path) -> Outcome:
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe(duplex=False)
    process = spawn.Process(target=child, args=(name, str(path), theirs))
    process.start()
    theirs.close()
    try:
        told = ours.recv() if ours.poll(60) else ("FAILED: no end", 60.0, 60.0, 0.0, 0)
    except EOFError:
        told = ("FAILED: the process died", 0.0, 0.0, 0.0, 0)
    process.kill()
    process.join()
    word, seconds, own, peak, outside = told
    return Outcome(word=word, seconds=seconds, own_seconds=own, megabytes=peak, outside=outside)


@contextmanager
def labelme_files() -> Iterator[list[tuple[str, Path]]]:
    """Labelme files in a folder with a picture, beside a folder with another."""
    with tempfile.TemporaryDirectory() as scratch:
        inside = Path(scratch) / "inside"
        inside.mkdir()
        for place in (Path(scratch), inside):
            Image.new("RGB", (100, 80), "red").save(place / "a.png")
        (inside / "link.png").symlink_to(Path(scratch) / "a.png")
        found = []
        for number, (name, text) in enumerate(labelme_texts()):
            path = inside / f"{number}.json"
            path.write_bytes(text)
            found.append((name, path))
        yield found


def labelme_texts() -> Iterator[tuple[str, bytes]]:
    three = [[1, 1], [50, 2], [30, 60]]

    def text(points: Any = three, kind: str = "polygon", count: int = 1, **changed: Any) -> bytes:
        shapes = [{"label": "a", "points": points, "shape_type": kind}] * count
        told = {"version": "5.5.0", "shapes": shapes, "imagePath": "a.png", "imageData": None}
        return json.dumps(told | {"imageHeight": 80, "imageWidth": 100, "flags": {}} | changed).encode()

    rng = np.random.default_rng(0)
    bomb = base64.b64encode(png(50_000, 50_000, zlib.compress(bytes(4)))).decode()
    black = base64.b64encode(png(5000, 5000, zlib.compress(bytes(75_005_000), 9))).decode()
    yield "plain", text()
    for name in ("../a.png", "..\\a.png", "/etc/hostname", "C:\\a.png", "\\\\host\\a.png", "x/../../a.png", "link.png"):
        yield f"picture at {name}", text(imagePath=name)
    yield "no such picture", text(imagePath="none.png")
    yield "picture bomb inside", text(imageData=bomb)
    yield "5,000 x 5,000 of black inside", text(imageData=black, imageHeight=5000, imageWidth=5000)
    yield "200 MB of base64", b'{"shapes": [], "imageData": "' + b"A" * 200_000_000 + b'"}'
    yield "20 MB of base64", b'{"shapes": [], "imageData": "' + b"A" * 20_000_000 + b'"}'
    yield "1,000,000 corners", text(rng.uniform(0, 80, (1_000_000, 2)).round(1).tolist())
    yield "100,000 corners crossing", text(rng.uniform(0, 80, (100_000, 2)).round(1).tolist())
    yield "5,000 corners crossing", text(rng.uniform(0, 80, (5_000, 2)).round(1).tolist())
    yield "10,000 circles of all the picture", text([[50, 40], [90, 90]], "circle", 10_000)
    yield "100,000 shapes", text(count=100_000)
    yield "NaN", text([[float("nan"), 1], [50, 2], [30, 60]])
    yield "infinity", text([[1e999, 1], [50, 2], [30, 60]])
    yield "far away", text([[1e30, 1], [50, 2], [30, 60]])
    yield "outside the picture", text([[200, 1], [250, 2], [230, 60]])
    yield "another size", text(imageHeight=81)
    yield "nested 1,000,000 deep", b"[" * 1_000_000
    yield "nested 100,000 deep", b'{"shapes":' + b"[" * 100_000
    yield "5,000,000 empty lists", b'{"shapes": [' + b"[]," * 5_000_000 + b"[]]}"
    yield "5,000,000 numbers", b'{"shapes": [' + b"1," * 5_000_000 + b"1]}"
    yield "a number of 1,000,000 digits", b'{"shapes": [' + b"9" * 1_000_000 + b"]}"


def report(title: str, name: str, files: list[tuple[str, Path]], limits: tuple[float, float]) -> int:
    """Print a table; returns how many break a limit."""
    broken, worst = 0, [0.0, 0.0]
    print(f"\n{title}\n{'':42s} {'s':>6s} {'own s':>6s} {'MB':>6s} outside", flush=True)
    for told, path in files:
        found = tried(name, path)
        poor = found.own_seconds > limits[0] or found.megabytes > limits[1] or found.outside > 0
        poor = poor or found.word.startswith(("FAILED", "MORE"))
        broken += poor
        worst = [max(worst[0], found.own_seconds), max(worst[1], found.megabytes)]
        mark = " <-- " if poor else " "
        print(
            f"{told:42s} {found.seconds:6.2f} {found.own_seconds:6.2f} {found.megabytes:6.0f} {found.outside:7d}"
            f"{mark}{found.word[:100]}",
            flush=True,
        )
        if found.word.startswith("no such reader"):
            return 0
    print(f"{len(files)} files, {broken} beyond the limits; slowest {worst[0]:.2f} s, largest {worst[1]:.0f} MB")
    return broken


def main() -> int:
    parser = argparse.ArgumentParser(description="Bad pictures, each in a process of its own.")
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--megabytes", type=float, default=300.0)
    parser.add_argument("--readers", nargs="*", default=[*READERS, "labelme"])
    chosen = parser.parse_args()
    limits, broken = (chosen.seconds, chosen.megabytes), 0
    with tempfile.TemporaryDirectory() as scratch:
        files = []
        for number, (name, data) in enumerate(pictures()):
            path = Path(scratch) / f"{number}" / "bad.png"
            path.parent.mkdir()
            path.write_bytes(data)
            files.append((name, path))
        for name in [name for name in READERS if name in chosen.readers]:
            broken += report(f"Pictures, reader: {name}", name, files, limits)
    if "labelme" in chosen.readers:
        with labelme_files() as files:
            broken += report("Labelme files", "labelme", files, limits)
    return int(broken > 0)


if __name__ == "__main__":
    sys.exit(main())
