"""Impairments: dose 0 changes nothing, bit for bit; each dose moves what its name says."""

from dataclasses import fields

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from hebbayes.agents.modulators import RewardRisk
from hebbayes.clinic.designs import Design, draw_task
from hebbayes.clinic.elements import BY_NAME, ELEMENTS
from hebbayes.clinic.impairments import (
    OTHERS,
    Impairment,
    hypothesis_of,
    impair,
    parse_impairments,
)
from hebbayes.clinic.network_impairments import BiasedModulator, impair_model
from hebbayes.clinic.subject import Subject, simulate
from hebbayes.core.counts import log_ratio, total
from hebbayes.core.errors import ValueRangeError
from hebbayes.environments.dog import dog_model, dog_world
from hebbayes.theory.equivalence import network_of
from hebbayes.theory.generative_model import expected_logs
from hebbayes.theory.inference import infer_states, undecided
from hebbayes.theory.network import threshold_factor

TASK = draw_task(Design(trials=200), np.random.default_rng(0))
NAMES = (*BY_NAME, *OTHERS)


@pytest.mark.parametrize("element", NAMES)
def test_dose_0_is_the_healthy_subject_bit_for_bit(element: str) -> None:
    healthy = Subject()
    same = impair(healthy, [Impairment(element, 0.0)])
    assert same is healthy
    one, two = (simulate(s, TASK, np.random.default_rng(1)) for s in (healthy, same))
    assert one.probability.tobytes() == two.probability.tobytes()


@pytest.mark.parametrize("element", NAMES)
def test_a_dose_changes_one_element_and_what_the_subject_does(element: str) -> None:
    dose = 3.0 if element == "latency" else 0.4
    patient = impair(Subject(), [Impairment(element, dose)])
    changed = [f.name for f in fields(Subject) if getattr(patient, f.name) != f.default]
    assert changed == [element]
    one, two = (simulate(s, TASK, np.random.default_rng(1)) for s in (Subject(), patient))
    assert not np.array_equal(one.probability, two.probability)


def test_doses_of_one_element_add_up_and_undo_each_other() -> None:
    twice = impair(Subject(), parse_impairments("speed=0.7,speed=0.5"))
    assert twice.speed == pytest.approx(impair(Subject(), parse_impairments("speed=1.2")).speed)
    back = impair(twice, parse_impairments("speed=-1.2"))
    assert back.speed == pytest.approx(Subject().speed)


@pytest.mark.parametrize("text", ["phi", "phi=", "phi=nan", "phi=x", "fi=1", "=1"])
def test_a_wrong_impairment_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(ValueRangeError, match=r"^(an impairment must be|no element)"):
        parse_impairments(text)


def test_every_element_has_a_hypothesis_marked_as_one() -> None:
    for one in ELEMENTS:
        if one.hypothesis is not None:
            assert hypothesis_of(one.name).startswith("Hypothesis (")


MODEL_ELEMENTS = ("phi", "psi", "speed", "recurrence", "reliability", "silent")


@pytest.mark.parametrize("element", MODEL_ELEMENTS)
def test_a_model_at_dose_0_is_itself_and_at_another_differs_in_one_table(element: str) -> None:
    model = dog_model(dog_world())
    assert impair_model(model, [Impairment(element, 0.0)]) is model
    other = impair_model(model, [Impairment(element, 0.5)])
    tables = ("likelihood", "state_prior", "transition", "policy", "decision_prior")
    changed = [
        name
        for name in tables
        if not jnp.array_equal(total(getattr(model, name)), total(getattr(other, name)))
    ]
    assert len(changed) == 1
    shapes = [[leaf.shape for leaf in jax.tree.leaves(m)] for m in (model, other)]
    assert shapes[0] == shapes[1]


def test_a_dose_of_phi_is_what_the_network_adds_to_its_threshold() -> None:
    model = dog_model(dog_world())
    other = impair_model(model, [Impairment("phi", 1.3)])
    before, after = (threshold_factor(network_of(m).state_firing) for m in (model, other))
    assert (after - before)[0] - (after - before)[1] == pytest.approx(1.3)


def test_silent_outcomes_say_nothing_of_the_states() -> None:
    model = impair_model(dog_model(dog_world()), [Impairment("silent", 1.0)])
    logs = expected_logs(model, log_ratio)
    n = model.n_outcomes
    seen = [
        infer_states(logs, jnp.full(n, value), undecided(model.n_states)) for value in (0.0, 1.0)
    ]
    np.testing.assert_allclose(seen[0], seen[1])


def test_reliability_multiplies_log_odds_and_keeps_how_much_is_known() -> None:
    model = dog_model(dog_world())
    other = impair_model(model, [Impairment("reliability", -0.7)])
    first, second = total(model.likelihood), total(other.likelihood)
    np.testing.assert_allclose(first.sum(0), second.sum(0), rtol=1e-6)
    np.testing.assert_allclose(
        jnp.log(second[0] / second[1]), jnp.log(first[0] / first[1]) * np.exp(-0.7), atol=1e-6
    )


def test_a_biased_modulator_shifts_what_learning_is_multiplied_by() -> None:
    rewards = jnp.array([1.0, -1.0, 1.0])
    plain, biased = RewardRisk().risk(rewards), BiasedModulator(RewardRisk(), -0.2).risk(rewards)
    np.testing.assert_allclose((1 - 2 * biased)[0], (1 - 2 * plain)[0] - 0.2, rtol=1e-6)
    assert biased[1] == 1 or biased[1] == pytest.approx(plain[1] + 0.1)
    zero = BiasedModulator(RewardRisk(), 0.0).risk(rewards)
    np.testing.assert_array_equal(zero, plain)


def test_what_a_model_lacks_is_named() -> None:
    model = dog_model(dog_world())
    with pytest.raises(ValueRangeError, match="no 'lapse' in a canonical model"):
        impair_model(model, [Impairment("lapse", 1.0)])
