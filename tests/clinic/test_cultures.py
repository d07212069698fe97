"""Two conditions of cultures: the planted shift is found, and nothing else is made of it."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import logit

from hebbayes.clinic.cultures import THRESHOLD, compare_cultures, read_elements
from hebbayes.core.errors import ValueRangeError
from hebbayes.data.recording import Recording
from hebbayes.simulators import EXAMPLE_NETWORK, simulate_culture

pytestmark = pytest.mark.thorough


def cultures(n: int, seed: int, prior: float = 0.5) -> dict[int, Recording]:
    design = replace(EXAMPLE_NETWORK, state_prior=prior)
    return {
        k: simulate_culture(design, seed=seed + k, expected_log=np.log).recording for k in range(n)
    }


@pytest.fixture(scope="module")
def shift():
    return compare_cultures(("low", cultures(3, 0, 0.3)), ("high", cultures(3, 10, 0.7)))


def by_name(shift):
    return {one.quantity: one for one in shift.comparisons}


def test_a_planted_shift_of_the_prior_is_found_with_its_size(shift) -> None:
    phi = by_name(shift)["phi"]
    assert phi.difference.low < logit(0.7) - logit(0.3) < phi.difference.high
    assert phi.p < 0.05
    assert shift.sentences[0] == "Of the threshold factor, phi is higher in high than in low."


def test_what_was_not_changed_does_not_differ(shift) -> None:
    for name in ("ln evoked", "Fano factor", "ln prior count", "units per ensemble"):
        one = by_name(shift)[name]
        assert not one.p < 0.05, name


def test_p_values_are_adjusted_over_all_quantities(shift) -> None:
    known = [one.p for one in shift.comparisons if np.isfinite(one.p)]
    assert len(known) >= 10
    assert min(known) > 0


def test_the_published_prior_is_read_on_a_baseline_common_to_both(shift) -> None:
    low, high = shift.values[THRESHOLD[2]]
    assert np.mean(list(low.values())) < 0 < np.mean(list(high.values()))
    same = cultures(2, 30)
    alike = compare_cultures(("a", same), ("b", same))
    assert by_name(alike)[THRESHOLD[2]].difference.value == 0
    assert alike.sentences[0].startswith("No estimate of the threshold factor differs")


def test_a_culture_that_cannot_be_read_is_named_and_the_others_go_on() -> None:
    good = cultures(2, 40)
    silent = Recording(
        good[0].stimuli, np.zeros_like(good[0].responses), good[0].session, sources=good[0].sources
    )
    shift = compare_cultures(("a", {**good, 7: silent}), ("b", good))
    assert list(shift.failures) == [("a", 7)]
    with pytest.raises(ValueRangeError, match="no culture of a can be read; no responsive unit"):
        compare_cultures(("a", {7: silent}), ("b", good))


def test_the_elements_of_a_culture_are_those_that_were_simulated() -> None:
    one = read_elements(cultures(1, 50)[0]).values
    assert one["active units"] == EXAMPLE_NETWORK.n_units
    assert one["Fano factor"] == pytest.approx(0.5, abs=0.12)
    assert np.exp(one["ln prior count"]) == pytest.approx(500, rel=0.5)
