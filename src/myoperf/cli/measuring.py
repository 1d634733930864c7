"""Verbs that measure: quantify, normals build, normals show."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from myoperf.core.errors import UsageError

from .console import answer, progress, refusals
from .verb import Call, Jobs, Verbs, verb

if TYPE_CHECKING:
    from myoperf.quant.batch import Quantified
    from myoperf.quant.normals import NormalLimits


def register(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
    verb(app, "quantify", short_help="Polar maps, segment scores, TPD.")(quantify)
    normals = typer.Typer(cls=Verbs, rich_markup_mode=None)
    app.add_typer(normals, name="normals", help="Build and show normal limits.")
    verb(normals, "build", short_help="Limits from the normal patients of a cohort.")(normals_build)
    verb(normals, "show", short_help="What a file of limits holds and where it comes from.")(normals_show)


def quantify(
    call: Call,
    *,
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="DICOM files, folders, or cohort.csv.")],
    normals: Annotated[Path | None, typer.Option("--normals", metavar="FILE", help="Normal limits.")] = None,
    maps: Annotated[Path | None, typer.Option("--maps", metavar="DIR", help="Polar maps as .npz, one a study.")] = None,
    camera: Annotated[
        str | None, typer.Option("--camera", metavar="NAME", help="Camera to look up in the limits.")
    ] = None,
    page: Annotated[Path | None, typer.Option("--page", metavar="FILE", help="The measures as a page to read.")] = None,
    jobs: Jobs = None,
) -> int:
    """Measure studies: one row a study in measures.csv (or -o FILE or FOLDER).

    What cannot be measured is empty and says why. A refused study costs only itself; its reason is told in a line.
    """
    from myoperf.quant.batch import quantify as run
    from myoperf.quant.table import as_json

    out = call.out or Path("measures.csv")
    with progress(call) as tell, TemporaryDirectory() as scratch:
        folder = maps or (Path(scratch) if page else None)
        found = run(paths, normals=normals, maps=folder, out=out, camera=camera, jobs=jobs, progress=tell)
        if page is not None and folder is not None:
            write_page(page, found, folder)
    code = refusals(call, found.refused)
    answer(call, as_json(found.measures), "\n".join(str(path) for path in (found.table, page) if path), written=True)
    return code


def write_page(page: Path, found: "Quantified", folder: Path) -> None:
    """The measures as a page, with the polar maps of the first few studies."""
    import numpy as np

    from myoperf.core.terms import State
    from myoperf.quant.batch import safe_name
    from myoperf.report.quantify_page import FIRST, write_measures_page

    maps = {}
    for row in found.measures[:FIRST]:
        with np.load(folder / f"{safe_name(row.study_id)}.npz") as kept:
            maps[row.study_id] = {state: kept[str(state)] for state in State if str(state) in kept}
    write_measures_page(page, found.measures, maps=maps, refused=found.refused)


def normals_build(
    call: Call,
    *,
    cohort: Annotated[Path, typer.Argument(metavar="COHORT", help="A cohort table.")],
    where: Annotated[
        str, typer.Option("--where", metavar="EXPRESSION", help="Which rows are normal: \"report == 'N'\".")
    ],
    jobs: Jobs = None,
) -> int:
    """Build normal limits from the rows of a cohort for which --where holds, and write them to -o FILE."""
    if call.out is None:
        raise UsageError("normals build: give -o FILE for the limits")
    from myoperf.io.cache import cache_beside
    from myoperf.io.cohort import read_cohort
    from myoperf.io.selection import select
    from myoperf.quant.batch import build_normals
    from myoperf.quant.normals import write_limits

    table = read_cohort(cohort, strict=False)
    rows = select(table.rows, where)
    with progress(call) as tell:
        cache = cache_beside(cohort)
        entries, refused = build_normals(table, rows, where=where, cache=cache, jobs=jobs, progress=tell)
    path = write_limits(call.out, entries)
    code = refusals(call, (*table.refused, *refused))
    answer(call, _described(entries), str(path), written=True)
    return code


def normals_show(call: Call, file: Annotated[Path, typer.Argument(metavar="FILE", help="Normal limits.")]) -> None:
    """Show every set of limits in a file: for whom, from how many patients, made of what and when."""
    from myoperf.quant.normals import read_limits

    found = _described(read_limits(file))
    lines = [f"{one['for']}: {one['n']} patients, made {one['created']} from {one['source']}" for one in found]
    answer(call, found, "\n".join(lines))


def _described(entries: "tuple[NormalLimits, ...]") -> list[dict[str, object]]:
    from dataclasses import asdict

    from myoperf.quant.normals import describe

    return [
        {
            "for": describe(one.key),
            "key": asdict(one.key),
            "n": one.n,
            "sd_global": one.sd_global,
            "created": one.created,
            "source": dict(one.source),
        }
        for one in entries
    ]
