"""An audit as lines to read."""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

FIRST = 20
_TOLD = 0.5

Body = Mapping[str, Any]
"""Plain values with the keys of ``audit.json``."""


def audit_text(body: Body) -> str:
    """What an audit found, a line a finding; long lists are cut, and say so."""
    lines = [
        line for part in (_claims, _counts, _plan, _leaks, _duplicates, _confounders, _gaps) for line in part(body)
    ]
    lines += [f"note: {line}" for line in _first(list(body["warnings"]), str)]
    return "\n".join(lines)


def claim_line(row: Body) -> str:
    """One claim in words."""
    said = {None: "not settled", True: "attainable", False: "NOT attainable"}[row["attainable"]]
    near = [f"{value:.4g} ({how})" for value, how in zip(row["nearest"], row["counts"], strict=True)]
    nearest = f"; nearest {' and '.join(near)}" if near and not row["attainable"] else f"; as {near[0]}" if near else ""
    cut = "; only if digits were cut off, not rounded" if row["only_cut_off"] else ""
    smallest = f"; smallest n that gives it: {row['smallest_n']}" if row["smallest_n"] and not row["attainable"] else ""
    why = f"; {row['why']}" if row["why"] else ""
    return f"{row['claim']} with n = {row['n']}: {said}{nearest}{cut}{smallest}{why}"


def count_line(row: Body) -> str:
    """One index of a table in words."""
    if row["claimed"] is None:
        return f"{row['index']}: {row['printed']}{' (' + row['why'] + ')' if row['why'] else ''}"
    why = f" ({row['why']})" if row["why"] else ""
    said = f"claimed {row['claimed']:.12g}, from the counts {row['printed']}"
    return f"{row['index']}: {said}: {row['verdict'].upper()}{why}"


def together_line(row: Body) -> str:
    """All claims at once in words."""
    if not row["attainable"]:
        return f"all claims together: {'NOT attainable' if row['attainable'] is False else 'not settled'}; {row['why']}"
    cells = "TP {} FP {} FN {} TN {}".format(*row["example"])
    many = f"{row['tables']}{'' if row['all_tried'] else ' or more'} table{'' if row['tables'] == 1 else 's'}"
    return f"all claims together: attainable by {many}, for example {cells}"


def plan_line(row: Body) -> str:
    """A plan in words."""
    ends = f"95 % interval {row['low']:.3f}-{row['high']:.3f}, width {row['width']:.3f}"
    who = f"{row['n']} patients, {row['positives']} of them ill"
    return f"plan: {row['figure']} {row['value']:g} with {who}: {ends} ({row['method']})"


def leak_line(row: Body) -> str:
    """One leak in words."""
    rows = f" (rows {', '.join(map(str, row['rows']))})" if row["rows"] else ""
    more = f" and {len(row['in']) - 1} more" if len(row["in"]) > 1 else ""
    within = f" [{row['in'][0]}{more}]" if row["in"] else ""
    return f"{row['kind']}: {row['what']}{rows}{within}; {row['do']}"


def duplicate_line(row: Body) -> str:
    """One pair of copies in words."""
    alike = "" if row["likeness"] is None else f", {100 * 10 ** -row['likeness']:.2g} % unexplained"
    first, second = names_of(row)
    return f"{row['kind']} copy: {first} = {second}{alike}"


def names_of(row: Body) -> tuple[str, str]:
    """Names of two copies, without the folders that both lie in."""
    paths = [Path(str(row[name])) for name in ("first", "second")]
    common = Path(os.path.commonpath([path.parent for path in paths]))
    first, second = (
        f"{path.relative_to(common)}{'#' + name if name else ''}"
        for path, name in zip(paths, row["arrays"], strict=True)
    )
    return first, second


def confounder_line(row: Body) -> str:
    """One variable in words."""
    if row["auc"] is None:
        return f"{row['variable']} -> {row['target']}: {row['method']}"
    missing = f", {row['missing']} rows without it" if row["missing"] else ""
    return f"{row['says']}{missing}"


def gap_line(row: Body) -> str:
    """A gap between splits in words."""
    ends = "" if row["low"] is None else f" [{row['low']:.2f}-{row['high']:.2f}]"
    return (
        f"{row['target']}: split by image {row['by_image']:.2f}, by patient {row['by_patient']:.2f}, "
        f"gap {row['difference']:.2f}{ends}, {row['n']} patients ({row['method']})"
    )


def telling(rows: Sequence[Body]) -> list[Body]:
    """Confounders worth a line: whose interval lies above one half, and all together."""
    return [row for row in rows if row["auc"] is None or row["low"] > _TOLD or row["variable"] == "all together"]


def _first(rows: Sequence[Any], line: Any) -> Iterator[str]:
    yield from (line(row) for row in rows[:FIRST])
    if len(rows) > FIRST:
        yield f"... and {len(rows) - FIRST} more (see --json or -o FOLDER)"


def _claims(body: Body) -> Iterator[str]:
    yield from map(claim_line, body["claims"])
    if body["together"] is not None:
        yield together_line(body["together"])


def _counts(body: Body) -> Iterator[str]:
    yield from map(count_line, body["counts"])
    claimed = [row for row in body["counts"] if row["claimed"] is not None]
    if claimed:
        differ = [row["index"] for row in claimed if row["verdict"] == "differs"]
        yield f"{len(claimed) - len(differ)} of {len(claimed)} follow from the counts" + (
            f"; not: {', '.join(differ)}" if differ else ""
        )


def _plan(body: Body) -> Iterator[str]:
    if body["plan"] is not None:
        yield plan_line(body["plan"])


def _leaks(body: Body) -> Iterator[str]:
    if "path" not in body["about"]:
        return
    about = body["about"]
    yield f"{about['path']}: {about['rows']} rows, {about['patients']} patients, {about['images']} images compared"
    if about["splits"]:
        units = f" (by {' and '.join(about['unit'])})" if about["unit"] else ""
        many = f"{len(about['splits'])} split{'s' if len(about['splits']) > 1 else ''}"
        yield f"leaks: {len(body['leaks']) or 'none'} in {many}{units}"
    yield from _first(body["leaks"], leak_line)


def _duplicates(body: Body) -> Iterator[str]:
    if body["about"].get("images"):
        yield f"copies of images: {len(body['duplicates']) or 'none'}"
    yield from _first(body["duplicates"], duplicate_line)


def _confounders(body: Body) -> Iterator[str]:
    rows = telling(body["confounders"])
    if body["confounders"]:
        quiet = len(body["confounders"]) - len(rows)
        yield f"what is known beforehand and tells the label by itself ({quiet} that tell nothing sure are left out):"
    yield from _first(rows, confounder_line)


def _gaps(body: Body) -> Iterator[str]:
    yield from map(gap_line, body["gaps"])
