"""Published figures: names, claims that can fail, numbers beside the published ones."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hebbayes.commands import sources
from hebbayes.commands.configs import ReproduceConfig, SourcesConfig
from hebbayes.commands.published.reproduction import parts_of
from hebbayes.commands.reproduce import PUBLISHED, present, run
from hebbayes.commands.running.checkpoint import Checkpoint
from hebbayes.commands.running.outcome import plain
from hebbayes.commands.sources import SourcesResult
from hebbayes.core.errors import ValueRangeError


def separation(n_sessions: int = 100) -> SourcesResult:
    """Two runs that learnt as they should."""
    rise = np.linspace(0.6, 0.9, n_sessions)
    cross = np.broadcast_to([[0.9, 0.1], [0.1, 0.92]], (2, 2, 2)) + np.array([[[0.01]], [[-0.01]]])
    d1 = sources.SWEEP[:, None, None, None]
    own = 0.9 - 4 * np.abs(d1 - 0.5) ** 2 + np.array([0.001, 0.0])[:, None, None]
    return SourcesResult(
        config=SourcesConfig(runs=2),
        correlation=np.diagonal(cross, axis1=1, axis2=2),
        cross_correlation=cross,
        response_by_session=np.broadcast_to(
            np.stack([rise, 1 - rise], -1)[:, None], (2, n_sessions, 2, 2)
        ),
        free_energy_by_session=np.broadcast_to(10_000 - 1000 * rise, (2, n_sessions)),
        divergence_by_session=np.ones((2, n_sessions)),
        synapses=np.full((2, 2, 32, 2), 0.5),
        sweep=np.where(np.eye(2, dtype=bool), own, np.minimum(own, 0.02)),
        seconds=1.0,
        seconds_compile=1.0,
    )


@pytest.fixture
def canned(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let the sources study return what a test says."""

    def give(result: SourcesResult) -> None:
        monkeypatch.setattr(sources, "run", lambda config, **_: result)

    give(separation())
    return give


def test_the_list_names_every_figure() -> None:
    outcome = present(run(ReproduceConfig()))
    assert set(outcome.summary["figures"]) == set(PUBLISHED)
    assert outcome.summary["figure"] is None
    assert [row[0] for row in outcome.tables[0].rows] == list(PUBLISHED)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (
            {"name": "Isomura2020 Fig3"},
            "no published figure is called 'Isomura2020 Fig3'; did you mean 'isomura2020-fig3'?",
        ),
        (
            {"name": "zzz"},
            f"no published figure is called 'zzz'; there are {', '.join(PUBLISHED)}.",
        ),
        ({"runs": 1}, "--runs must be at least 2; got 1."),
        ({"mazes": 1}, "--mazes must be at least 2; got 1."),
        ({"trials": 19}, "--trials must be at least 20; got 19."),
    ],
)
def test_what_cannot_be_reproduced_is_refused(wrong: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueRangeError) as caught:
        run(replace(ReproduceConfig("isomura2020-fig2"), **wrong))
    assert str(caught.value) == sentence


@pytest.mark.parametrize("name", ["isomura2020-fig2", "isomura2020-fig3"])
def test_an_outcome_has_the_contract_s_keys(canned: Any, name: str, tmp_path: Path) -> None:
    del canned
    config = ReproduceConfig(name, runs=2)
    outcome = present(run(config, checkpoint=Checkpoint(tmp_path / "checkpoint.npz")))
    assert outcome.summary["figure"] == str(tmp_path / "figures" / f"{name}.svg")
    assert outcome.holds, outcome.summary["checks"]
    assert all(type(holds) is bool for holds in outcome.summary["checks"].values())
    assert plain(outcome.summary)["numbers"].keys() == outcome.summary["numbers"].keys()
    assert present(run(config)).summary["figure"] is None
    figure = outcome.figures[name]()
    assert figure.get_supxlabel() != ""
    figure.draw_without_rendering()
    box, (width, height) = figure.get_tightbbox(), figure.get_size_inches()
    assert min(box.x0, box.y0, width - box.x1, height - box.y1) >= 0


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        (
            {"response_by_session": separation().response_by_session[:, ::-1]},
            "every run becomes more selective",
        ),
        (
            {"cross_correlation": separation().cross_correlation[:, ::-1]},
            "every state encodes its own source better than the other",
        ),
        (
            {"free_energy_by_session": separation().free_energy_by_session[:, ::-1]},
            "free energy falls in every run",
        ),
        (
            {"correlation": separation().correlation - 0.3},
            "correlation agrees with the reference run within 3 standard errors",
        ),
    ],
)
def test_each_claim_about_learning_can_fail(
    canned: Any, change: dict[str, Any], broken: str
) -> None:
    canned(replace(separation(), **change))
    outcome = present(run(ReproduceConfig("isomura2020-fig2", runs=2)))
    assert [claim for claim, holds in outcome.summary["checks"].items() if not holds] == [broken]
    assert not outcome.holds


@pytest.mark.parametrize(
    ("sweep", "broken"),
    [
        (
            np.roll(separation().sweep, 4, axis=0),
            "encoding is best within 0.1 of the true prior",
        ),
        (
            0.95 * np.ones((19, 2, 2, 2)) * np.eye(2),
            "at 0.05 and 0.95 a state cannot tell its source from the other",
        ),
    ],
)
def test_each_claim_about_the_prior_can_fail(canned: Any, sweep: Any, broken: str) -> None:
    canned(replace(separation(), sweep=sweep))
    checks = present(run(ReproduceConfig("isomura2020-fig3", runs=2))).summary["checks"]
    assert not checks[broken]


def test_studies_that_share_a_checkpoint_do_not_disturb_each_other(tmp_path: Path) -> None:
    whole = Checkpoint(tmp_path / "checkpoint.npz")
    first, second = parts_of(whole, ["a", "ab"])
    assert first is not None
    assert second is not None
    assert first.load() is None
    first.save({"x": np.arange(3)})
    second.save({"x": np.arange(4)})
    first.save({"x": np.arange(5)})
    for parts in ((first, second), parts_of(whole, ["a", "ab"])):
        loaded = [part.load() for part in parts if part is not None]
        assert [arrays["x"].size for arrays in loaded if arrays] == [5, 4]
