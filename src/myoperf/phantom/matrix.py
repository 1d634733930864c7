"""Hearts with one clean defect in a known segment: what is read from them must say that segment, or nothing."""

from dataclasses import replace
from itertools import count

import numpy as np

from ..core.segments import AHA17
from ..core.terms import State, Tracer
from .disease import segment_defect, uptake_left
from .forms import Form
from .patients import Patient
from .population import draw_patient
from .surface import wall_table


def segment_patient(segment: int, *, seed: int = 0, severity: float = 0.85, tracer: Tracer = Tracer.TC99M) -> Patient:
    """A patient whose only disease is a fully reversible defect that fills one of the 17 segments at stress.

    The heart is otherwise drawn as every patient's, with right ventricle, liver, noise and attenuation; each segment
    has a heart of its own. Small hearts are passed over: blurred, their cavity closes, and what a whole missing segment
    looks like there says more of the tracing than of the orientation. ValueError for a segment that is not 1 .. 17.
    """
    drawn = (draw_patient(seed, segment + 100 * more, tracer, healthy=True) for more in count())
    patient = next(one for one in drawn if one.form is not Form.SMALL)
    defect = segment_defect(segment, patient.stress.anatomy.mid_wall, stress=severity)
    return replace(patient, defects=(defect,))


def hit_segment(patient: Patient) -> int:
    """The segment that loses most activity at stress: the answer that must be read from the patient's image."""
    s, phi = wall_table(len(AHA17) * 12, 360)
    surface = patient.stress.anatomy.mid_wall
    loss = 1.0 - uptake_left(patient.defects, State.STRESS, surface, s, phi)
    area = surface.area(s, phi)
    lost = [
        float((loss * area)[inside].sum() / area[inside].sum())
        for segment in AHA17
        for inside in [(s >= segment.inner) & (s < segment.outer) & ((phi - segment.start) % 360.0 < segment.width)]
    ]
    return AHA17[int(np.argmax(lost))].number
