"""A refused network names the assumptions that make it canonical, and only those."""

import pytest

from hebbayes.symbolic import derive, record_of, to_html, to_latex, to_text

PAIR = "tau*dE/dt = -E + sig(w_EI*F + P); tau*dF/dt = -F + sig(w_FE*E)"
HOPFIELD = "dx/dt = -logit(x) + W*o + J*x + h"
LAYER = "dx/dt = -logit(x) + W*o + h"

REFUSED = [
    (HOPFIELD, "", "", ("J symmetric",)),
    (HOPFIELD, "", "dJ/dt = x_post*x_pre", ("J symmetric",)),
    (HOPFIELD, "J antisymmetric", "", ()),
    ("dx/dt = -x + A*y; dy/dt = -y + B*x", "", "", ("B = A'",)),
    ("dx/dt = -x + A*y + J*x; dy/dt = -y + B*x", "", "", ("J symmetric; B = A'",)),
    (PAIR, "", "", ("w_EI > 0; w_FE > 0", "w_EI < 0; w_FE < 0")),
    (PAIR, "w_EI > 0; w_FE < 0", "", ()),
    (LAYER, "", "dW1/dt = x*(o - exp(W1))", ("o Poisson",)),
    (LAYER, "o binary", "dW1/dt = x*(o - exp(W1))", ()),
    ("dx/dt = logit(x) + W*o", "", "", ()),
    (LAYER, "", "", ()),
]


@pytest.mark.parametrize(("equation", "assume", "rule", "remedies"), REFUSED)
def test_the_assumptions_named_are_those_that_help(equation, assume, rule, remedies):
    derivation = derive(equation, assume=assume, plasticity=rule)
    assert derivation.would_be_canonical_if == remedies
    for remedy in remedies:
        assert not derivation.is_canonical
        assert derive(equation, assume=f"{assume}; {remedy}", plasticity=rule).is_canonical


def test_every_format_names_the_assumption():
    derivation = derive(HOPFIELD)
    assert record_of(derivation)["would_be_canonical_if"] == ["J symmetric"]
    assert "would be canonical with --assume 'J symmetric'." in to_text(derivation)
    assert all("J symmetric" in written(derivation) for written in (to_html, to_latex))
