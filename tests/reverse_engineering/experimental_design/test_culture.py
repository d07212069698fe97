"""Measures of simulated cultures: their truth, and the gain by learning."""

from dataclasses import replace

import numpy as np
import pytest

from hebbayes.reverse_engineering.experimental_design.culture import CultureTask, measure_culture
from hebbayes.reverse_engineering.experimental_design.plan import Plan, plan_with_plasticity
from hebbayes.simulators import AffineReadout, CultureDesign, Plasticity

PLAN = Plan(
    CultureDesign(
        n_sessions=8,
        n_trials=48,
        n_units=8,
        n_stimuli=8,
        mixed=0.25,
        state_prior=0.3,
        prior_count=400.0,
        tilt=0.01,
        readout=AffineReadout(0.5, 5.0, 0.3),
        fano=0.5,
        gain_drift=0.04,
    ),
    cultures=3,
    train_sessions=4,
)


def test_cultures_of_a_pool_are_those_of_its_design_and_differ() -> None:
    spread = replace(PLAN, phi_spread=0.5, lambda_spread=0.5)
    truths = [
        measure_culture(CultureTask(plan, (0, k), is_forecast=False))["phi"][3, 0]
        for plan in (PLAN, spread)
        for k in range(2)
    ]
    assert truths[0] == truths[1] == pytest.approx(np.log(0.3 / 0.7))
    assert len(set(truths[2:])) == 2


def test_learning_is_worth_more_if_cultures_learn_as_the_theory_says() -> None:
    """Shown by the products of forecasts: the residual is largest along the theory's own term."""
    plan = replace(PLAN, culture=replace(PLAN.culture, n_sessions=12, fano=0.2, gain_drift=0.0))
    losses = []
    for plasticity in (Plasticity.CANONICAL, Plasticity.NONE):
        gram = measure_culture(
            CultureTask(plan_with_plasticity(plan, plasticity), (3,), is_perceived=False)
        )["gram"]
        losses.append(gram[0, 0] - 2 * gram[0, 1] + gram[1, 1])  # of the mean per pattern
    assert losses[0] > 1.2 * losses[1]
