"""One family of errors, each also the built-in error that callers expect."""

import pytest

from hebbayes.core.errors import (
    FormatError,
    HebbayesError,
    MissingDependencyError,
    OutputError,
    ShapeError,
    ValueRangeError,
)


@pytest.mark.parametrize(
    ("error", "built_in"),
    [
        (ShapeError, ValueError),
        (ValueRangeError, ValueError),
        (FormatError, ValueError),
        (MissingDependencyError, ImportError),
        (OutputError, OSError),
    ],
)
def test_an_error_is_of_the_family_and_of_its_built_in_kind(error, built_in) -> None:
    for kind in (HebbayesError, built_in):
        with pytest.raises(kind, match="what to do"):
            raise error("what to do")
