"""Units are grouped by the source they prefer, from training sessions alone."""

from dataclasses import replace

import numpy as np
import pytest

from hebbayes.core.errors import ShapeError, ValueRangeError
from hebbayes.reverse_engineering.ensembles.by_labels import (
    find_ensembles_by_labels,
    labelled_projection,
    source_effects,
)
from hebbayes.reverse_engineering.ensembles.match import match_to_labels
from hebbayes.reverse_engineering.ensembles.readout import project
from hebbayes.reverse_engineering.isomura2023.preference import Criteria, select_ensembles

from .populations import population


@pytest.fixture(scope="module")
def three():
    return population(3, n_units=13, n_channels=18, lengths=(120, 75, 140, 60))


def test_each_unit_joins_its_source_among_three(three) -> None:
    members = find_ensembles_by_labels(three, train_sessions=2).members
    assert [units.tolist() for units in members] == [list(range(k, 13, 3)) for k in range(3)]


def test_two_sources_give_the_published_groups_where_those_are_defined() -> None:
    culture = population(2, lengths=(150, 150))
    published = select_ensembles(
        culture.responses.astype(float), culture.sources, culture.session, Criteria()
    )
    result = find_ensembles_by_labels(culture, train_sessions=2)
    for ours, theirs in zip(result.members, published):
        assert ours.tolist() == theirs.tolist()


def test_effects_equal_a_regression_with_one_level_per_session(three) -> None:
    rng = np.random.default_rng(1)
    valid = rng.random(three.responses.shape) > 0.3
    masked = replace(three, responses=np.where(valid, three.responses, np.nan), valid=valid)
    trials = three.session < 3
    effects = source_effects(masked, three.sources, trials)
    level = (three.session[:, None] == np.arange(3)).astype(float)
    for unit in range(three.n_units):
        rows = trials & valid[:, unit]
        design = np.column_stack([three.sources, level])[rows]
        expected = np.linalg.lstsq(design, three.responses[rows, unit], rcond=None)[0][:3]
        np.testing.assert_allclose(effects[unit], expected, atol=1e-10)


def test_later_sessions_change_nothing(three) -> None:
    late = (three.session > 1)[:, None]
    altered = replace(
        three,
        responses=np.where(late, 0, three.responses),
        sources=np.where(late, 1, three.sources),
    )
    first, second = (find_ensembles_by_labels(r, train_sessions=2) for r in (three, altered))
    np.testing.assert_array_equal(first.effects, second.effects)
    reads = [labelled_projection(r, first.members, train_sessions=2) for r in (three, altered)]
    np.testing.assert_array_equal(reads[0].weights, reads[1].weights)
    np.testing.assert_array_equal(reads[0].offset, reads[1].offset)


def test_a_session_may_lack_a_state_and_its_trials_may_be_in_any_order(three) -> None:
    lacks = (three.session == 0) & (three.sources == 1).all(1)
    kept = np.flatnonzero(~lacks)
    order = np.concatenate(
        [np.random.default_rng(k).permutation(kept[three.session[kept] == k]) for k in range(4)]
    )
    part = replace(
        three,
        stimuli=three.stimuli[order],
        responses=three.responses[order],
        session=three.session[order],
        sources=three.sources[order],
        valid=None,
    )
    members = find_ensembles_by_labels(part, train_sessions=4).members
    assert [units.tolist() for units in members] == [list(range(k, 13, 3)) for k in range(3)]


def test_units_in_no_group_are_named_with_the_reason(three) -> None:
    responses = three.responses.astype(float)
    responses[:, 9], responses[:, 10] = 0, 3
    valid = np.ones(responses.shape, bool)
    valid[:, 11] = False
    result = find_ensembles_by_labels(
        replace(three, responses=responses, valid=valid), train_sessions=4
    )
    assert result.excluded_units == {
        109: "responds too little, 0 spikes per trial",
        110: "prefers no source",
        111: "is observed in less than half of the training trials",
    }


def test_ensembles_of_one_unit_are_read(three) -> None:
    single = three.select(units=[0, 1, 2])
    members = find_ensembles_by_labels(single, train_sessions=3).members
    assert [len(units) for units in members] == [1, 1, 1]
    read = labelled_projection(single, members, train_sessions=3)
    match = match_to_labels(project(read, single), single.sources)
    assert match.ensemble.tolist() == [0, 1, 2]
    assert (match.sign == 1).all()
    assert match.correlation.min() > 0.5


def test_a_read_out_rises_with_its_own_group_only(three) -> None:
    members = find_ensembles_by_labels(three, train_sessions=4).members
    read = labelled_projection(three, members, train_sessions=4)
    for k, units in enumerate(members):
        own = np.isin(read.standardisation.unit_ids, three.unit_ids[units])
        assert (read.weights[own, k] > 0).all()
        assert not read.weights[~own, k].any()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda r: replace(r, responses=0 * r.responses), r"source 1 of 3: .* 0 of 13 units resp"),
        (lambda r: r.select(units=[0, 1, 3, 4]), "no responsive unit prefers source 3 of 3"),
        (lambda r: replace(r, sources=r.sources[:, [0, 1, 1]]), "cannot be separated"),
        (lambda r: replace(r, sources=r.sources * [1, 1, 0]), "one is constant"),
        (lambda r: replace(r, sources=2 * r.sources), "sources must hold only 0 and 1"),
    ],
)
def test_labels_that_choose_nothing_are_refused(three, change, sentence: str) -> None:
    with pytest.raises(ValueRangeError, match=sentence):
        find_ensembles_by_labels(change(three), train_sessions=4)


def test_a_recording_without_labels_is_refused(three) -> None:
    with pytest.raises(ShapeError, match="has no known sources"):
        find_ensembles_by_labels(replace(three, sources=None), train_sessions=1)


def test_groups_that_say_nothing_about_stimuli_are_refused(three) -> None:
    order = np.random.default_rng(3).permutation(three.n_trials)
    with pytest.raises(ValueRangeError, match="carries no information on the stimuli"):
        labelled_projection(
            replace(three, responses=three.responses[order]),
            [np.arange(k, 13, 3) for k in range(3)],
            train_sessions=4,
        )
