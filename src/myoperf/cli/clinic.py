"""The verb that makes virtual patients: phantom, and its list of presets."""

from typing import TYPE_CHECKING, Annotated

import typer

from myoperf.core.errors import UsageError

from .console import answer, progress
from .verb import Call, Jobs, verb

if TYPE_CHECKING:
    from pathlib import Path

    from myoperf.phantom.preset import Output, Preset

TRACERS = "274:366"
ALL = "all"

HOW_MANY = "How many; the preset's number if not given."
WHICH = "Size, mix and files of a published cohort."
MIX = f"Parts of Tc-99m and Tl-201; {TRACERS}, or the preset's."
HOW = "fast: in image space; full: projections, counts, reconstruction."
WHAT = "Files that are written, with commas between; all for every kind."
PART = "Part of the counts that is kept, up to 1; full physics only."
GATED = "Gates of a beat in gated files."

Count = Annotated[int | None, typer.Option("--patients", metavar="N", min=1, help=HOW_MANY)]
PresetName = Annotated[str | None, typer.Option("--preset", metavar="NAME", help=WHICH)]
Listing = Annotated[bool, typer.Option("--presets", help="List the presets and make nothing.")]
Tracers = Annotated[str | None, typer.Option("--tracers", metavar="TC:TL", help=MIX)]
Physics = Annotated[str | None, typer.Option("--physics", metavar="fast|full", help=HOW)]
Outputs = Annotated[str | None, typer.Option("--outputs", metavar="LIST", help=WHAT)]
Dose = Annotated[float, typer.Option("--dose", metavar="FRACTION", help=PART)]
Gates = Annotated[int, typer.Option("--gates", metavar="8|16", help=GATED)]


def register(app: typer.Typer) -> None:
    """Add the verb to the command line."""
    verb(app, "phantom", short_help="Virtual patients as DICOM, with the truth about each.")(phantom)


def phantom(
    call: Call,
    *,
    patients: Count = None,
    preset: PresetName = None,
    presets: Listing = False,
    tracers: Tracers = None,
    physics: Physics = None,
    outputs: Outputs = None,
    dose: Dose = 1.0,
    gates: Gates = 8,
    jobs: Jobs = None,
) -> None:
    """Write virtual patients into -o DIR: cohort.csv, DICOM NM series, and the truth about each.

    Kinds of --outputs: short-axis, gated, screenshots, slices, masks; and with --physics full also projections,
    gated-projections, scatter-window, attenuation-corrected, attenuation-map. The same seed makes the same bytes.
    """
    if presets:
        _list(call)
        return
    out, (count, how) = _folder(call), _size(patients, preset, physics)
    parts = None if tracers is None else parts_of(tracers)
    kinds = None if outputs is None else kinds_of([word.strip() for word in outputs.split(",")], how)
    from myoperf.phantom.clinic import make_cohort

    with progress(call) as tell:
        path = make_cohort(
            out,
            patients=patients,
            tracers=parts,
            physics=physics,
            preset=preset,
            outputs=kinds,
            dose=dose,
            gates=gates,
            seed=call.seed,
            jobs=jobs,
            progress=tell,
        )
    answer(call, {"cohort": str(path), "patients": count}, str(path), written=True)


def _folder(call: Call) -> "Path":
    if call.out is None:
        raise UsageError("phantom: give -o DIR for the patients")
    return call.out


def _size(patients: int | None, preset: str | None, physics: str | None) -> tuple[int, str]:
    """How many patients there will be, and by which physics."""
    if preset is None:
        if patients is None:
            raise UsageError("phantom: give --patients N, or --preset NAME (--presets lists them)")
        return patients, physics or "fast"
    from myoperf.phantom.preset import preset_named

    plan = preset_named(preset, patients)
    return plan.patients, physics or plan.physics


def parts_of(text: str) -> tuple[int, int]:
    """Parts of Tc-99m and Tl-201 from "274:366"."""
    try:
        technetium, thallium = (int(part) for part in text.split(":"))
    except ValueError:
        raise UsageError(f"phantom: --tracers is two whole numbers as in {TRACERS}; got {text}") from None
    return technetium, thallium


def kinds_of(names: list[str], physics: str) -> "tuple[Output, ...]":
    """Kinds of files from their names; "all" for every kind that the physics can give."""
    from myoperf.phantom.filing import needs_full
    from myoperf.phantom.preset import Output

    known = {name_of(output): output for output in Output}
    if names == [ALL]:
        beyond = needs_full(tuple(Output)) if physics == "fast" else []
        return tuple(output for output in Output if output not in beyond)
    unknown = [name for name in names if name not in known]
    if unknown:
        came = ", ".join(map(repr, unknown))
        raise UsageError(f"phantom: --outputs are {', '.join(known)}, with commas between, or {ALL}; got {came}")
    return tuple(output for name, output in known.items() if name in names)


def name_of(output: "Output") -> str:
    """A kind of file as the command line calls it."""
    return output.value.replace(" ", "-")


def _list(call: Call) -> None:
    from myoperf.phantom.preset import PRESETS

    answer(call, [_described(one) for one in PRESETS.values()], _table(tuple(PRESETS.values())))


def _described(preset: "Preset") -> dict[str, object]:
    """A preset for machines. tracers : parts of Tc-99m and Tl-201. women, prevalence : parts of 1."""
    return {
        "name": preset.name,
        "patients": preset.patients,
        "tracers": list(preset.tracers),
        "classes": {quota.name: quota.count for quota in preset.quotas},
        "women": preset.intake.women,
        "prevalence": preset.intake.prevalence,
        "positions": [str(position) for position in preset.positions],
        "centers": preset.centers,
        "cameras": list(preset.cameras),
        "physics": preset.physics,
        "outputs": [name_of(output) for output in preset.outputs],
        "source": preset.source,
        "notes": preset.notes,
    }


def _table(presets: "tuple[Preset, ...]") -> str:
    rows = [("preset", "patients", "tracers", "physics", "source")]
    for one in presets:
        rows.append((one.name, str(one.patients), _mix(one), one.physics, one.source or "our own"))
        if one.quotas:
            rows.append(("", "", ", ".join(f"{quota.count} {quota.name}" for quota in one.quotas), "", ""))
    width = [max(len(row[k]) for row in rows if row[0]) for k in range(4)]
    lines = ["  ".join([*(cell.ljust(n) for cell, n in zip(row, width, strict=False)), row[4]]) for row in rows]
    return "\n".join(line.rstrip() for line in lines)


def _mix(preset: "Preset") -> str:
    technetium, thallium = preset.tracers
    percent = round(100 * technetium / (technetium + thallium))
    named = {"Tc-99m": percent, "Tl-201": 100 - percent}
    return ", ".join(f"{name} {part} %" if part < 100 else name for name, part in named.items() if part)
