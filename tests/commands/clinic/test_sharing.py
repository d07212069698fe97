"""An interrupted command goes on where it was: saved subjects are not run again, numbers agree."""

import numpy as np
import pandas as pd
import pytest

from hebbayes import ClinicConfig
from hebbayes.clinic.diagnosis import diagnose
from hebbayes.commands.clinic import run
from hebbayes.commands.running.outcome import plain


class Kept:
    """A checkpoint in memory."""

    def __init__(self, arrays=None):
        self.arrays = arrays

    def load(self):
        return self.arrays

    def save(self, arrays):
        self.arrays = dict(arrays)


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    rng = np.random.default_rng(0)
    rows = [
        (f"s{k}", "HC" if k < 2 else "SZ", *rng.integers(0, 2, 3)) for k in range(3)
        for _ in range(25)
    ]  # fmt: skip
    path = tmp_path_factory.mktemp("tables") / "choices.csv"
    names = ["subject", "group", "stimulus", "choice", "reward"]
    pd.DataFrame(rows, columns=names).to_csv(path, index=False)
    return path


def shown(result):
    outcome = result.outcome()
    summary = {k: v for k, v in plain(outcome.summary).items() if k != "seconds"}
    return summary, {name: np.asarray(values).tolist() for name, values in outcome.arrays.items()}


def refuse(task):
    raise AssertionError("a saved subject was run again")


def test_a_diagnosis_goes_on_with_the_subjects_that_are_missing(table, monkeypatch) -> None:
    config = ClinicConfig(what="diagnose", file=table, controls="HC", workers=1)
    kept = Kept()
    whole = shown(run(config, checkpoint=kept))
    half = Kept({"subjects/1": kept.arrays["subjects/1"]})
    done = diagnose.run_subject
    again = []
    monkeypatch.setattr(
        diagnose, "run_subject", lambda task: again.append(task.observed.name) or done(task)
    )
    assert shown(run(config, checkpoint=half)) == whole
    assert again == ["s0", "s2"]


def test_advice_is_read_back_as_it_was_given(monkeypatch) -> None:
    from hebbayes.commands.clinic import treat

    config = ClinicConfig(what="treat", impairment="psi=4", trials=300, workers=1)
    kept = Kept()
    whole = shown(run(config, checkpoint=kept))
    assert whole[0]["correction"]
    monkeypatch.setattr(treat, "advise_patient", refuse)
    assert shown(run(config, checkpoint=kept)) == whole
