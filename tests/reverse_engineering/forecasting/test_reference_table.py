"""The public cultures: losses of the nulls relative to the mean per pattern."""

import numpy as np
import pytest

from hebbayes.data.formats.matlab.reading import read_mat
from hebbayes.reverse_engineering.forecasting.catalogue import compulsory_nulls
from hebbayes.reverse_engineering.forecasting.judging.ceilings import own_mean_loss, split_half_loss
from hebbayes.reverse_engineering.forecasting.scoring import losses, score
from hebbayes.reverse_engineering.forecasting.sessions import split_sessions

STATED = {"constant": 6.3, "linear": 1.33, "loglinear": 1.58, "kalman_gain": 0.90, "floor": 0.53}


@pytest.fixture(scope="module")
def relative(reference_data):
    nulls = {k: v for k, v in compulsory_nulls().items() if k in ("saturated", *STATED)}
    rows = []
    for name in ("bicuculline", "mixing0"):
        for recording in read_mat(reference_data / "culture" / f"{name}.mat").recordings.values():
            split = split_sessions(recording, 10)
            row = losses(score(split, nulls))
            row["floor"], row["halves"] = own_mean_loss(split), split_half_loss(split)
            rows.append({key: value / row["saturated"] for key, value in row.items()})
    return {key: float(np.mean([row[key] for row in rows])) for key in rows[0]}


@pytest.mark.thorough
@pytest.mark.parametrize("null", STATED)
def test_the_nulls_lose_what_they_are_known_to_lose(relative, null: str) -> None:
    assert relative[null] == pytest.approx(STATED[null], rel=0.05)


def test_the_noise_lies_between_own_mean_and_split_halves(relative) -> None:
    assert relative["floor"] < relative["halves"] < relative["kalman_gain"]
