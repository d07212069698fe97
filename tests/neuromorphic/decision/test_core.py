"""The integer core against the formulas in floating point, and its two ways to step."""

import numpy as np
import pytest

from hebbayes.neuromorphic.decision import core as decision


def filled(seed, *, n_inputs=30, n_decisions=16, **options):
    rng = np.random.default_rng(seed)
    core = decision.new_core(
        -rng.integers(0, 4096, n_decisions), n_inputs=n_inputs, seed=seed + 1, **options
    )
    core.home[:] = rng.integers(-core.limit, core.limit, n_decisions)
    core.hebb[:] = rng.integers(-core.limit, core.limit, core.hebb.shape)
    decision.observe(core, rng.integers(0, 2, n_inputs))
    return core, rng


def piecewise_linear_error(counts):
    """Return log2 less its linear interpolation between powers of two."""
    octave = np.floor(np.log2(counts))
    return np.log2(counts) - (octave + counts / 2**octave - 1)


@pytest.mark.parametrize("prior", [3000, 300])
def test_the_drive_is_the_log_odds_of_the_counts(prior):
    core, _ = filled(3, prior=prior)
    x = core.context[:, None]
    d = np.where(x == 1, core.hebb, core.home - core.hebb)
    exact = np.log2((prior + d) / (prior + core.home / 2)).sum(0)
    drive = np.array([decision.sum_row(core, k) for k in range(core.home.size)]) / 2**11
    cells = piecewise_linear_error(prior + np.arange(-255.0, 256.0))
    rows = piecewise_linear_error(prior + np.arange(-128.0, 128.0) / 2)
    worst = max(cells.max() - rows.min(), rows.max() - cells.min())
    assert abs(drive - exact).max() <= 30 * (worst + 2 / 2**11)  # both logarithms are cut
    assert np.corrcoef(drive, exact)[0, 1] > 0.9


def test_learning_counts_what_was_decided_in_which_context():
    core, rng = filled(4, prior=3000)
    core.home[:], core.hebb[:] = 0, 0
    home, hebb = core.home.copy(), core.hebb.copy()
    for _ in range(50):
        x = core.context.copy()
        k = decision.step(core, rng.integers(0, 2, 30))
        home[k] += 1
        hebb[:, k] += x
    decision.learn(core, 0)
    assert (core.home == home).all()
    assert (core.hebb == hebb).all()
    assert core.scalars[decision.WAITING] == 0
    decision.learn(core, 65535)  # nothing waits any more
    assert (core.hebb == hebb).all()


@pytest.mark.parametrize(
    ("risk", "share", "sign"), [(36045, 0.1, -1), (29491, 0.1, 1), (32768, 0, 1)]
)
def test_tenths_are_counted_by_acceptance(risk, share, sign):
    core, rng = filled(5, depth=4000)
    core.home[:], core.hebb[:] = 0, 0
    for _ in range(4000):
        decision.step(core, rng.integers(0, 2, 30))
    decision.learn(core, risk)
    accepted = core.tally[decision.ACCEPTED]
    assert abs(accepted - 4000 * share) <= 4 * np.sqrt(4000 * 0.09)
    if core.tally[decision.HALVINGS] == 0:
        assert core.home.sum() == sign * accepted


def test_a_full_row_is_halved_towards_the_prior_and_keeps_its_proportions():
    core, _ = filled(6, n_decisions=2)
    core.habit[:] = 0, -(40 << 11)  # decides 0
    core.home[0], core.hebb[:, 0] = 127, np.minimum(np.arange(30) * 5, 127)
    before = core.hebb[:, 0].copy()
    x = core.context.copy()
    assert decision.step(core, x) == 0
    decision.learn(core, 0)
    assert core.tally[decision.HALVINGS] == 1
    assert core.home[0] == 64
    assert (abs(core.hebb[:, 0] - (before + x) / 2) <= 0.5).all()
    assert (core.hebb[:, 0] <= core.home[0]).all()


def test_evidence_is_held_at_its_limits():
    core, _ = filled(7, n_decisions=2)
    core.habit[:] = 0, -(40 << 11)
    core.home[0], core.hebb[:, 0] = 0, 127
    on = int(core.context.sum())
    decision.step(core, core.context.copy())
    decision.learn(core, 0)
    assert core.tally[decision.SATURATIONS] == on
    assert core.hebb[:, 0].max() == 127


def test_operations_are_counted_exactly():
    core, rng = filled(9, n_inputs=20, n_decisions=8, depth=10)
    for _ in range(10):
        decision.step(core, rng.integers(0, 2, 20))
    decision.learn(core, 0)
    tally = dict(zip(decision.COUNTED, core.tally.tolist(), strict=True))
    assert tally["steps"] == 10
    assert tally["evidence_reads"] == 10 * 8 * 20 + 10 * 20
    assert tally["evidence_writes"] == 10 * 20
    assert tally["draws"] == 10 * 8 + 10 + tally["halvings"]
    assert tally["accepted"] == 10
    assert tally["home_reads"] == 10 * 8 + 10
    assert tally["queue_writes"] == 10 * 21
