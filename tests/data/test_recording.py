"""A recording is checked when it is made, and splits into sessions without loss."""

import numpy as np
import pytest

from hebbayes.core.errors import HebbayesError, ShapeError, ValueRangeError
from hebbayes.data.recording import Cultures, Recording


def recording(**changes) -> Recording:
    parts = {
        "stimuli": np.eye(5, 3, dtype=np.uint8),
        "responses": np.arange(10, dtype=np.uint8).reshape(5, 2),
        "session": np.array([4, 4, 4, 7, 7]),
        "sources": np.array([[0, 1], [1, 1], [1, 0], [0, 0], [1, 0]], np.uint8),
    }
    return Recording(**{**parts, **changes})


def test_small_unsigned_integers_do_not_wrap() -> None:
    made = recording()
    assert (made.responses[0] - made.responses[4]).tolist() == [-8, -8]
    assert (made.sources[0] - made.sources[1]).tolist() == [-1, 0]
    assert made.stimuli.dtype == np.float64


def test_arrays_are_read_only_and_the_callers_own_stays_writeable() -> None:
    mine = np.ones((5, 2))
    made = recording(responses=mine)
    with pytest.raises(ValueError, match="read-only"):
        made.responses[0, 0] = 3
    mine[0, 0] = 2


def test_defaults_are_filled_in() -> None:
    made = recording()
    assert made.valid.all()
    assert made.valid.shape == (5, 2)
    assert made.unit_ids.tolist() == [0, 1]
    assert made.channel_ids.tolist() == [0, 1, 2]


def test_an_unobserved_response_may_hold_anything_and_is_no_zero() -> None:
    responses = np.ones((5, 2))
    responses[2, 1] = np.nan
    valid = ~np.isnan(responses)
    assert recording(responses=responses, valid=valid).valid.sum() == 9


def test_sessions_are_padded_and_masked_without_loss() -> None:
    made = recording()
    cut = made.as_sessions()
    assert cut.labels.tolist() == [4, 7]
    assert cut.mask.tolist() == [[True] * 3, [True, True, False]]
    np.testing.assert_array_equal(cut.responses[cut.mask], made.responses)
    np.testing.assert_array_equal(cut.stimuli[cut.mask], made.stimuli)
    np.testing.assert_array_equal(cut.sources[cut.mask], made.sources)
    assert not cut.valid[1, 2].any()
    assert not cut.responses[1, 2].any()


def test_exact_sessions_of_different_lengths_are_refused() -> None:
    with pytest.raises(ShapeError, match="session 7 has 2 trials and others 3"):
        recording().as_sessions(exact=True)
    assert recording(session=[0] * 5).as_sessions(exact=True).responses.shape == (1, 5, 2)


def test_a_selection_keeps_names() -> None:
    part = recording(unit_ids=["a", "b"]).select(units=[1], channels=[2, 0], sessions=[7])
    assert part.unit_ids.tolist() == ["b"]
    assert part.channel_ids.tolist() == [2, 0]
    assert part.responses.tolist() == [[7], [9]]
    assert part.session_index.tolist() == [0, 0]
    assert part.sources.tolist() == [[0, 0], [1, 0]]


@pytest.mark.parametrize(
    ("changes", "kind", "sentence"),
    [
        (
            {"responses": np.ones(5)},
            ShapeError,
            "responses has shape (5,); wanted (trials, units), time first, with at least one "
            "of each.",
        ),
        (
            {"stimuli": np.ones((4, 3))},
            ShapeError,
            "stimuli has shape (4, 3); responses of 5 trials and 2 units want (5, 3).",
        ),
        (
            {"sources": np.ones(5)},
            ShapeError,
            "sources has shape (5,); wanted (trials, sources), time first, with at least one "
            "of each.",
        ),
        (
            {"valid": np.ones((5, 3), bool)},
            ShapeError,
            "valid has shape (5, 3); responses of 5 trials and 2 units want (5, 2).",
        ),
        (
            {"responses": np.array([[1, 2], [3, 4], [5, np.nan], [1, 1], [2, 2]])},
            ValueRangeError,
            "responses must be finite where valid; got nan at trial 2 (session 4), unit 1; "
            "mark it unobserved with valid=False, or leave the unit out.",
        ),
        (
            {"responses": np.array([[1, 2], [3, 4], [5, 6], [-1, 1], [2, 2]])},
            ValueRangeError,
            "responses must not be negative; got -1 at trial 3 (session 7), unit 0; "
            "pass counts or rates; signals such as dF/F or z-scores have fractions.",
        ),
        (
            {"responses": np.array([[1, 2], [3, 4], [5, -3e9], [1.5, 1], [2, 2]])},
            ValueRangeError,
            "responses must lie between -2e+09 and 2e+09; got -3000000000.0 at trial 2 (session "
            "4), unit 1; mark it unobserved with valid=False, or give all responses in a larger "
            "unit.",
        ),
        (
            {"responses": np.array([[1, 2], [3, 4], [5, 2**62], [1, 1], [2, 2]])},
            ValueRangeError,
            "responses must lie between -2e+09 and 2e+09; got 4611686018427387904 at trial 2 "
            "(session 4), unit 1; mark it unobserved with valid=False, or give all responses in a "
            "larger unit.",
        ),
        (
            {"responses": np.array([["a", "b"]] * 5)},
            ValueRangeError,
            "responses must hold real numbers; got type <U1.",
        ),
        (
            {"session": [0.5] * 5},
            ValueRangeError,
            "session must hold whole numbers; got 0.5 at index 0.",
        ),
        (
            {"session": [0, 0, 1, 0, 1]},
            ValueRangeError,
            "session must not decrease; it does at trial 3; sort the trials by time.",
        ),
        (
            {"risk": [0, 0, 2, 0, 0]},
            ValueRangeError,
            "risk must lie between 0.0 and 1.0; got 2.0 at index (2,).",
        ),
        (
            {"onset_s": [0, 1, np.nan, 3, 4]},
            ValueRangeError,
            "onset_s of valid trials must be finite; got nan at index (2,).",
        ),
        (
            {"unit_ids": [3, 3]},
            ValueRangeError,
            "unit_ids must differ from each other; give each one its own.",
        ),
        (
            {"window_s": (0.03, 0.01)},
            ValueRangeError,
            "window_s must be (start, end), start first; got (0.03, 0.01).",
        ),
    ],
)
def test_inconsistent_parts_are_refused(changes, kind: type[HebbayesError], sentence: str) -> None:
    with pytest.raises(kind) as caught:
        recording(**changes)
    assert str(caught.value) == sentence


def test_a_recording_shows_its_sizes_in_one_line() -> None:
    valid = np.ones((5, 2), bool)
    valid[0, 0] = False
    assert repr(recording(sources=None)) == "Recording(trials=5, sessions=2, channels=3, units=2)"
    assert repr(recording(valid=valid)).endswith("units=2, sources=2, observed=90.0%)")


def test_a_notebook_shows_sizes_and_failures_with_text_escaped() -> None:
    cultures = Cultures("<b>", {0: recording()}, {1: "r lacks <units>."})
    page = cultures._repr_html_()
    assert "&lt;b&gt;" in page
    assert "<td>5</td>" in page
    assert "culture 1: r lacks &lt;units&gt;." in page
    assert recording()._repr_html_().startswith("<table>")


def test_a_dataframe_has_one_row_per_trial_and_unit() -> None:
    valid = np.ones((5, 2), bool)
    valid[1, 0] = False
    made = recording(valid=valid, unit_ids=["a", "b"], decisions=[0, 1, 0, -1, 1])
    table = made.to_dataframe()
    assert table.columns.tolist() == ["session", "trial", "unit", "response", "decision"]
    assert table["unit"].tolist() == ["a", "b"] * 5
    assert table["decision"].tolist() == [0, 0, 1, 1, 0, 0, -1, -1, 1, 1]
    np.testing.assert_array_equal(
        table["response"], np.where(valid, made.responses, np.nan).ravel()
    )


def test_the_dataframe_of_cultures_says_which_is_which() -> None:
    table = Cultures("control", {0: recording(), 3: recording(unit_ids=[5, 6])}).to_dataframe()
    assert table.columns.tolist()[:3] == ["condition", "culture", "session"]
    assert table.groupby("culture")["unit"].unique().map(list).tolist() == [[0, 1], [5, 6]]
    assert set(table["condition"]) == {"control"}


def test_a_huge_response_is_kept_where_it_was_not_observed() -> None:
    responses = np.array([[1.0, 1e300], [2.0, 2e9]])
    recording = Recording(np.eye(2), responses, [0, 0], valid=[[True, False], [True, True]])
    assert recording.responses.tolist() == responses.tolist()
