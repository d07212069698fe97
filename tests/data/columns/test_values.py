"""Outcomes in any words or numbers become risk, and nothing is guessed silently."""

import numpy as np
import pytest

from hebbayes.core.errors import FormatError
from hebbayes.data.columns.values import (
    as_text,
    is_missed,
    mapped_risk,
    proposed_values,
    scaled_risk,
)


def test_text_outcomes_become_the_stated_risk() -> None:
    risks = {"correct": 0.0, "incorrect": 1.0, "no response": np.nan, "half": 0.5}
    held = np.array(["correct", "INCORRECT", " no response", "half", "n/a"])
    np.testing.assert_array_equal(mapped_risk(held, risks, "a"), [0, 1, np.nan, 0.5, np.nan])


def test_numbers_are_mapped_by_their_text() -> None:
    risks = {"1": 0.0, "-1": 1.0, "0": np.nan}
    np.testing.assert_array_equal(mapped_risk(np.array([1.0, -1, 0]), risks, "a"), [0, 1, np.nan])


def test_an_unmapped_value_names_the_flag_with_every_value() -> None:
    held = np.array(["correct", "incorrect", "early lick", "odd"])
    with pytest.raises(FormatError) as caught:
        mapped_risk(held, {"correct": 0.0}, "column response")
    assert '--values "correct=0,incorrect=1,early lick=none,odd=?"' in str(caught.value)


@pytest.mark.parametrize(
    ("word", "risk"),
    [
        ("Hit", "0"), ("miss", "1"), ("missed", "none"), ("false alarm", "1"), ("CR", "0"),
        ("correct reject", "0"), ("no", "1"), ("no response", "none"), ("nogo", "?"),
        ("unrewarded", "1"), ("rewarded", "0"), ("timeout", "none"), ("Aborted", "none"),
    ],
)  # fmt: skip
def test_words_in_common_use_are_proposed(word: str, risk: str) -> None:
    assert proposed_values([word]) == f"{word}={risk}"
    assert is_missed(word) == (risk == "none")


@pytest.mark.parametrize(
    ("held", "wanted"),
    [
        ([0, 1, np.nan], [1, 0, np.nan]),
        ([-1, 1, 0], [1, 0, 0.5]),
        ([0.25, 0.5], [0.75, 0.5]),
        ([10, 60, 35], [1, 0, 0.5]),
        ([5, 5], [1, 1]),
    ],
)
def test_numbers_are_scaled_and_the_formula_is_stated(held, wanted) -> None:
    risk, sentence = scaled_risk(np.array(held, float), "gain")
    np.testing.assert_allclose(risk, wanted)
    formula = sentence.removeprefix("risk is ").removesuffix(".")
    recomputed = eval(formula, {"gain": np.array(held, float)})
    np.testing.assert_allclose(recomputed, wanted)


def test_infinite_outcomes_are_refused() -> None:
    with pytest.raises(FormatError, match="must be finite"):
        scaled_risk(np.array([1.0, np.inf]), "gain")


def test_cells_of_every_type_have_one_text() -> None:
    held = [1, 1.0, np.float32(2.5), True, b"a", "NaN", None, np.nan]
    assert [as_text(one) for one in held] == ["1", "1", "2.5", "True", "a", "", "", ""]
