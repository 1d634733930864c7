"""Networks of tests are small: a second thread would only be waited for."""

from collections.abc import Iterator

import pytest

from myoperf.networks.threads import one_thread


@pytest.fixture(autouse=True)
def alone() -> Iterator[None]:
    with one_thread():
        yield
