"""Normal limits: what uptake is normal, for whom, and who says so.

A file holds one object a group of patients (sex, tracer, state, camera, correction, position, protocol). Mean and mean
absolute deviation of every sample, in percent of the mean map's 98th percentile.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from ..core.errors import RefusedError
from ..core.polar import REFERENCE_PERCENTILE, Map, PolarMap, weighted_percentile
from ..io.files import write_text
from .perfusion import Limits, scale_to_normal

FORMAT = 1
LEAST_PATIENTS = 5
ADVISED_PATIENTS = 20
LEAST_DEVIATION = 0.01
SD_PER_MAD = 1.2533


@dataclass(frozen=True, kw_only=True)
class LimitsKey:
    """What a set of limits holds for. None means any; ``sex`` None means pooled over both sexes."""

    sex: str | None = None
    tracer: str | None = None
    state: str | None = None
    camera: str | None = None
    correction: str | None = None
    position: str | None = None
    protocol: str | None = None


@dataclass(frozen=True, kw_only=True)
class NormalLimits:
    """Limits of one group: ``n`` patients, their mean area weights, and where they come from.

    sd_global : area-weighted root mean square of the samples' standard deviation (1.2533 x mad), percent.
    """

    key: LimitsKey
    n: int
    limits: Limits
    weight: Map
    sd_global: float
    source: Mapping[str, object]
    created: str
    sha256: str = ""


def build_limits(
    key: LimitsKey, maps: Sequence[PolarMap], *, source: Mapping[str, object], created: str | None = None
) -> NormalLimits:
    """Limits from the maps of normal patients (all with ``key``).

    Every map is first brought to the common level by its own normal samples, as a patient's map will be.
    Raises RefusedError for fewer than five maps.
    """
    if len(maps) < LEAST_PATIENTS:
        raise RefusedError(
            describe(key),
            rule=f"normal limits need at least {LEAST_PATIENTS} patients",
            came=len(maps),
            do="add normal patients, or pool over a column that splits them",
        )
    weight = np.mean([m.weight for m in maps], axis=0)
    stack = np.stack([m.values / np.nansum(np.where(np.isfinite(m.values), m.weight * m.values, 0)) for m in maps])
    limits = _spread(stack)
    for _ in range(3):
        factors = [scale_to_normal(m, weight, limits) for m in stack]
        stack = stack * np.asarray(factors)[:, None, None]
        limits = _spread(stack)
    to_percent = 100.0 / weighted_percentile(limits.mean, weight, REFERENCE_PERCENTILE)
    limits = Limits(mean=limits.mean * to_percent, mad=limits.mad * to_percent)
    return NormalLimits(
        key=key,
        n=len(maps),
        limits=limits,
        weight=weight,
        sd_global=float(np.sqrt((weight * (SD_PER_MAD * limits.mad) ** 2).sum() / weight.sum())),
        source=dict(source),
        created=created or datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _spread(stack: Map) -> Limits:
    seen = np.isfinite(stack).sum(axis=0)
    filled = np.nan_to_num(stack)
    mean = filled.sum(axis=0) / np.maximum(seen, 1)
    off = np.where(np.isfinite(stack), np.abs(stack - mean), 0.0)
    mad = off.sum(axis=0) / np.maximum(seen, 1)
    return Limits(mean=mean, mad=np.maximum(mad, LEAST_DEVIATION * mean))


def describe(key: LimitsKey) -> str:
    """A key in words: "M, Tc-99m, stress, SIEMENS NM Encore2, NC, supine"."""
    known = {f.name: getattr(key, f.name) for f in fields(key)}
    known["sex"] = known["sex"] or "both sexes"
    return ", ".join(str(v) for v in known.values() if v)


def find_limits(file: Sequence[NormalLimits], key: LimitsKey) -> tuple[NormalLimits | None, str]:
    """Limits that hold for a study, and a caution: why none do, or that limits pooled over sex were taken."""
    fitting = [entry for entry in file if not _differs(entry.key, key)]
    for entry in fitting:
        if entry.key.sex is not None and entry.key.sex == key.sex:
            return entry, ""
    for entry in fitting:
        if entry.key.sex is None:
            why = "sex unknown" if key.sex is None else f"no limits for sex {key.sex}"
            return entry, f"{why}: limits pooled over both sexes were taken"
    if fitting:
        return None, f"no normal limits for sex {key.sex or 'unknown'}, and none pooled over sex"
    nearest = min((_differs(entry.key, key) for entry in file), key=len, default=())
    return None, "no normal limits fit this study: " + ("; ".join(nearest) if nearest else "the file holds none")


def _differs(limits: LimitsKey, study: LimitsKey) -> tuple[str, ...]:
    names = [f.name for f in fields(limits) if f.name != "sex"]
    pairs = [(name, getattr(limits, name), getattr(study, name)) for name in names]
    return tuple(f"limits are for {name} {a}, the study has {b or 'none'}" for name, a, b in pairs if a and a != b)


def write_limits(path: Path | str, entries: Sequence[NormalLimits]) -> Path:
    """Write limits as versioned JSON, each entry with the SHA-256 of its own content."""
    return write_text(path, json.dumps({"format": FORMAT, "limits": [_as_json(e) for e in entries]}, indent=1))


def _as_json(entry: NormalLimits) -> dict[str, object]:
    body: dict[str, object] = {
        "format": FORMAT,
        "key": asdict(entry.key),
        "n": entry.n,
        "mean": _rounded(entry.limits.mean, 4),
        "mad": _rounded(entry.limits.mad, 4),
        "weight": _rounded(entry.weight, 8),
        "sd_global": round(entry.sd_global, 4),
        "source": dict(entry.source),
        "created": entry.created,
    }
    return {**body, "sha256": _digest(body)}


def _rounded(values: Map, digits: int) -> list[list[float]]:
    rows: list[list[float]] = np.round(values, digits).tolist()
    return rows


def _digest(body: Mapping[str, object]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def read_limits(path: Path | str) -> tuple[NormalLimits, ...]:
    """Read limits. Raises RefusedError for a file that is no such JSON, of another format, or changed by hand."""
    try:
        document = json.loads(Path(path).read_text(encoding="utf-8"))
        entries = document["limits"]
        if document["format"] != FORMAT:
            raise RefusedError(
                path,
                rule=f"normal limits have format {FORMAT}",
                came=document["format"],
                do="build them again with this version",
            )
        return tuple(_from_json(path, entry) for entry in entries)
    except (OSError, UnicodeDecodeError, ValueError, KeyError, TypeError) as error:
        raise RefusedError(
            path,
            rule="normal limits are a JSON file made by 'myoperf normals build'",
            came=f"{type(error).__name__}: {error}",
            do="name such a file",
        ) from None


def _from_json(path: Path | str, entry: dict[str, Any]) -> NormalLimits:
    body = {name: value for name, value in entry.items() if name != "sha256"}
    if _digest(body) != entry["sha256"]:
        raise RefusedError(
            path,
            rule="an entry's sha256 must be that of its content",
            came="another",
            do="build the limits again; do not edit them by hand",
        )
    mean, mad, weight = (np.asarray(entry[name], dtype=np.float64) for name in ("mean", "mad", "weight"))
    if mean.ndim != 2 or mean.shape != mad.shape or mean.shape != weight.shape or not np.isfinite(mean).all():
        raise ValueError("mean, mad and weight must be tables of one size")
    return NormalLimits(
        key=LimitsKey(**entry["key"]),
        n=int(entry["n"]),
        limits=Limits(mean=mean, mad=mad),
        weight=weight,
        sd_global=float(entry["sd_global"]),
        source=dict(entry["source"]),
        created=str(entry["created"]),
        sha256=str(entry["sha256"]),
    )
