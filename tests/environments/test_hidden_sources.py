"""Hidden sources: what is drawn has the stated probabilities, for any sizes and mixing."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from hebbayes.core.counts import total
from hebbayes.core.errors import HebbayesError, ShapeError, ValueRangeError
from hebbayes.core.scan import scan_time
from hebbayes.environments.hidden_sources import (
    HiddenSources,
    block_mixing,
    draw_mixtures,
    hidden_sources,
    naive_model,
)


def test_stimuli_copy_sources_as_often_as_the_mixing_says() -> None:
    mixing = np.array([[1.0, 0.0, 0.0], [0.2, 0.3, 0.5], [0.0, 0.6, 0.4], [0.7, 0.2, 0.1]])
    probability = np.array([0.5, 0.2, 0.9])
    n = 20_000
    drawn = draw_mixtures(hidden_sources(mixing, probability), n, key=jax.random.key(3))
    sources, stimuli = np.asarray(drawn.sources), np.asarray(drawn.stimuli)
    for name, seen, expected in (
        ("sources", sources.mean(0), probability),
        ("stimuli", stimuli.mean(0), mixing @ probability),
        (
            "stimuli given source 1",
            stimuli[sources[:, 1] == 1].mean(0),
            mixing @ [0.5, 1.0, 0.9],
        ),
    ):
        error = np.sqrt(expected * (1 - expected) / (0.2 * n))
        assert np.all(np.abs(seen - expected) <= 4 * error), name


def test_stimuli_of_one_step_are_copied_independently() -> None:
    world = hidden_sources(np.full((2, 2), 0.5))
    drawn = draw_mixtures(world, 20_000, key=jax.random.key(4))
    differ = np.asarray(drawn.sources)[:, 0] != np.asarray(drawn.sources)[:, 1]
    pair = np.asarray(drawn.stimuli)[differ]
    assert abs((pair[:, 0] == pair[:, 1]).mean() - 0.5) <= 4 * 0.5 / np.sqrt(len(pair))


def test_drawing_at_once_equals_stepping() -> None:
    world = hidden_sources(block_mixing(6, 3))
    key = jax.random.key(1)
    keys = jax.random.split(key, 20)

    def step(state, key):  # type: ignore[no-untyped-def]
        state, reward, is_over = world.step(state, jnp.array(0), key=key)
        return state, (state.sources, world.observe(state), reward, is_over)

    _, (sources, stimuli, reward, is_over) = scan_time(step, world.init(key=key), keys)
    at_once = draw_mixtures(world, 20, key=key)
    np.testing.assert_array_equal(sources, at_once.sources)
    np.testing.assert_array_equal(stimuli, at_once.stimuli)
    assert not reward.any()
    assert not is_over.any()


@pytest.mark.parametrize("n_stimuli", [2, 7, 32])
@pytest.mark.parametrize(("n_sources", "mixed"), [(1, 0.0), (2, 0.0), (2, 0.25), (2, 1.0)])
def test_block_mixing_has_rows_that_sum_to_one(
    n_stimuli: int, n_sources: int, mixed: float
) -> None:
    mixing = np.asarray(block_mixing(n_stimuli, n_sources, mixed))
    assert mixing.shape == (n_stimuli, n_sources)
    np.testing.assert_allclose(mixing.sum(1), 1)
    world = hidden_sources(mixing)
    assert (world.n_outcomes, world.n_sources, world.n_actions) == (n_stimuli, n_sources, 1)


def test_without_mixing_a_stimulus_is_its_source() -> None:
    drawn = draw_mixtures(hidden_sources(block_mixing(8, 4, 0.0)), 50, key=jax.random.key(0))
    np.testing.assert_array_equal(drawn.stimuli, np.repeat(drawn.sources, 2, axis=1))


def test_naive_model_has_the_stated_expectations_and_totals() -> None:
    model = naive_model(32, jnp.array([0.2, 1.0]), key=jax.random.key(5))
    counts = np.asarray(total(model.likelihood))
    totals = counts.sum(0)
    assert totals.min() > 200
    assert totals.max() < 400
    own, other = counts[0] / totals, 1 - counts[0] / totals
    np.testing.assert_allclose(own[0, :16, 0], 0.52)
    np.testing.assert_allclose(own[0, :16, 1], 0.51)
    np.testing.assert_allclose(own[0, 16:, 1], 0.52)
    np.testing.assert_allclose(other[1], own[0])
    np.testing.assert_allclose(total(model.state_prior), [[0.2, 1.0], [0.8, 0.0]])


@pytest.mark.parametrize(
    ("make", "kind", "sentence"),
    [
        (
            lambda: hidden_sources([[0.5, 0.4]]),
            ValueRangeError,
            "mixing must have rows that sum to 1; row 0 sums to 0.9.",
        ),
        (
            lambda: hidden_sources([[1.5, -0.5]]),
            ValueRangeError,
            "mixing must lie between 0.0 and 1.0; got 1.5 at index (0, 0).",
        ),
        (
            lambda: hidden_sources([0.5, 0.5]),
            ShapeError,
            "mixing has shape (2,); wanted (any, any).",
        ),
        (
            lambda: hidden_sources([[1.0]], 1.2),
            ValueRangeError,
            "source_probability must lie between 0.0 and 1.0; got 1.2.",
        ),
        (
            lambda: HiddenSources(jnp.ones((4, 2)), jnp.ones(3)),
            ShapeError,
            "mixing has shape (4, 2) and source_probability (3,); "
            "wanted (stimuli, sources) and (sources,).",
        ),
        (
            lambda: block_mixing(4, 1, 0.5),
            ValueRangeError,
            "mixed must lie between 0.0 and 0.0; got 0.5.",
        ),
        (lambda: block_mixing(1, 2), ValueRangeError, "n_stimuli must be at least 2; got 1."),
    ],
)
def test_impossible_worlds_are_refused(make, kind: type[HebbayesError], sentence: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(kind) as caught:
        make()
    assert str(caught.value) == sentence
