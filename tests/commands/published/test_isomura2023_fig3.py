"""Cultures by group: claims that can fail, separate groups, figures drawn whole."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hebbayes.commands.configs import ReproduceConfig
from hebbayes.commands.published.audit.statements import STATED_PROTOCOL, protocol_errors
from hebbayes.commands.published.culture_protocol import MODELS, fall, measure, prepare
from hebbayes.commands.published.culture_reference import (
    POOLED_BASELINE,
    STATED_GROUPS,
    public_names,
    read_groups,
)
from hebbayes.commands.published.isomura2023_fig3 import claims
from hebbayes.commands.published.maze_reference import REFERENCE_DATA
from hebbayes.commands.reproduce import present, run
from hebbayes.core.errors import ValueRangeError

from .recorded import measures, write_group

CONFIG = ReproduceConfig("isomura2023-fig3")


def group(**entries: Any) -> dict[int, Any]:
    return {k: measures(spread=spread, **entries) for k, spread in enumerate((-0.02, 0.0, 0.02))}


def failing(name: str = "mixing0", is_pooled: bool = False, **entries: Any) -> list[str]:
    return [
        c for c, holds in claims({name: group(**entries)}, {name: is_pooled}).items() if not holds
    ]


@pytest.mark.parametrize("name", ["mixing0", "bicuculline"])
def test_cultures_as_the_paper_has_them_bear_out_every_claim(name: str) -> None:
    assert failing(name, is_pooled=True) == []


@pytest.mark.parametrize(
    ("entries", "broken"),
    [
        ({"fall": -1.0, "by_drift": -2.0}, "L falls in every culture"),
        ({"growth": 0.0}, "ensembles come to follow their sources, on average"),
        ({"by_drift": 2.0}, "L falls further than gain drift alone makes it, on average"),
        ({"replay": 0.1}, "the protocol forecasts synapses better than a replay, on average"),
        ({"protocol_error": 0.11}, "it forecasts responses better than a constant, on average"),
    ],
)
def test_each_claim_can_fail(entries: dict[str, float], broken: str) -> None:
    assert failing(**entries) == [f"mixing0: {broken}"]


def test_a_prior_is_claimed_only_where_its_baseline_is_published() -> None:
    assert failing("bicuculline", True, prior=0.5) == [
        "bicuculline: the prior D1 is above 1/2, on average"
    ]
    assert failing("bicuculline", False, prior=0.5) == []
    assert failing("diazepam", True, prior=0.3) == []
    assert failing("diazepam", True, prior=0.7) == [
        "diazepam: the prior D1 is below 1/2, on average"
    ]


def test_a_drug_is_held_against_a_control_of_the_same_mixing_only() -> None:
    claim = "bicuculline: sources are learnt less than in control"
    less, alike = group(growth=0.1), group(growth=0.4)
    assert claims({"bicuculline": less, "control": group()}, {})[claim]
    assert not claims({"bicuculline": alike, "control": group()}, {})[claim]
    assert claim not in claims({"bicuculline": less, "mixing0": group()}, {})


def test_recordings_named_by_hand_are_analysed_and_drawn(tmp_path: Path) -> None:
    files = [write_group(tmp_path / "one.mat", 2), write_group(tmp_path / "two.mat", 1, 2)]
    outcome = present(run(replace(CONFIG, files=", ".join(map(str, files)))))
    checks = outcome.summary["checks"]
    assert sum(claim.startswith("one:") for claim in checks) == 5
    assert [claim for claim in checks if claim.startswith("two:")] == [
        "two: L falls in every culture"
    ]
    assert set(outcome.arrays) >= {"cost_one_0", "cost_one_1", "cost_two_0"}
    assert any("the mean over its own cultures" in note for note in outcome.notes)
    figure = outcome.figures["isomura2023-fig3"]()
    figure.draw_without_rendering()
    box, (width, height) = figure.get_tightbbox(), figure.get_size_inches()
    assert min(box.x0, box.y0, width - box.x1, height - box.y1) >= 0


def test_without_recordings_a_sentence_says_what_to_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("", str(tmp_path)):
        monkeypatch.setenv(REFERENCE_DATA, folder)
        with pytest.raises(ValueRangeError, match="name them with --files, or set HEBBAYES_REF"):
            run(CONFIG)


def test_groups_of_one_name_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    files = [write_group(tmp_path / "x.mat", 1), write_group(tmp_path / "a" / "x.mat", 1)]
    with pytest.raises(ValueRangeError, match="--files names x more than once"):
        read_groups(replace(CONFIG, files=",".join(map(str, files))))


def test_a_culture_that_the_protocol_refuses_is_named(tmp_path: Path) -> None:
    from hebbayes.data.formats.matlab.writing import to_mat
    from hebbayes.data.recording import Cultures

    from .recorded import DESIGN, simulate_culture

    short = simulate_culture(replace(DESIGN, n_sessions=10)).recording
    fine = simulate_culture(DESIGN).recording
    to_mat(Cultures("mixed", {0: short, 1: fine}), tmp_path / "mixed.mat")
    outcome = present(run(replace(CONFIG, files=str(tmp_path / "mixed.mat"))))
    assert any(note.startswith("mixed, culture 0 failed: 10 sessions") for note in outcome.notes)
    assert "cost_mixed_1" in outcome.arrays


@pytest.mark.thorough
def test_the_public_cultures_show_the_table_that_is_documented(reference_data: Path) -> None:
    del reference_data  # named by the environment
    groups = read_groups(CONFIG)
    assert public_names(groups, CONFIG) == STATED_GROUPS
    assert [one.baseline for one in groups] == [POOLED_BASELINE, None]
    worse = []
    for one in groups:
        prepared = prepare(one)
        result = {str(k): measure(prepared, k, seed=0, n_surrogates=1) for k in prepared.ensembles}
        errors = protocol_errors(result)
        for model in MODELS:
            assert errors[model].value == pytest.approx(STATED_PROTOCOL[one.name][model], rel=0.05)
        assert all(fall(m) > 0 for m in result.values())
        worse += [m.weight_errors[0] < m.weight_errors[1] for m in result.values()]
        drift = np.mean([(m.surrogate_cost[:, 0] - m.surrogate_cost[:, -10:].mean(1)).mean()
                         for m in result.values()])  # fmt: skip
        assert 0.6 < drift / np.mean([fall(m) for m in result.values()]) < 1.2
    assert sum(worse) == 9  # of 10 cultures: a replay forecasts synapses better
