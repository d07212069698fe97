"""Two runs of the same events: one time shift, and events that do not fit."""

import jax.numpy as jnp
import numpy as np
import pytest

from hebbayes.core.errors import ShapeError
from hebbayes.theory.certificate.runs import Events, bayesian_run, check_events, neural_run

from ..networks import random_events, two_layer_model


def test_both_runs_read_the_activity_of_the_step_before():
    model = two_layer_model()
    events = random_events(model)
    bayesian, neural = bayesian_run(model, events), neural_run(model, events)
    previous = np.concatenate([np.full((1, model.n_states), 0.5), neural.firing.rates[:-1]])
    np.testing.assert_array_equal(neural.activity.previous_rates, previous)
    np.testing.assert_allclose(bayesian.experience.previous_states[:, 0], previous, rtol=1e-10)


@pytest.mark.parametrize(
    ("events", "message"),
    [
        (Events(jnp.ones((7, 4))), r"observations has shape \(7, 4\)"),
        (Events(jnp.ones(5)), r"observations has shape \(5,\)"),
        (Events(jnp.ones((7, 5)), jnp.ones((7, 2)), jnp.ones(7)), "decisions has shape"),
        (Events(jnp.ones((7, 5)), jnp.ones((7, 6)), jnp.ones(6)), "risk has shape"),
        (Events(jnp.ones((7, 5)), jnp.ones((7, 6))), "give both or neither"),
    ],
)
def test_events_that_do_not_fit_are_refused(events, message):
    with pytest.raises(ShapeError, match=message):
        check_events(two_layer_model(), events)
