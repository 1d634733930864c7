import numpy as np
import pytest

from myoperf.core.errors import RefusedError
from myoperf.core.segments import segment_means
from myoperf.core.study import Geometry, Series
from myoperf.core.terms import State, Tracer, View
from myoperf.phantom.matrix import segment_patient
from myoperf.phantom.patients import study
from myoperf.quant.locate import locate
from myoperf.quant.maps import series_map
from myoperf.quant.orientation import Turn, judge, lay, surroundings
from myoperf.quant.surface import trace


def heart(segment: int, seed: int) -> Series:
    (stress,) = (s for s in study(segment_patient(segment, seed=seed)).series if s.state is State.STRESS)
    return stress


def laid(series: Series, *, base_first: bool, turn: Turn, right_handed: bool | None) -> Series:
    """The same heart stored another way, in a file that tells no direction."""
    volume = series.load()[0]
    stored = lay(volume[::-1] if base_first else volume, turn)[None]
    z, y, x = series.geometry.spacing_mm
    spacing = (z, x, y) if turn.quarters % 2 else (z, y, x)
    return Series(
        source="heart.dcm", view=View.SHORT_AXIS, shape=stored.shape, load=lambda: stored, state=State.STRESS,
        tracer=Tracer.TC99M, geometry=Geometry(spacing_mm=spacing, oriented=False, right_handed=right_handed),
    )  # fmt: skip


@pytest.mark.parametrize("quarters", range(4))
@pytest.mark.parametrize("base_first", [False, True])
def test_a_heart_without_directions_is_laid_right_or_refused(quarters: int, base_first: bool) -> None:
    series = heart(10, seed=3)
    turn = Turn(quarters=quarters, mirrored=False)
    told = laid(series, base_first=base_first, turn=turn, right_handed=not base_first)
    expected = series_map(series)
    found = series_map(told)
    gap = segment_means(found.values, found.weight) - segment_means(expected.values, expected.weight)
    assert np.abs(gap).max() < 6


def test_without_handedness_a_heart_is_refused_with_the_reason() -> None:
    series = laid(heart(10, seed=3), base_first=False, turn=Turn(quarters=1, mirrored=False), right_handed=None)
    with pytest.raises(RefusedError, match="the header tells no orientation, so the image must show it clearly"):
        series_map(series)


def test_a_header_that_puts_the_apex_at_the_base_is_refused() -> None:
    series = heart(10, seed=3)
    volume = np.ascontiguousarray(series.load()[:, ::-1])
    lying = Series(source="heart.dcm", view=View.SHORT_AXIS, shape=series.shape, load=lambda: volume,
                   geometry=series.geometry, state=State.STRESS)  # fmt: skip
    with pytest.raises(RefusedError, match="header and image must agree which way the heart lies"):
        series_map(lying)


def test_turns_of_the_image_and_of_its_surroundings_are_the_same_turns() -> None:
    series = heart(17, seed=1)
    image, spacing = series.load()[0], series.geometry.spacing_mm
    rows = surroundings(trace(image, spacing, locate(image, spacing, source="x")), image, spacing)
    for turn in (Turn(quarters=1, mirrored=False), Turn(quarters=2, mirrored=True)):
        turned = lay(image, turn)
        again = surroundings(trace(turned, spacing, locate(turned, spacing, source="x")), turned, spacing)
        back = judge(again, mirrored=turn.mirrored)
        ours = judge(rows, mirrored=False)
        assert back.likeness == pytest.approx(ours.likeness, abs=0.08)
