"""One subject: a value for each element, and what such a subject does in a task."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.clinic.elements import BY_NAME, ELEMENTS, SHARE
from hebbayes.clinic.kernels.simulation import replay
from hebbayes.clinic.kernels.steps import COLUMNS
from hebbayes.clinic.task import Choices, Task
from hebbayes.core.errors import ValueRangeError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Subject:
    """A subject; natural values, those of a typical healthy subject by default.

    Attributes:
        phi: φ, added to the task's log prior odds of every state.
        psi: ψ of the choices in order; choices beyond its end have 0.
        speed: λ, counts per gain; above 2.
        modulator_bias: b.
        misassigned_credit: m, 0 to 1.
        recurrence: κ.
        false_belief: f, log odds.
        reliability: α.
        inverse_temperature: β.
        lapse: ε, 0 to 1.
        sensory_noise: Probability that a stimulus is perceived inverted (1 - o).
        leak: Extension: share of counts that returns to the prior in a trial.
        stickiness: Extension: log odds of repeating a choice.
        silent: Share of the stimulus channels whose synapses are silent.
        latency: Trials from a choice to the modulator.
        reads_active_only: Extension: states that are off say nothing about decisions.
        follows_reward: Extension: the modulator follows the reward itself, not its difference from
            the mean.
    """

    phi: float = 0.0
    psi: tuple[float, ...] = (0.0,)
    speed: float = 8.0
    modulator_bias: float = 0.0
    misassigned_credit: float = 0.05
    recurrence: float = 1.0
    false_belief: float = 0.0
    reliability: float = 1.0
    inverse_temperature: float = 1.0
    lapse: float = 0.02
    sensory_noise: float = 0.0
    leak: float = 0.0
    stickiness: float = 0.0
    silent: float = 0.0
    latency: int = 0
    reads_active_only: bool = False
    follows_reward: bool = False


@dataclass(frozen=True, eq=False)
class Simulated:
    """What a simulated subject did, and what it believed.

    Attributes:
        choices: Choices and outcomes.
        states: Posterior expectation of every state, (trials, states).
        probability: Of every choice, (trials, choices).
        perceived: Stimuli as perceived, (trials, channels).
    """

    choices: Choices
    states: Floats
    probability: Floats
    perceived: Floats


def natural_parameters(subject: Subject, n_choices: int) -> Floats:
    """Return the natural parameters that kernels read, ψ of all choices but the last at the end.

    Example:
        >>> natural_parameters(Subject(psi=(1.0, 0.5)), 2)[-1].item()
        0.5
    """
    psi = np.zeros(n_choices)
    given = np.array(subject.psi[:n_choices], float)
    psi[: given.size] = given
    shared = [float(getattr(subject, name)) for name in COLUMNS]
    return np.array([*shared, *(psi - psi[-1])[:-1]])


def kernel_arrays(task: Task, evidence: Floats | None = None) -> tuple:
    """Return a task as the kernels read it, with other ``evidence`` if given.

    Example:
        >>> from hebbayes.clinic.designs import Design, draw_task
        >>> len(kernel_arrays(draw_task(Design(trials=10), np.random.default_rng(0))))
        7
    """
    return (
        task.evidence if evidence is None else evidence,
        np.ascontiguousarray(task.prior, float),
        float(task.stay),
        np.ascontiguousarray(task.begins, bool),
        np.ascontiguousarray(task.has_feedback, bool),
        np.ascontiguousarray(task.false_belief, float),
        np.ascontiguousarray(task.reward_probability, float),
    )


def impaired(subject: Subject, element: str, dose: float) -> Subject:
    """Return the subject with one element moved by ``dose`` on its scale without bounds.

    ψ moves for the first choice.  Sensory noise, silent synapses and latency take the dose itself,
    added to their value.  A dose of 0 returns the subject itself.
    Raises `ValueRangeError` for an unknown element or a value out of range.

    Example:
        >>> impaired(Subject(), "phi", 1.0).phi, impaired(Subject(), "recurrence", 0.0).recurrence
        (1.0, 1.0)
    """
    if dose == 0:
        return subject
    if element in ("sensory_noise", "silent"):
        value = float(getattr(subject, element) + dose)
        if not 0 <= value <= 1:
            raise ValueRangeError(f"{element} must be from 0 to 1; got {value:g}.")
        return _with(subject, element, value)
    if element == "latency":
        return replace(subject, latency=subject.latency + round(dose))
    if element not in BY_NAME:
        known = ", ".join([*BY_NAME, "silent", "latency"])
        raise ValueRangeError(f"no element {element!r}; it must be one of {known}.")
    if element == "psi":
        first, *others = subject.psi or (0.0,)
        return replace(subject, psi=(first + dose, *others))
    scale = BY_NAME[element].scale
    start = np.asarray(getattr(subject, element), float)
    if scale is SHARE:
        start = np.clip(start, 1e-6, 1 - 1e-6)
    return _with(subject, element, float(scale.natural(scale.unbounded(start) + dose)))


def _with(subject: Subject, element: str, value: float) -> Subject:
    changed: dict[str, Any] = {element: value}
    return replace(subject, **changed)


def simulate(subject: Subject, task: Task, rng: np.random.Generator) -> Simulated:
    """Return what ``subject`` does in ``task``.

    The same generator gives the same luck to every subject, so that doses can be compared in pairs.

    Example:
        >>> from hebbayes.clinic.designs import Design, draw_task
        >>> task = draw_task(Design(trials=300, reversal=0), np.random.default_rng(0))
        >>> did = simulate(Subject(), task, np.random.default_rng(1)).choices
        >>> bool((did.choice == task.right).mean() > 0.6)
        True
    """
    draws = rng.random((task.n_trials, 2))
    flips = rng.random(task.stimuli.shape)
    silenced = rng.permutation(task.weights.shape[0])[: round(subject.silent * len(task.weights))]
    perceived, weights = task.stimuli, task.weights
    if subject.sensory_noise > 0:
        perceived = np.where(flips < subject.sensory_noise, 1 - perceived, perceived)
    if silenced.size:
        weights = weights.copy()
        weights[silenced] = 0.0
    choice, outcome = np.empty(task.n_trials, np.int64), np.empty(task.n_trials)
    states = np.empty((task.n_trials, task.n_states))
    probability = np.empty((task.n_trials, task.n_choices))
    replay(
        natural_parameters(subject, task.n_choices),
        kernel_arrays(task, Task.evidence_of(perceived, weights)),
        (choice, outcome, states, probability),
        draws,
        (int(subject.latency), bool(subject.reads_active_only), bool(subject.follows_reward)),
    )
    return Simulated(Choices(choice, outcome), states, probability, perceived)


FITTED = tuple(one.name for one in ELEMENTS if one.is_fitted)
"""Names of the elements that the estimator has a parameter for."""
