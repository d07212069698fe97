"""What tests of files share: limits on time and memory."""

import time
import tracemalloc
from collections.abc import Iterator

import pytest

SECONDS, PEAK_BYTES = 5, 300e6


@pytest.fixture
def few_resources() -> Iterator[None]:
    """Fail a test that takes more processor time or memory than a refusal may."""
    started = time.process_time()
    tracemalloc.start()
    yield
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < PEAK_BYTES
    assert time.process_time() - started < SECONDS
