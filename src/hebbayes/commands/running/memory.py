"""Refuses a run that the machine's memory cannot hold."""

import os
from typing import TYPE_CHECKING

from hebbayes.core.errors import ValueRangeError

if TYPE_CHECKING:
    from hebbayes.simulators.culture_design import CultureDesign


def check_memory(name: str, value: int, bytes_each: float) -> None:
    """Raise `ValueRangeError` if ``value`` items of ``bytes_each`` exceed the machine's memory.

    Example:
        >>> check_memory("--steps", 10**15, 8)
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.ValueRangeError: --steps 1000000000000000 needs about 7450581 GiB of
        memory; this machine has ...; pass at most ...
    """
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if value * bytes_each > memory:
        raise ValueRangeError(
            f"{name} {value} needs about {value * bytes_each / 2**30:.0f} GiB of memory; this "
            f"machine has {memory / 2**30:.0f}; pass at most {int(memory / bytes_each)}."
        )


def check_culture_memory(design: "CultureDesign") -> None:
    """Raise `ValueRangeError` if the simulated culture exceeds the machine's memory.

    Example:
        >>> from hebbayes.simulators import CultureDesign
        >>> check_culture_memory(CultureDesign(n_units=10**9))
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.ValueRangeError: sessions x trials 25600 needs about ... GiB ...
    """
    per_trial = 8 * (4 * design.n_units + 4 * design.n_stimuli + 4 * design.n_sources)
    network = 8 * 4 * design.n_stimuli * design.n_sources
    check_memory("sessions x trials", design.n_sessions * design.n_trials, per_trial)
    check_memory("sessions", design.n_sessions + 2, network + 8 * design.n_units)
    check_memory("learnt trials", design.learnt_trials, per_trial - 8 * 4 * design.n_units)
