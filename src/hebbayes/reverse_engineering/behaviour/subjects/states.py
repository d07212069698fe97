"""States behind decisions without a single neuron: the stimuli themselves, or inferred from them.

If stimuli are 0 or 1, each channel is a state that is known.  If they are graded or ambiguous, a
canonical network with one state per channel infers x = sig(W o + h) and learns W after every trial
by eq. 3 (docs/theory.md section 2), from a likelihood in which a state favours its own channel.
"""

import itertools
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.arrays import OFF, ON
from hebbayes.core.errors import ValueRangeError
from hebbayes.core.firing_rate import firing_rate

if TYPE_CHECKING:
    from hebbayes.data.behaviour import Behaviour

Floats = NDArray[np.float64]
States: TypeAlias = Literal["stimuli", "inferred", "activity", "none"]
"""Where states come from: stimuli, inference, recorded activity; or one state that is always on."""

_PRIOR_COUNT = 20.0  # trials by which a state's likelihood is known before the first
_OWN_CHANNEL = 0.75  # P(channel on | its own state on), before learning


def states_of(behaviour: "Behaviour", asked: str = "auto") -> tuple[States, Floats]:
    """Return where states come from and the state (trials, states) of every trial, in [0, 1].

    "auto" takes recorded activity if there is any, else stimuli that are all 0 or 1, else inferred
    states.  Without stimuli one state is always on.  Raises `ValueRangeError` if stimuli are not in
    [0, 1] or the asked activity was not recorded.

    Example:
        >>> from hebbayes.data.behaviour import Behaviour
        >>> graded = Behaviour([0, 1], [[0.0], [0.25]], outcome=[1, 0])
        >>> source, x = states_of(graded)
        >>> source, x.round(2).tolist()
        ('inferred', [[0.25], [0.37]])
        >>> states_of(graded, "stimuli")[1].tolist()
        [[0.0], [0.25]]
    """
    if asked == "activity" or (asked == "auto" and behaviour.activity is not None):
        return "activity", _activity(behaviour)
    stimuli = np.asarray(behaviour.stimuli, float)
    if stimuli.shape[1] == 0 or (stimuli.shape[1] == 1 and (stimuli == 1).all()):
        return "none", np.ones((behaviour.n_trials, 1))
    if stimuli.min() < 0 or stimuli.max() > 1:
        raise ValueRangeError(
            f"stimuli lie between {stimuli.min():g} and {stimuli.max():g}; states need 0 to 1. "
            "Pass --coding COLUMN=signed for one channel per side, or graded to rescale."
        )
    if asked == "auto":
        asked = "stimuli" if np.isin(stimuli, (0.0, 1.0)).all() else "inferred"
    if asked == "stimuli":
        return "stimuli", stimuli
    bounds = np.searchsorted(behaviour.subject, np.arange(behaviour.n_subjects + 1))
    parts = [inferred_states(stimuli[a:b]) for a, b in itertools.pairwise(bounds)]
    return "inferred", np.concatenate(parts)


def inferred_states(stimuli: Floats) -> Floats:
    """Return x = sig(W o + h) (trials, channels) of one subject, which learns W as it goes.

    The state of a trial rests on this and earlier trials only.

    Example:
        >>> inferred_states(np.array([[1.0, 0.0], [0.5, 0.5]])).round(2).tolist()
        [[0.75, 0.25], [0.49, 0.51]]
    """
    n = stimuli.shape[1]
    own = np.where(np.eye(n, dtype=bool), _OWN_CHANNEL, 0.5)
    on = _PRIOR_COUNT * np.stack(
        [own, 1 - own]
    )  # given state on; [value of channel, channel, state]
    counts = np.stack([on, on[::-1]], axis=1)  # [value of channel, value of state, channel, state]
    states = np.empty_like(stimuli)
    for t, seen in enumerate(stimuli):
        log_odds = np.log(counts[ON] / counts[OFF])  # [value of state, channel, state]
        home = np.log(counts[OFF] / counts.sum(0))
        weights, threshold = log_odds[ON] - log_odds[OFF], (home[ON] - home[OFF]).sum(0)
        x = states[t] = firing_rate(seen[None], weights, threshold)[0]
        counts += np.einsum("vi,uj->vuij", np.stack([seen, 1 - seen]), np.stack([x, 1 - x]))
    return states


def _activity(behaviour: "Behaviour") -> Floats:
    if behaviour.activity is None:
        raise ValueRangeError("no activity was recorded; name its columns with --activity.")
    x = np.asarray(behaviour.activity, float)
    if not (np.isfinite(x).all() and x.min() >= 0 and x.max() <= 1):
        raise ValueRangeError(
            "recorded activity must be known in every trial and lie between 0 and 1 to be a state; "
            "leave out --activity or rescale it."
        )
    return x
