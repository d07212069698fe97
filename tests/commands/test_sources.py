"""Blind source separation against the published result, and its limits."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hebbayes.commands.configs import SourcesConfig
from hebbayes.commands.running.checkpoint import Checkpoint
from hebbayes.commands.running.outcome import plain
from hebbayes.commands.sources import (
    SWEEP,
    own_correlation,
    present,
    run,
)
from hebbayes.core.errors import ValueRangeError

SMALL = SourcesConfig(sessions=12, steps=200)


@pytest.fixture(scope="module")
def published() -> Any:
    return run(SourcesConfig(runs=1))


@pytest.fixture(scope="module")
def swept() -> Any:
    return run(replace(SMALL, runs=2, sweep=True))


def test_sources_are_separated_as_published(published: Any) -> None:
    # reference: 0.89 and 0.93 in one run; runs differ by about 0.03
    assert published.correlation.min() > 0.80
    assert published.correlation.max() < 0.97
    assert abs(published.correlation.mean() - 0.91) < 0.06


def test_learning_makes_responses_selective_and_free_energy_fall(published: Any) -> None:
    on, off = np.moveaxis(published.response_by_session, -1, 0)
    assert np.all(on[:, -10:].mean(1) > on[:, :2].mean(1))
    assert np.all(off[:, -10:].mean(1) < off[:, :2].mean(1))
    nats = published.free_energy_by_session
    assert np.all(nats[:, -10:].mean(1) < nats[:, 0] - 1000)
    assert np.all(np.diff(published.divergence_by_session[:, [0, 10, 50, 99]]) > 0)


def test_synapses_become_what_the_world_does(published: Any) -> None:
    # P(stimulus | own source on) = 3/4 + 1/4 x 1/2, beliefs are a little less sure than that
    own = published.synapses[:, 0, :16, 0]
    np.testing.assert_allclose(own.mean(), 0.875, atol=0.05)
    np.testing.assert_allclose(published.synapses[:, 1, :16, 0].mean(), 0.125, atol=0.05)


@pytest.mark.thorough
def test_the_right_prior_separates_best(swept: Any) -> None:
    own = own_correlation(swept.sweep).mean(1)
    right = int(np.argmin(np.abs(SWEEP - 0.5)))
    assert own[right] > own[[0, 3, -4, -1]].max() + 0.05
    other = np.abs(swept.sweep[right][:, [0, 1], [1, 0]]).mean()
    assert own[right] > other + 0.3
    assert abs(own[0] - np.abs(swept.sweep[0][:, [0, 1], [1, 0]]).mean()) < 0.1


def test_the_sweep_repeats_the_run_at_its_own_prior(swept: Any) -> None:
    right = int(np.argmin(np.abs(SWEEP - 0.5)))
    np.testing.assert_array_equal(swept.sweep[right], swept.cross_correlation)
    alone = run(replace(SMALL, runs=2))
    np.testing.assert_array_equal(alone.cross_correlation, swept.cross_correlation)
    assert not np.array_equal(alone.correlation, run(replace(SMALL, runs=2, seed=1)).correlation)


@pytest.mark.parametrize("d1", [0.0, 1.0])
def test_a_certain_prior_stays_and_leaves_the_correlation_undefined(d1: float) -> None:
    result = run(replace(SMALL, d1=d1))
    np.testing.assert_array_equal(result.response_by_session, d1)
    assert np.isfinite(result.free_energy_by_session).all()
    outcome = present(result)
    assert plain(outcome.summary)["correlation"] == [[None, None]]
    assert any("2 of 2 correlations are undefined" in note for note in outcome.notes)


def test_a_single_step_measures_what_it_can() -> None:
    result = run(SourcesConfig(sessions=1, steps=1))
    assert np.isnan(result.correlation).all()
    assert np.isnan(result.response_by_session).sum() == 2  # each source is either on or off


def test_a_killed_study_resumes_to_the_same_arrays(tmp_path: Path) -> None:
    class Fragile(Checkpoint):
        def save(self, arrays: Any) -> None:
            super().save(arrays)
            if len(arrays["synapses"]) == 2:
                raise KeyboardInterrupt

    config, path = replace(SMALL, runs=3), tmp_path / "checkpoint.npz"
    with pytest.raises(KeyboardInterrupt):
        run(config, checkpoint=Fragile(path))
    resumed = present(run(config, checkpoint=Checkpoint(path))).arrays
    whole = present(run(config)).arrays
    assert resumed.keys() == whole.keys()
    for name, values in whole.items():
        assert values.tobytes() == resumed[name].tobytes(), name


def test_outcome_has_the_contract_s_keys_and_figures(swept: Any) -> None:
    outcome = present(swept)
    assert {"correlation", "response_by_session", "free_energy_by_session", "sweep"} <= set(
        outcome.summary
    )
    summary = plain(outcome.summary)
    assert np.shape(summary["correlation"]) == (2, 2)
    assert np.shape(summary["response_by_session"]) == (2, 12, 2, 2)
    assert np.shape(summary["sweep"]["standard_error"]) == (19,)
    assert set(outcome.figures) == {"sources", "sweep"}
    for draw in outcome.figures.values():
        assert draw().axes


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"d1": 1.5}, "--d1 must lie between 0.0 and 1.0; got 1.5."),
        ({"d1": float("nan")}, "--d1 must lie between 0.0 and 1.0; got nan."),
        ({"sessions": 0}, "--sessions must be at least 1; got 0."),
        ({"steps": 0}, "--steps must be at least 1; got 0."),
        ({"runs": 0}, "--runs must be at least 1; got 0."),
    ],
)
def test_an_impossible_study_is_refused(wrong: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueRangeError) as caught:
        run(replace(SMALL, **wrong))
    assert str(caught.value) == sentence
