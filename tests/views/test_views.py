"""Inputs made from polar maps."""

import numpy as np
import pytest

from myoperf.core.colour import paint
from myoperf.core.errors import RefusedError
from myoperf.core.polar import PolarMap, disc_picture
from myoperf.core.segments import AHA17, membership
from myoperf.core.terms import State
from myoperf.views import PolarDisc, Regions, polar_discs, polar_grids, region_names, region_shares, region_values

RNG = np.random.default_rng(0)
AREA = np.repeat(np.linspace(1, 2, 24)[:, None], 36, axis=1)
AREA /= AREA.sum()


def made(values: np.ndarray, state: State) -> PolarMap:
    return PolarMap(
        values=values, weight=AREA, ring_mm=np.arange(24.0), reference_counts=1.0, state=state, source="made"
    )


STRESS, REST = made(RNG.uniform(0, 100, (24, 36)), State.STRESS), made(RNG.uniform(0, 100, (24, 36)), State.REST)
MAPS = {State.STRESS: STRESS, State.REST: REST}
BOTH = (State.STRESS, State.REST)


@pytest.mark.parametrize("size", [16, 48, 224])
def test_a_disc_is_the_display_of_the_map(size: int) -> None:
    view = PolarDisc(states=BOTH, size=size, scale="cool")
    pictures = polar_discs(view, polar_grids(BOTH, MAPS))
    assert pictures.shape == (2, size, size, 3)
    for picture, polar in zip(pictures, (STRESS, REST), strict=True):
        expected = paint(disc_picture(polar.values, size), "cool").astype(int)
        off = np.abs(picture.astype(int) - expected)
        # rounding to a colour may fall either way
        assert (off > 0).mean() < 0.001
        assert not picture[0, 0].any()


def test_many_studies_at_once_are_each_alone() -> None:
    grids = RNG.uniform(0, 100, (3, 1, 24, 36)).astype(np.float32)
    grids[1, 0, 20:, :] = np.nan
    view = PolarDisc(size=32, channels=1)
    together = polar_discs(view, grids)
    assert together.shape == (3, 1, 32, 32, 1)
    for one, alone in zip(grids, together, strict=True):
        np.testing.assert_array_equal(polar_discs(view, one), alone)


def test_what_lies_outside_the_field_is_black() -> None:
    values = np.full((24, 36), 80.0)
    values[:, 5:14] = np.nan
    picture = polar_discs(PolarDisc(size=64, channels=1), values[None].astype(np.float32))[0, ..., 0]
    assert picture[8, 32] == 0
    assert picture[56, 32] == 204


def test_segment_values_are_means_by_area() -> None:
    share = membership(24, 36) * AREA
    expected = (share * STRESS.values).sum(axis=(1, 2)) / share.sum(axis=(1, 2))
    row = region_values(Regions(states=BOTH, difference=True), MAPS)
    assert row.shape == (51,)
    np.testing.assert_allclose(row[:17], expected)
    np.testing.assert_allclose(row[34:], row[:17] - row[17:34])
    assert region_names(Regions(states=BOTH, difference=True))[::17] == ("us01", "ur01", "ud01")


def test_shares_of_the_area() -> None:
    shares = region_shares(AREA)
    assert shares.shape == (len(AHA17),)
    assert shares.sum() == pytest.approx(1)
    np.testing.assert_allclose(shares[:6], shares[0])
    # 4.8 of 24 rings of a map whose area grows from 1 to 2
    assert shares[16] == pytest.approx(AREA[:4].sum() + 0.8 * AREA[4].sum(), rel=0.01)


def test_what_is_missing_is_refused() -> None:
    for call in (lambda: polar_grids(BOTH, {State.STRESS: STRESS}), lambda: region_values(Regions(states=BOTH), {})):
        with pytest.raises(RefusedError, match="maps of stress and rest are needed"):
            call()
    with pytest.raises(RefusedError, match="a map has values"):
        polar_grids((State.STRESS,), {State.STRESS: made(np.full((24, 36), np.nan), State.STRESS)})
    odd = PolarMap(**{**vars(REST), "values": np.ones((12, 36))})
    with pytest.raises(RefusedError, match="all maps have one shape"):
        polar_grids(BOTH, {State.STRESS: STRESS, State.REST: odd})


def test_a_view_names_what_can_be_drawn() -> None:
    with pytest.raises(ValueError, match="colour scales are"):
        PolarDisc(scale="rainbow")
    with pytest.raises(ValueError, match="at least 8 pixels"):
        PolarDisc(size=4)
    with pytest.raises(ValueError, match="a difference needs stress and rest"):
        Regions(difference=True)
