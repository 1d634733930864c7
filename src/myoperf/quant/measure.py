"""One study, measured: uptake, deficit, scores, and a reason beside every number that is missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ..core.errors import RefusedError
from ..core.measures import Caution, Measure, Measures
from ..core.polar import PolarMap
from ..core.segments import segment_means, summed_percent
from ..core.study import Series, Study
from ..core.terms import State, Territory
from .maps import Traced, chosen_series, trace_series
from .normals import ADVISED_PATIENTS, LimitsKey, NormalLimits, describe, find_limits
from .perfusion import Deficit, deficit, percent_scores
from .quality import pair_flags

PERCENT_OF_MAXIMUM = "percent-of-maximum"
LETTER = {State.STRESS: "s", State.REST: "r"}
NOT_MEASURED = (
    "tid",
    "stress_volume_ml",
    "rest_volume_ml",
    "ef",
    "edv_ml",
    "esv_ml",
    "mass_g",
    "phase_sd_deg",
    "phase_bandwidth_deg",
)
Numbers = dict[str, float | None]


@dataclass(frozen=True, kw_only=True)
class MeasuredStudy:
    """The numbers of a study and the maps they were read from; ``refused`` holds series that gave none."""

    measures: Measures
    maps: Mapping[State, PolarMap]
    refused: tuple[str, ...] = ()


@dataclass(kw_only=True)
class _Sheet:
    """Numbers and cautions while a study is being measured."""

    numbers: Numbers = field(default_factory=dict)
    cautions: list[Caution] = field(default_factory=list)

    def warn(self, code: str, text: str) -> None:
        self.cautions.append(Caution(code=code, text=text))


def limits_key(study: Study, series: Series, camera: str | None = None) -> LimitsKey:
    """What normal limits must be made for to hold for a series of a study."""
    protocol = study.clinical.get("protocol")
    return LimitsKey(
        sex=str(study.sex) if study.sex else None,
        tracer=str(series.tracer) if series.tracer else None,
        state=str(series.state) if series.state else None,
        camera=camera or " ".join(f"{series.manufacturer} {series.model}".split()) or None,
        correction=str(series.correction) if series.correction else None,
        position=str(series.position) if series.position else None,
        protocol=str(protocol) if protocol else None,
    )


def measure_study(
    study: Study, *, normals: Sequence[NormalLimits] = (), camera: str | None = None, refused: tuple[str, ...] = ()
) -> MeasuredStudy:
    """Measure a study's stress and rest series. ``refused`` holds lines of files that could not be read.

    A series that is refused leaves its numbers empty and its reason in ``refused``; RefusedError if none is left.
    """
    sheet = _Sheet()
    series = chosen_series(study)
    for line in refused:
        sheet.warn("file_refused", line)
    traced, lines = _trace_all(study, series, sheet, told=bool(refused))
    used = {state: _score(study, series[state], one, sheet, (normals, camera)) for state, one in traced.items()}
    if len(traced) == 2:
        sheet.cautions.extend(pair_flags(traced[State.STRESS].surface, traced[State.REST].surface))
    _difference(used, sheet)
    sheet.warn("not_measured", f"{', '.join(NOT_MEASURED)}: this version does not measure function and volumes")
    tracer = next((str(s.tracer) for s in series.values() if s.tracer), "")
    methods = list(dict.fromkeys(method for method, _ in used.values()))
    measures = Measures(
        patient_id=study.patient_id,
        study_id=study.study_id,
        tracer=tracer,
        sex=str(study.sex or ""),
        normals=" | ".join(methods),
        warnings=tuple(sheet.cautions),
        numbers=tuple(_measure(name, value, methods) for name, value in sheet.numbers.items()),
    )
    return MeasuredStudy(measures=measures, maps={s: t.polar for s, t in traced.items()}, refused=(*refused, *lines))


def _trace_all(
    study: Study, series: Mapping[State, Series], sheet: _Sheet, *, told: bool
) -> tuple[dict[State, Traced], list[str]]:
    """Trace every state; a missing one gets a line of its own, unless its file was already refused in one."""
    traced: dict[State, Traced] = {}
    refused: list[str] = []
    for state in State:
        if state not in series:
            sheet.warn(f"no_{state}", f"the study has no {state} series")
            if not told:
                refused.append(_missing(study, state))
            continue
        try:
            traced[state] = trace_series(series[state])
        except RefusedError as error:
            sheet.warn(f"{state}_refused", str(error))
            refused.append(str(error))
        else:
            sheet.cautions.extend(traced[state].cautions)
            sheet.cautions.extend(Caution(code="header", text=f"{state}: {text}") for text in series[state].warnings)
    if not traced:
        raise RefusedError(
            f"study {study.study_id}",
            rule="at least one series must be measurable",
            came="; ".join(refused),
            do="see the reason of each series",
        )
    return traced, refused


def _missing(study: Study, state: State) -> str:
    rule = "a study has a stress and a rest series"
    return str(RefusedError(f"study {study.study_id}", rule=rule, came=f"no {state}", do=f"add the {state} series"))


def _score(
    study: Study, series: Series, traced: Traced, sheet: _Sheet, against: tuple[Sequence[NormalLimits], str | None]
) -> tuple[str, Deficit | None]:
    """Put one state's numbers on the sheet; gives the limits used (in words) and the deficit against them."""
    polar, state = traced.polar, State(str(series.state))
    uptake = segment_means(polar.values, polar.weight)
    found, method = _compare(study, series, polar, sheet, against)
    scores = percent_scores(uptake) if found is None else found.segment_scores
    numbers = sheet.numbers
    numbers[f"{state}_tpd"] = found.tpd if found else None
    numbers[f"{state}_extent"] = found.extent if found else None
    if state is State.STRESS:
        for territory in Territory:
            numbers[f"stress_tpd_{territory.lower()}"] = found.territory_tpd[territory] if found else None
    total = float(scores.sum())
    numbers[f"s{LETTER[state]}s"] = _known(total)
    if state is State.STRESS:
        numbers["sss_percent"] = _known(summed_percent(total))
    for k in range(17):
        numbers[f"{LETTER[state]}{k + 1:02d}"] = _known(scores[k])
        numbers[f"u{LETTER[state]}{k + 1:02d}"] = _known(uptake[k])
    if not np.isfinite(total):
        gone = ", ".join(str(k + 1) for k in range(17) if not np.isfinite(scores[k]))
        sheet.warn("segments_unknown", f"{state}: segments {gone} lie outside the image, so no summed score is given")
    return method, found


def _compare(
    study: Study, series: Series, polar: PolarMap, sheet: _Sheet, against: tuple[Sequence[NormalLimits], str | None]
) -> tuple[Deficit | None, str]:
    normals, camera = against
    if not normals:
        text = "no normal limits given: no TPD and extent; scores come from percent of maximum"
        if not any(c.code == "no_limits" for c in sheet.cautions):
            sheet.warn("no_limits", text)
        return None, PERCENT_OF_MAXIMUM
    entry, why = find_limits(normals, limits_key(study, series, camera))
    if entry is None:
        sheet.warn("no_limits", f"{series.state}: {why}; no TPD and extent, scores come from percent of maximum")
        return None, PERCENT_OF_MAXIMUM
    if why:
        sheet.warn("limits_pooled", f"{series.state}: {why}")
    if entry.n < ADVISED_PATIENTS:
        text = f"{series.state}: the limits rest on {entry.n} patients, fewer than {ADVISED_PATIENTS}"
        sheet.warn("few_normals", text)
    if entry.limits.mean.shape != polar.values.shape:
        raise RefusedError(
            "normal limits",
            rule=f"their map is {polar.values.shape}",
            came=entry.limits.mean.shape,
            do="build them again with this version",
        )
    return deficit(polar.values, polar.weight, entry.limits), f"{describe(entry.key)} (n={entry.n})"


def _difference(used: Mapping[State, tuple[str, Deficit | None]], sheet: _Sheet) -> None:
    """Stress against rest: ischaemic TPD and the summed difference score; both states must be scored alike."""
    numbers = sheet.numbers
    stress, rest = numbers.get("stress_tpd"), numbers.get("rest_tpd")
    numbers["ischemic_tpd"] = None if stress is None or rest is None else max(0.0, stress - rest)
    numbers["sds"] = None
    if len(used) < 2:
        return
    if (used[State.STRESS][1] is None) != (used[State.REST][1] is None):
        sheet.warn("scored_apart", "only one state has normal limits, so no summed difference score is given")
        return
    pairs = [(numbers[f"s{k:02d}"], numbers[f"r{k:02d}"]) for k in range(1, 18)]
    if all(s is not None and r is not None for s, r in pairs):
        numbers["sds"] = float(sum(max(0.0, (s or 0.0) - (r or 0.0)) for s, r in pairs))


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _measure(name: str, value: float | None, methods: Sequence[str]) -> Measure:
    if name.startswith("u"):
        unit, method = "% of maximum", "area-weighted mean of the segment"
    elif "tpd" in name:
        unit, method = "%", "TPD (after Slomka 2005)"
    elif "extent" in name:
        unit, method = "%", "area below the normal limit"
    elif name == "sss_percent":
        unit, method = "% of 68", "summed score"
    else:
        unit, method = "score", " | ".join(methods)
    return Measure(name=name, value=value, unit=unit, region=_region(name), method=method)


def _region(name: str) -> str:
    if name[-2:].isdigit():
        return f"segment {int(name[-2:])}"
    tail = name.rsplit("_", 1)[-1].upper()
    return tail if tail in set(Territory) else "ventricle"
