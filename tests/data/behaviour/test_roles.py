"""A column in two roles is refused where the roles exclude each other."""

import numpy as np
import pandas
import pytest

from hebbayes.core.errors import ValueRangeError
from hebbayes.data.behaviour import Behaviour

FRAME = pandas.DataFrame(
    {
        "sub": ["a"] * 4 + ["b"] * 4,
        "side": ["L", "R"] * 4,
        "choice": ["L", "R", "R", "R"] * 2,
        "outcome": [1, 1, 0, 1] * 2,
    }
)


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ({"choice": "choice", "outcome": "choice"}, "--choice and --outcome both name"),
        ({"choice": "choice", "outcome": "outcome", "stimulus": "outcome"}, "--outcome and --stim"),
        ({"choice": "choice", "outcome": "outcome,outcome"}, "--outcome names .*'outcome' twice"),
        ({"subject": "sub", "group": "sub", "choice": "choice"}, "--subject and --group both"),
        ({"subject": "choice", "choice": "choice"}, "--subject and --choice both"),
        ({"choice": "choice", "response_time": "choice"}, "--choice and --response-time both"),
    ],
)
def test_two_roles_of_one_column_are_refused(flags, said) -> None:
    with pytest.raises(ValueRangeError, match=said):
        Behaviour.from_frame(FRAME, **flags)


def test_the_required_choice_may_be_the_stimulus() -> None:
    read = Behaviour.from_frame(
        FRAME, subject="sub", instructed="side", outcome="outcome", stimulus="side"
    )
    assert np.array_equal(read.choice_ids[read.choice], ["L", "R", "R", "R"] * 2)
