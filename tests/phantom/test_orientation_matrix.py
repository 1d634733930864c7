"""A small part of validation/orientation_matrix.py: where the header tells the directions, nothing may be wrong."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parents[2] / "validation" / "orientation_matrix.py"


@pytest.fixture(scope="module")
def matrix() -> ModuleType:
    spec = importlib.util.spec_from_file_location("orientation_matrix", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["orientation_matrix"] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("segment", [2, 12])
def test_no_told_orientation_is_silently_wrong(matrix: ModuleType, segment: int) -> None:
    outcomes = matrix.one_heart(segment, 0)
    assert len(outcomes) == 48
    told = [o for o in outcomes if o.order.place != "nowhere"]
    assert {o.result for o in told} == {"right"}
