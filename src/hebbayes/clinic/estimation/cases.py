"""A small simulated subject for examples."""

import numpy as np

from hebbayes.clinic.designs import Design, draw_task
from hebbayes.clinic.estimation.climbing import Prior
from hebbayes.clinic.estimation.layout import Layout
from hebbayes.clinic.estimation.likelihood import Observed
from hebbayes.clinic.subject import Subject, impaired, simulate


def example(
    trials: int, element: str = "phi", dose: float = 0.0, seed: int = 0
) -> tuple[Observed, Prior]:
    """Return a simulated subject and the prior of healthy ones.

    Example:
        >>> example(20)[0].task.n_trials
        20
    """
    task = draw_task(Design(trials=trials), np.random.default_rng(seed))
    subject = impaired(Subject(), element, dose)
    did = simulate(subject, task, np.random.default_rng(seed + 1)).choices
    layout = Layout(task.n_choices)
    return Observed(task, did, layout, str(seed)), Prior(layout.of("healthy"), layout.of("spread"))
