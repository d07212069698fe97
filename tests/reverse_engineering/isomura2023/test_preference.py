"""Ensembles are chosen and normalised as the published pipeline says, by a second, slow route."""

import numpy as np
import pytest

from hebbayes.core.errors import ValueRangeError
from hebbayes.reverse_engineering.isomura2023.preference import (
    Criteria,
    change_since_first_session,
    conditional_means,
    group_means,
    mean_by_own_source,
    select_ensembles,
)

from ...cultures import small_culture


@pytest.fixture(scope="module")
def culture():
    made = {name: values.astype(int) for name, values in small_culture(3).items()}
    return made["r"].astype(float), made["s"], np.repeat(np.arange(12), 32)


def test_group_means_equal_a_loop(culture) -> None:
    responses, _, session = culture
    expected = [responses[session == k].mean(0) for k in range(12)]
    np.testing.assert_allclose(group_means(responses, session, 12), expected, rtol=1e-13)


def test_conditional_means_equal_a_loop(culture) -> None:
    responses, sources, session = culture
    means = conditional_means(responses, sources, session)
    for k in (0, 7):
        for state, pair in enumerate([(0, 0), (0, 1), (1, 0), (1, 1)]):
            chosen = (session == k) & (sources == pair).all(1)
            np.testing.assert_allclose(means[k, state], responses[chosen].mean(0), rtol=1e-13)


def test_three_sources_have_eight_states(culture) -> None:
    responses, sources, session = culture
    three = np.column_stack([sources, sources[::-1, :1]])
    assert conditional_means(responses, three, session).shape == (12, 8, 8)


def test_each_unit_joins_the_ensemble_of_the_source_it_prefers(culture) -> None:
    first, second = select_ensembles(*culture, Criteria())
    assert first.tolist() == [0, 2, 4, 6]
    assert second.tolist() == [1, 3, 5, 7]


@pytest.mark.parametrize("fault", ["faint", "silent in one session", "indifferent"])
def test_a_unit_that_fails_a_criterion_joins_no_ensemble(culture, fault: str) -> None:
    responses, sources, session = culture
    changed = responses.copy()
    if fault == "faint":
        changed[:, 0] /= 2 * changed[:, 0].mean()
    elif fault == "silent in one session":
        changed[session == 5, 0] = 0
    else:
        changed[:, 0] = changed[:, 0].mean()
    assert select_ensembles(changed, sources, session, Criteria())[0].tolist() == [2, 4, 6]


def test_a_session_without_a_state_is_left_out_of_the_preference(culture) -> None:
    responses, sources, session = culture
    altered = sources.copy()
    altered[session == 3] = (1, 1)
    first, second = select_ensembles(responses, altered, session, Criteria())
    assert (len(first), len(second)) == (4, 4)


def test_no_unit_for_a_source_is_named(culture) -> None:
    responses, sources, session = culture
    with pytest.raises(ValueRangeError) as caught:
        select_ensembles(responses[:, ::2], sources, session, Criteria())
    assert str(caught.value) == (
        "no responsive unit prefers source 2: wanted a mean rate above 1, every session's above "
        "0.1 and a preference above 0.5 spikes per trial; 4 of 4 units respond; leave this "
        "culture out."
    )


def test_sources_that_are_never_apart_are_named(culture) -> None:
    responses, sources, session = culture
    with pytest.raises(ValueRangeError, match=r"no session has trials of both \(1, 0\) and"):
        select_ensembles(responses, sources[:, [0, 0]], session, Criteria())


def test_normalised_activity_equals_the_written_steps(culture) -> None:
    responses, sources, session = culture
    raw, baseline = responses[:, :2], 2.5
    rest = np.empty_like(raw)
    for t in range(len(raw)):
        alike = (sources == sources[t]).all(1) & (session == 0)
        trend = raw[session == session[t]].mean(0) - raw[session == 0].mean(0)
        rest[t] = raw[t] - raw[alike].mean(0) - trend
    z = (rest - rest.mean(0)) / rest.std(0, ddof=1)
    expected = 0.5 + z / 2 + (raw[session == 0].mean(0) - baseline) / (4 * baseline)
    got = change_since_first_session(raw, sources, session, baseline)
    np.testing.assert_allclose(got, expected.clip(0, 1), atol=1e-12)


def test_an_unseen_state_of_the_first_session_is_named(culture) -> None:
    responses, sources, session = culture
    altered = sources.copy()
    altered[(session == 0) & (sources == (0, 1)).all(1)] = (1, 1)
    with pytest.raises(ValueRangeError, match=r"no trial of stimulus state \(0, 1\)"):
        change_since_first_session(responses[:, :2], altered, session, 2.5)


def test_an_ensemble_that_never_changes_is_named(culture) -> None:
    _, sources, session = culture
    raw = np.column_stack([np.arange(len(session)), np.full(len(session), 0.1)])
    with pytest.raises(ValueRangeError, match="ensemble 2 responds alike in every trial"):
        change_since_first_session(raw, sources, session, 2.5)


def test_means_follow_the_source_of_their_own_ensemble() -> None:
    values = np.array([[1.0, 10.0], [2.0, 20.0], [3.0, 30.0], [5.0, 50.0]])
    sources = np.array([[0, 1], [1, 0], [0, 1], [1, 1]])
    means = mean_by_own_source(values, sources, np.zeros(4, int))
    np.testing.assert_allclose(means, [[[2.0, 20.0], [3.5, 30.0]]])
