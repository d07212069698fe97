"""Change of responses by canonical synapses."""

import numpy as np
from scipy.special import expit, logit

from hebbayes.reverse_engineering.forecasting.contract import (
    forecast_open_loop,
)
from hebbayes.reverse_engineering.forecasting.nulls.static import Saturated
from hebbayes.reverse_engineering.forecasting.sessions import split_sessions
from hebbayes.reverse_engineering.forecasting.theory.canonical import CanonicalChange

from ..recordings import small_recording


def unit_tables(stimuli: np.ndarray, activity: np.ndarray, prior: float) -> np.ndarray:
    tables = np.full((2, 2, stimuli.shape[1]), prior)
    for o, x in zip(stimuli, activity):
        for value in (0, 1):
            on = o if value == 0 else 1 - o
            tables[value, 0] += on * x
            tables[value, 1] += on * (1 - x)
    return tables


def test_canonical_change_is_that_of_one_unit_counted_by_hand() -> None:
    split = split_sessions(small_recording(units=1, sessions=3), 2)
    stimuli = [s.stimuli for s in split.training]
    evoked = Saturated(is_shrunk=True)
    fitted = np.concatenate([evoked.predict(evoked.fit(split.training), o) for o in stimuli])[:, 0]
    low, high = np.quantile(fitted, [0.05, 0.95])
    x = [np.clip((s.responses[:, 0] - low) / (high - low), 0, 1) for s in split.training]
    factor = logit(np.concatenate(x).mean())

    def rate(tables, o):
        p = tables / tables.sum(0)  # P(stimulus value | activity value)
        log_odds = factor + sum(
            np.where(o[:, i] == 1, *np.log(p[:, 0, i] / p[:, 1, i])) for i in range(o.shape[1])
        )
        return expit(log_odds)

    now = unit_tables(np.concatenate(stimuli), np.concatenate(x), 50.0)
    before = [np.full(now.shape, 50.0), unit_tables(stimuli[0], x[0], 50.0)]
    o = split.later[0].stimuli
    expected = (high - low) * (rate(now, o) - np.mean([rate(b, o) for b in before], axis=0))
    found = forecast_open_loop(CanonicalChange(prior_count=50.0), split)[0][:, 0]
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_forgetting_and_present_gain_matter() -> None:
    split = split_sessions(small_recording(gain_step=0.3), 4)
    plain = forecast_open_loop(CanonicalChange(), split)[2]
    forgetting = forecast_open_loop(CanonicalChange(forgetting=0.3), split)[2]
    scaled = forecast_open_loop(CanonicalChange(is_gain_dependent=True), split)[2]
    assert np.abs(forgetting).mean() < 0.8 * np.abs(plain).mean()
    ratio = scaled / plain
    np.testing.assert_allclose(ratio, np.broadcast_to(ratio[:1], ratio.shape))
    assert np.ptp(ratio[0]) > 0.1
