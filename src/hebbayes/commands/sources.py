"""Blind source separation: a network learns the hidden sources of its stimuli without labels.

Two hidden sources, 32 stimuli, exact variational Bayes (digamma), learning after every step, and a
prior D1 that is right at 1/2 and wrong elsewhere (I20; docs/theory.md section 6).  Runs and the
sweep over D1 share their random numbers, so that only D1 differs.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Float, PRNGKeyArray
from numpy.typing import NDArray

from hebbayes.commands.running.checkpoint import Arrays, measure_each
from hebbayes.commands.running.memory import check_memory
from hebbayes.commands.running.outcome import Outcome, Table
from hebbayes.commands.running.progress import DEFAULT_PROGRESS, Progress
from hebbayes.commands.running.result import CommandResult
from hebbayes.core.arrays import ON
from hebbayes.core.checks import check_at_least, check_between, check_seed
from hebbayes.core.counts import Counts, beta_divergence
from hebbayes.environments.hidden_sources import (
    HiddenSources,
    block_mixing,
    draw_mixtures,
    hidden_sources,
    naive_model,
)
from hebbayes.reverse_engineering.statistics.summaries import correlations, mean_and_error

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from hebbayes.commands.configs import SourcesConfig
    from hebbayes.commands.running.checkpoint import Checkpoint

N_SOURCES, N_STIMULI = 2, 32
SWEEP = np.arange(1, 20) / 20
"""D1 of the sweep."""


@dataclass(frozen=True)
class SourcesResult(CommandResult):
    """Measurements of all runs; a correlation is NaN if its posterior never changes.

    Attributes:
        config: Options of the command.
        correlation: (runs, sources), each source with its own posterior, second half.
        cross_correlation: (runs, sources, states), every source with every posterior.
        response_by_session: (runs, sessions, states, 2), mean posterior, source on and off.
        free_energy_by_session: (runs, sessions), nats, without the divergence of the parameters.
        divergence_by_session: (runs, sessions), nats, KL of the parameters at a session's end.
        synapses: (runs, 2, stimuli, states), learnt P(stimulus on | source on, off).
        sweep: (values of D1, runs, sources, states), cross-correlations at `SWEEP`; None if there
            was no sweep.
        seconds: Wall time of the runs.
        seconds_compile: Wall time of the compilation.
    """

    config: "SourcesConfig"
    correlation: NDArray[Any]
    cross_correlation: NDArray[Any]
    response_by_session: NDArray[Any]
    free_energy_by_session: NDArray[Any]
    divergence_by_session: NDArray[Any]
    synapses: NDArray[Any]
    sweep: NDArray[Any] | None
    seconds: float
    seconds_compile: float


def run(
    config: "SourcesConfig",
    *,
    progress: Progress = DEFAULT_PROGRESS,
    checkpoint: "Checkpoint | None" = None,
) -> SourcesResult:
    """Return what ``config.runs`` networks learnt; a run that a checkpoint holds is not repeated.

    Raises `ValueRangeError`.
    """
    _check(config)
    conditions = [config.d1, *(SWEEP if config.sweep else ())]
    tasks = [(d1, number) for d1 in conditions for number in range(config.runs)]
    started = time.perf_counter()
    draw_run = _compiled(config.sessions, config.steps, jnp.zeros(()).dtype)
    compiled = time.perf_counter()

    def separated(d1: float, number: int) -> Arrays:
        key = jax.random.fold_in(jax.random.key(config.seed), number)
        return _simulate(draw_run, d1, key)

    progress.start("separating sources", len(tasks))
    measures = measure_each(tasks, separated, _status, progress=progress, checkpoint=checkpoint)
    return _result(config, measures, time.perf_counter() - compiled, compiled - started)


def _status(task: tuple[float, int], measures: Arrays) -> str:
    correlation = np.diagonal(measures["cross_correlation"])
    return f"D1 {task[0]:.2f}, correlation {np.round(correlation, 2)}"


def _check(config: "SourcesConfig") -> None:
    check_between("--d1", config.d1, 0.0, 1.0)
    check_at_least("--sessions", config.sessions, 1)
    check_at_least("--steps", config.steps, 1)
    check_at_least("--runs", config.runs, 1)
    check_memory("sessions x steps", config.sessions * config.steps, 8 * 2 * N_STIMULI)
    check_memory("--sessions", config.sessions, 2 * 8 * 4 * N_STIMULI * N_SOURCES)
    per_run = 8 * (6 * config.sessions + 3 * N_SOURCES * N_STIMULI)
    check_memory("--runs", config.runs, per_run * (1 + len(SWEEP) * config.sweep))
    check_seed(config.seed)


def _simulate(draw: Callable[..., Any], d1: float, key: PRNGKeyArray) -> Arrays:
    """Draw one run, compiled by JAX, and live it, compiled by Numba."""
    from hebbayes.agents.kernels.separation import separate_sources

    sources, stimuli, prior = (np.asarray(part) for part in draw(jnp.asarray(d1, float), key))
    found = separate_sources(prior, np.outer([d1, 1 - d1], np.ones(N_SOURCES)), stimuli)
    learnt = found.counts[-1]
    measures = _measured(sources, found.posterior)
    return measures | {
        "free_energy_by_session": found.free_energy,
        "divergence_by_session": np.asarray(_divergences(prior, found.counts)),
        "synapses": learnt[ON] / learnt.sum(0),
    }


@jax.jit
def _divergences(prior: Array, counts: Array) -> Array:
    """KL divergence of the parameters from their prior, of each of ``counts``."""
    return jax.lax.map(lambda after: beta_divergence(Counts(prior, after - prior)), counts)


def _draw(
    world: HiddenSources, d1: Float[Array, ""], key: PRNGKeyArray, *, sessions: int, steps: int
) -> tuple[Array, Array, Array]:
    """Return sources, stimuli and the model's counts of one run."""
    model_key, world_key = jax.random.split(key)
    seen = draw_mixtures(world, sessions * steps, key=world_key)
    model = naive_model(N_STIMULI, jnp.full(N_SOURCES, d1), key=model_key)
    sources, stimuli = (
        values.reshape(sessions, steps, -1).astype(bool) for values in (seen.sources, seen.stimuli)
    )
    return sources, stimuli, model.likelihood.prior


@lru_cache(maxsize=4)
def _compiled(sessions: int, steps: int, dtype: jnp.dtype) -> Callable[..., Any]:
    world = hidden_sources(block_mixing(N_STIMULI, N_SOURCES))
    draw_run = partial(_draw, world, sessions=sessions, steps=steps)
    return jax.jit(draw_run).lower(jnp.zeros((), dtype), jax.random.key(0)).compile()


def _measured(sources: NDArray[Any], x: NDArray[Any]) -> Arrays:
    s = sources.astype(float)
    second_half = slice(s.shape[0] * s.shape[1] // 2, None)
    flat_s, flat_x = s.reshape(-1, s.shape[-1]), x.reshape(-1, x.shape[-1])
    return {
        "cross_correlation": correlations(flat_s[second_half], flat_x[second_half]),
        "response_by_session": np.stack([_mean_where(x, s), _mean_where(x, 1 - s)], axis=-1),
    }


def _mean_where(values: NDArray[Any], weight: NDArray[Any]) -> NDArray[Any]:
    """Mean over the entries of axis 1 whose ``weight`` is 1; NaN if there are none."""
    n = weight.sum(1)
    return np.divide((values * weight).sum(1), n, out=np.full(n.shape, np.nan), where=n > 0)


def _result(
    config: "SourcesConfig", all_runs: Arrays, seconds: float, seconds_compile: float
) -> SourcesResult:
    measures = {name: values[: config.runs] for name, values in all_runs.items()}
    rest = all_runs["cross_correlation"][config.runs :]
    return SourcesResult(
        config=config,
        correlation=np.diagonal(measures["cross_correlation"], axis1=1, axis2=2),
        sweep=rest.reshape(-1, config.runs, N_SOURCES, N_SOURCES) if config.sweep else None,
        seconds=seconds,
        seconds_compile=seconds_compile,
        **measures,
    )


def own_correlation(sweep: NDArray[Any]) -> NDArray[Any]:
    """Return |correlation| of source and own posterior, mean over sources: (values of D1, runs).

    Example:
        >>> own_correlation(np.array([[[[0.9, 0.1], [0.2, -0.7]]]])).round(2).tolist()
        [[0.8]]
    """
    return np.abs(np.diagonal(sweep, axis1=-2, axis2=-1)).mean(-1)


def present(result: SourcesResult) -> Outcome:
    """Return correlations, free energy and synapses of all runs, with tables and figures."""
    summary: dict[str, Any] = {
        "correlation": result.correlation,
        "response_by_session": result.response_by_session,
        "free_energy_by_session": result.free_energy_by_session,
        "divergence_by_session": result.divergence_by_session,
        "seconds": result.seconds,
        "seconds_compile": result.seconds_compile,
    }
    arrays = {
        name: getattr(result, name)
        for name in (*list(summary)[:4], "cross_correlation", "synapses")
    }
    tables, figures = [_correlation_table(result)], {"sources": partial(draw, result)}
    if result.sweep is not None:
        mean, error = mean_and_error(own_correlation(result.sweep))
        arrays |= {"sweep_d1": SWEEP, "sweep": result.sweep}
        summary["sweep"] = {"d1": SWEEP, "correlation": mean, "standard_error": error}
        rows = list(zip(SWEEP, mean, error))
        tables.append(Table("Sweep over D1", ("D1", "mean |correlation|", "s.e."), rows))
        figures["sweep"] = partial(_draw_sweep, result.sweep)
    return Outcome(
        summary=summary,
        arrays=arrays,
        tables=tables,
        notes=_notes(result),
        figures=figures,
        next_command="hebbayes reproduce isomura2020-fig2 --out runs/isomura2020-fig2",
    )


def _correlation_table(result: SourcesResult) -> Table:
    first, last = result.free_energy_by_session[:, 0], result.free_energy_by_session[:, -1]
    return Table(
        f"Source and posterior, second half of {result.config.sessions} sessions, "
        f"D1 = {result.config.d1:g}",
        ("run", *(f"correlation {i}" for i in range(N_SOURCES)), "F first", "F last session"),
        [(i, *result.correlation[i], first[i], last[i]) for i in range(result.config.runs)],
    )


def _notes(result: SourcesResult) -> list[str]:
    notes = ["F is the free energy of a session in nats, without the divergence of parameters."]
    undefined = int(np.isnan(result.correlation).sum())
    if undefined:
        notes.append(
            f"{undefined} of {result.correlation.size} correlations are undefined: the posterior "
            "(or the source) never changes, as with a D1 of exactly 0 or 1."
        )
    return notes


def draw(result: SourcesResult, reference: NDArray[Any] | None = None) -> "Figure":
    """Return responses, free energy, synapses and correlations, beside those of a reference.

    Example:
        >>> from hebbayes.commands.configs import SourcesConfig
        >>> len(draw(run(SourcesConfig(sessions=2, steps=4))).axes)  # the sixth is a colour bar
        6
    """
    from hebbayes.plotting.sources import draw_separation

    return draw_separation(
        result.response_by_session,
        result.free_energy_by_session,
        result.synapses[0],
        result.correlation,
        reference,
    )


def _draw_sweep(sweep: NDArray[Any]) -> "Figure":
    from hebbayes.plotting.sources import draw_sweep_panels

    return draw_sweep_panels(SWEEP, np.abs(sweep))
