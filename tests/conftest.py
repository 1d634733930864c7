"""What every test may ask for: the data that lies beside the checkout, and a thread or two for the arithmetic."""

import os
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parents[1]
THREADS = 1 if "PYTEST_XDIST_WORKER" in os.environ else 2

# before numpy and torch are loaded, and for the processes that tests start: workers must not fight for the cores
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, str(THREADS))

# the same examples every time, and no clock: a busy machine must not fail a test
settings.register_profile("house", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real studies beside the checkout; the test is skipped where it is not there."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("no folder ../shared/data with real studies beside the checkout")
    return folder


@pytest.fixture(autouse=True)
def few_threads() -> None:
    """Hold torch to the same number of threads, once a test has loaded it."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.get_num_threads() > THREADS:
        torch.set_num_threads(THREADS)
