"""Losses from Gram matrices."""

import numpy as np
import pytest

from hebbayes.reverse_engineering.forecasting.contract import (
    ChangeForecaster,
    forecast_open_loop,
)
from hebbayes.reverse_engineering.forecasting.nulls.static import Constant, Linear, Saturated
from hebbayes.reverse_engineering.forecasting.scoring import (
    combined_loss,
    losses,
    score,
)
from hebbayes.reverse_engineering.forecasting.sessions import split_sessions
from hebbayes.reverse_engineering.forecasting.targets import (
    condition_means,
    ensemble_means,
    selectivity_change,
    unit_counts,
)

from .recordings import small_recording


def targets(split):
    return {
        "counts": unit_counts,
        "ensembles": ensemble_means([np.array([0, 2]), np.array([1, 3])]),
        "conditions": condition_means,
        "selectivity": selectivity_change(split),
    }


@pytest.mark.parametrize("name", ["counts", "ensembles", "conditions", "selectivity"])
def test_losses_from_products_are_squared_errors_of_the_target(name: str) -> None:
    split = split_sessions(small_recording(is_ragged=True, unobserved=0.2), 3)
    target, models = targets(split)[name], {"constant": Constant(), "linear": Linear()}
    found = losses(score(split, models, target=target))
    for key, model in models.items():
        wrong = [
            (target(s.responses, s) - target(f, s)).ravel()
            for s, f in zip(split.later, forecast_open_loop(model, split))
        ]
        assert found[key] == pytest.approx(np.nanmean(np.concatenate(wrong) ** 2), rel=1e-9)


def test_terms_of_change_have_no_loss_of_their_own_but_can_be_added() -> None:
    class Term(ChangeForecaster):
        def fit(self, training):
            return None

        def predict(self, state, stimuli):
            return np.full((len(stimuli), 5), 2.0)

    split = split_sessions(small_recording(), 3)
    scores = score(split, {"saturated": Saturated(), "term": Term()})
    assert list(losses(scores)) == ["saturated"]
    forecast = forecast_open_loop(Saturated(), split)
    direct = np.mean([(s.responses - f - 0.5 * 2) ** 2 for s, f in zip(split.later, forecast)])
    assert combined_loss(scores.gram, np.array([1.0, 0.5])) == pytest.approx(direct)
