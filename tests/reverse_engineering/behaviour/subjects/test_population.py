"""Populations by EM against the marginal likelihood itself; groups; psi; curves."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import multivariate_normal, norm, ttest_ind

from hebbayes.reverse_engineering.behaviour.rivals.catalogue import MODELS
from hebbayes.reverse_engineering.behaviour.rivals.evidence import NormalPrior
from hebbayes.reverse_engineering.behaviour.subjects.curves import (
    bins_of,
    simulate_subject,
    worth_of_choices,
)
from hebbayes.reverse_engineering.behaviour.subjects.elements import (
    PRECISION,
    psi_estimate,
    psi_of,
)
from hebbayes.reverse_engineering.behaviour.subjects.fits import fit_subject
from hebbayes.reverse_engineering.behaviour.subjects.groups import (
    Compared,
    compare_groups,
    psi_scales,
)
from hebbayes.reverse_engineering.behaviour.subjects.population import (
    Expansion,
    Population,
    fit_normal,
    fit_population,
    interval_covariance,
    mean_estimate,
    spread_estimate,
)
from hebbayes.reverse_engineering.behaviour.subjects.trials import ReadAs, subjects_of
from hebbayes.simulators import GroupDesign, simulate_group

WIDE = NormalPrior(np.zeros(2), np.full(2, 2.5))


def seen(rng, n=60, mean=(1.0, -2.0), spread=(0.5, 0.8), error=0.6):
    truth = np.array(mean) + np.array(spread) * rng.normal(size=(n, 2))
    covariance = error**2 * np.array([[1.0, 0.5], [0.5, 1.0]])
    noise = rng.multivariate_normal(np.zeros(2), covariance, n)
    information = np.tile(np.linalg.inv(covariance), (n, 1, 1))
    return Expansion(truth + noise, np.zeros((n, 2)), information), covariance


def test_em_climbs_to_the_marginal_likelihood(rng) -> None:
    """Against the maximum of N(x; mean, spread^2 + error), found by another optimiser."""
    expansion, covariance = seen(rng)
    normal = fit_normal(expansion, WIDE)

    def loss(values):
        total = np.diag(np.exp(2 * values[2:])) + covariance
        return -multivariate_normal(values[:2], total).logpdf(expansion.point).sum()

    best = minimize(loss, np.zeros(4), method="Nelder-Mead", options={"maxiter": 4000})
    np.testing.assert_allclose(normal.mean, best.x[:2], atol=0.02)
    np.testing.assert_allclose(normal.spread, np.exp(best.x[2:]), atol=0.08)


def test_intervals_of_mean_and_spread_cover(rng) -> None:
    inside = []
    for _ in range(120):
        expansion, _ = seen(rng, n=25)
        normal = fit_normal(expansion, WIDE)
        mean, spread = mean_estimate(normal, 25), spread_estimate(normal)
        truths = ((mean, (1.0, -2.0)), (spread, (0.5, 0.8)))
        inside.append([(e.low <= t) & (t <= e.high) for e, t in truths])
    share = np.mean(inside, axis=(0, 2))
    assert (share > 0.95 - 4 * np.sqrt(0.05 * 0.95 / 240)).all(), share


def test_a_subject_that_says_nothing_lies_at_the_population(rng) -> None:
    expansion, _ = seen(rng, n=20)
    information = expansion.information.copy()
    information[0] = 0.0
    normal = fit_normal(Expansion(expansion.point, expansion.slope, information), WIDE)
    others = fit_normal(expansion[np.arange(20) > 0], WIDE)
    np.testing.assert_allclose(normal.mean, others.mean, atol=0.02)


def population(expansion):
    return Population(
        "a", "", (), None, expansion, expansion.point, expansion.information,
        np.zeros(len(expansion.point)),
    )  # fmt: skip


def test_equal_groups_differ_in_one_of_twenty(rng) -> None:
    """p-values of no difference are uniform; intervals cover 0."""
    p, inside = [], []
    group = np.repeat(["a", "b"], 15)
    scales, tested = {"first": lambda values: np.exp(values[:, 0])}, {"first": np.array([1.0, 0.0])}
    for _ in range(150):
        expansion, _ = seen(rng, n=30)
        one = compare_groups(
            group, [Compared(population(expansion), WIDE, scales, tested)], {}, seed=1
        )["first"]
        p.append(one.p)
        inside.append(one.difference.low <= 0 <= one.difference.high)
    assert abs(np.mean(np.array(p) < 0.05) - 0.05) < 4 * np.sqrt(0.05 * 0.95 / 150)
    assert np.mean(inside) > 0.95 - 4 * np.sqrt(0.05 * 0.95 / 150)


def test_a_difference_is_found_with_its_size_in_natural_units(rng) -> None:
    first, _ = seen(rng, n=40, mean=(1.0, 0.0))
    second, _ = seen(rng, n=40, mean=(2.0, 0.0))
    both = Expansion(*(np.concatenate([getattr(e, f) for e in (first, second)]) for f in
                       ("point", "slope", "information")))  # fmt: skip
    scales, tested = {"first": lambda values: np.exp(values[:, 0])}, {"first": np.array([1.0, 0.0])}
    one = compare_groups(
        np.repeat(["a", "b"], 40), [Compared(population(both), WIDE, scales, tested)],
        {"success": np.zeros(80)},
    )["first"]  # fmt: skip
    truth = np.exp(2) - np.exp(1)
    assert one.difference.low < truth < one.difference.high
    assert one.p < 1e-4
    assert one.conditions == ("a", "b")


def test_p_is_that_of_welch_where_subjects_are_told_exactly(rng) -> None:
    """Against SciPy's test of the parameters themselves, known to a hundredth."""
    points = rng.normal(size=(60, 2)) + np.repeat([[0.0, 0.0], [0.5, 0.0]], 30, axis=0)
    exact = Expansion(points, np.zeros((60, 2)), np.tile(1e4 * np.eye(2), (60, 1, 1)))
    scales, tested = {"first": lambda values: values[:, 0]}, {"first": np.array([1.0, 0.0])}
    one = compare_groups(
        np.repeat(["a", "b"], 30), [Compared(population(exact), WIDE, scales, tested)], {}
    )["first"]
    welch = ttest_ind(points[30:, 0], points[:30, 0], equal_var=False)
    interval = welch.confidence_interval()
    assert one.p == pytest.approx(welch.pvalue, rel=0.25)
    assert one.difference.low == pytest.approx(interval.low, abs=0.05)
    assert one.difference.high == pytest.approx(interval.high, abs=0.05)


def test_three_groups_are_named_and_small_ones_left_out(rng) -> None:
    group = np.array(["a"] * 4 + ["b"] * 4 + ["c"] * 4 + ["d"])
    found = compare_groups(group, [], {"success": rng.random(13)})
    assert list(found) == ["success: b - a", "success: c - a"]


def test_psi_has_the_odds_of_the_bias_and_priors_that_sum_to_one(rng) -> None:
    bias = rng.normal(size=(5, 3))
    psi = psi_of(bias)
    prior = 1 / (1 + np.exp(-psi))
    np.testing.assert_allclose(prior.sum(1), 1.0)
    np.testing.assert_allclose(psi[:, :3] - psi[:, 3:], bias, atol=1e-9)
    np.testing.assert_allclose(psi_of(np.array([0.7])), [0.35, -0.35])


def test_the_interval_of_psi_is_that_of_draws(rng) -> None:
    mean, spread = np.array([9.0, 0.4, -0.3]), 0.04 * np.diag([1.0, 2.0, 1.0])
    estimate = psi_estimate(mean, spread, 3)
    drawn = psi_of(rng.multivariate_normal(mean, spread, 20_000)[:, 1:])
    np.testing.assert_allclose(estimate.high - estimate.low, 2 * norm.ppf(0.975) * drawn.std(0),
                               rtol=0.05)  # fmt: skip
    scales, tested = psi_scales(3, ["l", "r", "u"])
    np.testing.assert_allclose(scales["psi: r"](mean[None]), estimate.value[1])
    assert tested["psi: u"].tolist() == pytest.approx([0, -1 / 3, -1 / 3])


@pytest.fixture(scope="module")
def fitted():
    behaviour = simulate_group(
        GroupDesign(n_subjects=6, n_sessions=2, n_trials=80), seed=2
    ).behaviour
    subjects = subjects_of(behaviour, behaviour.stimuli, ReadAs())
    model = next(one for one in MODELS if one.name == "leaky")
    starts = np.array([
        fit_subject(one, ["leaky"], is_held_out=False)["leaky"].forms[0].fit.parameters
        for one in subjects
    ])  # fmt: skip
    return behaviour, subjects, fit_population(model, "", subjects, starts)


def test_subjects_shrink_to_the_population(fitted) -> None:
    _, subjects, found = fitted
    model = next(one for one in MODELS if one.name == "leaky")
    alone = fit_population(model, "", subjects, found.mean, is_shared=False)
    assert alone.normal is None
    assert (found.mean.std(0) < alone.mean.std(0)).all()
    assert found.log_evidence.sum() > alone.log_evidence.sum()


def test_simulated_subjects_learn_as_the_recorded_ones(fitted, rng) -> None:
    _, subjects, found = fitted
    bins = bins_of(subjects, 4)
    curves = [
        simulate_subject(one, found, k, bins=bins, n_runs=8, rng=rng)
        for k, one in enumerate(subjects)
    ]
    observed = np.mean([one.observed for one in curves], axis=0)
    runs = np.mean([one.simulated for one in curves], axis=0)
    assert np.abs(observed - runs.mean(0)).max() < 0.12
    share = np.mean([one.share - one.simulated_share.mean(0) for one in curves], axis=0)
    assert np.abs(share).max() < 0.12


def test_choices_made_keep_what_they_brought(fitted) -> None:
    _, subjects, _ = fitted
    trials = subjects[0].trials
    worth = worth_of_choices(subjects[0])
    made = np.flatnonzero(trials.decision >= 0)
    np.testing.assert_array_equal(worth[made, trials.decision[made]], trials.worth[made])
    assert np.isfinite(worth).all()


@pytest.mark.parametrize("n_subjects", [3, 4, 6, 10, 16])
def test_intervals_of_psi_cover_the_population_of_few_subjects(n_subjects) -> None:
    """Subjects known well (standard deviation 0.1), spread 0.6 around a bias of 0.5."""
    wide, n_runs = NormalPrior(np.zeros(1), np.full(1, 1.5)), 250
    rng = np.random.default_rng(n_subjects)
    inside = 0
    for _ in range(n_runs):
        seen = rng.normal(0.5, np.hypot(0.6, 0.1), (n_subjects, 1))
        information = np.full((n_subjects, 1, 1), 100.0)
        normal = fit_normal(Expansion(seen, np.zeros_like(seen), information), wide)
        psi = psi_estimate(normal.mean, interval_covariance(normal, n_subjects), 2)
        inside += bool(psi.low[0] < 0.25 < psi.high[0])
    assert inside / n_runs == pytest.approx(0.95, abs=0.045)


def test_psi_of_two_choices_is_one_test_of_holm() -> None:
    rng = np.random.default_rng(0)
    group = np.repeat(["a", "b"], 5)
    seen = rng.normal(size=(10, 1)) + (group == "b")[:, None]
    expansion = Expansion(seen, np.zeros_like(seen), np.full((10, 1, 1), 100.0))
    one = Population("m", "", (PRECISION,), None, expansion, seen, np.zeros((10, 1, 1)), seen[:, 0])
    wide = NormalPrior(np.zeros(1), np.full(1, 1.5))
    alone = compare_groups(group, [Compared(one, wide, *psi_scales(1, ["left", "right"]))], {})
    both = compare_groups(
        group,
        [Compared(one, wide, *psi_scales(1, ["left", "right"]))],
        {"success": rng.random(10)},
    )
    assert alone["psi: left"].p == alone["psi: right"].p
    assert both["psi: left"].p == both["psi: right"].p
    assert both["psi: left"].p <= 2 * alone["psi: left"].p * (1 + 1e-12)
    scales, tested = psi_scales(1, ["left", "right"])
    left = Compared(one, wide, {"psi: left": scales["psi: left"]}, tested)
    assert alone["psi: left"].p == pytest.approx(compare_groups(group, [left], {})["psi: left"].p)
