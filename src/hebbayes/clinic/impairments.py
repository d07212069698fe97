"""Impairments: dosed changes of one element each, of a subject, and combinations of them.

A dose moves an element on its scale without bounds (`elements`); 0 leaves the subject as it is.
Besides the elements there are silent synapses (a share of the stimulus channels) and the latency of
the modulator (trials).  `network_impairments` changes any canonical model in the same words.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hebbayes.clinic.elements import BY_NAME
from hebbayes.clinic.subject import impaired
from hebbayes.core.errors import ValueRangeError

if TYPE_CHECKING:
    from hebbayes.clinic.subject import Subject

OTHERS = ("silent", "latency")
"""What can be impaired besides the elements."""


@dataclass(frozen=True)
class Impairment:
    """A change of one element.

    Attributes:
        element: Its name.
        dose: Change on the element's scale without bounds; of silent synapses the share, of the
            latency trials.
    """

    element: str
    dose: float


def impair(subject: "Subject", impairments: Iterable[Impairment]) -> "Subject":
    """Return the subject with every impairment, one after the other.

    Raises `ValueRangeError` for an unknown element, or a value that it cannot have.

    Example:
        >>> from hebbayes.clinic.subject import Subject
        >>> healthy = Subject()
        >>> impair(healthy, [Impairment("phi", 0.0)]) is healthy
        True
        >>> patient = impair(healthy, parse_impairments("phi=1.5,silent=0.25"))
        >>> patient.phi, patient.silent
        (1.5, 0.25)
    """
    for one in impairments:
        subject = impaired(subject, one.element, one.dose)
    return subject


def parse_impairments(text: str) -> tuple[Impairment, ...]:
    """Return the impairments of a text such as "phi=1.5,speed=-1".

    Raises `ValueRangeError` that names the part at fault.

    Example:
        >>> parse_impairments("phi=1.5, latency=2")[1]
        Impairment(element='latency', dose=2.0)
    """
    made = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, dose = (word.strip() for word in part.partition("="))
        try:
            value = float(dose)
        except ValueError:
            value = float("nan")
        if not np.isfinite(value):
            raise ValueRangeError(
                f"an impairment must be ELEMENT=DOSE with a number for the dose; got {part!r}."
            )
        if name not in BY_NAME and name not in OTHERS:
            known = ", ".join([*BY_NAME, *OTHERS])
            raise ValueRangeError(f"no element {name!r}; it must be one of {known}.")
        made.append(Impairment(name, value))
    return tuple(made)


def hypothesis_of(element: str) -> str:
    """Return what the literature proposes about an element, marked as a hypothesis.

    Example:
        >>> hypothesis_of("phi").startswith("Hypothesis (Powers")
        True
        >>> hypothesis_of("latency")
        ''
    """
    found = BY_NAME[element].hypothesis if element in BY_NAME else None
    if found is None:
        return ""
    return f"Hypothesis ({found.citation}): {found.transmitter}; {found.symptom}."
