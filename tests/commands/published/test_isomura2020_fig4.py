"""Priors read from early activity: against the truth, resumable, claims that can fail."""

from typing import Any

import numpy as np
import pytest
from scipy.special import logit

from hebbayes.commands.configs import ReproduceConfig
from hebbayes.commands.published import isomura2020_fig4
from hebbayes.commands.published.isomura2020_fig4 import (
    FORECASTS,
    Design,
    reproduction,
    study,
)
from hebbayes.commands.reproduce import present, run
from hebbayes.commands.running.checkpoint import Checkpoint
from hebbayes.commands.running.progress import DEFAULT_PROGRESS
from hebbayes.simulators.networks import simulate_network

CONFIG = ReproduceConfig("isomura2020-fig4", runs=2)
SMALL = Design(d1=(0.2, 0.5, 0.8), sessions=30, steps=96, training=8, noise=0.05)

Found = dict[str, np.ndarray]


@pytest.fixture(scope="module")
def result() -> Found:
    return study(SMALL, CONFIG, DEFAULT_PROGRESS, None)


def failing(result: Found) -> list[str]:
    return [claim for claim, holds in reproduction(result, SMALL).checks.items() if not holds]


def test_every_claim_holds_in_a_small_study_with_little_noise(result: Found) -> None:
    assert failing(result) == []


def test_the_consistent_prior_is_the_true_one_and_the_published_one_is_shrunk(
    result: Found,
) -> None:
    true, phi = logit(np.array(SMALL.d1)), result["phi"].mean((1, 3))
    np.testing.assert_allclose(phi[:, 0], true, atol=0.25)
    assert (np.abs(phi[[0, 2], 1]) < 0.7 * np.abs(true[[0, 2]])).all()


@pytest.mark.parametrize(
    ("name", "change", "broken"),
    [
        (
            "phi",
            lambda v: v * [[1.0], [0.0]] + np.arange(3).reshape(3, 1, 1, 1) % 2,
            "as published",
        ),
        ("phi", lambda v: v[:, :, ::-1], "the consistent estimate is nearer"),
        ("phi", lambda v: -v, "consistent priors follow"),
        ("errors", lambda v: v[:, :, [2, 1, 0, 3, 4]], "its network predicts"),
        ("errors", lambda v: v[:, :, [3, 1, 2, 0, 4]], "better than a replay"),
        ("errors", lambda v: v + 0.3, "below a fifth"),
    ],
)
def test_each_claim_can_fail(result: Found, name: str, change: Any, broken: str) -> None:
    assert any(broken in claim for claim in failing(result | {name: change(result[name])}))


def test_forecasts_start_where_training_ends(result: Found) -> None:
    errors = result["errors"][:, :, :, 0]
    np.testing.assert_allclose(errors, np.broadcast_to(errors[:, :, :1], errors.shape), rtol=1e-9)
    assert (errors < 0.5).all()
    assert (result["change"][..., 0] == 0).all()
    assert (result["errors"][:, :, FORECASTS.index("consistent"), -1] < 0.2).all()


def test_nothing_is_read_after_training() -> None:
    rng = np.random.default_rng(3)
    stimuli = isomura2020_fig4.simulated_stimuli(SMALL, rng)
    trials = simulate_network(stimuli, isomura2020_fig4.naive_counts(rng), np.full(2, -1.0))
    seen = trials.posterior + 0.05 * rng.normal(size=trials.posterior.shape)
    spoilt = np.where(np.arange(len(seen))[:, None] < SMALL.training * SMALL.steps, seen, 0.123)
    first, second = (isomura2020_fig4.read_training(SMALL, stimuli, one) for one in (seen, spoilt))
    for known, result in zip(first, second):
        assert np.isfinite(known).all()
        np.testing.assert_array_equal(result, known)


def test_a_study_goes_on_where_it_was_interrupted(result: Found, tmp_path: Any) -> None:
    flat = {name: values.reshape(-1, *values.shape[2:]) for name, values in result.items()}
    checkpoint = Checkpoint(tmp_path / "checkpoint.npz")
    checkpoint.save({name: values[:5] for name, values in flat.items()})
    again = study(SMALL, CONFIG, DEFAULT_PROGRESS, checkpoint)
    for name, values in result.items():
        np.testing.assert_array_equal(again[name], values)


def test_the_figure_is_whole(result: Found, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isomura2020_fig4, "PUBLISHED_DESIGN", SMALL)
    monkeypatch.setattr(isomura2020_fig4, "study", lambda *_: result)
    outcome = present(run(CONFIG))
    assert "slope of phi read on true phi, published" in outcome.summary["numbers"]
    figure = outcome.figures["isomura2020-fig4"]()
    figure.draw_without_rendering()
    box, (width, height) = figure.get_tightbbox(), figure.get_size_inches()
    assert min(box.x0, box.y0, width - box.x1, height - box.y1) >= 0


@pytest.mark.slow
def test_priors_are_read_and_predict_synapses_at_the_published_size() -> None:
    outcome = present(run(CONFIG))
    assert outcome.holds, outcome.summary["checks"]
