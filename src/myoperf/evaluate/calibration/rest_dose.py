"""Effective dose of a rest scan, by tracer."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MBQ_PER_MCI = 37.0
REST_MCI = 10.0
"""Activity of the rest injection of a one-day Tc-99m protocol (8 to 12 mCi: Henzlova 2016, ASNC guideline)."""

SESTAMIBI_REST, TETROFOSMIN_REST = 0.0090, 0.0080
"""mSv/MBq of Tc-99m agents injected at rest: ICRP Publication 128 (2015)."""

THALLIUM, REINJECTED_MBQ = 0.14, 40.0
"""mSv/MBq of thallous chloride: ICRP Publication 128 (2015; 0.22 in Publication 80). A usual reinjection in MBq."""


@dataclass(frozen=True, kw_only=True)
class RestDose:
    """mSv that each row's rest scan would bring, shape (rows,), and where the numbers come from."""

    msv: Floats
    said: str


def rest_dose_of(tracer: NDArray[np.str_] | None, rows: int, stated: float | None) -> RestDose:
    """The stated dose for everybody, else by tracer.

    Tc-99m and unknown tracers: 10 mCi of sestamibi, or of tetrofosmin where the tracer's name says so. Tl-201: 0, as
    redistribution images need no second injection; who reinjects states the dose.
    """
    if stated is not None:
        return RestDose(msv=np.full(rows, stated), said=f"{stated:g} mSv a rest scan, as stated")
    name = np.full(rows, "") if tracer is None else np.char.lower(tracer)
    thallium = (np.char.find(name, "tl") == 0) | (np.char.find(name, "201") >= 0) | (np.char.find(name, "thal") >= 0)
    tetrofosmin = (np.char.find(name, "tetrofosmin") >= 0) | (np.char.find(name, "myoview") >= 0)
    each = MBQ_PER_MCI * REST_MCI
    technetium = np.where(tetrofosmin, each * TETROFOSMIN_REST, each * SESTAMIBI_REST)
    said = []
    if not thallium.all():
        what = "tetrofosmin" if tetrofosmin[~thallium].all() else "sestamibi"
        per = TETROFOSMIN_REST if what == "tetrofosmin" else SESTAMIBI_REST
        mixed = ", tetrofosmin where named" if tetrofosmin.any() and what == "sestamibi" else ""
        said.append(f"{each * per:.2f} mSv a Tc-99m rest scan ({REST_MCI:g} mCi {what}{mixed}, ICRP 128)")
    if thallium.any():
        again = REINJECTED_MBQ * THALLIUM
        said.append(
            f"0 mSv a Tl-201 redistribution scan, which needs no injection ({again:.1f} mSv with {REINJECTED_MBQ:g} MBq"
            " reinjected: state it)"
        )
    return RestDose(msv=np.where(thallium, 0.0, technetium), said="; ".join(said))
