"""Every convention is read as it was written: trial by trial, against the numbers of its writer."""

import os
from pathlib import Path

import h5py
import numpy as np
import pandas
import pytest

from hebbayes.data.behaviour import Behaviour, Mapping, read_behaviour

from .convention_files import FILES, Expected

REFERENCE = os.environ.get("HEBBAYES_REFERENCE_DATA")
needs_reference = pytest.mark.skipif(
    not REFERENCE, reason="HEBBAYES_REFERENCE_DATA names no folder"
)


def labels(codes, ids) -> list:
    return [None if code < 0 else ids[code] for code in codes.tolist()]


def assert_read(behaviour: Behaviour, expected: Expected) -> None:
    assert labels(behaviour.choice, behaviour.choice_ids.tolist()) == expected.choice
    np.testing.assert_allclose(behaviour.stimuli, expected.stimuli, atol=1e-12)
    np.testing.assert_allclose(behaviour.outcome, expected.outcome)
    np.testing.assert_allclose(behaviour.risk, expected.risk, atol=1e-12)
    if expected.subject is not None:
        assert labels(behaviour.subject, behaviour.subject_ids.tolist()) == expected.subject
    session = [0] * behaviour.n_trials if expected.session is None else expected.session
    assert behaviour.session.tolist() == session
    assert (behaviour.group is None) == (expected.group is None)
    if expected.group is not None:
        assert behaviour.group.tolist() == expected.group
    assert (behaviour.response_time_s is None) == (expected.response_time_s is None)
    if expected.response_time_s is not None:
        np.testing.assert_allclose(behaviour.response_time_s, expected.response_time_s)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_file_is_read_as_it_was_written(tmp_path, file) -> None:
    expected = file.write(tmp_path / file.name)
    behaviour = read_behaviour(tmp_path / file.name, Mapping(**file.flags))
    assert_read(behaviour, expected)
    origin = behaviour.provenance
    assert behaviour.n_trials + sum(origin["dropped"].values()) == origin["rows"]
    again = read_behaviour(tmp_path / file.name, Mapping(**origin["mapping"]))
    assert again.provenance["mapping"] == origin["mapping"]
    assert_read(again, expected)


@pytest.mark.parametrize("file", [f for f in FILES if f.name.endswith((".csv", ".tsv"))],
                         ids=lambda file: file.name)  # fmt: skip
def test_a_frame_in_memory_reads_like_its_file(tmp_path, file) -> None:
    expected = file.write(tmp_path / file.name)
    sheet = {"sep": ";", "decimal": ","} if file.name == "sheet.csv" else {}
    frame = pandas.read_csv(
        tmp_path / file.name, **({"sep": "\t"} if ".tsv" in file.name else sheet)
    )
    assert_read(Behaviour.from_frame(frame, **file.flags), expected)


def test_the_table_of_a_behaviour_reads_back(tmp_path) -> None:
    made = next(file for file in FILES if file.name == "rlwm.csv")
    expected = made.write(tmp_path / "a.csv")
    first = read_behaviour(tmp_path / "a.csv")
    again = Behaviour.from_frame(first.to_dataframe())
    assert_read(again, expected)
    assert [str(n) for n in again.channel_ids] == [str(n) for n in first.channel_ids]


@needs_reference
def test_decisions_of_a_public_session_equal_type_times_response() -> None:
    path = Path(str(REFERENCE), "behaviour", "alm_mouse.nwb")
    with h5py.File(path) as file:
        trials = file["intervals/trials"]
        side, response = (trials[name].asstr()[:].tolist() for name in ("type", "response"))
    other = {"lick left": "lick right", "lick right": "lick left"}
    made = {"correct": lambda one: one, "incorrect": other.get}
    behaviour = read_behaviour(path)
    expected = [made[r](s) if r in made else None for s, r in zip(side, response)]
    assert labels(behaviour.choice, behaviour.choice_ids.tolist()) == expected
    risk = [{"correct": 0.0, "incorrect": 1.0}.get(one, np.nan) for one in response]
    np.testing.assert_array_equal(behaviour.risk, risk)
    assert behaviour.subject_ids.tolist() == ["anm372795"]


@needs_reference
def test_a_public_table_equals_an_independent_reading() -> None:
    path = Path(str(REFERENCE), "behaviour", "rlwm_schizophrenia.csv")
    raw, behaviour = pandas.read_csv(path), read_behaviour(path)
    np.testing.assert_array_equal(behaviour.subject_ids[behaviour.subject], raw["subjID"])
    np.testing.assert_array_equal(behaviour.session, raw["block"])
    np.testing.assert_array_equal(behaviour.choice + 1, raw["choice"].fillna(0))
    np.testing.assert_array_equal(behaviour.stimuli @ np.arange(1, 7), raw["stimulus"])
    np.testing.assert_array_equal(behaviour.outcome, raw["outcome"])
    np.testing.assert_array_equal(behaviour.risk, 1 - raw["outcome"])
    np.testing.assert_array_equal(behaviour.response_time_s, raw["rt_s"])
    groups = raw.groupby("subjID", sort=False)["group"].first()
    assert behaviour.group.tolist() == groups.tolist()
    assert np.unique(behaviour.group, return_counts=True)[1].tolist() == [36, 49]
