"""What the whole suite shares: double precision, property tests that repeat, reference data."""

import gc
import os
import sys
from importlib.metadata import version
from pathlib import Path

os.environ.setdefault("JAX_ENABLE_X64", "1")
os.environ.setdefault("JAX_PLATFORMS", "cpu")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # tests share the cores, one each
# small sizes: compiling costs more than running, and fusion emitters triple it (not every version
# knows the flag)
os.environ.setdefault(
    "XLA_FLAGS",
    "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true"
    + " --xla_cpu_use_fusion_emitters=false" * version("jaxlib").startswith("0.10."),
)
# what one test has compiled, another need not, whichever worker runs it
os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(Path(sys.prefix, "xla-cache")))
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0")
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES", "-1")

import hypothesis
import pytest

gc.set_threshold(200_000, 20, 50)  # traces and expressions are many small objects that stay

hypothesis.settings.register_profile("repeatable", deadline=None, derandomize=True)
hypothesis.settings.register_profile("searching", deadline=None)
hypothesis.settings.load_profile("repeatable" if os.environ.get("CI") else "searching")


@pytest.fixture(scope="session")
def reference_data() -> Path:
    """Folder of public reference data, which is no part of this project."""
    named = os.environ.get("HEBBAYES_REFERENCE_DATA", "")
    if named and Path(named).is_dir():
        return Path(named)
    reason = (
        f"HEBBAYES_REFERENCE_DATA names {named!r}; wanted the folder with the public reference data"
    )
    if os.environ.get("HEBBAYES_REQUIRE_REFERENCE") == "1":
        pytest.fail(reason)
    pytest.skip(reason)
