"""Tables as psychiatrists have them: `clinic check` prints a command that diagnoses them."""

import numpy as np
import pandas as pd
import pytest

from hebbayes import ClinicConfig, run_clinic
from hebbayes.cli.parser import parse
from hebbayes.clinic.tables import read_subjects
from hebbayes.commands.clinic.request import read_table


def english(rng, k, t):
    return {"subject": f"S{k}", "group": "HC" if k < 2 else "SZ", "stimulus": rng.integers(2),
            "choice": ["left", "right"][rng.integers(2)],
            "reward": rng.integers(2)}  # fmt: skip


def german(rng, k, t):
    return {"Proband": f"P {k}", "Gruppe": "Kontrolle" if k < 2 else "Patient", "Durchgang": t,
            "Reiz": ["Haus", "Baum"][rng.integers(2)],
            "Antwort": ["links", "rechts"][rng.integers(2)],
            "Gewinn": ["0,5", "1,5"][rng.integers(2)]}  # fmt: skip


def with_missing_trials(rng, k, t):
    missed = t % 10 == 3
    return {"id": 100 + k, "dx": "healthy" if k < 2 else "schizophrenia", "block": t // 10,
            "cue": ["A", "B"][rng.integers(2)], "resp": "" if missed else rng.integers(1, 3),
            "points": "" if missed else 10 * rng.integers(2)}  # fmt: skip


def table_of(row, folder, separator=","):
    rng = np.random.default_rng(1)
    rows = [row(rng, k, t) for k in range(3) for t in range(20)]
    path = folder / "choices.csv"
    pd.DataFrame(rows).to_csv(path, index=False, sep=separator)
    return path


@pytest.mark.parametrize(
    ("row", "separator", "stated", "controls"),
    [
        (english, ",", {}, "HC"),
        (german, ";", {"subject": "Proband", "group": "Gruppe", "choice": "Antwort",
                       "reward": "Gewinn", "stimulus": "Reiz"}, "Kontrolle"),
        (with_missing_trials, ",", {"subject": "id", "group": "dx", "choice": "resp",
                                    "reward": "points", "stimulus": "cue"}, "healthy"),
    ],
)  # fmt: skip
def test_the_command_that_check_prints_reads_the_same_subjects(
    row, separator, stated, controls, tmp_path
) -> None:
    path = table_of(row, tmp_path, separator)
    checked = run_clinic(ClinicConfig(what="check", file=path, workers=1, **stated))
    words = checked.outcome().summary["next_command"]
    assert words[:3] == ["hebbayes", "clinic", "diagnose"]
    config = parse(words[1:]).config
    assert config.controls == controls
    again = read_table(config, config.file)[1]
    assert [one.name for one in again.subjects] == [one.name for one in checked.reading.subjects]
    for one, other in zip(again.subjects, checked.reading.subjects, strict=True):
        np.testing.assert_array_equal(one.choices.choice, other.choices.choice)
        np.testing.assert_array_equal(one.choices.outcome, other.choices.outcome)


def test_groups_without_a_telling_name_are_asked_for(tmp_path) -> None:
    path = table_of(lambda r, k, t: {**english(r, k, t), "group": "AB"[k > 1]}, tmp_path)
    outcome = run_clinic(ClinicConfig(what="check", file=path, workers=1)).outcome()
    assert "--controls" not in outcome.next_command
    assert "Name the group of healthy subjects with --controls; groups are A, B." in outcome.notes


def test_subjects_with_few_choices_are_named(tmp_path) -> None:
    path = table_of(english, tmp_path)
    checked = run_clinic(ClinicConfig(what="check", file=path, workers=1))
    assert "3 made fewer than 100, too few to say much: S0, S1, S2." in checked.outcome().notes[0]
    assert read_subjects(checked.behaviour).subjects[0].choices.n_made == 20


def test_a_column_of_groups_that_is_not_recognised_is_asked_for(tmp_path) -> None:
    checked = run_clinic(
        ClinicConfig(what="check", file=table_of(with_missing_trials, tmp_path), workers=1)
    )
    notes = checked.outcome().notes
    assert any("not used: dx" in note and "name it with --group" in note for note in notes)
