"""The integer layer against the theory's log odds, and floating point where both are exact."""

from dataclasses import replace

import numpy as np
import pytest

from hebbayes.core.errors import HebbayesError
from hebbayes.neuromorphic.inference.counts import expected_weights, layer_counts, layout_of
from hebbayes.neuromorphic.inference.floating import Approximations, run_floating
from hebbayes.neuromorphic.inference.integer import run_layer
from hebbayes.neuromorphic.inference.sources import draw_sources, score_sources, sources_start
from hebbayes.neuromorphic.spec import DeviceSpec

SMALL = DeviceSpec(
    inputs=6, neurons=3, is_recurrent=True, learns_recurrent=True, counter_bits=6, log_bits=8
)
OFFSETS = np.array([0.5, 0.0, -1.25])
ALL = Approximations(window=True, spikes=True, logarithm=True, sigmoid=True)


def test_the_drive_is_the_log_odds_of_state_given_inputs_and_last_state():
    rng = np.random.default_rng(0)
    spec = replace(SMALL, log_bits=14, learns_inputs=False, learns_recurrent=False)
    hebb = 1 << rng.integers(0, 4, (2, 3, 9))
    start = layer_counts(spec, hebb, np.full((2, 3), 32), odds=OFFSETS)
    observations = rng.integers(0, 2, (20, 6))
    drive = run_floating(spec, start, observations, Approximations(spikes=True)).drive
    table = hebb / 32  # P(line on | state)
    ran = run_layer(spec, start, observations)
    before = np.zeros(3)
    for t, seen in enumerate(observations):
        lines = np.concatenate([seen, before])
        likelihood = np.where(lines, table, 1 - table).prod(-1)
        odds = np.log2(likelihood[0] / likelihood[1]) + OFFSETS
        assert np.abs(ran.drive[t] / 2**14 - odds).max() < 4 * 9 * 0.0862
        before = ran.activity[t]
    first = np.log2(np.where(observations[0], table[..., :6], 1 - table[..., :6]).prod(-1))
    silent = np.log2((1 - table[..., 6:]).prod(-1))
    np.testing.assert_allclose(drive[0], np.subtract(*(first + silent)) + OFFSETS)


@pytest.mark.parametrize("forgetting", ["halve", "saturate"])
@pytest.mark.parametrize("lanes", [1, 4])
def test_hard_learning_without_halving_is_floating_point_to_the_last_bit(forgetting, lanes):
    steps = 40 if forgetting == "halve" else 300
    spec = replace(SMALL, mode="hard", forgetting=forgetting, lanes=lanes)
    start = sources_start(spec, strength=16)
    _, seen = draw_sources(steps, 6, 3, 1)
    ran, floating = run_layer(spec, start, seen), run_floating(spec, start, seen, ALL)
    assert ran.events["halvings"] == 0
    assert (ran.events["refused"] > 0) == (forgetting == "saturate")
    assert (ran.drive == floating.drive * 2**spec.log_bits).all()
    assert (ran.counts.hebb[..., layout_of(spec).lines] == floating.hebb).all()
    assert (ran.counts.home == floating.home).all()


@pytest.mark.parametrize("forgetting", ["halve", "window", "saturate"])
def test_counters_stay_in_their_bounds_and_unused_slots_stay_empty(forgetting):
    window = 40 if forgetting == "window" else 0
    spec = replace(SMALL, forgetting=forgetting, window=window, lanes=4)
    ran = run_layer(spec, sources_start(spec, strength=8), draw_sources(500, 6, 3, 2)[1])
    layout, home = layout_of(spec), ran.counts.home
    unused = np.setdiff1d(np.arange(layout.slots), layout.lines)
    assert (ran.counts.hebb[..., unused] == 0).all()
    assert (home <= spec.full_home).all()
    shares = expected_weights(spec, ran.counts)
    assert ((shares >= 0) & (shares <= 1)).all()
    assert (ran.events["halvings"] > 2) == (forgetting != "saturate")


@pytest.mark.parametrize("lanes", [2, 8])
def test_lanes_change_cycles_and_nothing_else(lanes):
    start, wide = replace(SMALL, lanes=1), replace(SMALL, lanes=lanes)
    seen = draw_sources(300, 6, 3, 3)[1]
    one, many = (run_layer(s, sources_start(s, strength=8), seen) for s in (start, wide))
    assert (one.drive == many.drive).all()
    assert (one.register == many.register).all()
    assert one.events["cycles"] > many.events["cycles"]


def test_a_run_in_two_parts_is_the_whole_run():
    start, seen = sources_start(SMALL, strength=8), draw_sources(300, 6, 3, 4)[1]
    first = run_layer(SMALL, start, seen[:123])
    second, whole = run_layer(SMALL, first.counts, seen[123:]), run_layer(SMALL, start, seen)
    assert (second.counts.hebb == whole.counts.hebb).all()
    assert second.counts.register == whole.counts.register
    assert first.events["cycles"] + second.events["cycles"] == whole.events["cycles"]


def test_spikes_have_the_probability_of_the_posterior():
    spec = DeviceSpec(inputs=1, neurons=1, learns_inputs=False)
    start = layer_counts(spec, [[[32]], [[32]]], [[64], [64]], odds=1.25)
    ran = run_layer(spec, start, np.zeros((20_000, 1)))
    wanted = 1 / (1 + 2**-1.25)
    assert abs(ran.activity.mean() - wanted) < 4 * np.sqrt(wanted * (1 - wanted) / 20_000) + 0.002


def test_ten_bits_separate_sources_as_well_as_floating_point():
    scored = score_sources(DeviceSpec(), 6000, range(2))
    assert abs(scored.losses["total"]) < 0.01
    assert scored.accuracy["integer"].min() > 0.94
    assert scored.agreement.min() > 0.97
    parts = sum(loss for name, loss in scored.losses.items() if name != "total")
    assert parts == pytest.approx(scored.losses["total"])


@pytest.mark.parametrize(
    ("hebb", "home", "words"),
    [
        (np.full((2, 1, 2), 4), np.full((2, 1), 3), "between 0 and the home"),
        (np.full((2, 1, 2), 0.5), np.full((2, 1), 3), "whole numbers"),
        (np.full((2, 1, 3), 1), np.full((2, 1), 3), "hebb has shape"),
        (np.full((2, 1, 2), 4), np.full((2, 1), 2000), "home must lie between 1 and 1023"),
    ],
)
def test_counts_that_do_not_fit_are_refused(hebb, home, words):
    with pytest.raises(HebbayesError, match=words):
        layer_counts(DeviceSpec(inputs=2, neurons=1), hebb, home)
