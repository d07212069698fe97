"""Simulated controls and patients with known elements."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hebbayes.clinic.designs import Design, draw_task
from hebbayes.clinic.elements import BY_NAME, HEALTHY
from hebbayes.clinic.estimation.likelihood import Observed
from hebbayes.clinic.subject import simulate
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

DOSES = (1.0, 1.5, 2.0)
"""Doses of patients, in wide spreads of the element."""


def dosed_cells() -> list[tuple[str, float]]:
    """Return every element on every side with every dose.

    Example:
        >>> dosed_cells()[:2], len(dosed_cells())
        ([('phi', 1.5), ('phi', 2.25)], 45)
    """
    return [(name, side * dose * BY_NAME[name].wide) for name, side in DIRECTIONS for dose in DOSES]


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
    subject = layout.subject(theta)
    did = simulate(subject, task, rng).choices
    return Member(Observed(task, Choices(did.choice, did.outcome), layout), theta)


def kind_of(element: str) -> str:
    """Return the class of an element.

    Example:
        >>> kind_of("lapse")
        'noise'
    """
    return BY_NAME[element].kind


DEMO_DOSES = (
    *(("phi", 2.0), ("psi", -1.5), ("speed", 2.5), ("modulator_bias", 0.6)),
    *(("misassigned_credit", 4.0), ("recurrence", 1.3), ("false_belief", 3.0), ("lapse", 3.0)),
)
"""One patient of each class."""


def demo_cohort(
    source: Source, layout: "Layout", n_controls: int, rng: np.random.Generator
) -> tuple[list[Observed], dict[str, str]]:
    """Return controls, healthy subjects and one patient of each class, and the truth by name.

    Example:
        >>> from hebbayes.clinic.estimation.layout import Layout
        >>> source = Designed(Design(trials=20))
        >>> members, truth = demo_cohort(source, Layout(2), 2, np.random.default_rng(0))
        >>> len(members), truth["patient 1"]
        (14, 'phi')
    """
    plan: list[tuple[str, str, tuple[str, float] | None]] = [
        (f"control {k + 1}", "controls", None) for k in range(n_controls)
    ]
    plan += [(f"healthy {k + 1}", "healthy", None) for k in range(4)]
    plan += [(f"patient {k + 1}", "patients", dose) for k, dose in enumerate(DEMO_DOSES)]
    members, truth = [], {}
    for name, group, impairment in plan:
        one = draw_member(source, layout, rng, impairment).observed
        members.append(replace(one, name=name, group=group))
        truth[name] = kind_of(impairment[0]) if impairment else HEALTHY
    return members, truth
