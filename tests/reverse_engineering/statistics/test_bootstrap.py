"""The bootstrap keeps neighbours together, never crosses a session, and has the right spread.

Losses that alternate, and scores that cancel within their block, have no spread at all if and only
if what is drawn together is what belongs together.
"""

import numpy as np

from hebbayes.reverse_engineering.statistics.blocks import blocks
from hebbayes.reverse_engineering.statistics.bootstrap import (
    block_draws,
    bootstrap_steps,
    draw_neighbours,
    resampled_gains,
)
from hebbayes.reverse_engineering.statistics.readouts import skill


def test_sessions_are_drawn_in_pairs_of_neighbours() -> None:
    losses, reference = np.tile([1.0, 3.0], 5), np.full(10, 4.0)
    gains = resampled_gains(losses, reference, rng=np.random.default_rng(0))
    np.testing.assert_array_equal(gains, 0.5)  # every pair of neighbours sums to 4
    alone = losses[np.random.default_rng(0).integers(10, size=(2000, 10))]
    assert (1 - alone.sum(1) / 40).std() > 0.05  # single sessions would spread
    assert skill(losses, reference, rng=np.random.default_rng(0)).as_tuple() == (0.5, 0.5, 0.5)


def test_neighbours_are_circular_cut_to_size_and_equally_likely() -> None:
    drawn = draw_neighbours(7, rng=np.random.default_rng(1), n_resamples=4000, length=3)
    assert drawn.shape == (4000, 7)
    step = np.diff(drawn, axis=1) % 7
    assert (step[:, [0, 1, 3, 4]] == 1).all()
    share = np.bincount(drawn.ravel(), minlength=7) / 4000
    np.testing.assert_allclose(share, 1.0, atol=4 * np.sqrt(3 / 4000))


def test_blocks_of_trials_are_drawn_whole_and_within_their_session() -> None:
    session = np.repeat([0, 1, 2], [6, 4, 6])
    scores = np.array([1.0, -1.0, 2.0, -2.0, 5.0, -5.0, 3.0, -3.0, 1.0, -1.0, *([4.0, -4.0] * 3)])
    arguments = scores[:, None], np.eye(1)
    right = bootstrap_steps(*arguments, blocks(session, 4), rng=np.random.default_rng(2))
    np.testing.assert_array_equal(right, 0.0)
    shifted = np.arange(1, 17) // 2  # pairs that begin one trial early, across sessions
    assert bootstrap_steps(*arguments, shifted, rng=np.random.default_rng(2)).std() > 1
    assert len(np.unique(blocks(session, 4))) == 5  # the third block of a session is short


def test_steps_have_the_spread_of_sums_over_independent_blocks() -> None:
    rng = np.random.default_rng(3)
    block = np.repeat(np.arange(50), 4)
    scores = np.repeat(rng.normal(size=(50, 1)), 4, axis=0)  # trials of a block are alike
    steps = bootstrap_steps(scores, np.eye(1), block, rng=rng, n_resamples=8000)
    wanted = np.sqrt((16 * scores[::4] ** 2).sum())
    np.testing.assert_allclose(steps.std(), wanted, rtol=4 / np.sqrt(2 * 8000))
    single = bootstrap_steps(scores, np.eye(1), np.arange(200), rng=rng, n_resamples=8000)
    np.testing.assert_allclose(single.std(), wanted / 2, rtol=4 / np.sqrt(2 * 8000))


def test_draws_number_what_they_promise() -> None:
    rng = np.random.default_rng(4)
    assert (block_draws(30, rng=rng, n_resamples=100, has_fixed_total=True).sum(1) == 30).all()
    poisson = block_draws(30, rng=rng, n_resamples=4000)
    np.testing.assert_allclose(poisson.sum(1).mean(), 30, atol=4 * np.sqrt(30 / 4000))
    np.testing.assert_allclose(poisson.var(0).mean(), 1, atol=4 * np.sqrt(3 / 120_000))
