"""Blocks of neighbouring trials."""

import numpy as np

from hebbayes.reverse_engineering.statistics.blocks import block_sums, blocks


def test_blocks_start_anew_in_every_session_whichever_is_the_first() -> None:
    session = np.array([2, 2, 2, 5, 5, 5, 5])
    assert blocks(session, 2).tolist() == [0, 0, 1, 2, 2, 3, 3]
    assert blocks(session, 100).tolist() == [0, 0, 0, 1, 1, 1, 1]


def test_sums_over_blocks_are_those_of_a_loop() -> None:
    rng = np.random.default_rng(0)
    values, block = rng.normal(size=(50, 3)), blocks(np.repeat([0, 1, 2], [7, 30, 13]), 4)
    looped = [values[block == b].sum(0) for b in range(block[-1] + 1)]
    np.testing.assert_allclose(block_sums(values, block), looped)
