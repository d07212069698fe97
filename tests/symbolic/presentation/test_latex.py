"""The LaTeX document is balanced and escapes what LaTeX reads as a command."""

import re

import pytest
import sympy as sp

from hebbayes.symbolic import derive, to_latex
from hebbayes.symbolic.algebra.functions import Average, Total
from hebbayes.symbolic.presentation.latex import latex_of


@pytest.mark.parametrize(
    "equation", ["dv/dt = -v + W*o + K*x_delayed3 + h_1; x = tanh(v)", "dx/dt = -x + J*x"]
)
def test_environments_and_braces_are_balanced(equation):
    text = to_latex(derive(equation))
    for name in re.findall(r"\\begin\{(\w+\*?)\}", text):
        assert text.count(rf"\begin{{{name}}}") == text.count(rf"\end{{{name}}}")
    bare = text.replace(r"\{", "").replace(r"\}", "")
    assert bare.count("{") == bare.count("}")


def test_powers_of_sums_and_averages_keep_their_exponent():
    x = sp.Symbol("x", real=True)
    assert latex_of(Total(x) ** 2) == r"\left(\sum x\right)^{2}"
    assert latex_of(Average(x) ** 2) == r"\left\langle x \right\rangle^{2}"
