"""Checks at the edges: what passes, and the sentence that a wrong input gets."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from hebbayes.core.checks import (
    check_at_least,
    check_between,
    check_binary,
    check_defined,
    check_finite,
    check_seed,
    check_shape,
)
from hebbayes.core.errors import HebbayesError, ShapeError, ValueRangeError


def test_good_input_passes_in_silence() -> None:
    check_shape("a", np.zeros((4, 2)), (None, 2))
    check_shape("a", 1.0, ())
    check_finite("a", [0.0, -1e300])
    check_between("a", [0.0, 1.0], 0.0, 1.0)
    check_binary("a", [[0, 1], [True, False]])
    check_at_least("a", 1, 1)


@pytest.mark.parametrize("check", [check_finite, check_binary])
def test_an_empty_array_passes(check) -> None:
    check("a", np.empty((0, 3)))


@pytest.mark.parametrize("shape", [(4,), (4, 3), (4, 2, 1), ()])
def test_a_wrong_shape_is_reported_with_the_wanted_one(shape: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError, match=r"^stimuli has shape .*; wanted \(any, 2\)\.$"):
        check_shape("stimuli", np.zeros(shape), (None, 2))


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: check_finite("a", [[0.0, np.inf]]), "a must be finite; got inf at index (0, 1)."),
        (lambda: check_finite("a", np.nan), "a must be finite; got nan."),
        (
            lambda: check_binary("a", [0, 1, 0.5]),
            "a must hold only 0 and 1; got 0.5 at index (2,).",
        ),
        (lambda: check_binary("a", [np.nan]), "a must hold only 0 and 1; got nan at index (0,)."),
        (lambda: check_between("a", np.nan, 0, 1), "a must lie between 0 and 1; got nan."),
        (lambda: check_at_least("a", np.nan, 1), "a must be at least 1; got nan."),
        (lambda: check_at_least("a", 0.5, 1), "a must be at least 1; got 0.5."),
    ],
)
def test_a_wrong_value_is_named_with_its_place(call, sentence: str) -> None:
    with pytest.raises(ValueRangeError) as caught:
        call()
    assert str(caught.value) == sentence


def test_the_first_wrong_value_is_named() -> None:
    with pytest.raises(ValueRangeError, match=r"got 3 at index \(1, 0\)"):
        check_between("a", [[0, 1], [3, 4]], 0, 2)


def test_every_error_can_be_caught_as_one_and_as_the_built_in_one() -> None:
    for error in (ShapeError, ValueRangeError):
        assert issubclass(error, HebbayesError)
        assert issubclass(error, ValueError)


def test_leading_axes_are_free_and_names_match_any_size():
    check_shape("states", np.zeros((7, 5, 2, 3)), (..., 2, 3))
    check_shape("states", np.zeros((2, 3)), (..., 2, 3))
    check_shape("rows", np.zeros((9, 3)), ("time", 3))
    with pytest.raises(ShapeError, match=r"states has shape \(3,\); wanted \(..., 2, 3\)"):
        check_shape("states", np.zeros(3), (..., 2, 3))
    with pytest.raises(ShapeError, match=r"rows has shape \(9, 2\); wanted \(time, 3\)"):
        check_shape("rows", np.zeros((9, 2)), ("time", 3))


def test_shapes_are_checked_under_jit_and_values_on_concrete_arrays_only():
    def checked(values):
        check_shape("values", values, (3,))
        check_between("values", values, 0, 1)
        check_finite("values", values)
        check_defined("values", values, "reason")
        return values

    assert jax.jit(checked)(jnp.full(3, 7.0)).tolist() == [7.0, 7.0, 7.0]
    with pytest.raises(ShapeError, match="values has shape"):
        jax.jit(checked)(jnp.zeros(2))
    with pytest.raises(ValueRangeError, match=r"values must lie between 0 and 1; got 7\.0"):
        checked(jnp.full(3, 7.0))


@pytest.mark.parametrize("seed", [-1, 2**63, 10**30])
def test_seeds_fit_into_64_bits(seed):
    with pytest.raises(ValueRangeError, match="--seed must be at"):
        check_seed(seed)
    check_seed(2**63 - 1)
