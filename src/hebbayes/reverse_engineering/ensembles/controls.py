"""Controls of ensembles without labels, and the cautions to print with them.

A projection of many units can re-encode the stimuli: it shows that the population carries the
sources, not that single neurons infer them (docs/theory.md section 8).  Beside it stand an ideal
observer of the stimuli alone, the projection of one session read in another, and a projection
fitted on responses shuffled among trials.  All are fitted on training trials, none on labels.
"""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logsumexp

from hebbayes.core.firing_rate import firing_rate
from hebbayes.reverse_engineering.ensembles.joint_free_energy import (
    Evidence,
    joint_states,
    likelihood_table,
)
from hebbayes.reverse_engineering.ensembles.match import match_to_labels
from hebbayes.reverse_engineering.ensembles.number import (
    constant_free_energy,
    held_out_free_energy,
    split_trials,
)
from hebbayes.reverse_engineering.ensembles.readout import training_trials
from hebbayes.reverse_engineering.ensembles.restarts import Search, Solution, minimum, potentials
from hebbayes.reverse_engineering.ensembles.without_labels import (
    EnsemblesWithoutLabels,
    training_evidence,
)

if TYPE_CHECKING:
    from hebbayes.data.recording import Recording

Floats = NDArray[np.float64]

_ROUNDS = 200


class HeldOutFit(NamedTuple):
    """How well ensembles explain held-out trials.

    Attributes:
        free_energy: Free energy per trial, nats.
        constant: The same without ensembles.
        correlation: (ensembles,), |corr| of activity with the reference.
    """

    free_energy: float
    constant: float
    correlation: Floats


class Controls(NamedTuple):
    """Controls of ensembles without labels.

    Attributes:
        held_out: The projection on held-out trials, compared with the ideal observer.
        ideal_observer: Surprise per held-out trial of an observer of the stimuli alone, nats.
        other_session: The projection of the first training session, applied to the last one and
            compared with the projection of all training sessions; None with one training session.
        shuffled: The same search on responses shuffled among trials, compared with the ideal
            observer.
    """

    held_out: HeldOutFit
    ideal_observer: float
    other_session: HeldOutFit | None
    shuffled: HeldOutFit


def controls_without_labels(recording: "Recording", ensembles: EnsemblesWithoutLabels) -> Controls:
    """Return the controls of ensembles, with the seed and settings of their search.

    Example:
        >>> from hebbayes.data.recording import Recording
        >>> from hebbayes.reverse_engineering.ensembles.without_labels import (
        ...     find_ensembles_without_labels)
        >>> rng = np.random.default_rng(0)
        >>> s = rng.integers(0, 2, (200, 2))
        >>> responses = rng.poisson(1 + 5 * np.repeat(s, 3, axis=1))
        >>> recording = Recording(np.repeat(s, 4, axis=1), responses, np.repeat([0, 1], 100))
        >>> ensembles = find_ensembles_without_labels(recording, train_sessions=2, n_ensembles=2)
        >>> controls = controls_without_labels(recording, ensembles)
        >>> controls.ideal_observer < controls.held_out.free_energy < controls.shuffled.free_energy
        True
    """
    evidence = training_evidence(recording, ensembles.train_sessions)[1]
    is_held = split_trials(len(evidence.stimuli), ensembles.settings.held_out, ensembles.seed)
    train, test = (_rows(evidence, rows) for rows in (~is_held, is_held))
    rng = np.random.default_rng((ensembles.seed, 2))
    shuffled = Evidence(evidence.readouts[rng.permutation(len(is_held))], evidence.stimuli)
    fitted = _fit(train, ensembles, rng)
    observer_table = observe_stimuli(
        train.stimuli, fitted.table, ensembles.settings.penalty.prior_count
    )
    surprise, belief = _observer(test.stimuli, observer_table)
    return Controls(
        _held_out_fit(fitted, train, test, belief),
        float(surprise.mean()),
        _other_session(recording, evidence, ensembles, rng),
        _held_out_fit(
            _fit(_rows(shuffled, ~is_held), ensembles, rng), train, _rows(shuffled, is_held), belief
        ),
    )


def observe_stimuli(stimuli: Floats, table: Floats, prior_count: float = 1.0) -> Floats:
    """Return the table of an ideal observer of the stimuli alone, (2^n, channels).

    Expectation-maximisation of P(stimuli) = sum_j 2^-n P(stimuli | joint state j) from ``table``.

    Example:
        >>> o = np.repeat([[1.0, 1.0], [0.0, 0.0]], 50, axis=0)
        >>> observe_stimuli(o, np.array([[0.4, 0.5], [0.6, 0.5]])).round(2).tolist()
        [[0.02, 0.02], [0.98, 0.98]]
    """
    last = np.inf
    for _ in range(_ROUNDS):
        surprise, joint = _joint_belief(stimuli, table)
        table = likelihood_table(joint, stimuli, prior_count)
        if last - (last := float(surprise.mean())) < 1e-6:
            break
    return table


def caution_sentences(ensembles: EnsemblesWithoutLabels, controls: Controls) -> list[str]:
    """Return the cautions to print with ensembles without labels, one sentence each.

    Example:
        >>> from types import SimpleNamespace
        >>> from hebbayes.reverse_engineering.ensembles.number import DEFAULT
        >>> reading = HeldOutFit(5.0, 8.0, np.array([0.9, 0.8]))
        >>> ensembles = SimpleNamespace(n_ensembles=2, interaction=0.3, settings=DEFAULT)
        >>> cautions = caution_sentences(ensembles, Controls(reading, 4.0, None, reading))
        >>> cautions[-1].startswith("30 % of the likelihood table is not a sum")
        True
    """
    held, shuffled, other = controls.held_out, controls.shuffled, controls.other_session
    lines = [
        "A projection of many units can re-encode the stimuli: it shows that the population "
        "carries the sources, not that single neurons infer them.",
        f"Free energy of held-out trials, nats per trial: {held.constant:.3f} without ensembles, "
        f"{held.free_energy:.3f} with {ensembles.n_ensembles}, {controls.ideal_observer:.3f} for "
        "an ideal observer of the stimuli alone, with which the ensembles correlate by "
        f"{_listed(held.correlation)}.",
        "Repeated stimuli are shared by held-out and fitted trials.",
        "Fitted on one session only: there is no other training session to read it in."
        if other is None
        else f"Fitted on the first training session and read in the last: {other.free_energy:.3f} "
        f"(without ensembles {other.constant:.3f}), |corr| with the fit on all "
        f"{_listed(other.correlation)}.",
        f"Fitted on responses shuffled among trials: {shuffled.free_energy:.3f}, |corr| with the "
        f"ideal observer {_listed(shuffled.correlation)}.",
    ]
    if ensembles.interaction > ensembles.settings.additive_below:
        lines.append(
            f"{100 * ensembles.interaction:.0f} % of the likelihood table is not a sum of separate "
            "effects: ensembles may be combinations of sources, such as whether two agree, which "
            "a joint free energy cannot distinguish from the sources."
        )
    return lines


def _listed(values: Floats) -> str:
    return ", ".join(f"{value:.2f}" for value in values)


def _rows(evidence: Evidence, rows: NDArray) -> Evidence:
    return Evidence(evidence.readouts[rows], evidence.stimuli[rows])


def _fit(
    evidence: Evidence, ensembles: EnsemblesWithoutLabels, rng: np.random.Generator
) -> Solution:
    settings = ensembles.settings
    search = Search(settings.n_restarts, settings.penalty, settings.additive_below)
    return minimum(evidence, ensembles.n_ensembles, search, rng=rng)


def _held_out_fit(
    fitted: Solution, train: Evidence, test: Evidence, reference: Floats
) -> HeldOutFit:
    x = expit(potentials(fitted, test.readouts))
    return HeldOutFit(
        float(held_out_free_energy(fitted, test).mean()),
        float(constant_free_energy(train, test).mean()),
        match_to_labels(reference, x).correlation,
    )


def _joint_belief(stimuli: Floats, table: Floats) -> tuple[Floats, Floats]:
    """Surprise of each trial, (trials,), and belief in each joint state, (trials, 2^n)."""
    evidence = stimuli @ np.log(table / (1 - table)).T + np.log1p(-table).sum(1)
    log_sum = logsumexp(evidence, axis=1)
    return np.log(len(table)) - log_sum, np.exp(evidence - log_sum[:, None])


def _observer(stimuli: Floats, table: Floats) -> tuple[Floats, Floats]:
    surprise, joint = _joint_belief(stimuli, table)
    return surprise, joint @ joint_states(len(table).bit_length() - 1)


def _other_session(
    recording: "Recording",
    evidence: Evidence,
    ensembles: EnsemblesWithoutLabels,
    rng: np.random.Generator,
) -> HeldOutFit | None:
    session = recording.session_index[training_trials(recording, ensembles.train_sessions)]
    first, last = _rows(evidence, session == session[0]), _rows(evidence, session == session[-1])
    if session[0] == session[-1]:
        return None
    projection = ensembles.projection
    whole = firing_rate(last.readouts, projection.weights, projection.offset)
    return _held_out_fit(_fit(first, ensembles, rng), first, last, whole)
