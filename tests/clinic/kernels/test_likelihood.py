"""The fast likelihood of two choices against the replay of any task."""

import numpy as np
import pytest

from hebbayes.clinic.estimation.cases import example
from hebbayes.clinic.kernels.likelihood import is_paired, log_likelihoods
from hebbayes.clinic.kernels.simulation import replay


def replayed(natural, task, did, rules):
    room = np.empty(task[0].shape), np.empty((len(task[0]), 2))
    none, options = np.empty((0, 2)), (0, *rules)
    return np.array([replay(one, task, (*did, *room), none, options) for one in natural])


@pytest.mark.parametrize("rules", [(False, False), (True, False), (False, True)])
def test_two_choices_are_fast_and_the_same(rules):
    one, prior = example(200, "psi", 1.0)
    spread = 3 * prior.spread * np.random.default_rng(0).normal(size=(30, 10))
    natural = one.layout.natural(prior.mean + spread)
    natural[::2, 7], natural[::3, 10] = 0.03, 0.4  # leak and stickiness
    task, did, _ = one.arrays
    choice, outcome = did[0].copy(), did[1].copy()
    choice[5:9], outcome[5:9] = -1, np.nan
    assert is_paired(task[5])
    fast = log_likelihoods(natural, task, (choice, outcome), rules)
    slow = replayed(natural, task, (choice, outcome), rules)
    np.testing.assert_allclose(fast, slow, rtol=1e-10)


def test_a_belief_in_one_choice_alone_is_replayed():
    one, prior = example(50)
    task, did, _ = one.arrays
    belief = task[5].copy()
    belief[:, :, 1] = 0.0
    task = (*task[:5], belief, task[6])
    natural = one.layout.natural(prior.mean[None])
    natural[0, 4] = 2.0  # the false belief
    assert not is_paired(belief)
    found = log_likelihoods(natural, task, did, (False, False))
    np.testing.assert_allclose(found, replayed(natural, task, did, (False, False)), rtol=1e-12)
    paired = log_likelihoods(natural, one.arrays[0], did, (False, False))
    assert abs(found - paired) > 0.01
