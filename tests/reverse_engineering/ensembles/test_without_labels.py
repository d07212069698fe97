"""Ensembles are found without labels, in the right number, or refused with the reason."""

from dataclasses import replace

import numpy as np
import pytest

from hebbayes.core.errors import HebbayesError, ShapeError, ValueRangeError
from hebbayes.data.recording import Recording
from hebbayes.reverse_engineering.ensembles.match import match_to_labels
from hebbayes.reverse_engineering.ensembles.readout import project
from hebbayes.reverse_engineering.ensembles.restarts import interaction_share
from hebbayes.reverse_engineering.ensembles.without_labels import find_ensembles_without_labels

from .populations import population


@pytest.fixture(scope="module")
def recording() -> Recording:
    return population()


@pytest.fixture(scope="module")
def result(recording):
    return find_ensembles_without_labels(recording, train_sessions=3)


@pytest.mark.parametrize(
    ("n_sources", "n_units", "n_channels", "mixed"),
    [(1, 6, 5, 0.0), (2, 40, 20, 0.25), (3, 30, 21, 0.1), (4, 48, 32, 0.0)],
)
def test_every_source_is_found_in_the_right_number(n_sources, n_units, n_channels, mixed) -> None:
    culture = population(
        n_sources, n_units=n_units, n_channels=n_channels, mixed=mixed, lengths=(200, 130, 170, 40)
    )
    result = find_ensembles_without_labels(culture, train_sessions=3)
    assert result.n_ensembles == n_sources
    match = match_to_labels(project(result.projection, culture)[500:], culture.sources[500:])
    assert match.correlation.min() > 0.9  # in a session that nothing was fitted on
    assert match.ensemble.tolist() == list(range(n_sources))  # in the order of their channels
    assert (match.sign == 1).all()


def test_a_source_that_labels_do_not_know_is_found_too() -> None:
    culture = population(3, n_units=24, n_channels=18, lengths=(200, 200))
    partly = replace(culture, sources=culture.sources[:, :2])
    result = find_ensembles_without_labels(partly, train_sessions=2)
    assert result.n_ensembles == 3
    across = match_to_labels(project(result.projection, partly), culture.sources).correlation
    assert across.min() > 0.9


def test_nothing_fitted_depends_on_labels_or_later_sessions(recording, result) -> None:
    rng = np.random.default_rng(9)
    late = recording.session == 3
    altered = replace(
        recording,
        stimuli=np.where(late[:, None], 1 - recording.stimuli, recording.stimuli),
        responses=np.where(late[:, None], rng.poisson(9, (340, 12)), recording.responses),
        sources=rng.integers(0, 2, (340, 5)),
    )
    again = find_ensembles_without_labels(altered, train_sessions=3)
    assert again.candidates == result.candidates
    np.testing.assert_array_equal(again.projection.weights, result.projection.weights)
    np.testing.assert_array_equal(again.projection.offset, result.projection.offset)
    np.testing.assert_array_equal(again.table, result.table)
    other = find_ensembles_without_labels(recording, train_sessions=3, n_ensembles=2, seed=1)
    assert (other.projection.weights != result.projection.weights).any()


def test_dead_units_and_missing_trials_do_not_disturb(recording) -> None:
    rng = np.random.default_rng(2)
    valid = rng.random((340, 12)) > 0.15
    valid[40:60] = False
    responses = np.where(valid, recording.responses, np.nan)
    responses[:, 4], valid[:, 5] = 0, False
    result = find_ensembles_without_labels(
        replace(recording, responses=responses, valid=valid), train_sessions=3
    )
    assert result.n_ensembles == 2
    assert result.excluded_units == {
        105: "is observed in less than half of the training trials",
        104: "is silent in every training trial",
    }
    x = project(result.projection, replace(recording, responses=responses, valid=valid))
    assert np.isnan(x[40:60]).all()
    assert match_to_labels(x, recording.sources).correlation.min() > 0.85


def test_candidates_name_what_is_degenerate(result) -> None:
    free_energies = [c.free_energy for c in result.candidates]
    assert result.candidates[0].n_ensembles == 0
    assert free_energies[2] == min(free_energies[:3])
    assert result.candidates[2].excess == 0.0
    assert {fault for c in result.candidates[3:] for fault in c.faults}
    assert all("constant" in f or "duplicates" in f for c in result.candidates for f in c.faults)


def test_a_projection_of_whether_sources_agree_is_flagged(recording) -> None:
    """Units that answer to one source and to agreement: flat priors cannot tell, the table can."""
    agree = (recording.sources[:, 0] == recording.sources[:, 1]).astype(int)
    seen = np.column_stack([recording.sources[:, 0], agree])
    responses = np.random.default_rng(4).poisson(1 + 4 * seen[:, np.arange(12) % 2])
    other = replace(recording, responses=responses)
    result = find_ensembles_without_labels(other, train_sessions=4, n_ensembles=2)
    assert result.interaction > 0.3
    match = match_to_labels(project(result.projection, other), seen)
    assert match.correlation.min() > 0.9
    assert find_ensembles_without_labels(recording, train_sessions=4).interaction < 0.05


def test_interaction_is_what_an_analysis_of_variance_says() -> None:
    table = np.array([[0.1], [0.3], [0.2], [0.9]])  # balanced two by two
    effect = [
        (table[2:].mean() - table[:2].mean()) / 2,
        (table[1::2].mean() - table[::2].mean()) / 2,
    ]
    total = ((table - table.mean()) ** 2).mean()
    expected = 1 - (effect[0] ** 2 + effect[1] ** 2) / total
    np.testing.assert_allclose(interaction_share(table, np.ones(4)), expected, rtol=1e-12)


def shuffled(recording: Recording) -> Recording:
    order = np.random.default_rng(5).permutation(recording.n_trials)
    return replace(recording, responses=recording.responses[order])


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (shuffled, "no projection of the units explains held-out stimuli better than constant"),
        (lambda r: replace(r, responses=0 * r.responses), "no unit carries a signal .* 12 are sil"),
        (lambda r: replace(r, responses=0 * r.responses + 3), "12 respond alike in every trial"),
        (lambda r: replace(r, valid=np.zeros((340, 12), bool)), "^0 training trials have an obser"),
        (lambda r: replace(r, stimuli=r.stimuli / 2), "stimuli of training trials must hold only"),
        (lambda r: replace(r, stimuli=0 * r.stimuli), "every training trial has the same stimuli"),
        (lambda r: r.select(sessions=[9, 1]).select(sessions=[1]), None),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(recording, change, sentence) -> None:
    if sentence is None:
        assert find_ensembles_without_labels(change(recording), train_sessions=1).n_ensembles == 2
        return
    with pytest.raises(HebbayesError, match=sentence):
        find_ensembles_without_labels(change(recording), train_sessions=3)


def test_more_ensembles_than_the_population_carries_are_refused(recording) -> None:
    with pytest.raises(ValueRangeError, match="ensembles without labels are degenerate: ensemble"):
        find_ensembles_without_labels(shuffled(recording), train_sessions=3, n_ensembles=2)
    with pytest.raises(ValueRangeError, match="n_ensembles must lie between 1 and 5; got 6"):
        find_ensembles_without_labels(recording, train_sessions=3, n_ensembles=6)


def test_a_single_unit_speaks_for_one_source_at_most() -> None:
    culture = population(2, n_units=1, gain=8.0)
    result = find_ensembles_without_labels(culture, train_sessions=4)
    assert result.n_ensembles == 1
    match = match_to_labels(project(result.projection, culture), culture.sources)
    assert match.correlation[0] > 0.9


def test_too_few_trials_are_refused(recording) -> None:
    with pytest.raises(ShapeError, match=r"^39 training trials .* need at least 40: train on more"):
        find_ensembles_without_labels(population(lengths=(39, 90)), train_sessions=1)


REPORTED = {
    "mixing0": (1.0, 1.0, 1.0, 1.0),
    "bicuculline": (0.99, 0.98, 0.98, 0.84, 0.48, 0.49),
}


@pytest.mark.thorough
@pytest.mark.parametrize("condition", REPORTED)
def test_public_cultures_carry_their_sources_as_reported(reference_data, condition: str) -> None:
    """The last two carry one source and whether the sources agree: a mean near one half."""
    from hebbayes.data.formats.matlab.reading import read_mat

    recordings = read_mat(reference_data / "culture" / f"{condition}.mat").recordings
    for culture, expected in enumerate(REPORTED[condition]):
        early = recordings[culture].select(sessions=np.arange(10))
        result = find_ensembles_without_labels(early, train_sessions=10)
        assert result.n_ensembles == 2
        match = match_to_labels(project(result.projection, early), early.sources)
        assert abs(match.correlation.mean() - expected) <= 0.05
        assert (result.interaction > 0.3) == (expected < 0.6)
