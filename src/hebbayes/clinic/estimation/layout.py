"""Which parameters a fit has, and how they map to the natural parameters that kernels read."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from hebbayes.clinic.elements import BY_NAME, ELEMENTS, Element, Scale
from hebbayes.clinic.kernels.steps import COLUMNS, N_SHARED
from hebbayes.clinic.subject import Subject

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Extensions:
    """What is foreign to the theory and yet allowed; nothing by default.

    Attributes:
        leak: Counts return to their prior.
        stickiness: Choices repeat.
        active_only: States that are off say nothing about decisions.
        absolute_reward: The modulator follows the reward itself, not its difference from the mean.
    """

    leak: bool = False
    stickiness: bool = False
    active_only: bool = False
    absolute_reward: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Elements that the extensions add."""
        return ("leak",) * self.leak + ("stickiness",) * self.stickiness

    @property
    def rules(self) -> tuple[bool, bool]:
        """Rules that kernels change: active cue alone, absolute reward."""
        return self.active_only, self.absolute_reward


THEORY = Extensions()
"""No extension."""


@dataclass(frozen=True)
class Layout:
    """Parameters of a fit: one for each fitted element, ψ with one for each choice but the last.

    Attributes:
        n_choices: Number of choices.
        extensions: Extensions of the theory.

    Example:
        >>> Layout(3).parameters[:3]
        ('phi', 'psi', 'psi')
    """

    n_choices: int
    extensions: Extensions = THEORY

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """Element of each parameter."""
        names = [one.name for one in ELEMENTS if one.is_fitted] + [*self.extensions.names]
        return tuple(
            name for name in names for _ in range(self.n_choices - 1 if name == "psi" else 1)
        )

    @cached_property
    def elements(self) -> tuple[Element, ...]:
        """The elements of the theory that may be impaired, in order."""
        return tuple(one for one in ELEMENTS if one.is_fitted)

    @cached_property
    def columns(self) -> Integers:
        """Column of each parameter among the natural ones."""
        psi = iter(range(N_SHARED, N_SHARED + self.n_choices - 1))
        return np.array(
            [next(psi) if name == "psi" else COLUMNS.index(name) for name in self.parameters]
        )

    @cached_property
    def scales(self) -> tuple[tuple[Scale, Integers, Integers], ...]:
        """Each scale with its parameters and their columns among the natural ones."""
        of = [BY_NAME[name].scale for name in self.parameters]
        grouped = [
            (one, np.flatnonzero([one is other for other in of])) for one in dict.fromkeys(of)
        ]
        return tuple((one, places, self.columns[places]) for one, places in grouped)

    def places(self, name: str) -> Integers:
        """Return the parameters of an element.

        Example:
            >>> Layout(3).places("psi").tolist()
            [1, 2]
        """
        return np.flatnonzero(np.array(self.parameters) == name)

    def of(self, attribute: str) -> Floats:
        """Return a number of each parameter's element: healthy, spread or wide.

        Example:
            >>> Layout(2).of("wide")[:2].tolist()
            [1.5, 1.5]
        """
        return np.array([float(getattr(BY_NAME[name], attribute)) for name in self.parameters])

    def natural(self, theta: Floats) -> Floats:
        """Return natural parameters (sets, natural) of ``theta`` (sets, parameters).

        Example:
            >>> Layout(2).natural(np.zeros((1, 10)))[0, :4].tolist()
            [0.0, 1.0, 1.0, 3.0]
        """
        whole = np.zeros((len(theta), N_SHARED + self.n_choices - 1))
        bounded = np.clip(theta, -_FAR, _FAR)
        for scale, places, columns in self.scales:
            whole[:, columns] = scale.natural(bounded[:, places])
        return whole

    def slopes(self, natural: Floats) -> Floats:
        """Return d natural / d theta (parameters,) at natural parameters (natural,).

        Example:
            >>> layout = Layout(2)
            >>> layout.slopes(layout.natural(np.zeros((1, 10)))[0])[2].item()
            1.0
        """
        found = np.empty(len(self.parameters))
        for scale, places, columns in self.scales:
            found[places] = scale.slope(natural[columns])
        return found

    def subject(self, theta: Floats) -> Subject:
        """Return the subject with the parameters ``theta`` (parameters,).

        Example:
            >>> Layout(2).subject(Layout(2).of("healthy")).recurrence
            1.0
        """
        natural = self.natural(theta[None])[0]
        values = dict(zip(COLUMNS, natural[:N_SHARED].tolist()))
        psi = (*natural[N_SHARED:].tolist(), 0.0)
        active_only, absolute = self.extensions.rules
        return Subject(psi=psi, reads_active_only=active_only, follows_reward=absolute, **values)


_FAR = 30.0  # on the scale without bounds, beyond which exponentials overflow
