"""The embedded animal: each estimate and each forecast holds its truth, and a miss fails loudly."""

from dataclasses import replace

import numpy as np
import pytest

from hebbayes.commands.configs import PredictBehaviourConfig
from hebbayes.commands.predict_behaviour import present, run
from hebbayes.reverse_engineering.statistics.estimate import Estimate


@pytest.fixture(scope="module")
def embedded():
    return run(PredictBehaviourConfig(task_sessions=5, task_trials=60, draws=40, lives=2))


@pytest.mark.thorough
def test_every_estimate_stands_beside_its_truth_and_holds(embedded) -> None:
    outcome = present(embedded)
    assert outcome.holds
    table = outcome.tables[0]
    assert [row[0] for row in table.rows[:3]] == [
        *("psi of decision 0", "psi of decision 1", "lambda / gain"),
    ]
    truths = [row[4] for row in table.rows[:3]]
    assert truths == pytest.approx([np.log(0.6 / 0.4), np.log(0.4 / 0.6), 100.0])
    assert [row[0] for row in table.rows[3:]] == [f"success in session {k}" for k in range(5)]
    assert [row[4] for row in table.rows[3:]] == pytest.approx(embedded.true_success.mean(0))
    for _, _, low, high, truth, said in table.rows:
        assert low <= truth <= high
        assert said == "yes"
    assert outcome.summary["truth"]["missed"] is False


@pytest.mark.thorough
def test_a_miss_fails_loudly(embedded) -> None:
    behaviour = embedded.behaviour
    wrong = replace(behaviour.output_layer, ratio=Estimate(*np.array([300.0, 280.0, 320.0])))
    result = replace(embedded, behaviour=replace(behaviour, output_layer=wrong))
    outcome = present(result)
    assert not outcome.holds
    assert outcome.notes[0].startswith("MISSED: lambda / gain is 300 [280, 320], truth 100")
    assert outcome.summary["truth"]["inside"]["lambda / gain"] is False


def test_an_animal_that_cannot_be_described_is_a_miss(embedded) -> None:
    result = replace(embedded, behaviour=replace(embedded.behaviour, output_layer=None))
    assert not present(result).holds
