"""Refuses a run that the machine's memory cannot hold."""

import os

from hebbayes.core.errors import ValueRangeError


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
