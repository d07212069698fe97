"""The likelihood of one subject's choices as a function of parameters without bounds."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hebbayes.clinic.kernels.gradient import score
from hebbayes.clinic.kernels.likelihood import log_likelihoods
from hebbayes.clinic.subject import kernel_arrays

if TYPE_CHECKING:
    from hebbayes.clinic.estimation.layout import Layout
    from hebbayes.clinic.task import Choices, Task

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Observed:
    """A subject's task and choices, as fits read them.

    Attributes:
        task: What the subject saw.
        choices: What the subject did.
        layout: Parameters of fits.
        name: Of the subject.
        group: Of the subject; empty if none.
    """

    task: "Task"
    choices: "Choices"
    layout: "Layout"
    name: str = ""
    group: str = ""

    @cached_property
    def arrays(self) -> tuple:
        """What the kernels read."""
        did = (
            np.ascontiguousarray(self.choices.choice, np.int64),
            np.ascontiguousarray(self.choices.outcome, np.float64),
        )
        return kernel_arrays(self.task), did, self.layout.extensions.rules

    def log_likelihoods(self, theta: Floats) -> Floats:
        """Return the log likelihood (sets,) of parameters (sets, parameters), nats.

        Example:
            >>> from hebbayes.clinic.designs import Design, draw_task
            >>> from hebbayes.clinic.subject import Subject, simulate
            >>> task = draw_task(Design(trials=20), np.random.default_rng(0))
            >>> did = simulate(Subject(), task, np.random.default_rng(0)).choices
            >>> from hebbayes.clinic.estimation.layout import Layout
            >>> one = Observed(task, did, Layout(2))
            >>> one.log_likelihoods(one.layout.of("healthy")[None]).shape
            (1,)
        """
        return np.asarray(log_likelihoods(self.layout.natural(theta), *self.arrays))

    def score(self, theta: Floats) -> tuple[float, Floats, Floats]:
        """Return log likelihood, gradient and Fisher's information at ``theta`` (parameters,).

        Example:
            >>> from hebbayes.clinic.designs import Design, draw_task
            >>> from hebbayes.clinic.subject import Subject, simulate
            >>> task = draw_task(Design(trials=20), np.random.default_rng(0))
            >>> did = simulate(Subject(), task, np.random.default_rng(0)).choices
            >>> from hebbayes.clinic.estimation.layout import Layout
            >>> one = Observed(task, did, Layout(2))
            >>> [np.shape(part) for part in one.score(one.layout.of("healthy"))]
            [(), (10,), (10, 10)]
        """
        natural = self.layout.natural(theta[None])[0]
        value, slope, information = score(natural, *self.arrays)
        chain, columns = self.layout.slopes(natural), self.layout.columns
        inner = information[np.ix_(columns, columns)]
        return float(value), slope[columns] * chain, inner * np.outer(chain, chain)
