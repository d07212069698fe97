"""The cost gives the activity equation back."""

from hypothesis import given, settings

from hebbayes.symbolic import derive

from ..networks import descends, gradient_networks


@settings(max_examples=12)
@given(gradient_networks())
def test_minus_the_gradient_of_the_cost_is_the_equation(equation):
    derivation = derive(equation, assume="J symmetric")
    assert derivation.integrability.holds, equation
    assert descends(derivation), equation
