"""The audit of cultures: end to end, resumable, claims that can fail, the public numbers."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hebbayes.commands.configs import ReproduceConfig
from hebbayes.commands.published import what_theory_adds
from hebbayes.commands.published.audit.statements import (
    STATED_LOSSES,
    STATED_PROTOCOL,
    Audited,
    stated_claims,
)
from hebbayes.commands.published.culture_reference import STATED_GROUPS
from hebbayes.commands.published.reproduction import Reproduction
from hebbayes.commands.reproduce import present, run
from hebbayes.commands.running.checkpoint import Checkpoint
from hebbayes.commands.running.outcome import Outcome
from hebbayes.reverse_engineering.forecasting import catalogue
from hebbayes.reverse_engineering.forecasting.culture import Forecasts
from hebbayes.reverse_engineering.forecasting.judging.verdict import Verdict
from hebbayes.reverse_engineering.forecasting.theory.latent_network import LatentNetwork
from hebbayes.reverse_engineering.statistics.estimate import Estimate

from .recorded import measures, write_group

CONFIG = ReproduceConfig("what-theory-adds")


def without_time(outcome: Outcome) -> dict[str, Any]:
    return {k: v for k, v in outcome.summary.items() if k not in ("seconds", "figure")}


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> ReproduceConfig:
    return replace(CONFIG, files=str(write_group(tmp_path_factory.mktemp("data") / "mine.mat", 3)))


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Checkpoint:
    return Checkpoint(tmp_path_factory.mktemp("run") / "checkpoint.npz")


@pytest.fixture(scope="module")
def outcome(config: ReproduceConfig, checkpoint: Checkpoint) -> Outcome:
    return present(run(config, checkpoint=checkpoint))


def test_every_null_and_model_is_told_with_its_interval_and_the_verdict(outcome: Outcome) -> None:
    numbers = outcome.summary["numbers"]
    assert {f"loss of {name}" for name in STATED_LOSSES} <= set(numbers)
    assert set(numbers["theory adds"]) == {"ours", "low", "high"}
    assert numbers["settings tried"]["ours"] == 72
    assert any(note.startswith("Theory adds ") for note in outcome.notes)
    for target in ("synapses", "free energy"):
        assert set(numbers[f"{target}: theory adds"]) == {"ours", "low", "high"}
        assert f"{target}: loss of own_expectation / replay" in numbers
        assert any(note.startswith(f"Target {target}: theory adds") for note in outcome.notes)
    models, folds = outcome.tables[2:]
    assert len(models.rows) == 12
    assert [row[0] for row in folds.rows] == ["mine 0", "mine 1", "mine 2"]
    assert set(outcome.summary["checks"]) == {"no forecast is better than the noise floor"}


def test_the_figure_is_whole(outcome: Outcome) -> None:
    figure = outcome.figures["what-theory-adds"]()
    figure.draw_without_rendering()
    box, (width, height) = figure.get_tightbbox(), figure.get_size_inches()
    assert min(box.x0, box.y0, width - box.x1, height - box.y1) >= 0


def test_a_resumed_audit_scores_only_what_is_missing(
    config: ReproduceConfig,
    checkpoint: Checkpoint,
    outcome: Outcome,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    saved = checkpoint.load()
    assert saved is not None
    part = Checkpoint(tmp_path / "checkpoint.npz")
    part.save({name: values for name, values in saved.items() if not name.startswith("mine 1.")})
    scored, score = [], what_theory_adds.score_culture

    def counting(recording: Any, n_training: int, **options: Any) -> Any:
        scored.append(recording)
        return score(recording, n_training, **options)

    monkeypatch.setattr(what_theory_adds, "score_culture", counting)
    again = present(run(config, checkpoint=part))
    assert len(scored) == 1
    assert without_time(again) == without_time(outcome)
    assert again.arrays.keys() == outcome.arrays.keys()
    for name, values in again.arrays.items():
        np.testing.assert_array_equal(values, outcome.arrays[name])


@pytest.mark.thorough
def test_the_network_fitted_by_gradient_is_scored_where_asked_for(
    config: ReproduceConfig, checkpoint: Checkpoint, outcome: Outcome, monkeypatch, tmp_path: Path
) -> None:
    """Fits are slow: the catalogue's is cut short; and what is kept without it stays apart."""
    monkeypatch.setattr(catalogue, "LatentNetwork", lambda: LatentNetwork(n_starts=1, n_steps=2))
    saved = checkpoint.load()
    assert saved is not None
    part = Checkpoint(tmp_path / "checkpoint.npz")
    part.save(saved)
    result = present(run(replace(config, latent=True), checkpoint=part))
    assert result.summary["numbers"]["settings tried"]["ours"] == 73
    assert "latent_network" in [row[0] for row in result.tables[2].rows]
    kept = part.load()
    assert kept is not None
    assert set(saved) < set(kept)
    names = kept["mine 0 with latent network.scores.names"].tolist()
    assert names[-1] == "latent_network"


def test_two_cultures_are_described_and_not_judged(
    config: ReproduceConfig, checkpoint: Checkpoint, outcome: Outcome, tmp_path: Path
) -> None:
    del outcome  # has filled the checkpoint
    two = write_group(tmp_path / "mine.mat", 2)
    result = present(run(replace(config, files=str(two)), checkpoint=checkpoint))
    assert "theory adds" not in result.summary["numbers"]
    assert result.notes[1].startswith("Fewer than three cultures can be forecast")
    result.figures["what-theory-adds"]().draw_without_rendering()


OTHERS = ("added", "replay")  # what is changed and no loss


def stated(**changed: float) -> Audited:
    """The public cultures with exactly the numbers that are known."""
    losses = {n: Estimate(v, v, v) for n, v in (STATED_LOSSES | changed).items() if n not in OTHERS}
    added = changed.get("added", 0.0)
    verdict = Verdict(Estimate(added, added, added), added > 0, 0.0, 0.01, 60, "recordings", ())
    protocol = {
        group: {f"{group} 0": replace(measures(replay=changed.get("replay", 0.05)),
                                      errors=np.array(list(columns.values())))}
        for group, columns in STATED_PROTOCOL.items() if group in STATED_GROUPS
    }  # fmt: skip
    return Audited(Forecasts("saturated", losses, verdict, {}, 10, True), protocol=protocol)


def failing(**changed: float) -> list[str]:
    return [
        claim
        for claim, holds in stated_claims(stated(**changed), STATED_GROUPS).items()
        if not holds
    ]


@pytest.mark.parametrize(
    ("changed", "broken"),
    [
        ({}, []),
        ({"linear": 1.2}, ["loss of linear within 5 % of 1.33"]),
        (
            {"kalman_gain": 0.5},
            ["no forecast is better than the noise floor", "loss of kalman_gain within 5 % of 0.9"],
        ),
        ({"replay": 0.2}, ["replayed sessions forecast synapses better in most cultures"]),
        ({"added": 0.05}, ["what the theory adds cannot be told from nothing"]),
    ],
)
def test_each_claim_about_the_public_cultures_can_fail(
    changed: dict[str, float], broken: list[str]
) -> None:
    assert failing(**changed) == broken


def test_a_public_group_beside_others_is_held_to_its_own_numbers_only() -> None:
    claims = stated_claims(stated(), (*STATED_GROUPS, "mixing50"))
    assert sum(claim.startswith("published protocol") for claim in claims) == 8
    assert not any(claim.startswith("loss of") for claim in claims)


def test_other_cultures_are_not_held_to_the_public_numbers() -> None:
    assert list(stated_claims(stated(), ())) == ["no forecast is better than the noise floor"]


@pytest.mark.slow
def test_the_public_cultures_give_the_documented_numbers(reference_data: Path) -> None:
    del reference_data  # named by the environment
    outcome = present(run(CONFIG))
    assert outcome.holds, outcome.summary["checks"]


def test_a_reproduction_carries_its_tables() -> None:
    assert Reproduction({}, {}, {}, lambda: None, "").tables == ()  # type: ignore[arg-type,return-value]
