"""Energy windows of an NM object, and the tracer whose photons they let through."""

from dataclasses import dataclass

from ..core.study import Evidence
from ..core.terms import Tracer
from .nm_header import Header, items, numbers, text

_MIDDLES = {Tracer.TC99M: ((132.0, 151.0),), Tracer.TL201: ((60.0, 90.0), (160.0, 175.0))}
"""Middle of a window in keV: 140.5 for Tc-99m; 69-83 (x rays) and 167 for Tl-201. Its 135 keV line tells nothing."""


@dataclass(frozen=True, kw_only=True)
class EnergyWindow:
    """One window: its number (from 1), its ranges in keV, and its name."""

    number: int
    ranges: tuple[tuple[float, float], ...]
    name: str

    @property
    def label(self) -> str:
        """How a window is quoted as evidence."""
        parts = ", ".join(f"{low:.4g}-{high:.4g} keV" for low, high in self.ranges)
        return f"energy window {self.number}: {parts or 'no limits'}"


def energy_windows(header: Header) -> tuple[EnergyWindow, ...]:
    """Windows in the order of the Energy Window Information Sequence; ranges without both limits are left out."""
    found = []
    for number, item in enumerate(items(header, "EnergyWindowInformationSequence"), start=1):
        ranges = []
        for part in items(item, "EnergyWindowRangeSequence"):
            low, high = numbers(part, "EnergyWindowLowerLimit", 1), numbers(part, "EnergyWindowUpperLimit", 1)
            if low and high and 0 < low[0] < high[0]:
                ranges.append((low[0], high[0]))
        found.append(EnergyWindow(number=number, ranges=tuple(ranges), name=text(item, "EnergyWindowName")))
    return tuple(found)


def window_tracers(window: EnergyWindow) -> tuple[Tracer, ...]:
    """Tracers whose photopeak lies at the middle of one of the window's ranges."""
    middles = [(low + high) / 2 for low, high in window.ranges]
    return tuple(
        tracer
        for tracer, spans in _MIDDLES.items()
        if any(low <= middle <= high for middle in middles for low, high in spans)
    )


def choose_photopeak(
    windows: tuple[EnergyWindow, ...], numbers_used: tuple[int, ...]
) -> tuple[int, tuple[Evidence, ...]] | None:
    """The one window of those used that holds a tracer's photopeak, with evidence; None if none or several do."""
    if len(numbers_used) == 1:
        return numbers_used[0], ()
    fitting = [w for w in windows if w.number in numbers_used and window_tracers(w)]
    if len(fitting) != 1:
        return None
    chosen = fitting[0]
    return chosen.number, (Evidence(fact="photopeak", value=str(chosen.number), source=chosen.label),)
