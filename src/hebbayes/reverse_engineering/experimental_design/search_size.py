"""How many trials the search for ensembles without labels needs, from simulated cultures.

``benchmarks/search_size.py`` simulates cultures with two hidden sources, learnt before the
recording; a search succeeds if both of its ensembles correlate with a source of their own by 0.7.
"""

from collections.abc import Mapping

NEEDED: Mapping[str, Mapping[tuple[int, int], int | None]] = {
    "strong": {
        (4, 4): None, (4, 16): 320, (4, 64): 80,
        (8, 4): 40, (8, 16): 40, (8, 64): 40,
        (16, 4): 40, (16, 16): 40, (16, 64): 40,
        (32, 4): 40, (32, 16): 40, (32, 64): 40,
    },
    "weak": {
        (4, 4): None, (4, 16): None, (4, 64): None,
        (8, 4): None, (8, 16): 320, (8, 64): 80,
        (16, 4): None, (16, 16): 160, (16, 64): 40,
        (32, 4): None, (32, 16): 160, (32, 64): 40,
    },
}  # fmt: skip
"""Signal -> (channels, units) -> fewest training trials with which 80 % of searches succeed; None
beyond `MOST_SIMULATED`.  Strong: 0.5 to 5.5 spikes per trial and unit, weak: 0.5 to 1.5."""

MOST_SIMULATED = 640
FEWEST_CHANNELS = 4
"""With fewer channels, hidden sources are not told apart from the stimuli."""


def trials_needed(n_channels: int, n_units: int, signal: str) -> int | None:
    """Return the fewest training trials for 80 % of searches, of the next smaller simulated size.

    None if `MOST_SIMULATED` trials do not suffice.

    Example:
        >>> trials_needed(16, 64, "strong")
        40
    """
    table = NEEDED[signal]
    channels, units = (sorted({size[k] for size in table}) for k in (0, 1))
    nearest = tuple(
        max([size for size in sizes if size <= n], default=sizes[0])
        for sizes, n in ((channels, n_channels), (units, n_units))
    )
    return table[nearest[0], nearest[1]]


def search_need_sentence(n_trials: int, n_channels: int, n_units: int) -> str:
    """Return how many training trials there were, and how many the search needs, as a sentence.

    Example:
        >>> search_need_sentence(60, 2, 4)[:60]
        'there were 60 training trials with 2 stimulus channels; such'
    """
    there = f"there were {n_trials} training trials with {n_channels} stimulus channels"
    if n_channels < FEWEST_CHANNELS:
        return (
            f"{there}; such a search needs several channels for each hidden source, "
            f"{FEWEST_CHANNELS} at least: with fewer, the stimuli themselves are the states."
        )
    strong, weak = (_text(trials_needed(n_channels, n_units, s)) for s in ("strong", "weak"))
    return (
        f"{there} and {n_units} units; such a search needs {strong} if responses are strong and "
        f"{weak} if they are weak (80 % of simulated cultures of about this size; "
        "`hebbayes design` simulates yours)."
    )


def _text(trials: int | None) -> str:
    return f"more than {MOST_SIMULATED} trials" if trials is None else f"about {trials} trials"
