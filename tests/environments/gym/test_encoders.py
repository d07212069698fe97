"""Every observation gets its own units, and no two meanings share one."""

import itertools

import numpy as np
import pytest

gymnasium = pytest.importorskip("gymnasium")
from gymnasium.spaces import Box, Dict, Discrete, MultiBinary, MultiDiscrete, Text, Tuple  # noqa: E402

from hebbayes.core.errors import FormatError, ValueRangeError  # noqa: E402
from hebbayes.environments.gym.encoders import (  # noqa: E402
    custom_encoder,
    encoder_for,
    thermometer_encoder,
)


@pytest.mark.parametrize(
    ("space", "observations"),
    [
        (Discrete(4, start=-1), [-1, 0, 1, 2]),
        (MultiDiscrete([2, 3]), [np.array(o) for o in itertools.product(range(2), range(3))]),
        (MultiBinary(3), [np.array(o) for o in itertools.product(range(2), repeat=3)]),
        (
            Tuple((Discrete(2), Dict({"a": Discrete(3), "b": MultiBinary(1)}))),
            [(i, {"a": j, "b": [k]}) for i in range(2) for j in range(3) for k in range(2)],
        ),
        (Box(0, 2, (2,), np.int8), [np.array(o) for o in itertools.product(range(3), repeat=2)]),
    ],
)
def test_every_observation_of_a_finite_space_has_its_unit(space, observations):
    encoder = encoder_for(space)
    units = [tuple(encoder.units(o)) for o in observations]
    assert sorted(units) == [(k,) for k in range(len(observations))]
    assert encoder.group_sizes == (len(observations),)


def test_a_grid_cuts_every_number_into_equal_bins():
    encoder = encoder_for(Box(np.float32([0, -1]), np.float32([1, 1])), n_bins=4)
    assert encoder.name == "grid"
    assert encoder.units(np.array([0.0, -1.0])).tolist() == [0]
    assert encoder.units(np.array([0.26, 0.99])).tolist() == [1 * 4 + 3]
    assert encoder.units(np.array([7.0, np.nan])).tolist() == [3 * 4]


def test_bins_without_bounds_take_the_range_that_was_seen():
    space = Box(-np.inf, np.inf, (1,))
    encoder = encoder_for(space, [np.array([2.0]), np.array([4.0])], n_bins=2)
    assert [int(encoder.units(np.array([v]))[0]) for v in (-9.0, 2.9, 3.1, 9.0)] == [0, 0, 1, 1]
    with pytest.raises(FormatError, match="has no bounds"):
        encoder_for(space)


def test_too_many_combinations_become_one_group_per_part():
    encoder = encoder_for(MultiDiscrete([100, 100, 100]))
    assert encoder.group_sizes == (100, 100, 100)
    assert encoder.units(np.array([1, 2, 3])).tolist() == [1, 102, 203]


def test_a_thermometer_counts_the_levels_below():
    encoder = thermometer_encoder(Box(0, 1, (2,)), n_levels=4)
    assert encoder.group_sizes == (2,) * 8
    above = encoder.units(np.array([0.5, 0.0])) % 2 == 0
    assert above.tolist() == [True, True, False, False, False, False, False, False]


def test_text_and_small_pictures_are_told_apart_as_patterns():
    encoder = encoder_for(Dict({"word": Text(5), "view": Box(0, 255, (3, 3, 1), np.uint8)}))
    views = [np.zeros((3, 3, 1), np.uint8), np.ones((3, 3, 1), np.uint8)]
    seen = [encoder.units({"word": w, "view": v})[0] for w in ("a", "b") for v in views]
    assert seen == [0, 1, 2, 3]
    assert encoder.units({"word": "a", "view": views[0].copy()})[0] == 0


def test_pictures_are_refused_with_a_sentence():
    with pytest.raises(FormatError, match="pictures"):
        encoder_for(Dict({"screen": Box(0, 255, (96, 96, 3), np.uint8)}))


def test_a_users_encoder_must_keep_to_its_groups():
    encoder = custom_encoder(lambda o: [o, 0], (3, 2))
    assert encoder.units(2).tolist() == [2, 3]
    with pytest.raises(ValueRangeError, match="from 0"):
        encoder.units(3)
