"""`predict-behaviour` of tables of trials: held-out sessions, sessions to come, stated tasks."""

import json
import re
from dataclasses import replace

import numpy as np
import pandas
import pytest

from hebbayes.commands.configs import PredictBehaviourConfig
from hebbayes.commands.predict_behaviour import TablePrediction, present, run
from hebbayes.commands.running.outcome import plain
from hebbayes.core.errors import HebbayesError
from hebbayes.data.behaviour import Mapping, read_behaviour
from hebbayes.data.behaviour.rescaling import risk_by_outcomes_of
from hebbayes.data.formats.npz import to_npz
from hebbayes.reverse_engineering.behaviour.prediction import subjects as prediction_subjects
from hebbayes.reverse_engineering.behaviour.prediction.population_fits import fit_subjects
from hebbayes.simulators import AnimalDesign, simulate_animal

WORDS = {0: "left", 1: "right"}
SMALL = {"draws": 60}


def choices(seed, n_sessions=6, n_trials=40):
    """A subject that learns which of two keys each of two shapes rewards (values, rate 0.3)."""
    rng, value, rows = np.random.default_rng(seed), np.zeros((2, 2)), []
    for session in range(n_sessions):
        for _ in range(n_trials):
            shape = int(rng.integers(2))
            key = int(rng.random() < 1 / (1 + np.exp(4 * (value[shape, 0] - value[shape, 1]))))
            won = int(rng.random() < (0.9 if key == shape else 0.1))
            value[shape, key] += 0.3 * (2 * won - 1 - value[shape, key])
            rows.append((f"p{seed}", session, ["circle", "square"][shape], WORDS[key], won))
    return rows


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    place = tmp_path_factory.mktemp("table") / "keys.csv"
    rows = [row for seed in range(3) for row in choices(seed)]
    names = ["subject", "session", "stimulus", "choice", "reward"]
    pandas.DataFrame(rows, columns=names).to_csv(place, index=False)
    return place


@pytest.fixture(scope="module")
def told(file):
    result = run(PredictBehaviourConfig(file=file, **SMALL))
    assert isinstance(result, TablePrediction)
    return result, present(result)


def test_every_subject_has_a_forecast_beside_what_it_did(told, file) -> None:
    _, outcome = told
    summary = json.loads(json.dumps(plain(outcome.summary)))
    assert [one["subject"] for one in summary["subjects"]] == ["p0", "p1", "p2"]
    assert summary["decision_rests_on"] == "same"
    frame = pandas.read_csv(file)
    for one in summary["subjects"]:
        own = frame[frame.subject == one["subject"]]
        assert one["trials"] == len(own)
        assert one["held_out"]["sessions"] == [5]
        observed = own[own.session == 5].reward.mean()
        assert one["held_out"]["observed"] == pytest.approx([observed])
        assert len(one["success"]["value"]) == 3
        assert one["success"]["value"][0] == pytest.approx(0.85, abs=0.08)
        assert sum(one["models"].values()) == pytest.approx(1.0)
    inside = [x for one in summary["subjects"] for x in one["held_out"]["inside"]]
    assert summary["held_out_inside"] == pytest.approx(np.mean(inside))
    assert sum(inside) >= 2


def test_tables_notes_and_figures_say_so(told) -> None:
    result, outcome = told
    held, to_come = outcome.tables
    assert "last sessions" in held.title
    assert [row[0] for row in held.rows] == ["p0", "p1", "p2"]
    assert len(to_come.rows) == 3
    assert any("same trial" in note for note in outcome.notes)
    assert any("held-out sessions" in note and "95 %" in note for note in outcome.notes)
    assert set(outcome.figures) == {"sessions_to_come", "held_out"}
    for draw in outcome.figures.values():
        assert draw().axes[0].get_ylabel()
    assert outcome.arrays["held_out_success"].shape == (3, 3)
    np.testing.assert_array_equal(
        outcome.arrays["held_out_observed"], [one.held_out.success[0] for one in result.subjects]
    )


@pytest.mark.thorough
def test_a_reversal_makes_them_fail_and_a_stated_task_is_learnt(file, tmp_path) -> None:
    base = PredictBehaviourConfig(file=file, hold_out=0, task_sessions=2, **SMALL)
    reversed_ = present(run(replace(base, reversals="0"))).arrays["success"][0]
    assert (reversed_[:, 0] < reversed_[:, 1]).all()
    assert (reversed_[:, 0] < 0.75).all()
    as_stated = replace(base, rewards="0.1,0.9;0.9,0.1", task_trials=40)
    by_flag = present(run(as_stated)).arrays["success"]
    place = tmp_path / "task.toml"
    place.write_text("stimuli = [[1, 0], [0, 1]]\nreward = [[0.1, 0.9], [0.9, 0.1]]\n")
    by_file = present(run(replace(as_stated, rewards=None, task=place))).arrays["success"]
    np.testing.assert_array_equal(by_flag, by_file)
    # circle is left in the table, right in this task: the subjects must learn the opposite
    assert (by_flag[0, :, 0] < by_flag[0, :, 1]).all()


@pytest.mark.thorough
def test_the_same_seed_gives_the_same_numbers(file) -> None:
    config = PredictBehaviourConfig(file=file, hold_out=0, **SMALL)
    one, two = (present(run(config)).arrays for _ in range(2))
    other = present(run(replace(config, seed=1))).arrays
    np.testing.assert_array_equal(one["success"], two["success"])
    assert not np.array_equal(one["success"], other["success"])


def with_other_ends(frame, change):
    """The table with the last session of every subject changed by a function of its rows."""
    last = frame.session == frame.session.max()
    for _, rows in frame[last].groupby("subject"):
        frame.loc[rows.index] = change(rows.copy()).to_numpy()
    return frame


def permuted(rows):
    order = np.random.default_rng(3).permutation(len(rows))
    return rows.assign(choice=rows.choice.to_numpy()[order], reward=rows.reward.to_numpy()[order])


def paid_more(rows):
    return rows.assign(choice="both", reward=5 * rows.reward)


@pytest.mark.thorough
@pytest.mark.parametrize("change", [permuted, paid_more])
def test_nothing_that_is_fitted_or_chosen_rests_on_held_out_sessions(
    file, tmp_path, monkeypatch, change
) -> None:
    """Choices, outcomes, even a choice never made before: settings and fits stay the same."""
    seen = []

    def spy(subjects, names, share=map):
        fits = fit_subjects(subjects, names, share)
        seen.append(fits)
        return fits

    monkeypatch.setattr(prediction_subjects, "fit_subjects", spy)
    place = tmp_path / "changed.csv"
    with_other_ends(pandas.read_csv(file), change).to_csv(place, index=False)
    one, two = (run(PredictBehaviourConfig(file=path, **SMALL)) for path in (file, place))
    assert dict(one.settings.scores) == dict(two.settings.scores)
    assert one.settings.read_as == two.settings.read_as
    assert one.settings.n_scored == two.settings.n_scored
    _, known, _, again = seen  # of all trials, then of those before the held-out sessions
    assert len(known) == 3
    for first, second in zip(known, again):
        assert [r.log_evidence for r in first.shared] == [r.log_evidence for r in second.shared]
        for a, b in zip(first.shared, second.shared):
            np.testing.assert_array_equal(a.fit.parameters, b.fit.parameters)
            np.testing.assert_array_equal(a.fit.covariance, b.fit.covariance)
    assert [r.held_out.forecast.shares for r in one.subjects] == [
        r.held_out.forecast.shares for r in two.subjects
    ]


def test_outcomes_beyond_the_known_range_are_warned_of(file, tmp_path) -> None:
    place = tmp_path / "more.csv"
    with_other_ends(pandas.read_csv(file), paid_more).to_csv(place, index=False)
    table = read_behaviour(place, Mapping())
    again, warnings = risk_by_outcomes_of(table, table.session < 5)
    assert table.risk[table.outcome == 1].min() > 0.5  # scaled to 5
    assert set(np.unique(again.risk)) == {0.0, 1.0}
    assert len(warnings) == 1
    assert "--outcome-range 0,5" in warnings[0]
    stated = read_behaviour(place, Mapping(outcome_range=(0, 5)))
    assert risk_by_outcomes_of(stated, table.session < 5) == (stated, ())


def test_sessions_have_the_names_of_the_file(file, tmp_path) -> None:
    frame, place = pandas.read_csv(file), tmp_path / "named.csv"
    frame.assign(session=frame.session + 1).to_csv(place, index=False)
    result = run(PredictBehaviourConfig(file=place, **SMALL))
    outcome = present(result)
    assert [row[1] for row in outcome.tables[0].rows] == ["6"] * 3
    assert outcome.summary["subjects"][0]["held_out"]["session_names"] == ["6"]
    frame.assign(session="day " + frame.session.astype(str)).to_csv(place, index=False)
    named = replace(result, behaviour=read_behaviour(place, Mapping()))
    assert named.session_names("p1", np.array([5, 0])) == ["day 5", "day 0"]


def test_one_is_singular(tmp_path) -> None:
    place = tmp_path / "one.csv"
    names = ["subject", "session", "stimulus", "choice", "reward"]
    pandas.DataFrame(choices(0), columns=names).to_csv(place, index=False)
    outcome = present(run(PredictBehaviourConfig(file=place, task_sessions=1, **SMALL)))
    said = " ".join([*outcome.notes, *(table.title for table in outcome.tables)])
    assert "1 subject;" in said
    assert not re.search(r"\b1 (subject|session|choice|trial|held-out session)s\b", said)


def test_the_other_trial_is_warned_of(file) -> None:
    config = PredictBehaviourConfig(file=file, decision_rests_on="previous", hold_out=0, **SMALL)
    notes = present(run(config)).notes
    assert any("pass --decision-rests-on same" in note for note in notes)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"rewards": "1,0,0;0,1,0"}, "rewards of 3 choices; the table has 2: left, right"),
        ({"rewards": "1,0;0,1;1,1"}, "rewards of 3 stimuli; give 2"),
        ({"rewards": "1,0;0"}, "must be rows of numbers, all of one length"),
        ({"rewards": "1,2;0,1"}, "probabilities from 0 to 1"),
        ({"rewards": "a,b"}, "--rewards needs numbers"),
        ({"hold_out": -1}, "--hold-out must lie"),
        ({"reversals": "7"}, "--reversals needs different sessions from 0 to 2"),
        ({"gain_factor": 0.5}, "--gain-factor is for recordings"),
        ({"threshold": "1,-1"}, "--threshold is for recordings"),
        ({"culture": 1}, "--culture is for recordings"),
        ({"choice": "button"}, "button"),
    ],
)
def test_bad_flags_end_in_one_sentence(file, wrong, said) -> None:
    with pytest.raises(HebbayesError, match=said) as caught:
        run(PredictBehaviourConfig(file=file, **SMALL | wrong))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("reward = [[1, 0], [0, 1]]\nspeed = 3", "unknown key 'speed'"),
        ("stimuli = [[1, 0]]", "has no key reward"),
        ("reward = [[1, 0], [0, 1]]\nstimuli = [[1], [0]]", "have 1 channels; the table has 2"),
        ("reward = [[1, 0], [0, 1]]\nstimuli = [[2, 0], [0, 1]]", "between 0 and 1"),
        ("reward = [[1, 0], [0, 1]]\nfrequency = [1]", "1 frequencies"),
        ("reward = 'much'", "must be rows of numbers"),
        ("reward = ", "is not TOML"),
    ],
)
def test_bad_task_files_end_in_one_sentence(file, tmp_path, text, said) -> None:
    place = tmp_path / "task.toml"
    place.write_text(text)
    with pytest.raises(HebbayesError, match=said):
        run(PredictBehaviourConfig(file=file, task=place, **SMALL))


def test_flags_of_tables_are_refused_for_recordings(tmp_path) -> None:
    place = tmp_path / "animal.npz"
    design = AnimalDesign(n_sessions=2, n_trials=30, reversals=(), n_units=4)
    to_npz(simulate_animal(design).recording, place)
    with pytest.raises(HebbayesError, match="--hold-out is for tables of trials"):
        run(PredictBehaviourConfig(file=place, hold_out=1))
