"""Casts keep every value or refuse it, with its place."""

import datetime

import numpy as np
import pytest

from hebbayes.core.errors import HebbayesError, ValueRangeError
from hebbayes.data.casting import counts_or_rates, floats, mask, names, whole_numbers
from hebbayes.data.recording import Recording

NAN = np.nan


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ([2.0, -1.0], [2, -1]),
        (np.array([0, 1], ">u2"), [0, 1]),
        (np.array([3.0], "f2"), [3]),
        (np.array([2**63 - 1], "u8"), [2**63 - 1]),
        ([2.0**53], [2**53]),
        ([True, False], [1, 0]),
        ([NAN, 1.0], [-1, 1]),
    ],
)
def test_whole_numbers_are_kept(given, kept) -> None:
    result = whole_numbers("decisions", given, missing=-1)
    assert result.dtype == np.int64
    assert result.tolist() == kept


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ([0.0, 0.5], "session must hold whole numbers; got 0.5 at index 1."),
        ([0.0, NAN], "session must hold whole numbers; got nan at index 1."),
        ([np.inf], "session must hold whole numbers that float64 holds exactly; got inf at"),
        ([-np.inf], "session must hold whole numbers that float64 holds exactly; got -inf at"),
        ([2.0**53 + 2], "session must hold whole numbers that float64 holds exactly; got 90071"),
        (np.array([20_240_102], "f4"), "session must hold whole numbers that float32 holds"),
        (np.array([0, 2**63], "u8"), "session must be at most 9223372036854775807; got 92233720"),
        (["0", "1"], "session must hold real numbers; got type <U1."),
        ([1j], "session must hold real numbers; got type complex128."),
        ([None, 1], "session must hold real numbers; got type object."),
        (np.ma.array([0, 1], mask=[0, 1]), "session must not hold masked entries; entry 1 is"),
    ],
)
def test_what_is_no_whole_number_is_refused(given, sentence: str) -> None:
    with pytest.raises(ValueRangeError) as caught:
        whole_numbers("session", given)
    assert str(caught.value).startswith(sentence)


def test_an_infinite_decision_is_not_missing() -> None:
    with pytest.raises(ValueRangeError, match="got inf at index 1"):
        whole_numbers("decisions", [NAN, np.inf], missing=-1)


@pytest.mark.parametrize("given", [[1, 0], [1.0, 0.0], [True, False], np.array([1, 0], "u1")])
def test_a_mask_of_zeros_and_ones_is_kept(given) -> None:
    assert mask("valid", given).tolist() == [True, False]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ([[1, NAN]], "valid must hold true and false, or 1 and 0; got nan at index (0, 1)."),
        ([-1, 1], "valid must hold true and false, or 1 and 0; got -1 at index 0."),
        ([0, 2], "valid must hold true and false, or 1 and 0; got 2 at index 1."),
        ([0.5], "valid must hold true and false, or 1 and 0; got 0.5 at index 0."),
        (["0"], "valid must hold true and false, or 1 and 0; got type <U1."),
        ([b"0"], "valid must hold true and false, or 1 and 0; got type |S1."),
        ([None, True], "valid must hold true and false, or 1 and 0; got type object."),
        (np.ma.array([True], mask=[True]), "valid must not hold masked entries; entry 0 is masked"),
    ],
)
def test_other_masks_are_refused(given, sentence: str) -> None:
    with pytest.raises(ValueRangeError) as caught:
        mask("valid", given)
    assert str(caught.value).startswith(sentence)


def test_integers_that_float64_would_round_are_refused() -> None:
    assert floats("stimuli", [2**53]).tolist() == [2.0**53]
    for given in ([2**53 + 1], [-(2**53) - 1], np.array([2**64 - 1], "u8")):
        with pytest.raises(ValueRangeError, match="float64 holds exactly"):
            floats("stimuli", given)


def test_counts_stay_integers_and_rates_floats() -> None:
    assert counts_or_rates("responses", np.array([1], "u1")).dtype == np.int64
    assert counts_or_rates("responses", np.array([1], "f4")).dtype == np.float64


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (np.array([1, 2], "i1"), [1, 2]),
        (np.array([1, 2], ">u4"), [1, 2]),
        (np.array([False, True]), [0, 1]),
        (np.array([1.5], ">f4"), [1.5]),
        (np.array([b"a", "é".encode()]), ["a", "é"]),
        (np.array(["a", "b"], object), ["a", "b"]),
        (np.array([1, 2.5], object), [1.0, 2.5]),
        (np.array(["2020-01-02"], "M8[D]"), ["2020-01-02"]),
        (np.array([datetime.date(2020, 1, 2)]), ["2020-01-02"]),
        ([2**63 - 1, 5], [2**63 - 1, 5]),
    ],
)
def test_names_are_int64_float64_or_text(given, kept) -> None:
    result = names("unit_ids", given)
    assert result.dtype.kind == ("U" if isinstance(kept[0], str) else np.dtype(type(kept[0])).kind)
    assert result.dtype.isnative
    assert result.tolist() == kept


@pytest.mark.parametrize(
    "given",
    [
        [10**30, 1],
        [10**6000, 1],
        np.array([2**64 - 1], "u8"),
        [1.0, NAN],
        np.array(["NaT"], "M8[D]"),
        np.array([1, "a"], object),
        np.array([None, "a"], object),
        np.array([{}], object),
        [b"\xff"],
        ["a\ud800"],
        np.array(["a\0b"], object),
        [1j],
        np.ma.array([1, 2], mask=[0, 1]),
    ],
)
def test_other_names_are_refused_in_one_short_sentence(given) -> None:
    with pytest.raises(ValueRangeError) as caught:
        names("unit_ids", given)
    assert str(caught.value).startswith("unit_ids must")
    assert len(str(caught.value)) < 200


def test_masked_responses_are_not_observed() -> None:
    responses = np.ma.array([[1, 2], [3, 4]], mask=[[0, 1], [0, 0]])
    valid = [[True, True], [True, False]]
    recording = Recording(np.eye(2), responses, [0, 0], valid=valid)
    assert recording.valid.tolist() == [[True, False], [True, False]]
    assert recording.responses.tolist() == [[1, 0], [3, 4]]
    assert Recording(np.eye(2), responses, [0, 0]).valid.tolist() == [[True, False], [True, True]]


def test_sessions_that_would_wrap_are_refused() -> None:
    large = 2**62
    with pytest.raises(HebbayesError, match="session must not decrease; it does at trial 1"):
        Recording(np.eye(2), np.ones((2, 1)), [large, -large - 5])
