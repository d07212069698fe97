"""A derivation holds cost, prior and plasticity, and shows itself in a shell and a notebook."""

import xml.etree.ElementTree as ElementTree

from hebbayes.symbolic import derive, record_of


def test_the_answers_are_attributes():
    derivation = derive("dx/dt = -logit(x) + W*o + h; dy/dt = -y + V*x_delayed", assume="o binary")
    record = record_of(derivation)
    assert derivation.is_canonical
    assert derivation.cost == record["full_cost"]
    assert derivation.family == "x: Bernoulli; y: Gaussian"
    assert derivation.prior.startswith("x: phi = phi1 - phi0")
    assert derivation.plasticity["W1"] == "x*(o - sig(W1))"


def test_a_refused_network_has_no_cost_and_no_prior():
    derivation = derive("dx/dt = -x + J*x")
    assert not derivation.is_canonical
    assert (derivation.cost, derivation.prior, derivation.plasticity) == (None, None, {})
    assert repr(derivation).startswith("Derivation(not canonical: the instantaneous")


def test_repr_is_one_short_line():
    assert repr(derive("dx/dt = -x + W*o")) == "Derivation(Gaussian, L = sum(x^2/2 - x*(W*o)))"


def test_a_notebook_gets_a_fragment_of_well_formed_html():
    for equation in ("dx/dt = -logit(x) + W*o + h", "dx/dt = -x + J*x"):
        fragment = derive(equation)._repr_html_()
        assert ElementTree.fromstring(fragment).tag == "div"
        assert "<html" not in fragment
