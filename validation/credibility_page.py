"""The credibility page as text: every figure with number of patients, unit, interval, published range and source."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from credibility_adversary import Told
from credibility_cases import Cases
from credibility_clinic import Clinic, Figure
from credibility_real import Segments
from virtual_to_real import Transfer

from myoperf.core.terms import RESEARCH_USE

NAMES = {"M": "men", "F": "women"}
TPD_SOURCE = "Betancur, JACC Cardiovasc Imaging 2018;11:1654 (0.78); Slomka, J Nucl Cardiol 2005;12:66"
BIAS_FREE = "Johansen, J Nucl Cardiol 2005;12:530: 357 patients, 35 % with stenosis, reports kept secret"
READERS = "Nucl Med Commun 2001;22:531 (0.71-0.85; segments 0.52-0.56); three and three readers elsewhere 0.32-0.60"
REAL_SOURCE = "real patients of one centre, Tc-99m, filtered back-projection without attenuation correction"
OWN = "our own bound"


@dataclass(frozen=True, kw_only=True)
class Line:
    """One row of the page's table. inside : whether the figure lies in the range; None where there is no range."""

    what: str
    value: str
    n: str
    asked: str
    source: str
    inside: bool | None


def _told(figure: Figure, digits: int = 2, unit: str = "") -> str:
    value, low, high = figure
    return f"{value:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]{unit}"


def _percent(figure: Figure) -> str:
    return _told((100 * figure[0], 100 * figure[1], 100 * figure[2]), 0, " %")


def clinic_lines(found: Clinic) -> list[Line]:
    """Stenosis, readers, agreement, counts."""
    n = str(found.patients)
    lines = [
        Line(what=f"AUC of measured stress TPD for a stenosis of 70 % or more, {name}", value=_told(figure),
             n=str(found.tracers.get(name, found.patients)), asked="0.75-0.90", source=TPD_SOURCE,
             inside=0.75 <= figure[0] <= 0.90)
        for name, figure in found.tpd.items()
    ]  # fmt: skip
    lines.append(
        Line(what="patients with such a stenosis; all have known arteries", value=_percent(found.prevalence), n=n,
             asked="near 35 %", source=BIAS_FREE, inside=abs(found.prevalence[0] - 0.35) <= 0.05)
    )  # fmt: skip
    for who, (sensitivity, specificity) in (("consensus of readers", found.report), ("one reader", found.single)):
        for word, figure, target in (("sensitivity", sensitivity, 0.75), ("specificity", specificity, 0.79)):
            lines.append(
                Line(what=f"{word} of the {who} for it", value=_percent(figure), n=n,
                     asked=f"near {100 * target:.0f} %", source=BIAS_FREE, inside=abs(figure[0] - target) <= 0.05)
            )  # fmt: skip
    for word, figure, low, high in (
        ("readers on the impression, mean kappa of pairs", found.impressions, 0.5, 0.85),
        ("readers on the scores of 17 segments (0-4, plain kappa)", found.segments, 0.5, 0.6),
    ):
        lines.append(
            Line(what=word, value=_told(figure), n=n, asked=f"{low}-{high}", source=READERS,
                 inside=low <= figure[0] <= high)
        )  # fmt: skip
    near = abs(found.density[0] / 3.5 - 1) <= 0.1
    lines.append(
        Line(what="counts of the wall at stress, Tc-99m over Tl-201", value=_told(found.density), n=n,
             asked="3.5 ± 10 %", source="J Nucl Cardiol 1999;6:278 (3.47)", inside=near)
    )  # fmt: skip
    return lines


def real_lines(segments: Sequence[Segments]) -> list[Line]:
    """Normal uptake."""
    return [
        Line(
            what=f"normal {NAMES[s.sex]}, {s.state}: largest difference of 17 segment means, virtual - real",
            value=f"{s.largest:.1f} % (chance alone {s.expected:.1f}); segments beyond 4 %: {(abs(s.gap) > 4).sum()}",
            n=f"{s.patients[0]} real, {s.patients[1]} virtual",
            asked="<= 4 % of maximum",
            source=REAL_SOURCE,
            inside=s.largest <= 4.0,
        )
        for s in segments
    ]


def told_lines(told: Sequence[Told]) -> list[Line]:
    """What classifiers tell."""
    return [
        Line(what=f"AUC of telling virtual from real ({_physics(one)}): {one.kind}",
             value=_told((one.auc, one.low, one.high)), n=f"{one.real} real, {one.virtual} virtual", asked="<= 0.75",
             source=OWN, inside=one.auc <= 0.75)
        for one in told
    ]  # fmt: skip


def _physics(one: Told) -> str:
    return "full physics" if one.group.endswith("full physics") else "fast physics"


def transfer_lines(found: Transfer) -> list[Line]:
    """A network that saw only virtual patients."""
    n = f"{found.men} real men, {found.abnormal} abnormal"
    return [
        Line(what=f"AUC of a network trained on {found.trained} virtual patients, on real men",
             value=_told(found.virtual), n=n, asked="", source="", inside=None),
        Line(what="AUC of the same network trained on real men (cross-validated)", value=_told(found.real), n=n,
             asked="", source="", inside=None),
        Line(what="difference, paired", value=_told(found.gap), n=n, asked=">= -0.05", source=OWN,
             inside=found.gap[0] >= -0.05),
    ]  # fmt: skip


def physics_lines(found: Mapping[str, float]) -> list[Line]:
    """Fast against full physics."""
    n = f"{found['patients']:.0f} patients by both"
    gap = (found["segment_difference"], found["segment_difference_low"], found["segment_difference_high"])
    tpd = (found["tpd_correlation"], found["tpd_correlation_low"], found["tpd_correlation_high"])
    return [
        Line(what="fast and full physics: mean absolute difference of 17 segments", value=_told(gap, 1, " %"), n=n,
             asked="<= 4 % of maximum", source=OWN, inside=gap[0] <= 4.0),
        Line(what="fast and full physics: correlation of measured stress TPD", value=_told(tpd), n=n, asked=">= 0.9",
             source=OWN, inside=tpd[0] >= 0.9),
    ]  # fmt: skip


def page(
    lines: Sequence[Line], told: Sequence[Told], *, real: Cases | None, patients: int, seed: int, quick: bool
) -> str:
    """The whole page."""
    outside = [line for line in lines if line.inside is False]
    parts = [
        "# How far virtual patients can be believed",
        "<!-- made by validation/credibility.py; edit that instead -->",
        f"{RESEARCH_USE}",
        _summary(lines, outside, patients, seed),
        _table(lines),
    ]
    if real is None:
        parts.append("No real patients were at hand when this page was built: what needs them is left out.")
    else:
        parts += [_apart(told), _gallery()]
    if quick:
        parts.append("Built with `--quick`: training on virtual patients and the full physics are left out.")
    parts.append("How the patients are made is told in [virtual patients](virtual-patients.md).")
    return "\n\n".join(parts) + "\n"


def _summary(lines: Sequence[Line], outside: Sequence[Line], patients: int, seed: int) -> str:
    asked = sum(line.inside is not None for line in lines)
    text = (
        f"{patients} virtual patients of the general clinic (seed {seed}), measured by the same quantification as any"
        f" other. Of {asked} figures with a range, {asked - len(outside)} lie within it. Intervals are 95 %, over"
        " patients; a figure is judged by its value, not by its interval."
    )
    if outside:
        text += " What lies outside is in bold: results that depend on it should not be believed."
    return text


def _table(lines: Sequence[Line]) -> str:
    rows = ["| figure | here | n | asked | source |", "|---|---|---|---|---|"]
    for line in lines:
        value = f"**{line.value}**" if line.inside is False else line.value
        rows.append(f"| {line.what} | {value} | {line.n} | {line.asked} | {line.source} |")
    return "\n".join(rows)


def _apart(told: Sequence[Told]) -> str:
    groups = list(dict.fromkeys(t.group for t in told))
    kinds = list(dict.fromkeys(t.kind for t in told))
    found = {(t.kind, t.group): t for t in told}
    numbers = {g: next(t for t in told if t.group == g) for g in groups}
    head = [f"{g} ({numbers[g].real} real, {numbers[g].virtual} virtual)" for g in groups]
    rows = [
        "## Told apart",
        "AUC of classifiers that were told which maps are virtual, judged by ten-fold cross-validation on patients that"
        " they had not seen; 0.5 is what cannot be told apart. Every sex has the same share of normal and abnormal on"
        " both sides.",
        "| classifier | " + " | ".join(head) + " |\n|---" + "|---" * len(head) + "|",
    ]
    rows[-1] += "".join(
        f"\n| {kind} | "
        + " | ".join(_told((t.auc, t.low, t.high)) if (t := found.get((kind, g))) else "" for g in groups)
        + " |"
        for kind in kinds
    )
    return "\n\n".join(rows)


def _gallery() -> str:
    shown = (
        ("giveaways", "What gives virtual patients away",
         "Virtual maps that the best classifier was surest of, those it took for real, and the single features that "
         "differ most. Only maps of virtual patients are shown."),
        ("segments", "Normal uptake of the segments", "Mean and standard deviation, real beside virtual."),
        ("means", "Mean normal maps", "Difference of the means and spread between patients."),
        ("spectra", "Texture", "Median and the middle 80 % of normal patients at stress."),
        ("profiles", "Across the wall", "Counts at mid height along the normal of the wall, stress, normal patients."),
        ("examples", "Virtual normal patients", "Men drawn by lot; stress above rest."),
    )  # fmt: skip
    return "\n\n".join(
        f"## {title}\n\n{text}\n\n![{title}](../images/credibility-{name}.png)" for name, title, text in shown
    )
