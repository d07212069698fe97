"""Optional packages: the module, or the command that installs it."""

import json
import sys

import pytest

from hebbayes.core.errors import MissingDependencyError
from hebbayes.core.optional import require


def test_an_installed_package_is_returned() -> None:
    assert require("json", "any") is json


def test_a_missing_package_is_named_with_the_command_that_installs_it(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "json", None)
    with pytest.raises(MissingDependencyError) as caught:
        require("json", "any")
    assert str(caught.value) == (
        'json is not installed; install it with: pip install "hebbayes[any]".'
    )
