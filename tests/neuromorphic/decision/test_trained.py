"""A trained policy as integer evidence: what fits is kept, what does not is halved and said."""

import numpy as np
import pytest

from hebbayes.neuromorphic.decision.trained import evidence_of


def test_whole_counts_that_fit_are_kept_without_loss():
    rng = np.random.default_rng(0)
    home = rng.integers(10, 100, 8)
    hebb = rng.integers(0, 10, (5, 8))
    loaded = evidence_of(hebb.astype(float), (home - hebb).astype(float), prior=3000)
    assert (loaded.hebb == hebb).all()
    assert (loaded.home == home).all()
    assert loaded.largest_loss_bits == pytest.approx(0)


def test_a_row_that_does_not_fit_is_halved_until_it_does_and_the_loss_is_reported():
    hebb, rest = np.full((1, 1), 900.0), np.full((1, 1), 100.0)
    loaded = evidence_of(hebb, rest, prior=3000)
    assert loaded.halvings.tolist() == [3]
    assert loaded.home.tolist() == [125]
    wanted = np.log2(3900 / 3100) - np.log2((3000 + 112) / (3000 + 13))
    assert loaded.largest_loss_bits == pytest.approx(wanted)
