import io

import numpy as np
import pytest
from PIL import Image

from myoperf.core.scorecard import Curve, Folds
from myoperf.core.segments import AHA17, membership
from myoperf.report.figures import confusion_picture, folds_picture, plain, roc_picture
from myoperf.report.polar_picture import Look, polar_picture


def picture(data: bytes) -> np.ndarray:
    assert data.startswith(b"\x89PNG")
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), dtype=int)


def disc(values: np.ndarray) -> tuple[np.ndarray, int, int, float]:
    """The picture, and middle and radius of the disc in it (the axes span 2.36 radii, the title takes 7 %)."""
    made = picture(polar_picture(values, Look(scale="grey", bar=False)))
    height, width = made.shape[:2]
    radius = min(width, 0.93 * height) / 2.36
    return made, width // 2, round(height - 0.93 * height / 2), radius


@pytest.mark.parametrize("number", range(1, 18))
def test_a_defect_lies_where_its_segment_is(number: int) -> None:
    segment = AHA17[number - 1]
    made, x, y, radius = disc(100.0 - 100.0 * (membership(24, 36)[number - 1] > 0.5))
    reach = 0.0 if segment.width == 360 else (segment.inner + segment.outer) / 2
    for other in AHA17:
        far = 0.1 if other.width == 360 else (other.inner + other.outer) / 2
        angle = np.radians(other.start + other.width / 2)
        at = made[round(y - radius * far * np.sin(angle)), round(x + radius * far * np.cos(angle))].mean()
        assert (at < 60) == (other.number == number), (other.name, reach)


def test_anterior_is_up_and_septum_left() -> None:
    values = np.full((24, 36), 100.0)
    values[:, 8:11] = 0
    made, x, y, radius = disc(values)
    assert made[round(y - 0.6 * radius), x].mean() < 60
    assert made[round(y + 0.6 * radius), x].mean() > 200
    values = np.full((24, 36), 100.0)
    values[:, 16:21] = 0
    made, x, y, radius = disc(values)
    assert made[y + 4, round(x - 0.6 * radius)].mean() < 60
    assert made[y + 4, round(x + 0.6 * radius)].mean() > 200


def test_unknown_samples_are_black_and_numbers_are_seventeen() -> None:
    made, x, y, radius = disc(np.full((24, 36), np.nan))
    assert made[round(y - 0.6 * radius), x + 5].mean() == 0
    assert len(polar_picture(np.full((24, 36), 80.0), Look(title="$x$ <b>", numbers=["4"] * 17))) > 1000
    with pytest.raises(ValueError, match="17"):
        polar_picture(np.ones((24, 36)), Look(numbers=["1"]))
    with pytest.raises(KeyError):
        polar_picture(np.ones((24, 36)), Look(scale="no such scale"))


def test_same_figure_same_bytes() -> None:
    curves = {"roc": Curve(x=(0, 0.2, 1), y=(0, 0.8, 1))}
    assert roc_picture(curves) == roc_picture(curves)


def test_figures_are_drawn_even_of_little() -> None:
    band = Curve(x=(0.0, 1.0), y=(0.0, 1.0))
    picture(roc_picture({"roc": band, "roc_low": band, "roc_high": band}))
    picture(confusion_picture(((0, 0), (0, 0)), ("low risk", "intermediate or high risk of an event")))
    empty = Folds(mean=None, sd=None, values=(None,))
    picture(folds_picture({"a": empty, "b": Folds(mean=0.7, sd=0.1, values=(0.6, 0.8))}, {"a": None, "b": 0.75}, "AUC"))


def test_text_in_figures_is_plain() -> None:
    assert plain("a\n$\\frac$ b") == "a \\$\\frac\\$ b"
    assert len(plain("x" * 100, 10)) == 10
