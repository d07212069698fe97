"""Fits of one subject: held-out likelihoods against refits, missed trials, settings by score."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import log_softmax

from hebbayes.core.errors import ValueRangeError
from hebbayes.data.behaviour import Behaviour
from hebbayes.reverse_engineering.behaviour.rivals.catalogue import MODELS
from hebbayes.reverse_engineering.behaviour.rivals.comparison import (
    compare_rivals,
    parameters_of,
    unbounded_log_odds,
)
from hebbayes.reverse_engineering.behaviour.subjects.fits import fit_form, fit_subject, form_of
from hebbayes.reverse_engineering.behaviour.subjects.settings import (
    Scoring,
    best_of,
    choose_first,
    first_ways,
    score_ways,
    settled,
)
from hebbayes.reverse_engineering.behaviour.subjects.trials import (
    ReadAs,
    choices_of_subjects,
    folds_of,
    only,
    subjects_of,
)
from hebbayes.simulators import GroupDesign, HebbianLearner, simulate_choices, simulate_group

DESIGN = GroupDesign(n_subjects=2, n_sessions=4, n_trials=60, missed=0.05)


@pytest.fixture(scope="module")
def behaviour():
    return simulate_group(DESIGN, seed=4).behaviour


@pytest.fixture(scope="module")
def subject(behaviour):
    return subjects_of(behaviour, behaviour.stimuli, ReadAs())[0]


@pytest.mark.parametrize("name", ["leaky", "rescorla_wagner", "readout", "constant"])
def test_held_out_likelihood_is_that_of_a_refit_without_the_fold(subject, name) -> None:
    """The step from the fit of all trials against fits from scratch, fold by fold."""
    found = fit_subject(subject, [name])[name]
    model = next(one for one in MODELS if one.name == name)
    for form_fit in found.forms:
        if not np.isfinite(form_fit.held_out).all():
            continue
        form = form_of(model, form_fit.name, subject.trials)
        for fold in range(subject.n_folds):
            again = fit_form(model, form, only(subject, subject.fold != fold).trials)
            odds = unbounded_log_odds(
                form, parameters_of(model, subject.trials), again.parameters[None]
            )[0]
            scored = (subject.fold == fold) & (subject.trials.decision >= 0)
            chosen = subject.trials.decision[scored]
            expected = log_softmax(odds[scored], axis=1)[np.arange(chosen.size), chosen].sum()
            assert form_fit.held_out[fold] == pytest.approx(expected, abs=0.4)
            assert form_fit.trained[fold] == pytest.approx(again.log_evidence, abs=0.4)


def test_evidence_is_that_of_the_comparison_of_rivals(behaviour) -> None:
    """By the other road, for decisions without misses and without forgetting in them."""
    whole = simulate_group(replace(DESIGN, missed=0.0), seed=4).behaviour
    subject = subjects_of(whole, whole.stimuli, ReadAs())[0]
    mine = fit_subject(subject, ["leaky", "readout"], is_held_out=False)
    comparison = compare_rivals(choices_of_subjects(whole, whole.stimuli, "same")[0], 0)
    for name, fit in mine.items():
        assert fit.log_evidence == pytest.approx(comparison.rival(name).log_evidence, abs=0.01)


def test_missed_trials_are_counted_and_not_scored(behaviour, subject) -> None:
    n = int((behaviour.choice[: len(subject.fold)] >= 0).sum())
    assert subject.trials.is_used.sum() == n < len(subject.fold)


def test_every_trial_is_held_out_once_and_a_single_session_keeps_its_start() -> None:
    assert sorted(set(folds_of(np.repeat(np.arange(13), 3)).tolist())) == [0, 1, 2, 3, 4]
    single = folds_of(np.zeros(100, int))
    assert (single[:80] == -1).all()
    assert (single[80:] == 0).all()


def test_the_last_session_does_not_choose_settings(behaviour) -> None:
    """The last fifth of trials may say anything without changing a score."""
    one = behaviour.of_subject(0)
    other_choice = one.choice.copy()
    other_choice[-48:] = 1 - np.maximum(other_choice[-48:], 0)
    ways = first_ways("auto", "auto", 4)
    first, second = (
        score_ways(Scoring(each, each.stimuli, ways))[0]
        for each in (one, replace(one, choice=other_choice))
    )
    assert first == second


def sessions_with_new_stimuli(seed, begins_anew):
    rng = np.random.default_rng(seed)
    session = np.repeat(np.arange(8), 30)
    stimulus = rng.integers(2, size=240)
    right = stimulus if not begins_anew else stimulus ^ (session % 2)
    worth = np.where(right[:, None] == np.arange(2), 1.0, -1.0)
    x = np.eye(2)[stimulus]
    choice, won = simulate_choices(
        HebbianLearner(ratio=6.0), x, session, worth, rng=rng, begins_anew=begins_anew
    )
    return Behaviour(choice, x, risk=(1 - won) / 2, session=session)


@pytest.mark.parametrize("begins_anew", [True, False])
def test_new_stimuli_are_recognised(begins_anew) -> None:
    behaviour = sessions_with_new_stimuli(1, begins_anew)
    ways = first_ways("auto", "auto", 8)
    scores, n = score_ways(Scoring(behaviour, behaviour.stimuli, ways))
    way, basis = choose_first(ways, best_of([scores]), n, "auto")
    assert (way.rests_on, way.has_new_stimuli) == ("same", begins_anew)
    assert basis.lead > 10


def test_the_delay_of_learning_is_recognised() -> None:
    rng = np.random.default_rng(2)
    stimulus, session = rng.integers(2, size=400), np.repeat(np.arange(4), 100)
    right = stimulus ^ (np.arange(400) // 25 % 2)
    worth = np.where(right[:, None] == np.arange(2), 1.0, -1.0)
    x = np.eye(2)[stimulus]
    learner = HebbianLearner(ratio=3.0, leak=0.3)
    choice, won = simulate_choices(learner, x, session, worth, rng=rng, reward_delay=2)
    behaviour = Behaviour(choice, x, risk=(1 - won) / 2, session=session)
    ways = tuple(ReadAs("same", False, delay) for delay in range(4))
    scores, n = score_ways(Scoring(behaviour, x, ways))
    _, basis = choose_first(first_ways("same", "no", 1), [0.0, -50.0], n, "same")
    chosen = settled(dict(zip(ways, best_of([scores]))), ways[0], basis, n, asked=("no", "auto"))
    assert chosen.read_as.reward_delay == 2


def test_too_many_choices_are_refused_with_the_remedy() -> None:
    choice = np.arange(70)
    behaviour = Behaviour(choice, np.ones((70, 1)), risk=np.zeros(70))
    subject = subjects_of(behaviour, behaviour.stimuli, ReadAs())[0]
    with pytest.raises(ValueRangeError, match="merge rare choices"):
        fit_subject(subject, ["constant"])
