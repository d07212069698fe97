"""The rivals: the theory and its variants, other ways to learn, and no learning.

Priors are wide and fixed, on scales without bounds (docs/recordings.md).
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from hebbayes.reverse_engineering.behaviour.rivals.forms import (
    actor_forms,
    constant_forms,
    hebbian_forms,
    readout_forms,
    shift_forms,
    value_forms,
)
from hebbayes.reverse_engineering.behaviour.rivals.models import (
    AS_THEORY,
    NO_LEARNING,
    OTHERWISE,
    Model,
    Parameter,
    Trials,
)

Floats = NDArray[np.float64]

STICKINESS = "stickiness"
"""Name of the parameter that repeats decisions."""

_BIAS_SPREAD = 1.5


def shared_parameters(model: Model, trials: Trials) -> tuple[Parameter, ...]:
    """Return stickiness, if the model has it, and the bias of all decisions but the last.

    Example:
        >>> from hebbayes.reverse_engineering.behaviour.choices import Choices
        >>> from hebbayes.reverse_engineering.behaviour.rivals.models import trials_of
        >>> choices = Choices(np.array([0, 1]), np.ones((2, 1)), None, np.zeros(2, int), 2)
        >>> [one.name for one in shared_parameters(MODELS[0], trials_of(choices, 0, 1.0))]
        ['stickiness', 'bias of decision 0']
    """
    n_taken = np.bincount(trials.decision[trials.is_used], minlength=trials.n_decisions)
    seen = np.maximum(n_taken, 0.5)  # one that is never scored has a start, too
    bias = tuple(
        Parameter(f"bias of decision {taken}", 0.0, _BIAS_SPREAD, _same, (float(start),))
        for taken, start in zip(trials.taken, np.log(seen[:-1] / seen[-1]))
    )
    return (Parameter(STICKINESS, 0.0, 1.0, _same, (0.0,)),) * model.is_sticky + bias


def _same(values: Floats) -> Floats:
    return values


def _rate(name: str) -> Parameter:
    return Parameter(name, -1.7, 1.3, expit, (-3.0, -1.0))


def _always(*parameters: Parameter) -> Callable[[Trials], tuple[Parameter, ...]]:
    return lambda trials: parameters


def _weights(trials: Trials) -> tuple[Parameter, ...]:
    return tuple(
        Parameter(f"weight of state {j}, decision {taken}", 0.0, 1.0, _same, (0.0,))
        for j in range(trials.x.shape[1])
        for taken in trials.taken[:-1]
    )


_RATIO = Parameter("lambda / gain", float(np.log(60)), 1.5, np.exp, (2.3, 4.0, 5.5))
_LEAK = Parameter("leak per trial", -4.0, 1.3, expit, (-5.0, -3.0))
_ACTOR = Parameter("rate of the actor", float(np.log(0.3)), 1.2, np.exp, (-2.5, -1.2, 0.0))
_VALUED = (
    Parameter("inverse temperature", float(np.log(3)), 0.8, np.exp, (0.5, 1.5)),
    Parameter("initial value", 0.0, 0.5, _same, (0.0,)),
)
_SHIFTED = (
    Parameter("win of the last outcome", 0.0, 1.5, _same, (0.5,)),
    Parameter("loss of the last outcome", 0.0, 1.5, _same, (0.5,)),
)

MODELS = (
    Model("canonical", AS_THEORY, "canonical network", _always(_RATIO), hebbian_forms()),
    Model(
        "leaky",
        AS_THEORY,
        "canonical, forgets",
        _always(_RATIO, _LEAK),
        hebbian_forms(is_leaky=True),
    ),
    Model(
        "active_cue",
        AS_THEORY,
        "canonical, forgets, reads the active cue",
        _always(_RATIO, _LEAK),
        hebbian_forms(is_leaky=True, reads_both=False),
    ),
    Model(
        "rescorla_wagner",
        OTHERWISE,
        "Rescorla-Wagner, one rate",
        _always(_rate("rate"), *_VALUED),
        value_forms(1),
    ),
    Model(
        "rescorla_wagner_two_rates",
        OTHERWISE,
        "Rescorla-Wagner, two rates",
        _always(_rate("rate of wins"), _rate("rate of losses"), *_VALUED),
        value_forms(2),
    ),
    Model(
        "actor_critic",
        OTHERWISE,
        "actor-critic",
        _always(_ACTOR, _rate("rate of the critic")),
        actor_forms,
    ),
    Model(
        "win_stay_lose_shift",
        OTHERWISE,
        "win-stay-lose-shift",
        _always(*_SHIFTED),
        shift_forms,
    ),
    Model(
        "unmodulated",
        OTHERWISE,
        "Hebb without risk",
        _always(_RATIO),
        hebbian_forms(is_modulated=False),
    ),
    Model("constant", NO_LEARNING, "constant", _always(), constant_forms, is_sticky=False),
    Model("readout", NO_LEARNING, "fixed read-out of x", _weights, readout_forms, is_sticky=False),
)
"""The rivals, the theory first."""
