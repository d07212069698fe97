"""I20 Fig. 4: a network's prior is read from its early activity, and predicts its synapses.

World and priors are those of docs/theory.md section 6, at several priors D1.  The reader sees the
stimuli and the noisy activity of the first sessions, nothing else: alpha = ln D1 as published, from
the mean activity, beside the estimate that accounts for the stimuli (section 9).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma, expit, logit

from hebbayes.commands.published.reproduction import Reproduction, number
from hebbayes.commands.running.checkpoint import measure_each
from hebbayes.commands.sources import N_SOURCES, N_STIMULI
from hebbayes.reverse_engineering.perception import Options, fit_perception
from hebbayes.reverse_engineering.thresholds import mean_activity_threshold_factors
from hebbayes.simulators.networks import simulate_network

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from hebbayes.commands.configs import ReproduceConfig
    from hebbayes.commands.running.checkpoint import Checkpoint
    from hebbayes.commands.running.progress import Progress

Floats = NDArray[np.float64]

FORECASTS = ("consistent", "published", "flat", "replay", "unchanged")
"""Where synapses go: the network run on with the prior by each estimate, with D1 = 1/2; the first
sessions' changes repeated; no change after them."""


@dataclass(frozen=True)
class Design:
    """Size of the study.

    Attributes:
        d1: True priors.
        sessions: Number of sessions.
        steps: Trials per session.
        training: Number of first sessions that estimates use.
        mixed: Probability that a stimulus copies the other source.
        noise: Standard deviation of the noise on recorded x.
    """

    d1: tuple[float, ...] = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
    sessions: int = 100
    steps: int = 256
    training: int = 10
    mixed: float = 0.25
    noise: float = 0.1


PUBLISHED_DESIGN = Design()


def run(
    config: "ReproduceConfig", *, progress: "Progress", checkpoint: "Checkpoint | None"
) -> Reproduction:
    """Return I20 Fig. 4; a network that a checkpoint holds is not simulated again."""
    return reproduction(study(PUBLISHED_DESIGN, config, progress, checkpoint), PUBLISHED_DESIGN)


def study(
    design: Design, config: "ReproduceConfig", progress: "Progress", checkpoint: "Checkpoint | None"
) -> dict[str, NDArray[Any]]:
    """Return what `measure` does of every network, (values of D1, runs, ...).

    Networks of one run share their stimuli and noise at every D1.

    Example:
        >>> from hebbayes.commands.configs import ReproduceConfig
        >>> from hebbayes.commands.running.progress import DEFAULT_PROGRESS
        >>> small = Design(d1=(0.3,), sessions=4, steps=64, training=2)
        >>> arrays = study(small, ReproduceConfig(runs=2), DEFAULT_PROGRESS, None)
        >>> arrays["phi"].shape, arrays["errors"].shape
        ((1, 2, 2, 2), (1, 2, 5, 3))
    """
    tasks = [(d1, k) for d1 in design.d1 for k in range(config.runs)]
    progress.start("networks", len(tasks))
    measures = measure_each(
        tasks,
        lambda d1, k: measure(design, d1, seed=(config.seed, k)),
        lambda task, one: f"D1 {task[0]:.2f}, read {expit(one['phi'][0]).round(2)}",
        progress=progress,
        checkpoint=checkpoint,
    )
    shape = (len(design.d1), config.runs)
    return {name: values.reshape(*shape, *values.shape[1:]) for name, values in measures.items()}


def measure(design: Design, d1: float, *, seed: tuple[int, ...]) -> dict[str, NDArray[Any]]:
    """Return what is read of one network, and how well its synapses are predicted.

    phi: (2, sources), consistent and published.  errors: (`FORECASTS`, later sessions + 1), root
    mean square of W forecast less W before each session after training and at the end.  change:
    (later sessions + 1,), the same of W less W at the end of training.  correlation:
    (`FORECASTS`,), with the change of every synapse at the end, NaN without a forecast change.
    weights, predicted: (sessions + 1, stimuli), of source 0, ``predicted`` by the consistent prior.

    Example:
        >>> small = Design(sessions=3, steps=64, training=2)
        >>> measure(small, 0.3, seed=(0,))["weights"].shape
        (4, 32)
    """
    rng = np.random.default_rng(seed)
    stimuli = simulated_stimuli(design, rng)
    trials = simulate_network(
        stimuli, naive_counts(rng), np.full(N_SOURCES, logit(d1)), expected_log=digamma
    )
    seen = trials.posterior + design.noise * rng.normal(size=trials.posterior.shape)
    phi, tables = read_training(design, stimuli, seen)
    forecasts = _forecasts(design, stimuli, phi, tables)
    true, start = trials.weights[design.training :], trials.weights[design.training]
    errors = np.array([_distance(forecast, true) for forecast in forecasts.values()])
    moved = (true[-1] - start).ravel()
    correlation = [_correlation((one[-1] - one[0]).ravel(), moved) for one in forecasts.values()]
    before = np.full((design.training, N_STIMULI), np.nan)
    return {
        "phi": phi,
        "errors": errors,
        "change": _distance(np.broadcast_to(start, true.shape), true),
        "correlation": np.array(correlation),
        "weights": trials.weights[..., 0],
        "predicted": np.concatenate([before, forecasts["consistent"][..., 0]]),
    }


def simulated_stimuli(design: Design, rng: np.random.Generator) -> list[Floats]:
    """Return the stimuli of every session, each (steps, stimuli).

    Example:
        >>> simulated_stimuli(Design(sessions=2), np.random.default_rng(0))[0].shape
        (256, 32)
    """
    n = design.sessions * design.steps
    sources = rng.integers(0, 2, (n, N_SOURCES))
    is_other = rng.random((n, N_STIMULI)) < design.mixed
    copied = np.where(is_other, 1 - _own(), _own())
    return np.split(np.take_along_axis(sources, copied, 1).astype(float), design.sessions)


def _own() -> NDArray[np.int64]:
    return np.arange(N_STIMULI) * N_SOURCES // N_STIMULI


def naive_counts(rng: np.random.Generator) -> Floats:
    """Return counts before learning, (2, 2, stimuli, sources).

    Example:
        >>> naive_counts(np.random.default_rng(0)).shape
        (2, 2, 32, 2)
    """
    lean = 0.01 * (1 + (_own()[:, None] == np.arange(N_SOURCES)))
    given = np.stack([0.5 + lean, 0.5 - lean])  # P(stimulus on), source on and off
    return np.asarray(rng.uniform(200, 400, given.shape) * np.stack([given, 1 - given]))


def read_training(design: Design, stimuli: list[Floats], seen: Floats) -> tuple[Floats, Floats]:
    """Return phi by both estimators, and counts (2, 2, 2, stimuli, sources): naive, after training.

    The fit receives one more session, whose tables are those at the end of training.

    Example:
        >>> design, rng = Design(sessions=2, training=1), np.random.default_rng(0)
        >>> phi, _ = read_training(
        ...     design, simulated_stimuli(design, rng), rng.uniform(size=(512, 2)))
        >>> phi.shape
        (2, 2)
    """
    n = design.training * design.steps
    given = np.concatenate(stimuli[: design.training + 1])
    index = np.repeat(np.arange(design.training + 1), design.steps)
    activity = np.concatenate([seen[:n], np.full((design.steps, N_SOURCES), np.nan)])
    options = Options(train_sessions=design.training, rest=0.0, evoked=1.0)
    perception = fit_perception(activity, given, index, options)
    published = mean_activity_threshold_factors(seen[:n])
    counts = perception.tables[:, :, [0, design.training]] * perception.prior_count.value
    phi = np.stack([perception.log_odds.value, published[0] - published[1]])
    return phi, np.moveaxis(counts, 2, 0)


def _forecasts(
    design: Design, stimuli: list[Floats], phi: Floats, tables: Floats
) -> dict[str, Floats]:
    """Return W before each session after training and at the end, by every forecast."""
    naive, learnt = tables
    later = stimuli[design.training :]
    log_odds = {"consistent": phi[0], "published": phi[1], "flat": np.zeros(N_SOURCES)}
    forecasts = {
        name: simulate_network(later, learnt, value).weights for name, value in log_odds.items()
    }
    share = np.arange(len(later) + 1)[:, None, None, None, None] / design.training
    again = np.log(learnt + share * (learnt - naive))
    forecasts["replay"] = (again[:, 0, 0] - again[:, 1, 0]) - (again[:, 0, 1] - again[:, 1, 1])
    forecasts["unchanged"] = np.broadcast_to(forecasts["flat"][0], forecasts["flat"].shape)
    return forecasts


def _distance(first: Floats, second: Floats) -> Floats:
    return np.asarray(np.sqrt(((first - second) ** 2).mean((1, 2))))


def _correlation(first: Floats, second: Floats) -> float:
    if first.std() == 0 or second.std() == 0:
        return float("nan")
    return float(np.corrcoef(first, second)[0, 1])


def reproduction(arrays: Mapping[str, NDArray[Any]], design: Design) -> Reproduction:
    """Return the figure of a study, its claims put to the test.

    Example:
        >>> from hebbayes.commands.configs import ReproduceConfig
        >>> from hebbayes.commands.running.progress import DEFAULT_PROGRESS
        >>> small = Design(d1=(0.3, 0.7), sessions=4, steps=64, training=2)
        >>> studied = study(small, ReproduceConfig(runs=2), DEFAULT_PROGRESS, None)
        >>> made = reproduction(studied, small)
        >>> len(made.checks)
        6
    """
    return Reproduction(
        checks=_claims(arrays, design),
        numbers=_numbers(arrays, design),
        arrays={"d1": np.array(design.d1), **arrays},
        draw=partial(_draw, arrays, design),
        caption=_caption(design, arrays["phi"].shape[1]),
    )


def _claims(arrays: Mapping[str, NDArray[Any]], design: Design) -> dict[str, bool]:
    true, phi = logit(np.array(design.d1)), arrays["phi"].mean(-1)  # (D1, runs, estimators)
    bias = np.abs(phi - true[:, None, None]).mean(1)
    consistent, _, flat, replay, _ = arrays["errors"][..., -1].transpose(2, 0, 1)
    claims = {
        "priors as published follow the true ones (correlation at least 0.95)": (
            _per_run(phi[:, :, 1], true).min() >= 0.95
        ),
        "consistent priors follow the true ones (correlation at least 0.99)": (
            _per_run(phi[:, :, 0], true).min() >= 0.99
        ),
        "the consistent estimate is nearer the truth at every D1 but 1/2": (
            (bias[:, 0] < bias[:, 1])[true != 0].all()
        ),
        "its network predicts where synapses go better than a flat prior's": (
            consistent.mean() < flat.mean()
        ),
        "and better than a replay of the first sessions, at every D1": (
            (consistent.mean(1) < replay.mean(1)).all()
        ),
        "its error is below a fifth of the change of synapses, at every D1": (
            ((consistent / arrays["change"][..., -1]).mean(1) < 0.2).all()
        ),
    }
    return {claim: bool(holds) for claim, holds in claims.items()}


def _numbers(arrays: Mapping[str, NDArray[Any]], design: Design) -> dict[str, Any]:
    true, phi = logit(np.array(design.d1)), arrays["phi"].mean(-1)
    bias = np.abs((phi - true[:, None, None]).mean(1)).max(0)
    share = arrays["errors"][..., -1] / arrays["change"][:, :, None, -1]
    numbers: dict[str, Any] = {}
    for k, name in enumerate(("consistent", "published")):
        numbers[f"slope of phi read on true phi, {name}"] = number(
            np.polyfit(true, phi[:, :, k], 1)[0]
        )
        numbers[f"largest |bias| of phi, {name}"] = {"ours": float(bias[k])}
    for k, name in enumerate(FORECASTS):
        numbers[f"error / change of synapses, {name}"] = number(share[:, :, k].mean(0))
        correlation = arrays["correlation"][:, :, k].mean(0)
        if np.isfinite(correlation).all():
            numbers[f"correlation of change of synapses, {name}"] = number(correlation)
    return numbers


def _per_run(phi: Floats, true: Floats) -> Floats:
    """Correlation over D1 of phi read (values of D1, runs) with the true one, run by run."""
    return np.array([_correlation(one, true) for one in phi.T])


def _shown(design: Design) -> int:
    """Which D1 is drawn in detail: the one nearest 0.2."""
    return int(np.argmin(np.abs(np.array(design.d1) - 0.2)))


def _draw(arrays: Mapping[str, NDArray[Any]], design: Design) -> "Figure":
    from hebbayes.plotting.priors import prior_figure

    k = _shown(design)
    return prior_figure(
        np.array(design.d1),
        arrays["phi"].mean(-1),
        {name: arrays["errors"][:, :, i] for i, name in enumerate(FORECASTS)},
        arrays["change"],
        (arrays["weights"][k, 0], arrays["predicted"][k, 0]),
        training=design.training,
        shown=k,
    )


def _caption(design: Design, runs: int) -> str:
    return (
        f"After I20 Fig. 4. {runs} networks per prior D1 learn two hidden sources for "
        f"{design.sessions} sessions of {design.steps} stimuli; their activity, with noise of "
        f"{design.noise:g}, is read in the first {design.training}. a: phi = ln D1/(1 - D1) read "
        "from the mean activity as published (squares), and consistently (circles), against the "
        "true one; mean and standard error over networks. b: weights of eight stimuli to unit 0 "
        f"of one network at D1 = {design.d1[_shown(design)]:g}, true (solid) and predicted by the "
        "network run on with the consistent prior (dashed). c: root mean square error of forecast "
        "weights there. d: the same after the last session, relative to how far weights moved, "
        "against D1. replay: the first sessions' changes repeated."
    )
