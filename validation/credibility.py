"""How far the virtual patients can be believed: the page of figures and pictures, rebuilt by one command.

    python validation/credibility.py [--real DIR] [--patients 900] [--seed 11] [--quick] [-o PAGE]

Makes a cohort of virtual patients as they come to the general clinic (two Tc-99m studies for each Tl-201 study),
measures it with ``myoperf.quant``, and writes the page and its pictures (into ``../images`` beside the page's folder).
``--real`` is a folder with ``cohort.csv`` of real Tc-99m patients; without it the figures that need them are left out,
and the page says so. ``--quick`` leaves out the full physics and the training. Takes some 25 minutes on two cores.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(threads, "1")

import torch  # noqa: E402
from credibility_adversary import Told, matched, separations, tell_apart  # noqa: E402
from credibility_cases import Cases, read_cases  # noqa: E402
from credibility_clinic import clinic  # noqa: E402
from credibility_page import Line, clinic_lines, page, physics_lines, real_lines, told_lines, transfer_lines  # noqa: E402
from credibility_pictures import examples, giveaways, mean_maps, profiles, save, segment_bars, spectra  # noqa: E402
from credibility_real import compare_segments  # noqa: E402
from virtual_to_real import transfer  # noqa: E402

from myoperf.core.terms import Tracer  # noqa: E402
from myoperf.phantom.clinic import make_cohort  # noqa: E402
from myoperf.phantom.preset import Output  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]
FULL = "all, full physics"
GROUPS = (("all", None, None), ("normal men", "M", 0), ("normal women", "F", 0), ("abnormal men", "M", 1))


def told_apart(real: Cases, virtual: Cases) -> list[Told]:
    """Every classifier in every group that has enough real patients."""
    found = []
    for name, sex, abnormal in GROUPS:
        a, b = real.group(sex, abnormal), virtual.group(sex, abnormal)
        if min(len(a), len(b)) >= 20:
            found += tell_apart(a, b, group=name)
            print(f"  told apart: {name}", flush=True)
    return found


def pictures(real: Cases, virtual: Cases, like: Cases, told: list[Told], folder: Path) -> None:
    best = max((t for t in told if t.group == "all"), key=lambda t: t.auc)
    for name, figure in (
        ("segments", segment_bars(real, virtual)),
        ("means", mean_maps(real, virtual)),
        ("spectra", spectra(real, virtual)),
        ("profiles", profiles(real, virtual)),
        ("giveaways", giveaways(like, best, separations(real, like, 14))),
    ):
        save(figure, folder / f"credibility-{name}.png")
    save(examples(virtual), folder / "credibility-examples.png")


def physics(patients: int, jobs: int, folder: Path) -> list[Line]:
    """Distance of fast and full physics, by the bench."""
    out = folder / "physics.json"
    bench = ROOT / "bench" / "fast_full.py"
    command = [sys.executable, str(bench), "--patients", str(patients), "--jobs", str(jobs), "--json", str(out)]
    command += ["-o", str(folder / "physics")]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return physics_lines(json.loads(out.read_text(encoding="utf-8")))


def build(options: argparse.Namespace, folder: Path) -> str:
    """The page's text; writes its pictures."""
    table = folder / "cohort" / "cohort.csv"
    if not table.exists():
        make_cohort(
            table.parent, patients=options.patients, tracers=(2, 1), outputs=(Output.SHORT_AXIS,), seed=options.seed,
            jobs=options.jobs,
        )  # fmt: skip
    everyone = read_cases(table, jobs=options.jobs)
    print(f"{len(everyone)} virtual patients measured", flush=True)
    lines = clinic_lines(clinic(everyone))
    real = None if options.real is None else read_cases(options.real / "cohort.csv", jobs=options.jobs)
    told: list[Told] = []
    if real is not None:
        virtual = everyone.of(Tracer.TC99M).clear()
        like = matched(real, virtual)
        told = told_apart(real, like)
        lines += real_lines(compare_segments(real, virtual))
        lines += told_lines([one for one in told if one.group == "all"])
        pictures(real, virtual, like, told, options.out.parent.parent / "images")
        if not options.quick:
            found = transfer(table, options.real / "cohort.csv", folder / "runs", jobs=options.jobs)
            lines += transfer_lines(found)
    if not options.quick:
        lines += physics(options.full, options.jobs, folder)
        if real is not None:
            full = read_cases(folder / "physics" / "full" / "cohort.csv", jobs=options.jobs).clear()
            by_full = tell_apart(real, matched(real, full), group=FULL)
            told, lines = told + by_full, lines + told_lines(by_full)
    return page(lines, told, real=real, patients=len(everyone), seed=options.seed, quick=options.quick)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--real", type=Path, default=ROOT.parent / "shared" / "data" / "pacific", help="folder")
    parser.add_argument("--patients", type=int, default=900)
    parser.add_argument("--full", type=int, default=200, help="patients of the comparison of physics")
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--quick", action="store_true", help="without full physics and training")
    parser.add_argument("--keep", type=Path, help="folder for cohort and runs; what it holds is used again")
    parser.add_argument("-o", "--out", type=Path, default=ROOT / "docs" / "concepts" / "credibility.md")
    options = parser.parse_args()
    if not (options.real / "cohort.csv").exists():
        print(f"no real patients in {options.real}: their figures are left out")
        options.real = None
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as made:
        text = build(options, options.keep or Path(made))
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(text, encoding="utf-8")
    print(options.out)


if __name__ == "__main__":
    main()
