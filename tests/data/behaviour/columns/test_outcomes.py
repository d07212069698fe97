"""Outcomes become risks; what cannot is refused."""

import numpy as np
import pytest

from hebbayes.core.errors import FormatError
from hebbayes.data.behaviour.columns.outcomes import scaled_risk


@pytest.mark.parametrize("low", [-1e308, -1.7e308])
def test_outcomes_too_far_apart_for_a_float_are_refused(low: float) -> None:
    with pytest.raises(FormatError, match="too wide to scale; pass --outcome-range"):
        scaled_risk(np.array([low, 1.7e308]), np.ones(2, bool), None, "pay")


def test_the_largest_range_that_a_float_holds_is_scaled() -> None:
    risk = scaled_risk(np.array([-8e307, 8e307]), np.ones(2, bool), None, "pay").risk
    np.testing.assert_array_equal(risk, [1.0, 0.0])
