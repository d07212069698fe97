"""One small experiment in every shape of table, each read like its arrays."""

from pathlib import Path

import numpy as np
import pandas
import pytest

from hebbayes.core.errors import HebbayesError
from hebbayes.data.reading import read_recording
from hebbayes.data.recording import Recording

CUES = np.array(["high", "low", "low", "high", "low", "high"])
ONSET_S = np.array([0.5, 1.5, 2.5, 3.5, 4.5, 5.5])
LICKS = np.array(["left", "right", "", "left", "left", "right"])
RESULTS = np.array(["correct", "correct", "ignore", "correct", "incorrect", "incorrect"])


def spikes() -> pandas.DataFrame:
    rng = np.random.default_rng(7)
    time = np.sort(rng.uniform(0, 6.2, 2000))
    return pandas.DataFrame({"unit": rng.choice(["a", "b", "c"], 2000), "time": time})


def counts(spikes: pandas.DataFrame, low: float = 0.01, high: float = 0.03) -> np.ndarray:
    """Counted one by one."""
    made = np.zeros((6, 3), int)
    for unit, time in spikes.itertuples(index=False):
        for k, onset in enumerate(ONSET_S):
            made[k, "abc".index(unit)] += low <= time - onset < high
    return made


def trials() -> pandas.DataFrame:
    return pandas.DataFrame(
        {"trial": range(6), "onset": ONSET_S, "cue": CUES, "lick": LICKS, "result": RESULTS}
    )


def read(path: Path, **options) -> Recording:
    return read_recording(path, **options).recordings[0]


MAPPING = {
    "decision_column": "lick",
    "outcome_column": "result",
    "values": "correct=0,incorrect=1,ignore=none",
}


def check(read: Recording, wanted: np.ndarray) -> None:
    np.testing.assert_array_equal(read.responses, wanted)
    assert read.channel_ids.tolist() == ["cue=high", "cue=low"]
    np.testing.assert_array_equal(read.stimuli[:, 0], CUES == "high")
    np.testing.assert_array_equal(read.stimuli[:, 1], CUES == "low")
    assert read.decisions is not None
    assert read.decisions.tolist() == [0, 1, -1, 0, 0, 1]
    np.testing.assert_array_equal(read.risk, [0, 0, np.nan, 0, 1, 1])
    assert read.n_sessions == 1
    assert read.provenance["decision_labels"] == ["left", "right"]


def test_unit_and_time_with_a_table_of_trials(tmp_path) -> None:
    spikes().to_csv(tmp_path / "s.csv", index=False)
    trials().to_csv(tmp_path / "t.tsv", index=False, sep="\t")
    made = read(tmp_path / "s.csv", trials=str(tmp_path / "t.tsv"), stimuli="cue", **MAPPING)
    check(made, counts(spikes()))
    assert made.unit_ids.tolist() == ["a", "b", "c"]
    np.testing.assert_array_equal(made.onset_s, ONSET_S)


@pytest.mark.parametrize("name", ["s-trials.csv", "s_trials.csv", "s-stimuli.csv"])
def test_a_table_of_trials_beside_is_found(tmp_path, name: str) -> None:
    spikes().to_csv(tmp_path / "s.csv", index=False)
    trials().to_csv(tmp_path / name, index=False)
    check(read(tmp_path / "s.csv", stimuli="cue", **MAPPING), counts(spikes()))


def test_trials_first_and_spikes_by_flag(tmp_path) -> None:
    spikes().to_csv(tmp_path / "s.csv", index=False)
    trials().to_csv(tmp_path / "t.csv", index=False)
    made = read(tmp_path / "t.csv", spikes=str(tmp_path / "s.csv"), stimuli="cue", **MAPPING)
    check(made, counts(spikes()))


def test_milliseconds_are_known_by_the_name_of_the_column(tmp_path) -> None:
    held = spikes().assign(time_ms=lambda s: s.time * 1000).drop(columns="time")
    held.to_csv(tmp_path / "s.csv", index=False)
    table = trials().assign(onset_ms=ONSET_S * 1000).drop(columns="onset")
    table.to_csv(tmp_path / "s-trials.csv", index=False)
    check(read(tmp_path / "s.csv", stimuli="cue", **MAPPING), counts(spikes()))


def test_the_onset_is_a_sum_of_columns(tmp_path) -> None:
    spikes().to_csv(tmp_path / "s.csv", index=False)
    table = trials().assign(start=ONSET_S - 0.25, pole=0.2).drop(columns="onset")
    table.to_csv(tmp_path / "s-trials.csv", index=False)
    made = read(tmp_path / "s.csv", stimuli="cue", onset="start + pole + 0.05", **MAPPING)
    check(made, counts(spikes()))


def test_spikes_out_of_order_are_refused_or_sorted_and_counted(tmp_path) -> None:
    held = spikes()
    held.iloc[[10, 500]] = held.iloc[[500, 10]].to_numpy()
    held.to_csv(tmp_path / "s.csv", index=False)
    trials().to_csv(tmp_path / "s-trials.csv", index=False)
    with pytest.raises(HebbayesError, match="pass --sort-spikes"):
        read(tmp_path / "s.csv", stimuli="cue")
    made = read(tmp_path / "s.csv", stimuli="cue", sort_spikes=True, **MAPPING)
    check(made, counts(spikes()))
    late = sum(
        sum(t < max(times[:k]) for k, t in enumerate(times) if k)
        for times in (held.time[held.unit == unit].tolist() for unit in "abc")
    )
    assert f"{late} of 2000 spikes, in" in made.provenance["warnings"][-1]


def test_times_that_restart_in_each_trial_belong_to_their_trial(tmp_path) -> None:
    held = spikes()
    held["trial"] = np.clip((held.time - 0.4) // 1, 0, 5).astype(int)
    held["time"] -= held.trial + 0.4
    held.sort_values(["trial", "time"]).to_csv(tmp_path / "s.csv", index=False)
    table = trials().assign(onset=0.1)
    table.to_csv(tmp_path / "s-trials.csv", index=False)
    check(read(tmp_path / "s.csv", stimuli="cue", **MAPPING), counts(spikes()))


def test_a_session_with_its_own_clock(tmp_path) -> None:
    held = spikes()
    held["session"] = np.where(held.time < 3, "mon", "tue")
    held.loc[held.session == "tue", "time"] -= 3
    held.to_csv(tmp_path / "s.csv", index=False)
    table = trials().assign(session=["mon"] * 3 + ["tue"] * 3, onset=ONSET_S % 3)
    table.to_csv(tmp_path / "s-trials.csv", index=False)
    made = read(tmp_path / "s.csv", stimuli="cue")
    np.testing.assert_array_equal(made.responses, counts(spikes()))
    assert made.session.tolist() == [0, 0, 0, 1, 1, 1]


def wide() -> pandas.DataFrame:
    return pandas.DataFrame(counts(spikes(), 0, 0.3), columns=["unit_a", "unit_b", "unit_c"])


def test_wide_counts_with_stimuli_in_the_same_table(tmp_path) -> None:
    trials().join(wide()).to_csv(tmp_path / "w.csv")
    made = read(tmp_path / "w.csv", stimuli="cue", **MAPPING)
    check(made, wide().to_numpy())
    assert made.unit_ids.tolist() == ["unit_a", "unit_b", "unit_c"]
    assert made.onset_s is None


def test_wide_counts_beside_trials_in_another_order(tmp_path) -> None:
    wide().assign(trial=range(6)).iloc[::-1].to_csv(tmp_path / "w.csv", index=False)
    trials().to_csv(tmp_path / "w-trials.csv", index=False)
    check(read(tmp_path / "w.csv", stimuli="cue", **MAPPING), wide().to_numpy())


def test_units_under_names_of_their_own_are_named_by_flag(tmp_path) -> None:
    held = trials().join(wide().set_axis(["ALM1", "ALM2", "S1"], axis=1))
    held.to_csv(tmp_path / "w.csv", index=False)
    with pytest.raises(HebbayesError, match="or --spikes with the columns of units"):
        read(tmp_path / "w.csv", stimuli="cue")
    made = read(tmp_path / "w.csv", stimuli="cue", spikes="ALM*,S1", **MAPPING)
    check(made, wide().to_numpy())


def test_an_empty_count_is_unobserved_and_fractions_stay(tmp_path) -> None:
    held = wide().astype(float) + 0.5
    held.iloc[2, 1] = np.nan
    trials().join(held).to_csv(tmp_path / "w.csv", index=False)
    made = read(tmp_path / "w.csv", stimuli="cue")
    assert not made.valid[2, 1]
    assert made.valid.sum() == 17
    np.testing.assert_array_equal(made.responses[made.valid], held.to_numpy()[made.valid])


def test_long_counts_without_sessions_by_mapping(tmp_path) -> None:
    long = wide().assign(trial=range(6)).melt("trial", var_name="unit", value_name="count")
    long.to_csv(tmp_path / "c.csv", index=False)
    trials().to_csv(tmp_path / "c-trials.csv", index=False)
    check(read(tmp_path / "c.csv", stimuli="cue", **MAPPING), wide().to_numpy())


def test_sessions_are_split_by_number(tmp_path) -> None:
    trials().join(wide()).to_csv(tmp_path / "w.csv", index=False)
    made = read(tmp_path / "w.csv", stimuli="cue", session_trials=4)
    assert made.session.tolist() == [0, 0, 0, 0, 1, 1]
    assert (
        read(tmp_path / "w.csv", stimuli="cue")
        .provenance["warnings"][0]
        .endswith("--session-trials N to split them, or --session-column none.")
    )


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({}, "pass --stimuli COLUMN[,COLUMN] (what was shown); it has trial, onset, cue"),
        ({"stimuli": "tone"}, "has no column tone; it has trial, onset, cue, lick, result"),
        ({"stimuli": "cue", "onset": "begin"}, "has no column begin"),
        ({"stimuli": "cue", "onset": "lick"}, "column lick, must hold seconds; got 'left'"),
        ({"stimuli": "cue", "coding": "tone=onehot"}, "--coding names tone, which is no stimulus"),
        ({"stimuli": "cue", "outcome_column": "cue"}, '--values "high=RISK,low=RISK"'),
        ({"stimuli": "cue", "instructed": "lick"}, "pass --outcome-column COL"),
        ({"stimuli": "cue", "session_column": "day"}, "has no column day"),
    ],
)
def test_what_is_missing_is_named_with_its_flag(tmp_path, options, sentence: str) -> None:
    spikes().to_csv(tmp_path / "s.csv", index=False)
    trials().to_csv(tmp_path / "s-trials.csv", index=False)
    with pytest.raises(HebbayesError) as caught:
        read(tmp_path / "s.csv", **options)
    assert sentence in str(caught.value)


def test_words_in_common_use_need_no_values(tmp_path) -> None:
    trials().join(wide()).to_csv(tmp_path / "w.csv", index=False)
    stated = {name: text for name, text in MAPPING.items() if name != "values"}
    check(read(tmp_path / "w.csv", stimuli="cue", **stated), wide().to_numpy())


def test_the_choice_follows_from_the_required_side(tmp_path) -> None:
    sides = np.where((RESULTS == "incorrect"), np.where(LICKS == "left", "right", "left"), LICKS)
    sides[2] = "right"  # ignored
    trials().assign(side=sides).join(wide()).drop(columns="lick").to_csv(tmp_path / "w.csv")
    made = read(
        tmp_path / "w.csv", stimuli="cue", instructed="side", outcome_column="result",
        values=MAPPING["values"],
    )  # fmt: skip
    check(made, wide().to_numpy())


def test_columns_without_a_meaning_are_listed(tmp_path) -> None:
    trials().join(wide()).to_csv(tmp_path / "w.csv", index=False)
    made = read(tmp_path / "w.csv", stimuli="cue", decision_column="lick")
    assert made.provenance["not_used"] == ["result"]


def test_all_that_is_missing_is_named_at_once(tmp_path) -> None:
    spikes().to_csv(tmp_path / "s.csv", index=False)
    trials().rename(columns={"onset": "begin"}).to_csv(tmp_path / "s-trials.csv", index=False)
    with pytest.raises(HebbayesError) as caught:
        read(tmp_path / "s.csv")
    assert "--stimuli COLUMN[,COLUMN] (what was shown) and --onset COLUMN" in str(caught.value)


def test_spikes_without_trials_say_what_to_pass(tmp_path) -> None:
    spikes().to_csv(tmp_path / "s.csv", index=False)
    with pytest.raises(HebbayesError, match="holds spikes and no trials; pass --trials"):
        read(tmp_path / "s.csv")
