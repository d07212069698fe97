"""Rivals beside a diagnosis: Rescorla-Wagner of two rates, what it may add, and no learning.

Rules and priors are those of `reverse_engineering.behaviour`; stickiness, lapse and forgetting come
one at a time and all together.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from hebbayes.clinic.comparison.candidate import Candidate, with_lapse
from hebbayes.clinic.estimation.climbing import Prior
from hebbayes.reverse_engineering.behaviour.rivals.catalogue import MODELS, shared_parameters
from hebbayes.reverse_engineering.behaviour.rivals.comparison import prior_of
from hebbayes.reverse_engineering.behaviour.rivals.models import Model, Parameter

if TYPE_CHECKING:
    from hebbayes.reverse_engineering.behaviour.rivals.models import Form, LogOdds, Trials

Floats = NDArray[np.float64]

RESCORLA_WAGNER = "rescorla_wagner"
EVERYTHING = "rescorla_wagner_sticky_lapsing_forgetting"
"""Rescorla-Wagner with everything it may add."""

MOST_WEIGHTS = 128
"""Weights of a fixed read-out beyond which it takes no part."""

_LAPSE = Parameter("lapse", -3.0, 1.5, expit, (-3.0,))
_FORGETTING = Parameter("forgetting", -3.0, 1.5, expit, (-3.0,))


@dataclass(frozen=True)
class Rival:
    """A rival.

    Attributes:
        name: Key in results.
        description: In words.
        learns: Whether it learns from outcomes.
        is_sticky: Whether it repeats choices.
        lapses: Whether a share of choices is random.
        forgets: Whether values decay.
    """

    name: str
    description: str
    learns: bool = True
    is_sticky: bool = False
    lapses: bool = False
    forgets: bool = False


_START = "Rescorla-Wagner, two rates"

RIVALS = (
    Rival(RESCORLA_WAGNER, _START),
    Rival("rescorla_wagner_sticky", f"{_START}, stickiness", is_sticky=True),
    Rival("rescorla_wagner_lapsing", f"{_START}, lapse", lapses=True),
    Rival("rescorla_wagner_forgetting", f"{_START}, forgetting", forgets=True),
    Rival(
        EVERYTHING,
        f"{_START}, stickiness, lapse, forgetting",
        is_sticky=True,
        lapses=True,
        forgets=True,
    ),
    Rival("constant", "the same odds in every trial", learns=False),
    Rival("readout", "a fixed read-out of the stimuli", learns=False),
)
"""All rivals, those that learn first."""

RIVAL_NAMES = tuple(one.name for one in RIVALS)
"""Names of the rivals."""


def description_of(name: str) -> str:
    """Return a rival in words.

    Example:
        >>> description_of("constant")
        'the same odds in every trial'
    """
    return next(one.description for one in RIVALS if one.name == name)


def candidates_of(name: str, trials: "Trials") -> list[Candidate]:
    """Return the forms of a rival beside a subject; none if a read-out has too many weights.

    Example:
        >>> from hebbayes.clinic.comparison.candidate import trials_of
        >>> from hebbayes.clinic.estimation.cases import example
        >>> one = candidates_of("rescorla_wagner_lapsing", trials_of(example(20)[0]))[0]
        >>> [parameter.name for parameter in one.parameters][-2:]
        ['lapse', 'bias of decision 0']
    """
    rival = next(one for one in RIVALS if one.name == name)
    if not rival.learns:
        model = _catalogued(name)
        if len(model.own(trials)) > MOST_WEIGHTS:
            return []
        return [_candidate(model, form, trials) for form in model.forms(trials)]
    model = _extended(_catalogued("rescorla_wagner_two_rates"), rival)
    return [_candidate(model, _form(rival, one, trials), trials) for one in model.forms(trials)]


def _catalogued(name: str) -> Model:
    return next(one for one in MODELS if one.name == name)


def _extended(model: Model, rival: Rival) -> Model:
    more = (_FORGETTING,) * rival.forgets + (_LAPSE,) * rival.lapses

    def own(trials: "Trials") -> tuple[Parameter, ...]:
        return (*model.own(trials), *more)

    return replace(model, own=own, is_sticky=rival.is_sticky)


def _form(rival: Rival, form: "Form", trials: "Trials") -> "Form":
    n_own = 4 + rival.forgets
    log_odds = form.log_odds if rival.is_sticky else _without_stickiness(form.log_odds, n_own)
    return replace(form, log_odds=with_lapse(log_odds, n_own) if rival.lapses else log_odds)


def _without_stickiness(log_odds: "LogOdds", place: int) -> "LogOdds":
    return lambda natural: log_odds(np.insert(natural, place, 0.0, axis=1))


def _candidate(model: Model, form: "Form", trials: "Trials") -> Candidate:
    own = model.own(trials)
    parameters = (*own, *shared_parameters(model, trials))
    prior = prior_of(form, parameters, len(own))
    return Candidate(form, parameters, trials, Prior(prior.mean, prior.spread))


def starts_of(one: Candidate) -> Floats:
    """Return where a fit starts, (starts, parameters): each parameter's extremes in turn.

    Example:
        >>> from hebbayes.clinic.comparison.candidate import trials_of
        >>> from hebbayes.clinic.estimation.cases import example
        >>> starts_of(candidates_of("constant", trials_of(example(20)[0]))[0]).shape
        (1, 1)
    """
    lengths: Sequence[int] = [len(parameter.starts) for parameter in one.parameters]
    rows = [
        [parameter.starts[k % n] for parameter, n in zip(one.parameters, lengths)]
        for k in range(max(lengths))
    ]
    return np.array(rows)
