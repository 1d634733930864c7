from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import gaussian_filter

from myoperf.core.errors import RefusedError
from myoperf.evaluate.audit import audit
from myoperf.evaluate.audit.gap import gap


def cohort(folder: Path, patients: int, images: int) -> Path:
    """Pictures that look alike within a patient; labels are drawn without regard to them."""
    rng = np.random.default_rng(5)
    lines = ["patient_id,study_id,image,label_x"]
    for patient in range(patients):
        own = gaussian_filter(rng.normal(size=(40, 40)), 3)
        for image in range(images):
            seen = own + 0.1 * gaussian_filter(rng.normal(size=(40, 40)), 3)
            name = f"p{patient}_{image}.png"
            Image.fromarray((255 * (seen - seen.min()) / np.ptp(seen)).astype(np.uint8)).save(folder / name)
            lines.append(f"P{patient},P{patient}-{image},{name},{patient % 2}")
    path = folder / "cohort.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_random_labels_look_predictable_when_images_are_split(tmp_path: Path) -> None:
    (found,) = audit(cohort(tmp_path, 30, 5), gap=True).gaps
    assert (found.n, found.images) == (30, 150)
    assert found.by_image > 0.95
    assert abs(found.by_patient - 0.5) < 0.2
    assert found.low is not None
    assert found.low > 0.2


def test_where_there_is_no_gap_to_speak_of(tmp_path: Path) -> None:
    one = audit(cohort(tmp_path, 4, 1), gap=True)
    assert one.gaps == ()
    assert "one image a patient" in "\n".join(one.warnings)


def test_two_scorecards_are_compared_by_name() -> None:
    assert gap({"auc": 0.97, "npv": 0.9}, {"auc": 0.75}) == {"auc": pytest.approx(0.22)}
    with pytest.raises(RefusedError, match="share figures"):
        gap({"auc": 0.9}, {"npv": 0.8})
