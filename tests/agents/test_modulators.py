"""Risk against hand-made rewards and against plain loops."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from hebbayes.agents.modulators import ChunkedRisk, RewardRisk

REWARD = jax.random.choice(jax.random.key(0), jnp.array([-1.0, 0.0, 1.0]), (1050,))
REWARD = REWARD.at[400:420].set(1.0).at[600:800].set(0.0).at[605].set(1.0)  # great, little


def published_risk(reward: np.ndarray, length: int) -> list[float]:
    """The rule as it is printed, one chunk after the other."""
    risk: list[float] = []
    for first in range(0, len(reward), length):
        chunk = reward[first : first + length]
        progress = length * chunk.mean()
        level = 0.55 if progress <= 1e-9 else 0.45 if progress < 10 - 1e-9 else 0.0
        risk += [level] * len(chunk)
    return risk


@pytest.mark.parametrize(
    ("gained", "n_steps", "risk"),
    [
        (0, 200, 0.55),
        (-3, 200, 0.55),
        (1, 200, 0.45),
        (9, 200, 0.45),
        (10, 200, 0.0),
        (1, 20, 0.0),  # a partial chunk: 200 * 1/20 = 10 exactly
        (1, 21, 0.45),
        (0, 7, 0.55),
    ],
)
@pytest.mark.parametrize("dtype", [jnp.float32, jnp.float64])
def test_a_chunk_of_decisions_has_the_published_risk(gained, n_steps, risk, dtype):
    reward = jnp.zeros(n_steps, dtype).at[: abs(gained)].set(np.sign(gained))
    got = ChunkedRisk().risk(reward)
    assert got.dtype == dtype
    np.testing.assert_array_equal(got, np.full(n_steps, risk, dtype))


@pytest.mark.parametrize("length", [1, 7, 200, 5000])
def test_chunks_of_any_length_follow_the_printed_rule(length):
    reward = np.asarray(REWARD)
    got = ChunkedRisk(chunk_length=length).risk(REWARD)
    np.testing.assert_array_equal(got, published_risk(reward, length))


@pytest.mark.parametrize("n_active", [1, 200, 390, 1050])
@pytest.mark.parametrize("modulator", [ChunkedRisk(), RewardRisk()])
def test_steps_after_the_end_change_no_risk(modulator, n_active):
    is_active = jnp.arange(1050) < n_active
    masked = jax.jit(modulator.risk)(jnp.where(is_active, REWARD, 0), is_active)
    np.testing.assert_allclose(masked[:n_active], modulator.risk(REWARD[:n_active]), rtol=1e-12)


def test_the_rewards_of_these_tests_reach_every_level():
    assert np.unique(published_risk(np.asarray(REWARD), 200)).tolist() == [0.0, 0.45, 0.55]


def test_a_chunk_cut_short_by_the_end_is_scaled_like_a_full_one():
    risk = ChunkedRisk().risk(jnp.zeros(200).at[0].set(1.0), jnp.arange(200) < 20)
    assert risk[:20].tolist() == [0.0] * 20  # 200 * 1/20 = 10


def test_levels_and_edges_are_free_to_choose():
    modulator = ChunkedRisk(2, poor=1.0, fair=0.5, good=0.25, poor_up_to=-1.0, good_from=2.0)
    reward = jnp.array([-1.0, 0.0, 0.0, 0.0, 1.0, 1.0])
    assert modulator.risk(reward).tolist() == [1.0, 1.0, 0.5, 0.5, 0.25, 0.25]


def test_reward_risk_follows_the_surprise_of_a_running_average():
    modulator, expected, wanted = RewardRisk(gain=3.0, rate=0.1, expected=0.2), 0.2, []
    for reward in np.asarray(REWARD[:50]):
        wanted.append((1 - np.tanh(1.5 * (reward - expected))) / 2)
        expected += 0.1 * (reward - expected)
    np.testing.assert_allclose(modulator.risk(REWARD[:50]), wanted, rtol=1e-12)
