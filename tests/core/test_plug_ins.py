"""Objects of other packages: loaded if they are of the right type, named if they are not."""

from importlib.metadata import EntryPoint

import pytest

from hebbayes.core.errors import FormatError
from hebbayes.core.plug_ins import load_plug_in


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("math:nothing", "cannot be loaded"),
        ("no_such_module:x", "cannot be loaded"),
        ("math:e", "is of type float; wanted a builtins.str"),
    ],
)
def test_a_bad_plug_in_is_named(value: str, sentence: str) -> None:
    with pytest.raises(FormatError, match=f"the text plug-in mine .{value}. {sentence}"):
        load_plug_in(EntryPoint("mine", value, "group"), str, "text")
