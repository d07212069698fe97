"""Templates keep Verilog's own signs; words are written in two's complement."""

import pytest

from hebbayes.neuromorphic.templating import fill, hex_lines


def test_only_braces_after_an_at_sign_are_places():
    text = "always @(posedge clock) a <= $clog2(@{size});"
    assert fill(text, {"size": 9}) == "always @(posedge clock) a <= $clog2(9);"
    with pytest.raises(KeyError):
        fill(text, {})


def test_words_have_the_digits_of_their_width():
    assert hex_lines([5, -1, 0], 10) == "005\n3ff\n000\n"
