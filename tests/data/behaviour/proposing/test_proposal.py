"""What is proposed for tables as labs have them, and what is asked instead of guessed."""

import numpy as np
import pandas
import pytest

from hebbayes.core.errors import FormatError
from hebbayes.data.behaviour import Behaviour

N = 12
LR = ["L", "R"] * 6
REWARD = [1, 0, 0, 1] * 3


def mapping_of_frame(columns: dict, **stated) -> dict:
    return dict(Behaviour.from_frame(pandas.DataFrame(columns), **stated).provenance["mapping"])


@pytest.mark.parametrize(
    ("columns", "wanted"),
    [
        # a go/no-go task in words: not to lick is a choice
        (
            {"mouse": [1] * N, "stimulus": ["go", "nogo"] * 6, "response": ["lick", "no lick"] * 6,
             "outcome": ["hit", "cr", "hit", "fa"] * 3},
            {"subject": "mouse", "choice": "response", "outcome": "outcome", "coding":
             "stimulus=onehot", "values": "cr=0,fa=1,hit=0"},
        ),
        # the same without the response: it follows from what was required
        (
            {"trial_type": ["go", "nogo"] * 6, "outcome": ["hit", "cr", "miss", "fa"] * 3},
            {"instructed": "trial_type", "stimulus": "trial_type", "outcome": "outcome"},
        ),
        # blocks of a reversal come back, and are no sessions
        (
            {"participant": ["a"] * N, "block": [1, 1, 2, 2, 1, 1] * 2, "choice": LR,
             "reward": REWARD},
            {"subject": "participant", "choice": "choice", "reward": "reward", "stimulus": "none"},
        ),
        # times on the clock of the session are no response times
        (
            {"choice": [1, -1, 0] * 4, "feedback_type": [1, -1, -1] * 4,
             "contrast_left": [0.5, np.nan] * 6, "contrast_right": [np.nan, 0.25] * 6,
             "response_times": np.arange(N) + 0.5},
            {"choice": "choice", "feedback": "feedback_type", "missed": "0",
             "stimulus": "contrast_left,contrast_right"},
        ),
        # -1 for no choice, beside outcomes of -1, as doubles
        (
            {"choice": [-1.0, 0, 1] * 4, "reward": [-1.0, 1, 0] * 4, "tone": [1.0, 0, 1] * 4},
            {"choice": "choice", "missed": "-1", "reward": "reward", "outcome_range": "0,1"},
        ),
        ({"id": range(N), "Action": LR, "Feedback": [1, -1] * 6, "age": [3] * N},
         {"choice": "Action", "feedback": "Feedback", "outcome_range": "-1,1"}),
        ({"subject": [1] * N, "condition": [1] * N, "response": LR, "accuracy": REWARD,
          "coherence": [0, 6.4, -12.8, 51.2] * 3},
         {"outcome": "accuracy", "coding": "coherence=signed"}),
        ({"choice": LR, "risk": [0.5] * N, "cue": ["a"] * N}, {"risk": "risk", "choice": "choice"}),
    ],
)  # fmt: skip
def test_columns_are_known_by_name_and_value(columns: dict, wanted: dict) -> None:
    found = mapping_of_frame(columns)
    assert {role: found.get(role) for role in wanted} == wanted
    unwanted = {"session", "response_time", "group"} - set(wanted)
    assert unwanted & set(found) == set()


@pytest.mark.parametrize(
    ("columns", "complaint"),
    [
        ({"choice": [-1, 0, 1] * 4, "reward": REWARD, "cue": REWARD}, "--missed 0 if 0 in choice"),
        ({"choice": LR, "reward": REWARD, "correct": REWARD, "cue": REWARD}, "--outcome correct"),
        ({"choice": LR, "reward": REWARD, "cue": range(100, 100 + N), "tone": LR},
         "since cue, tone may all be stimuli"),
        ({"choice": LR, "reward": REWARD, "p_high": REWARD}, "--stimulus COL"),
        ({"choice": LR, "cue": LR}, "--outcome COL"),
        ({"reward": REWARD, "cue": LR}, "--choice COL"),
        ({"response": LR, "key": REWARD, "reward": REWARD, "cue": LR},
         "--choice COL, since response, key may all be the choice"),
        ({"choice": LR, "outcome": ["juice", "air"] * 6, "cue": LR},
         '--values "air=RISK,juice=RISK"'),
        ({"choice": LR, "reward": REWARD, "stimulus": list(range(40)) * 1},
         "--coding stimulus=onehot or stimulus=graded"),
    ],
)  # fmt: skip
def test_what_cannot_be_told_is_asked_with_its_flag(columns: dict, complaint: str) -> None:
    rows = max(map(len, columns.values()))
    even = {name: (list(values) * 4)[:rows] for name, values in columns.items()}
    with pytest.raises(FormatError) as caught:
        mapping_of_frame(even)
    assert complaint in str(caught.value)


def test_everything_gives_way_to_what_is_stated() -> None:
    columns = {"subjID": [1, 1, 2, 2], "choice": [1, 2, 1, 2], "outcome": [0, 1, 1, 0],
               "other": [2, 1, 2, 1], "got": [5, 10, 5, 0]}  # fmt: skip
    found = mapping_of_frame(columns, subject="none", choice="other", reward="got",
                             outcome_range=(0, 20), stimulus="none")  # fmt: skip
    assert found == {"subject": "none", "choice": "other", "reward": "got", "stimulus": "none",
                     "outcome_range": "0,20"}  # fmt: skip


@pytest.mark.parametrize(
    ("stated", "complaint"),
    [
        ({"choice": "chioce"}, "has no column 'chioce', which --choice names; it has subject"),
        ({"group": "cue"}, "--group cue has 3 values in subject 1"),
        ({"response_time": "cue"}, "the response time cue holds text"),
        ({"risk": "big"}, "the risk big is 30 in a row"),
        ({"outcome_range": (0, 0.5)}, "--outcome-range 0,0.5 must hold all outcomes"),
        ({"coding": "cue=graded"}, "graded and signed take numbers: pass --coding cue=onehot"),
        ({"coding": {"cue": "binary"}}, "has 3 values; binary takes two"),
        ({"instructed": "cue", "choice": "none"}, "--instructed cue has 3 values"),
        ({"activity": "gaps"}, "the activity gaps holds text or gaps"),
        ({"where": "subject=9"}, "no row of the table is left: subject is not 9 in all 6"),
        ({"values": "1=0"}, '--values "0=RISK,1=0"'),
    ],
)
def test_a_column_that_does_not_fit_its_role_is_refused(stated: dict, complaint: str) -> None:
    columns = {"subject": [1] * 6, "choice": LR[:6], "reward": [0, 1] * 3, "cue": list("abcabc"),
               "big": [30.0] * 6, "gaps": [1, np.nan] * 3}  # fmt: skip
    with pytest.raises(FormatError) as caught:
        mapping_of_frame(columns, **{"stimulus": "cue", **stated})
    assert complaint in str(caught.value)


def missing_of(columns: dict, **stated) -> str:
    with pytest.raises(FormatError) as caught:
        Behaviour.from_frame(pandas.DataFrame(columns), **stated)
    return str(caught.value)


def test_a_contrast_without_a_sign_goes_with_its_side() -> None:
    columns = {"choice": LR, "rewarded": REWARD, "contrast": [0.1, 0.5, 1] * 4, "side": LR}
    mapping = mapping_of_frame(columns)
    assert mapping["stimulus"] == "contrast,side"
    assert mapping["coding"] == "contrast=graded,side=onehot"
    named = {"response": LR, "reward": REWARD, "contrast": [0.1, 0.5] * 6, "stim_side": LR}
    assert mapping_of_frame(named)["stimulus"] in ("stim_side", "contrast,stim_side")
    signed = columns | {"contrast": [-1.0, 0.5, 1] * 4}
    assert mapping_of_frame(signed)["stimulus"] == "contrast"


def test_what_follows_a_first_choice_is_said_to_be_left_out() -> None:
    columns = {"stage1_choice": LR, "transition": ["common"] * N, "stage2_choice": LR,
               "stage2_rt": [0.5] * N, "reward": REWARD}  # fmt: skip
    behaviour = Behaviour.from_frame(
        pandas.DataFrame(columns), choice="stage1_choice", stimulus="none"
    )
    told = " ".join(behaviour.provenance["warnings"])
    assert "not used: transition, stage2_choice, stage2_rt; a trial has one choice" in told
    assert "such as stage1_choice" in missing_of(columns, stimulus="none")
    plain = Behaviour.from_frame(pandas.DataFrame({"choice": LR, "reward": REWARD}))
    assert "second stage" not in " ".join(plain.provenance["warnings"])


def test_columns_of_a_keyboard_are_known_by_their_endings() -> None:
    mapping = mapping_of_frame(
        {"stim": ["A", "B"] * 6, "answer_key.keys": LR, "answer_key.corr": REWARD,
         "answer_key.rt": [0.3, 0.5, 0.4] * 4, "expName": ["x"] * N}
    )  # fmt: skip
    assert (mapping["choice"], mapping["outcome"]) == ("answer_key.keys", "answer_key.corr")
    assert mapping["response_time"] == "answer_key.rt"


def test_a_table_with_a_column_per_subject_is_told_how_to_become_long() -> None:
    wide = {"trial": range(N), **{f"choice_s{k}": LR for k in range(1, 5)}}
    sentence = missing_of(wide)
    assert "choice_s1, choice_s2 may be one subject each" in sentence
    assert "wide_to_long" in sentence
    assert "wide_to_long" not in missing_of({"A": LR, "B": LR})


def test_only_labels_are_suggested_for_subjects() -> None:
    columns = {"choice": LR, "reward": REWARD, "cue": LR, "p_left": [0.2, 0.8] * 6,
               "rig": ["one"] * N, "clock": np.arange(N) / 7}  # fmt: skip
    behaviour = Behaviour.from_frame(pandas.DataFrame(columns))
    told = next(one for one in behaviour.provenance["warnings"] if "--subject COL" in one)
    assert "not used: rig)" in told


@pytest.mark.parametrize("screens", [["cross", "task"], ["cross", "text", "task", "task"]])
def test_rows_in_which_no_choice_is_ever_made_can_be_left_out(screens: list[str]) -> None:
    kind = (screens * N)[: 2 * N]
    is_task = np.array(kind) == "task"
    table = pandas.DataFrame({"kind": kind, "response": LR * 2, "correct": REWARD * 2})
    table.loc[~is_task, ["response", "correct"]] = None
    told = " ".join(Behaviour.from_frame(table, stimulus="none").provenance["warnings"])
    assert "if they are no trials, pass --where kind=task." in told
    behaviour = Behaviour.from_frame(table, stimulus="none", where="kind=task")
    assert behaviour.n_trials == is_task.sum()
    assert not behaviour.is_missed.any()
    assert "--where" not in " ".join(behaviour.provenance["warnings"])


def test_kinds_of_trials_with_choices_are_not_to_be_left_out() -> None:
    table = pandas.DataFrame({"kind": ["a", "b"] * 6, "response": LR, "correct": REWARD})
    table.loc[[0, 2, 3, 7], "response"] = None
    told = Behaviour.from_frame(table, stimulus="none").provenance["warnings"]
    assert "--where" not in " ".join(told)
