"""A population as a few ensembles: their read-out, with or without labels.

Either way the read-out is a frozen `Readout` fitted on training sessions, so that later
sessions, surrogates and other recordings of the same units are read alike.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

from hebbayes.core.errors import ValueRangeError
from hebbayes.reverse_engineering.ensembles.by_labels import (
    find_ensembles_by_labels,
    labelled_projection,
)
from hebbayes.reverse_engineering.ensembles.controls import (
    Controls,
    caution_sentences,
    controls_without_labels,
)
from hebbayes.reverse_engineering.ensembles.readout import (
    Readout,
    project,
    standardisation_of,
    standardised_responses,
    training_trials,
)
from hebbayes.reverse_engineering.ensembles.without_labels import find_ensembles_without_labels

if TYPE_CHECKING:
    from hebbayes.data.recording import Recording

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Population:
    """Ensembles of a recording.

    Attributes:
        projection: The frozen read-out.
        activity: (trials, ensembles) in (0, 1); NaN in trials without an observed unit.
        units: Ids of the units of each ensemble; without labels, each unit belongs to the ensemble
            whose activity explains most of its responses.
        excited: Ids of the units whose responses grow with the activity of their ensemble.
        excluded: Id of each unit left out, and the reason.
        cautions: Sentences to print with the result.
        controls: Controls of ensembles without labels; None with labels.
    """

    projection: Readout
    activity: Floats
    units: tuple[NDArray[Any], ...]
    excited: NDArray[Any]
    excluded: Mapping[Any, str]
    cautions: tuple[str, ...]
    controls: Controls | None = None


def ensemble_means(population: Population, recording: "Recording") -> Floats:
    """Return the mean response of each ensemble's units, (trials, ensembles), in counts.

    Units that are not excited are left out; NaN if no unit of an ensemble was observed.

    Example:
        >>> from hebbayes.data.recording import Recording
        >>> s = np.array([[0, 0], [0, 1], [1, 0], [1, 1]] * 10)
        >>> culture = Recording(np.repeat(s, 3, axis=1), 1 + 2 * s, [0] * 40, sources=s)
        >>> ensemble_means(population_by_labels(culture, train_sessions=1), culture)[:2].tolist()
        [[1.0, 1.0], [1.0, 3.0]]
    """
    means = np.empty((recording.n_trials, len(population.units)))
    for k, units in enumerate(population.units):
        members = np.isin(recording.unit_ids, units[np.isin(units, population.excited)])
        seen = recording.valid[:, members]
        total = np.where(seen, recording.responses[:, members], 0).sum(1)
        n = seen.sum(1)
        means[:, k] = np.divide(total, n, out=np.full(len(n), np.nan), where=n > 0)
    return means


def population_without_labels(
    recording: "Recording",
    *,
    train_sessions: int,
    n_ensembles: int | None = None,
    seed: int = 0,
) -> Population:
    """Return ensembles that minimise the joint free energy, without labels.

    Raises `HebbayesError` if there are none.

    Example:
        >>> from hebbayes.data.recording import Recording
        >>> rng = np.random.default_rng(0)
        >>> s = rng.integers(0, 2, (200, 2))
        >>> recording = Recording(np.repeat(s, 4, axis=1), rng.poisson(1 + 5 * s), [0] * 200)
        >>> ensembles = population_without_labels(recording, train_sessions=1, n_ensembles=2)
        >>> sorted(units.tolist() for units in ensembles.units)
        [[0], [1]]
    """
    ensembles = find_ensembles_without_labels(
        recording, train_sessions=train_sessions, n_ensembles=n_ensembles, seed=seed
    )
    controls = controls_without_labels(recording, ensembles)
    projection = ensembles.projection
    ids = projection.standardisation.unit_ids
    activity = project(projection, recording)
    loadings = _loadings(projection, recording, activity, train_sessions)
    owner = np.abs(loadings).argmax(0)
    own = loadings[owner, np.arange(len(ids))]
    for k in range(ensembles.n_ensembles):  # a state that only silences its units is one turned off
        if (owner == k).any() and (own[owner == k] <= 0).all():
            projection, activity, loadings = _turned(projection, activity, loadings, k)
    return Population(
        projection=projection,
        activity=activity,
        units=tuple(ids[owner == k] for k in range(ensembles.n_ensembles)),
        excited=ids[loadings[owner, np.arange(len(ids))] > 0],
        excluded=ensembles.excluded_units,
        cautions=tuple(caution_sentences(ensembles, controls)),
        controls=controls,
    )


def _turned(
    projection: Readout, activity: Floats, loadings: Floats, k: int
) -> tuple[Readout, Floats, Floats]:
    """Return the same with on and off exchanged for ensemble k."""
    sign = np.where(np.arange(len(projection.offset)) == k, -1.0, 1.0)
    turned = Readout(
        projection.standardisation, projection.weights * sign, projection.offset * sign
    )
    return turned, np.where(sign < 0, 1 - activity, activity), loadings * sign[:, None]


def _loadings(
    projection: Readout, recording: "Recording", activity: Floats, train_sessions: int
) -> Floats:
    """Return what activity adds to standardised responses in training, (ensembles, units).

    The weights of a read-out that many units share are too noisy to show where a unit belongs.
    """
    trials = training_trials(recording, train_sessions)
    x = activity[trials]
    use = np.isfinite(x).all(1)
    z = standardised_responses(projection.standardisation, recording)[trials][use]
    x = x[use] - x[use].mean(0)
    return np.asarray(np.linalg.lstsq(x / x.std(0), z - z.mean(0), rcond=None)[0])


def population_by_labels(recording: "Recording", *, train_sessions: int) -> Population:
    """Return one ensemble per known source: the units that prefer it in training.

    Raises `HebbayesError` without labels, or if a source has no unit.

    Example:
        >>> from hebbayes.data.recording import Recording
        >>> s = np.array([[0, 0], [0, 1], [1, 0], [1, 1]] * 10)
        >>> culture = Recording(np.repeat(s, 3, axis=1), 1 + 2 * s, [0] * 40, sources=s)
        >>> [units.tolist() for units in population_by_labels(culture, train_sessions=1).units]
        [[0], [1]]
    """
    ensembles = find_ensembles_by_labels(recording, train_sessions=train_sessions)
    cautions = ["Ensembles are chosen by the known sources of the training sessions."]
    try:
        projection = labelled_projection(
            recording, ensembles.members, train_sessions=train_sessions
        )
    except ValueRangeError as error:
        projection = _decoder(recording, ensembles.members, train_sessions)
        cautions.append(f"Their activity decodes the known sources, for {error}")
    units = tuple(recording.unit_ids[group] for group in ensembles.members)
    kept = projection.standardisation.unit_ids
    excited = [
        kept[(projection.weights[:, k] > 0) & np.isin(kept, group)] for k, group in enumerate(units)
    ]
    return Population(
        projection=projection,
        activity=project(projection, recording),
        units=units,
        excited=np.concatenate(excited),
        excluded=ensembles.excluded_units,
        cautions=tuple(cautions),
    )


def _decoder(
    recording: "Recording", members: Sequence[NDArray[np.int64]], train_sessions: int
) -> Readout:
    """Return the read-out x_k = P(source k on | mean standardised response of group k)."""
    assert recording.sources is not None  # the ensembles come from them
    part = recording.select(units=np.concatenate(members))
    trials = training_trials(part, train_sessions)
    kept = standardisation_of(part, trials)
    z = standardised_responses(kept, part)[trials]
    group = np.repeat(np.arange(len(members)), [len(units) for units in members])
    group = group[np.isin(part.unit_ids, kept.unit_ids)]
    weights, offset = np.zeros((len(group), len(members))), np.zeros(len(members))
    for k in range(len(members)):
        pooled = (group == k) / np.count_nonzero(group == k)
        slope, offset[k] = fit_logistic(z @ pooled, recording.sources[trials, k].astype(float))
        weights[:, k] = slope * pooled
    return Readout(kept, weights, offset)


def fit_logistic(z: Floats, is_on: Floats, ridge: float = 1.0) -> tuple[float, float]:
    """Return slope and offset of a logistic regression; the ridge keeps both finite.

    Example:
        >>> slope, offset = fit_logistic(np.array([-1.0, 1.0] * 50), np.array([0.0, 1.0] * 50))
        >>> slope > 2, abs(offset) < 1e-6
        (True, True)
    """

    def loss(parameters: Floats) -> tuple[float, Floats]:
        v = parameters[0] * z + parameters[1]
        error = expit(v) - is_on
        value = np.logaddexp(0, v).sum() - is_on @ v + ridge * parameters[0] ** 2 / 2
        return float(value), np.array([error @ z + ridge * parameters[0], error.sum()])

    slope, offset = minimize(loss, np.zeros(2), jac=True, method="L-BFGS-B").x
    return float(slope), float(offset)
