"""The verdict on behaviour: which class of models explains the decisions, if any one does.

"As the theory says" and "learns otherwise" need more than `MARGIN_NATS` above every other class,
"does not learn" only has to be the best; otherwise "cannot tell".  The verdict is relative to the
models that took part, so their list belongs to it (docs/recordings.md).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import ValueRangeError
from hebbayes.reverse_engineering.behaviour.rivals.catalogue import (
    MODELS,
    STICKINESS,
    shared_parameters,
)
from hebbayes.reverse_engineering.behaviour.rivals.evidence import (
    LaplaceFit,
    NormalPrior,
    laplace_fit,
    mean_log,
)
from hebbayes.reverse_engineering.behaviour.rivals.models import (
    CANNOT_TELL,
    MARGIN_NATS,
    NO_LEARNING,
    Form,
    Model,
    Parameter,
    Trials,
    trials_of,
)
from hebbayes.reverse_engineering.statistics.estimate import Estimate, normal_estimate

if TYPE_CHECKING:
    from hebbayes.reverse_engineering.behaviour.choices import Choices

Floats = NDArray[np.float64]

_MOST_DECISIONS, _MOST_WEIGHTS = 16, 128  # taken; of a read-out


@dataclass(frozen=True, eq=False)
class Rival:
    """One model beside the decisions.

    Attributes:
        model: The model.
        log_evidence: Nats, the mean over its forms.
        form: The best form.
        parameters: Of the best form, in its order.
        fit: Of the best form, on the scale without bounds.
        taken: Decisions ever taken, in the order of biases; the last has none.
    """

    model: Model
    log_evidence: float
    form: Form
    parameters: tuple[Parameter, ...]
    fit: LaplaceFit
    taken: NDArray[np.int64]

    @property
    def estimates(self) -> dict[str, Estimate[Floats]]:
        """Natural parameters with intervals, by name."""
        error = np.sqrt(np.diag(self.fit.covariance))
        estimates = {}
        for parameter, value, sd in zip(self.parameters, self.fit.parameters, error):
            ends = normal_estimate(value, sd).as_tuple()
            estimates[parameter.name] = Estimate(*(parameter.natural(np.array(e)) for e in ends))
        return estimates


@dataclass(frozen=True, eq=False)
class Comparison:
    """All models beside the decisions, and the verdict.

    Attributes:
        verdict: `AS_THEORY`, `OTHERWISE`, `NO_LEARNING` or `CANNOT_TELL`.
        rivals: All models, the best first.
        n_explained: Decisions that were explained.
        n_without_risk: Of these, those whose risk is unknown: nothing is learnt from them.
    """

    verdict: str
    rivals: tuple[Rival, ...]
    n_explained: int
    n_without_risk: int

    @property
    def winner(self) -> Rival | None:
        """The best model of the class that won; None if no class did."""
        return None if self.verdict == CANNOT_TELL else self.rivals[0]

    @property
    def stickiness(self) -> float:
        """Log odds of repeating a decision in the canonical model; 0 if the interval holds 0."""
        estimate = self.rival("canonical").estimates[STICKINESS]
        return 0.0 if estimate.low <= 0 <= estimate.high else float(estimate.value)

    def rival(self, name: str) -> Rival:
        """Return the model of that name."""
        return next(one for one in self.rivals if one.model.name == name)


def compare_rivals(choices: "Choices", reward_delay: int, floor: float = 1.0) -> Comparison:
    """Return the verdict on how ``choices`` were learnt.

    Decisions without the activity they rest on are not explained; those without risk teach nothing
    to rules that need it.  Raises `ValueRangeError` with fewer than two decisions taken, more than
    16, or too many states to read them from.

    Example:
        >>> from hebbayes.reverse_engineering.behaviour.choices import Choices
        >>> rng = np.random.default_rng(0)
        >>> choices = Choices(rng.integers(0, 2, 300), rng.random((300, 1)), rng.random(300),
        ...                   np.zeros(300, int), 2)
        >>> comparison = compare_rivals(choices, 0)
        >>> comparison.verdict, comparison.winner.model.name, len(comparison.rivals)
        ('does not learn', 'constant', 10)
    """
    return compare_trials(trials_of(choices, reward_delay, floor))


def compare_trials(trials: Trials) -> Comparison:
    """Return the verdict on decisions as models read them; see `compare_rivals`.

    Example:
        >>> from hebbayes.reverse_engineering.behaviour.choices import Choices
        >>> rng = np.random.default_rng(0)
        >>> choices = Choices(rng.integers(0, 2, 99), rng.random((99, 1)), rng.random(99),
        ...                   np.zeros(99, int), 2)
        >>> compare_trials(trials_of(choices, 0, 1.0)).n_explained
        99
    """
    n, n_states = trials.n_decisions, trials.x.shape[1]
    if n < 2:
        raise ValueRangeError("fewer than two different decisions were taken; none can be learnt.")
    if n > _MOST_DECISIONS or n_states * (n - 1) > _MOST_WEIGHTS:
        raise ValueRangeError(
            f"{n} decisions read from {n_states} states are too many to compare rules of learning: "
            f"at most {_MOST_DECISIONS} decisions and {_MOST_WEIGHTS} weights; merge rare ones."
        )
    rivals = sorted((fit_model(model, trials) for model in MODELS), key=lambda r: -r.log_evidence)
    return Comparison(
        verdict=judge(
            {one.model.name: one.log_evidence for one in rivals},
            {one.model.name: one.model.kind for one in rivals},
        ),
        rivals=tuple(rivals),
        n_explained=int(trials.is_used.sum()),
        n_without_risk=int((trials.is_used & np.isnan(trials.worth)).sum()),
    )


def fit_model(model: Model, trials: Trials) -> Rival:
    """Return how well ``model`` explains the decisions.

    Example:
        >>> from hebbayes.reverse_engineering.behaviour.choices import Choices
        >>> choices = Choices(np.array([0, 0, 0, 1]), np.ones((4, 1)), None, np.zeros(4, int), 2)
        >>> constant = MODELS[-2]
        >>> rival = fit_model(constant, trials_of(choices, 0, 1.0))
        >>> rival.model.name, [name for name in rival.estimates]
        ('constant', ['bias of decision 0'])
    """
    used = trials.is_used
    parameters = parameters_of(model, trials)
    starts = start_values(parameters)
    fits = []
    for form in model.forms(trials):

        def log_odds(values: Floats, form: Form = form) -> Floats:
            return unbounded_log_odds(form, parameters, values)[:, used]

        prior = prior_of(form, parameters, len(model.own(trials)))
        fits.append((form, laplace_fit(log_odds, trials.decision[used], prior, starts)))
    form, fit = max(fits, key=lambda one: one[1].log_evidence)
    evidence = mean_log(np.array([one.log_evidence for _, one in fits]))
    return Rival(model, evidence, form, parameters, fit, trials.taken)


def parameters_of(model: Model, trials: Trials) -> tuple[Parameter, ...]:
    """Return the model's own parameters, then stickiness and biases.

    Example:
        >>> from hebbayes.reverse_engineering.behaviour.choices import Choices
        >>> choices = Choices(np.array([0, 1]), np.ones((2, 1)), None, np.zeros(2, int), 2)
        >>> [one.name for one in parameters_of(MODELS[0], trials_of(choices, 0, 1.0))]
        ['lambda / gain', 'stickiness', 'bias of decision 0']
    """
    return (*model.own(trials), *shared_parameters(model, trials))


def start_values(parameters: tuple[Parameter, ...]) -> Floats:
    """Return where fits start, (starts, parameters): all combinations.

    Example:
        >>> start_values((Parameter("a", 0.0, 1.0, np.exp, (1.0, 2.0)),)).tolist()
        [[1.0], [2.0]]
    """
    return np.array(list(product(*(one.starts for one in parameters))))


def prior_of(form: Form, parameters: tuple[Parameter, ...], n_own: int) -> NormalPrior:
    """Return the wide prior of a form's parameters, of which ``n_own`` are the model's own.

    Example:
        >>> prior_of(Form("", abs, abs, 2.0), (Parameter("a", 1.0, 3.0, abs, ()),), 1).spread
        array([6.])
    """
    spread = np.array([one.spread for one in parameters])
    spread[:n_own] *= form.spread
    return NormalPrior(np.array([one.mean for one in parameters]), spread)


def unbounded_log_odds(form: Form, parameters: tuple[Parameter, ...], values: Floats) -> Floats:
    """Return log odds (sets, trials, decisions) of values (sets, parameters) without bounds.

    Example:
        >>> form = Form("", lambda natural: natural[:, None], abs)
        >>> unbounded_log_odds(form, (Parameter("a", 0.0, 1.0, np.exp, ()),), np.zeros((1, 1)))
        array([[[1.]]])
    """
    columns = [one.natural(column) for one, column in zip(parameters, values.T)]
    return form.log_odds(np.stack(columns, axis=1))


def judge(evidence: Mapping[str, float], kinds: Mapping[str, str]) -> str:
    """Return the verdict from the log evidence and the class of every model.

    Example:
        >>> kinds = {"a": "as the theory says", "b": "learns otherwise", "c": "does not learn"}
        >>> judge({"a": -10.0, "b": -13.0, "c": -20.0}, kinds)
        'as the theory says'
        >>> judge({"a": -10.0, "b": -11.0, "c": -20.0}, kinds)
        'cannot tell'
        >>> judge({"a": -10.0, "b": -11.0, "c": -9.9}, kinds)
        'does not learn'
    """
    best: dict[str, float] = {}
    for name, value in evidence.items():
        best[kinds[name]] = max(value, best.get(kinds[name], -np.inf))
    first, second = sorted(best, key=best.__getitem__, reverse=True)[:2]
    if first == NO_LEARNING or best[first] - best[second] > MARGIN_NATS:
        return first
    return CANNOT_TELL
