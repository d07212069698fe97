"""The LaTeX document is balanced and escapes what LaTeX reads as a command."""

import re

import pytest

from hebbayes.symbolic import derive, to_latex


@pytest.mark.parametrize(
    "equation", ["dv/dt = -v + W*o + K*x_delayed3 + h_1; x = tanh(v)", "dx/dt = -x + J*x"]
)
def test_environments_and_braces_are_balanced(equation):
    text = to_latex(derive(equation))
    for name in re.findall(r"\\begin\{(\w+\*?)\}", text):
        assert text.count(rf"\begin{{{name}}}") == text.count(rf"\end{{{name}}}")
    bare = text.replace(r"\{", "").replace(r"\}", "")
    assert bare.count("{") == bare.count("}")
