"""Hostile texts end at once in one sentence, pasted LaTeX included."""

import pytest

from hebbayes.symbolic import EquationError, derive

N = 1000
HOSTILE = {
    "brackets": ("(" * N + "x" + ")" * N, "nest more than 40 deep"),
    "open brackets": ("(" * N, "nest more than 40 deep"),
    "numerators": (r"\frac{" * N + "x" + "}{2}" * N, "nest more than 40 deep"),
    "denominators": (r"\frac{1}{" * N + "x" + "}" * N, "nest more than 40 deep"),
    "left and right": (r"\left(" * N + "x" + r"\right)" * N, "nest more than 40 deep"),
    "fonts": (r"\mathrm{" * N + "x" + "}" * N, "nest more than 40 deep"),
    "subscripts": ("x" + "_{x" * N + "}" * N, "nest more than 40 deep"),
    "functions": ("-x + " + "sig(" * 20 + "W*o" + ")" * 20, "functions nest"),
    "minus signs": ("-" * N + "x", "too many signs"),
    "transposes": ("-x + W" + "'" * N + "*o", "too many signs"),
    "a chain of powers": ("x" + "^2" * N, "too deeply"),
    "a huge power": ("-x + 9^9^9^9", "too high"),
    "a power of a sum": ("-(x + W*o + h)^300", "too high"),
    "a long number": ("-x + " + "9" * N, "at most 30 digits"),
    "a huge number": ("-x + 1e999999999", "an exponent of at most 999"),
    "a long text": ("-x + " + "a" * 100_000, "the limit is 20000"),
    "many terms": ("-x + " + " + ".join(f"W{n}*o{n}" for n in range(200)), "100 terms"),
    "many equations": ("-x" + "".join(f"; dx{n}/dt = -x{n}" for n in range(50)), "51 equations"),
}


@pytest.mark.parametrize(("body", "sentence"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_text_is_refused_in_one_sentence(body, sentence):
    with pytest.raises(EquationError, match=sentence):
        derive(f"dx/dt = {body}")


def test_what_is_within_the_limits_is_derived():
    assert derive("dx/dt = -" + "(" * 30 + "x" + ")" * 30).is_canonical
    assert derive("dx/dt = -x^20 + W*o").cost == "sum(x^21/21 - x*(W*o))"
