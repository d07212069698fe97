"""Simulated controls and patients with known elements."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hebbayes.clinic.designs import Design, draw_task
from hebbayes.clinic.elements import BY_NAME
from hebbayes.clinic.estimation.likelihood import Observed
from hebbayes.clinic.kernels.steps import COLUMNS, N_SHARED
from hebbayes.clinic.subject import Subject, simulate
from hebbayes.clinic.task import Choices, Task

if TYPE_CHECKING:
    from hebbayes.clinic.estimation.layout import Layout

Floats = NDArray[np.float64]

DIRECTIONS = (
    *(("phi", 1), ("phi", -1), ("psi", 1), ("psi", -1), ("speed", 1), ("speed", -1)),
    *(("modulator_bias", 1), ("modulator_bias", -1), ("misassigned_credit", 1)),
    *(("recurrence", 1), ("recurrence", -1), ("false_belief", 1)),
    *(("reliability", -1), ("inverse_temperature", -1), ("lapse", 1)),
)
"""Elements and the side on which they are impaired.

The other side of misassigned credit, lapse and the noise class is better than healthy.
"""

Source = Callable[[np.random.Generator], Task]
"""Draws a task."""


@dataclass(frozen=True, eq=False)
class Member:
    """One simulated subject.

    Attributes:
        observed: Task and choices.
        theta: True parameters without bounds.
    """

    observed: Observed
    theta: Floats


@dataclass(frozen=True, eq=False)
class Designed:
    """Draws a task of a design; picklable.

    Attributes:
        design: The design.
    """

    design: Design

    def __call__(self, rng: np.random.Generator) -> Task:
        """Return a task."""
        return draw_task(self.design, rng)


@dataclass(frozen=True, eq=False)
class Copied:
    """Draws one of the given tasks with its missed trials; picklable.

    Attributes:
        tasks: Tasks of a user's own design.
    """

    tasks: tuple[Task, ...]

    def __call__(self, rng: np.random.Generator) -> Task:
        """Return one of the tasks."""
        return self.tasks[int(rng.integers(len(self.tasks)))]


def subject_of(natural: Floats, layout: "Layout") -> Subject:
    """Return the subject with natural parameters (natural,), in the order of the kernels.

    Example:
        >>> from hebbayes.clinic.estimation.layout import Layout
        >>> layout = Layout(2)
        >>> subject_of(layout.natural(layout.of("healthy")[None])[0], layout).recurrence
        1.0
    """
    values = dict(zip(COLUMNS, natural[:N_SHARED].tolist()))
    psi = (*natural[N_SHARED:].tolist(), 0.0)
    return Subject(psi=psi, reads_active_only=layout.extensions.active_only, **values)


def draw_member(
    source: Source,
    layout: "Layout",
    rng: np.random.Generator,
    impairment: tuple[str, float] | None = None,
    typical: tuple[Floats, Floats] | None = None,
) -> Member:
    """Return a simulated subject; ``impairment`` moves one element, ψ for the first choice.

    ``typical`` are mean and spread of healthy subjects, those of the table by default.

    Example:
        >>> from hebbayes.clinic.estimation.layout import Layout
        >>> source = Designed(Design(trials=20))
        >>> draw_member(source, Layout(2), np.random.default_rng(0), ("phi", 9.0)).theta[0] > 7
        np.True_
    """
    mean, spread = typical or (layout.of("healthy"), layout.of("spread"))
    theta = mean + spread * rng.normal(size=len(layout.parameters))
    if impairment is not None:
        theta[layout.places(impairment[0])[0]] += impairment[1]
    task = source(rng)
    subject = subject_of(layout.natural(theta[None])[0], layout)
    did = simulate(subject, task, rng).choices
    return Member(Observed(task, Choices(did.choice, did.outcome), layout), theta)


def kind_of(element: str) -> str:
    """Return the class of an element.

    Example:
        >>> kind_of("lapse")
        'noise'
    """
    return BY_NAME[element].kind
