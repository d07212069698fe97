"""Losses in the table are those of the scores, and the theory stands among them."""

import numpy as np
import pytest

from hebbayes.reverse_engineering.forecasting.culture import gather, score_culture
from hebbayes.reverse_engineering.forecasting.loss_table import loss_rows
from hebbayes.simulators import CultureDesign, simulate_culture

DESIGN = CultureDesign(n_units=6, n_sessions=10, n_trials=64)


@pytest.fixture(scope="module")
def scored():
    return {k: score_culture(simulate_culture(DESIGN, seed=k).recording, 5) for k in range(3)}


def test_one_recording_has_intervals_over_its_sessions(scored) -> None:
    forecasts = gather({0: scored[0]}, seed=0)
    rows = {row.name: row for row in loss_rows(forecasts, {0: scored[0]}, seed=0)}
    for name, loss in forecasts.losses.items():
        assert rows[name].loss.value == pytest.approx(loss.value)
    assert rows["constant"].loss.low < rows["constant"].loss.value < rows["constant"].loss.high
    assert rows["saturated"].loss.as_tuple() == pytest.approx((1.0, 1.0, 1.0))
    best, theory = rows["best null"].loss, rows["best null and theory"].loss
    gain = forecasts.within[0].gain
    assert theory.value == pytest.approx(best.value * (1 - gain.value))
    assert (theory.low, theory.high) == pytest.approx(
        (best.value * (1 - gain.high), best.value * (1 - gain.low))
    )


def test_several_recordings_have_the_verdict_over_them(scored) -> None:
    forecasts = gather(scored, seed=0)
    rows = {row.name: row for row in loss_rows(forecasts, scored, seed=0)}
    folds = forecasts.verdict.folds
    gains = [1 - fold.loss / fold.null_loss for fold in folds]
    assert np.mean(gains) == pytest.approx(forecasts.verdict.gain.value)
    theory = rows["best null and theory"]
    assert theory.role == "theory"
    assert theory.loss.low < theory.loss.value < theory.loss.high
    assert {row.role for row in rows.values()} == {"null", "theory", "bound"}
