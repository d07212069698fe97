"""Pasted equations are read like their typed forms, and carets point into the paste."""

import re
from pathlib import Path

import pytest

from hebbayes.symbolic import EquationError, derive, read_rules, read_system

PAGE = (Path(__file__).parents[3] / "docs" / "derive.md").read_text(encoding="utf-8")
PASTED = re.findall(
    r"^\| `(.+)` \| `(.+)` \|$", PAGE.partition("| pasted |")[2].partition("\n\n")[0], re.MULTILINE
)


@pytest.mark.parametrize(("pasted", "typed"), PASTED)
def test_a_pasted_equation_means_the_typed_one(pasted, typed):
    first, second = read_system(pasted).equations[0], read_system(typed).equations[0]
    assert (first.state, first.field, first.factor) == (second.state, second.field, second.factor)


def test_the_page_shows_every_kind_of_paste():
    shown = " ".join(pasted for pasted, _ in PASTED)
    for form in ("σ(", "φ(·)", "·", "×", "−", r"\sigma", r"\phi", r"\psi", "W_{1}", r"\cdot"):
        assert form in shown
    assert all(form in shown for form in (r"\left(", r"\right", r"\frac", r"\dot", r"\top", "²"))


def test_a_pasted_rule_means_the_typed_one():
    system = read_system("dx/dt = -x + W*o")
    pasted = r"\eta\frac{dW}{dt} = x o - \langle x \rangle \left( W \right)"
    assert read_rules(pasted, system) == read_rules("eta*dW/dt = x*o - avg(x)*W", system)


def test_lines_of_an_align_block_are_statements():
    system = read_system("\\dot{x} = -x + W o \\\\ \\dot{y} = -y + V x_{t-1}")
    assert [state.name for state in system.states] == ["x", "y"]


MISTYPED = [
    (r"dx/dt = -x + \foo(W*o)", 13, 4, r"no \\foo"),
    (r"dx/dt = \frac{x}", 15, 1, "lacks its { }"),
    (r"\dot{x} = -x + \left( W o", 20, 1, "not closed"),
    (r"\dot{x} = -x + \frac{1}{2 W", 23, 1, "not closed"),
    (r"\mathbf{x + 1} = 3", 0, 14, "one name or number"),
    (r"\dot{x + y} = 3", 0, 11, "one name or number"),
    (r"\dot{x} = -x + W \phi o)", 23, 1, "never opened"),
    (r"\dot{x} = -x_{t+1} + W o", 14, 3, "a subscript is"),
    (r"\dot{x} = −x + W_{1} \times \times o", 28, 6, "is missing"),
    ("dx/dt = −x + ·", 13, 1, "stands for an argument"),
    ("dx/dt = -x + W o", 15, 1, "write W\\*o"),
]


@pytest.mark.parametrize(("text", "place", "width", "words"), MISTYPED)
def test_the_caret_stands_below_the_pasted_mistake(text, place, width, words):
    with pytest.raises(EquationError, match=words) as caught:
        derive(text)
    assert caught.value.__notes__ == [f"  {text}", "  " + " " * place + "^" * width]


def test_an_activation_without_definition_increases():
    derivation = derive(r"\tau\dot{x} = -x + \phi(W o + h)")
    assert derivation.is_canonical
    assert derivation.interpretations[0].family.name == "no named family"
    assert derive("dx/dt = -x + φ(J*x)").is_canonical is False
    assert derive("dx/dt = -x + φ(J*x)", assume="J symmetric").is_canonical


def test_phi_with_a_time_is_a_delayed_name():
    first, second = (read_system(f"dx/dt = -x + W*{late}") for late in ("phi(t-1)", "phi_delayed"))
    assert first.equations == second.equations
