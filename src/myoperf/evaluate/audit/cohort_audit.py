"""One audit: printed figures, counts, a cohort with its split, a plan; whatever is given."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from myoperf.core.errors import RefusedError
from myoperf.core.progress import Progress, silent
from myoperf.io.cache import cache_beside

from .assignment import Assignment, own_assignment, read_assignments
from .attainability import Attainable, Together, attainable, together
from .claim import Claim, claim_of
from .confounders import Confounder, find_confounders
from .counted import Cells, Counted, check_counts
from .duplicates import Duplicate, find_duplicates
from .examinations import examinations
from .gap import Gap, files_of, split_gap
from .leaks import Leak, find_leaks
from .pictures import Picture, read_pictures
from .precision import Plan, plan
from .roster import Roster, read_roster


@dataclass(frozen=True, kw_only=True)
class Audit:
    """All that an audit found; each part is empty where it was not asked for. ``about`` : what was looked at."""

    claims: tuple[Attainable, ...] = ()
    together: Together | None = None
    counts: tuple[Counted, ...] = ()
    leaks: tuple[Leak, ...] = ()
    duplicates: tuple[Duplicate, ...] = ()
    confounders: tuple[Confounder, ...] = ()
    gaps: tuple[Gap, ...] = ()
    plan: Plan | None = None
    about: Mapping[str, object] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Planned:
    """What to plan: the expected figure as "auc=0.88", the full width of its interval, the share of ill patients."""

    figure: str
    width: float | None = None
    share: float = 0.5


def audit(
    cohort: Path | str | None = None,
    *,
    splits: Path | str | None = None,
    claim: Sequence[str] = (),
    n: int | None = None,
    positives: int | None = None,
    counts: Cells | None = None,
    planned: Planned | None = None,
    images: bool = True,
    gap: bool = False,
    seed: int = 0,
    progress: Progress = silent,
) -> Audit:
    """Look for leaks, duplicates, confounders, and figures that cannot be.

    cohort : a table, or a folder of images. splits : a file that says who is in which part; without it the column
    ``split``. claim : printed figures, "accuracy=0.948", checked against ``counts`` (TP, FP, FN, TN), else against
    ``n`` patients of whom ``positives`` are ill. images : whether pixels are compared. gap : whether the gap between a
    split by image and one by patient is estimated. Faults are the answer, not an error; RefusedError for what cannot be
    read or does not go together.
    """
    said = [claim_of(text) for text in claim]
    if said and counts is None and n is None:
        raise RefusedError("--claim", rule="a claim is checked against --n or --counts", came="neither", do="give --n")
    if cohort is None and splits is not None:
        raise RefusedError(
            "--splits", rule="a split is checked against a cohort", came="no COHORT", do="name the cohort"
        )
    if not (said or counts or planned or cohort):
        raise RefusedError("audit", rule="something is audited", came="nothing", do="give COHORT, --claim or --counts")
    found = _of_figures(said, n, positives, counts, planned)
    if cohort is None:
        return found
    return _of_cohort(found, read_roster(cohort), splits, images=images, gap=gap, seed=seed, progress=progress)


def audit_json(found: Audit) -> dict[str, object]:
    """An audit as plain values, with the keys of ``audit.json``."""
    body = asdict(found)
    for pair in body["duplicates"]:
        pair["first"], pair["second"] = str(pair["first"]), str(pair["second"])
    for leak in body["leaks"]:
        leak["in"] = leak.pop("within")
    return body


def _of_figures(
    said: Sequence[Claim], n: int | None, positives: int | None, counts: Cells | None, planned: Planned | None
) -> Audit:
    checked = () if counts is None else check_counts(counts, said)
    alone = () if counts is not None or n is None else tuple(attainable(claim, n, positives) for claim in said)
    joint = together(said, n, positives) if len(alone) > 1 and n is not None else None
    made = None
    if planned is not None:
        size = n if planned.width is None else None
        made = plan(claim_of(planned.figure), width=planned.width, n=size, share=planned.share)
    about: dict[str, object] = {} if counts is None else {"counts": list(counts)}
    return Audit(claims=alone, together=joint, counts=checked, plan=made, about=about)


def _of_cohort(
    found: Audit,
    roster: Roster,
    splits: Path | str | None,
    *,
    images: bool,
    gap: bool,
    seed: int,
    progress: Progress,
) -> Audit:
    parts = own_assignment(roster) if splits is None else read_assignments(splits, roster)
    paths = files_of(roster)
    pictures, faults = _pictures(roster, paths, progress) if images else ((), ())
    headers = examinations(paths) if images and (parts or not roster.columns) else {}
    owner = {path: entry.patient for entry in roster.entries for path in entry.files.values()}
    owner = owner if roster.columns else headers
    copies = find_duplicates(pictures, owner, progress)
    leaks = find_leaks(roster, parts, copies, headers)
    confounders, remarks = find_confounders(roster, seed=seed) if roster.columns else ((), ())
    gaps, why = split_gap(roster, pictures, seed=seed) if gap else ((), ())
    return Audit(
        claims=found.claims,
        together=found.together,
        counts=found.counts,
        plan=found.plan,
        leaks=leaks,
        duplicates=copies,
        confounders=confounders,
        gaps=gaps,
        about={**found.about, **_about(roster, parts, len(pictures))},
        warnings=(*roster.warnings, *faults, *remarks, *why, *_no_split(parts, roster)),
    )


def _about(roster: Roster, parts: Sequence[Assignment], images: int) -> dict[str, object]:
    """What was looked at."""
    return {
        "path": str(roster.path),
        "rows": len(roster.entries),
        "patients": len({entry.patient for entry in roster.entries if entry.patient}),
        "images": images,
        "splits": [part.name for part in parts],
        "unit": sorted({part.unit for part in parts}),
    }


def _pictures(roster: Roster, paths: Sequence[Path], progress: Progress) -> tuple[tuple[Picture, ...], tuple[str, ...]]:
    return read_pictures(paths, cache_beside(roster.path), progress)


def _no_split(parts: Sequence[object], roster: Roster) -> tuple[str, ...]:
    if parts or not roster.columns:
        return ()
    return ("no column split and no --splits: leaks between parts were not looked for",)
