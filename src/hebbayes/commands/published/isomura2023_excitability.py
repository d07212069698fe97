"""Simulations of I23: responses of hypo-excitable, normal and hyper-excitable networks.

World and priors are those of docs/theory.md section 6, at priors D1 of 0.2, 0.5 and 0.8; the paper
simulates 100 networks of each.  Networks of one run share their random numbers at every D1.
"""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.commands import sources
from hebbayes.commands.configs import ReproduceConfig, SourcesConfig
from hebbayes.commands.published.reproduction import Reproduction, number, parts_of
from hebbayes.core.arrays import OFF, ON
from hebbayes.reverse_engineering.statistics.summaries import mean_and_error

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from hebbayes.commands.running.checkpoint import Checkpoint
    from hebbayes.commands.running.progress import Progress
    from hebbayes.commands.sources import SourcesResult

Floats = NDArray[np.float64]

PRIORS = {"hypo-excitable": 0.2, "normal": 0.5, "hyper-excitable": 0.8}
"""The prior D1 that a source is on, of each kind of network."""

PUBLISHED_RUNS = 100
EARLY_RESPONSE = {"hypo-excitable": 0.37, "normal": 0.5, "hyper-excitable": 0.63}
"""Mean response in early sessions: docs/theory.md section 9, and 1/2 by symmetry."""

_FEW = 10  # sessions that count as early, and as late


def run(
    config: ReproduceConfig, *, progress: "Progress", checkpoint: "Checkpoint | None"
) -> Reproduction:
    """Return the responses of the three kinds of network, the claims of I23 put to the test."""
    parts = parts_of(checkpoint, list(PRIORS))
    studied = {
        name: sources.run(
            SourcesConfig(runs=config.runs, seed=config.seed, d1=d1),
            progress=progress,
            checkpoint=part,
        )
        for (name, d1), part in zip(PRIORS.items(), parts)
    }
    responses = {name: one.response_by_session for name, one in studied.items()}
    return Reproduction(
        checks=_claims(studied),
        numbers=_numbers(studied),
        arrays={
            "d1": np.array(list(PRIORS.values())),
            "response_by_session": np.stack(list(responses.values())),
            "correlation": np.stack([one.correlation for one in studied.values()]),
        },
        draw=partial(_draw, responses),
        caption=(
            "After the simulations of I23. Mean response of each unit while its own source is on "
            f"(triangles) and off (circles), {config.runs} networks per prior D1 (the paper: "
            f"{PUBLISHED_RUNS}); bands are standard errors over networks. A hypo-excitable network "
            "misses sources that are on, a hyper-excitable one reports sources that are off."
        ),
        notes=(
            "Reference beside: mean responses in early sessions by docs/theory.md section 9. The "
            "claims put to the test are those of the paper in words.",
        ),
    )


def _late(result: "SourcesResult", value: int) -> Floats:
    """Mean response of each run in late sessions, source on or off."""
    return np.asarray(result.response_by_session[:, -_FEW:, :, value].mean((1, 2)))


def _early(result: "SourcesResult") -> Floats:
    return np.asarray(result.response_by_session[:, :_FEW].mean((1, 2, 3)))


def _exceeds(first: Floats, second: Floats) -> bool:
    """Whether ``first`` exceeds ``second`` by more than 3 standard errors, run by run."""
    gain, error = mean_and_error(first - second)
    return bool(gain > 3 * error)


def _claims(studied: Mapping[str, "SourcesResult"]) -> dict[str, bool]:
    hypo, normal, hyper = studied.values()
    encoding = [one.correlation.mean(1) for one in (hypo, normal, hyper)]
    return {
        "before much is learnt, hypo-excitable networks respond less and hyper-excitable more": (
            _exceeds(_early(normal), _early(hypo)) and _exceeds(_early(hyper), _early(normal))
        ),
        "normal networks come to tell their source on from off": _exceeds(
            _late(normal, ON), _late(normal, OFF)
        ),
        "hyper-excitable networks report sources that are off more than normal ones do": _exceeds(
            _late(hyper, OFF), _late(normal, OFF)
        ),
        "hypo-excitable networks miss sources that are on more than normal ones do": _exceeds(
            _late(normal, ON), _late(hypo, ON)
        ),
        "both encode their sources worse than normal networks": (
            _exceeds(encoding[1], encoding[0]) and _exceeds(encoding[1], encoding[2])
        ),
    }


def _numbers(studied: Mapping[str, "SourcesResult"]) -> dict[str, Any]:
    numbers: dict[str, Any] = {}
    for name, one in studied.items():
        early = {"reference": EARLY_RESPONSE[name]}
        numbers[f"{name}, response in early sessions"] = number(_early(one), **early)
        numbers[f"{name}, late response, source on"] = number(_late(one, ON))
        numbers[f"{name}, late response, source off"] = number(_late(one, OFF))
        numbers[f"{name}, correlation with its source"] = number(one.correlation.mean(1))
    return numbers


def _draw(responses: Mapping[str, Floats]) -> "Figure":
    from hebbayes.plotting.sources import draw_response_panels

    titles = [f"{name}, D1 = {PRIORS[name]:g}" for name in responses]
    return draw_response_panels(dict(zip(titles, responses.values())))
