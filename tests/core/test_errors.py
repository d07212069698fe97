"""One family of errors, each also the built-in error that callers expect."""

import pytest

from hebbayes.core.errors import (
    FormatError,
    HebbayesError,
    MissingDependencyError,
    OutputError,
    ShapeError,
    ValueRangeError,
    shown_names,
    shown_text,
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


def test_a_long_message_keeps_its_start_and_the_remedy_at_its_end() -> None:
    message = str(FormatError("a.npz lacks this: " + "\x1b" * 5000 + "; write it again."))
    assert len(message) == 2000
    assert message.startswith("a.npz lacks this: \\x1b")
    assert message.endswith("; write it again.")
    assert str(FormatError("x" * 2000)) == "x" * 2000


def test_text_of_a_file_is_cut_escaped_and_in_one_line() -> None:
    assert shown_text("\x1b[2J\n" * 200, 12) == r"\x1b[2J \x1b..."
    assert shown_names(["a" * 99, "", *range(99)], most=3) == (
        f"{'a' * 60}..., one without a name, 0 and 98 more"
    )
