"""The cultures to analyse: those of a file, or the embedded simulated one."""

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hebbayes.commands.check import check_reading, read
from hebbayes.core.errors import ValueRangeError
from hebbayes.data.recording import Cultures
from hebbayes.simulators import EXAMPLE, EXAMPLE_NETWORK, SimulatedCulture, simulate_culture

if TYPE_CHECKING:
    from hebbayes.commands.configs import AnalyzeConfig


@dataclass(frozen=True, eq=False)
class Request:
    """The cultures to analyse.

    Attributes:
        held: Every culture of the file.
        numbers: Those to analyse.
        truth: The simulation behind the embedded culture; None for a file.
        seconds: Wall time of reading.
        seconds_simulation: Wall time of the simulation; 0 for a file.
    """

    held: Cultures
    numbers: tuple[int, ...]
    truth: SimulatedCulture | None
    seconds: float
    seconds_simulation: float


def read_request(config: "AnalyzeConfig") -> Request:
    """Return the cultures that ``config`` selects.

    Raises `HebbayesError` if a value is out of range, the file cannot be read, or a culture does
    not exist.

    Example:
        >>> from hebbayes.commands.configs import AnalyzeConfig
        >>> read_request(AnalyzeConfig()).numbers
        (0,)
    """
    _check(config)
    started = time.perf_counter()
    if config.file is None:
        truth = _embedded(config)
        held = Cultures(config.condition or "simulated", {0: truth.recording})
        return Request(held, _numbers(config, held), truth, 0.0, time.perf_counter() - started)
    held = read(config.file, config)
    return Request(held, _numbers(config, held), None, time.perf_counter() - started, 0.0)


def _embedded(config: "AnalyzeConfig") -> SimulatedCulture:
    """Return a culture that the protocol describes."""
    if config.protocol == "isomura2023":
        return simulate_culture(EXAMPLE, seed=config.seed)
    return simulate_culture(EXAMPLE_NETWORK, seed=config.seed, expected_log=np.log)


def _check(config: "AnalyzeConfig") -> None:
    if config.baseline is not None and not 0 < config.baseline < np.inf:
        raise ValueRangeError(f"--baseline must be above 0; got {config.baseline}.")
    if config.train_sessions < 1:
        raise ValueRangeError(f"--train-sessions must be at least 1; got {config.train_sessions}.")
    if config.workers < 0:
        raise ValueRangeError(f"--workers must be at least 0 (one per core); got {config.workers}.")
    if config.n_ensembles < 0:
        raise ValueRangeError(
            f"--n-ensembles must be at least 0 (held-out trials choose); got {config.n_ensembles}."
        )
    check_reading(config)
    if config.culture != "all" and not config.culture.isdecimal():
        raise ValueRangeError(f"--culture must be all or a number from 0; got {config.culture}.")
    _check_fit(config)


def _check_fit(config: "AnalyzeConfig") -> None:
    """Refuse options that would do nothing."""
    if config.paired and not config.compare:
        raise ValueRangeError("--paired needs a comparison; name the other file with --compare.")
    if config.protocol == "causal" and config.baseline is not None:
        raise ValueRangeError("--baseline belongs to --protocol isomura2023; leave it out.")
    if config.protocol == "isomura2023" and config.compare:
        raise ValueRangeError("--compare belongs to --protocol causal; leave it out.")
    if config.ensembles == "labels" and config.n_ensembles:
        raise ValueRangeError("--n-ensembles belongs to --ensembles auto; labels have their own.")
    if config.compare and config.file is None:
        raise ValueRangeError("--compare needs a recording to compare with; name its file first.")


def _numbers(config: "AnalyzeConfig", held: Cultures) -> tuple[int, ...]:
    every = sorted([*held.recordings, *held.failures])
    if config.culture == "all":
        return tuple(every)
    if int(config.culture) not in every:
        raise ValueRangeError(
            f"--culture must be all or a number from 0 to {every[-1]}; got {config.culture}."
        )
    return (int(config.culture),)
