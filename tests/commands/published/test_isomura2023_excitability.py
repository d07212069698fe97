"""Hypo- and hyper-excitable networks of I23: every claim holds where it should, and can fail."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from hebbayes.commands import sources
from hebbayes.commands.configs import ReproduceConfig, SourcesConfig
from hebbayes.commands.reproduce import present, run
from hebbayes.commands.sources import SourcesResult

ON_OFF = {0.2: (0.5, 0.1), 0.5: (0.9, 0.1), 0.8: (0.9, 0.5)}
"""Late responses to a source that is on, and off, by prior."""


def result_at(d1: float, on_off: dict[float, tuple[float, float]]) -> SourcesResult:
    jitter = np.array([-0.001, 0.0, 0.001])[:, None, None]
    share = np.linspace(0, 1, 40)[:, None, None]
    late = np.array(on_off[d1])
    response = (1 - share) * (0.5 + 0.45 * (d1 - 0.5)) + share * late + jitter[..., None]
    correlation = late[0] - late[1] + jitter[..., 0] * np.ones((3, 2))
    return SourcesResult(
        config=SourcesConfig(runs=3, d1=d1),
        correlation=correlation,
        cross_correlation=np.zeros((3, 2, 2)),
        response_by_session=np.broadcast_to(response, (3, 40, 2, 2)),
        free_energy_by_session=np.ones((3, 40)),
        divergence_by_session=np.ones((3, 40)),
        synapses=np.full((3, 2, 32, 2), 0.5),
        sweep=None,
        seconds=1.0,
        seconds_compile=1.0,
    )


def failing(monkeypatch: pytest.MonkeyPatch, change: dict[float, tuple[float, float]]) -> Any:
    given = ON_OFF | change
    monkeypatch.setattr(sources, "run", lambda config, **_: result_at(config.d1, given))
    outcome = present(run(ReproduceConfig("isomura2023-excitability", runs=3)))
    checks = outcome.summary["checks"]
    return [k for k, claim in enumerate(checks) if not checks[claim]], outcome


def test_claims_hold_of_networks_that_miss_and_report_what_is_not_there(monkeypatch) -> None:
    broken, outcome = failing(monkeypatch, {})
    assert broken == []
    numbers = outcome.summary["numbers"]
    late = np.linspace(0, 1, 40)[-10:].mean()
    expected = (1 - late) * (0.5 + 0.45 * 0.3) + late * 0.5
    off = numbers["hyper-excitable, late response, source off"]
    assert off["ours"] == pytest.approx(expected)
    assert numbers["hypo-excitable, response in early sessions"]["reference"] == 0.37
    assert outcome.figures["isomura2023-excitability"]().get_supxlabel() != ""


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        ({0.5: (0.1, 0.9)}, [1, 2, 3, 4]),
        ({0.8: (0.9, 0.05)}, [2, 4]),
        ({0.2: (0.95, 0.1)}, [3, 4]),
    ],
)
def test_each_claim_can_fail(monkeypatch, change, broken) -> None:
    assert failing(monkeypatch, change)[0] == broken


def test_networks_that_respond_alike_before_learning_break_the_first_claim(monkeypatch) -> None:
    monkeypatch.setattr(
        sources, "run", lambda config, **_: replace(result_at(0.5, ON_OFF), config=config)
    )
    checks = present(run(ReproduceConfig("isomura2023-excitability", runs=3))).summary["checks"]
    assert not next(iter(checks.values()))
