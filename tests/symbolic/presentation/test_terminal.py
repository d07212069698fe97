"""The text for a terminal starts with the verdict and keeps its width."""

from hebbayes.symbolic import derive, to_text


def test_the_verdict_comes_first_and_lines_stay_within_98_columns():
    derivation = derive("dx/dt = -logit(x) + W*o + h", plasticity="dW/dt = x*o")
    lines = to_text(derivation).splitlines()
    assert lines[0] == derivation.headline
    assert max(map(len, lines)) <= 98


def test_a_refused_network_is_followed_by_its_remedy():
    text = to_text(derive("dx/dt = -x + J*x"))
    assert "It would be canonical with --assume 'J symmetric'." in text
