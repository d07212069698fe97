"""The HTML page is well-formed and contains every step."""

from xml.etree import ElementTree

import pytest

from hebbayes.symbolic import derive, steps_of, to_html


@pytest.mark.parametrize("equation", ["dx/dt = -logit(x) + W*o + h", "dx/dt = -x + J*x"])
def test_the_page_is_well_formed_and_numbers_every_step(equation):
    derivation = derive(equation)
    page = to_html(derivation).replace("<!doctype html>", "")
    page = page.replace('<meta charset="utf-8">', "").replace(
        '<meta name="viewport" content="width=device-width, initial-scale=1">', ""
    )
    titles = [h2.text for h2 in ElementTree.fromstring(page).iter("h2")]
    assert titles == [f"{n}. {s.title}" for n, s in enumerate(steps_of(derivation), 1)]
