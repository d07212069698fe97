"""What decision synapses hold about each state, at the start and at the end, for people."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.commands.running.outcome import Table
from hebbayes.reverse_engineering.behaviour.subjects.synapses import NO_STATE
from hebbayes.reverse_engineering.statistics.estimate import Estimate, mean_estimate

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from hebbayes.commands.behaviour.run import BehaviourResult
    from hebbayes.reverse_engineering.behaviour.subjects.synapses import DecisionSynapses

Floats = NDArray[np.float64]

_SHOWN_ROWS, _SHOWN_SUBJECTS, _SHOWN_STATES = 24, 4, 12


def held_sentences(result: "BehaviourResult") -> list[str]:
    """Return how sure subjects are of a choice at the end, beside the start.

    Example:
        >>> held_sentences.__name__
        'held_sentences'
    """
    held = _held(result)
    if not held:
        return []
    end = np.array([one.end.value.max(1).mean() for one in held])
    start = np.mean([one.start.value.max() for one in held])
    sure = mean_estimate(end)
    interval = f" [{sure.low:.2f}, {sure.high:.2f}]" if len(held) > 1 else ""
    when = "the last session" if result.settings.read_as.has_new_stimuli else "the data"
    over = "over subjects and states" if len(held) > 1 else "over states"
    return [
        f"At the end of {when}, the choice that a state favours has probability {sure.value:.2f}"
        f"{interval}, mean {over}; before the first trial the favoured choice had {start:.2f}. V "
        "is what synapses have learnt of each state, psi left out."
    ]


def synapses_table(result: "BehaviourResult") -> list[Table]:
    """Return V and the probability of each choice in each state; means over several subjects.

    Example:
        >>> synapses_table.__name__
        'synapses_table'
    """
    held = _held(result)
    if not held:
        return []
    rows = list(_rows(result, held))
    who = "means over subjects" if len(held) > 1 else "one subject"
    more = len(rows) - _SHOWN_ROWS
    end = f"; {more} more rows in result.json" if more > 0 else ""
    title = f"{result.name}: V at the end, log odds, and how probable a choice is; {who}{end}"
    header = ["choice in state", "V", "low", "high", "at start", "at end"]
    return [Table(title, header, rows[:_SHOWN_ROWS])]


def states_figure(result: "BehaviourResult") -> "Figure":
    """Return the probability of each choice in each state, of a few subjects.

    Example:
        >>> states_figure.__name__
        'states_figure'
    """
    from hebbayes.plotting.behaviour.held import held_figure

    n = len(result.subjects)
    some = np.unique(np.linspace(0, n - 1, min(n, _SHOWN_SUBJECTS)).round().astype(int))
    panels = {}
    for k in some:
        one = result.subjects[k]
        if one.synapses is None:
            continue
        names = [result.state_names[state] for state in one.synapses.state[:_SHOWN_STATES]]
        end = one.synapses.end[:_SHOWN_STATES]
        panels[str(one.name)] = (one.synapses.start.as_tuple(), end.as_tuple(), names)
    return held_figure(
        panels,
        result.choice_labels,
        caption="Probability of each choice in each state, whatever the last choice was. Dashed "
        "lines and bands: before the first trial. Markers: at the end of the data. 95 % intervals "
        f"of each subject, under the theory's model. {len(panels)} of {n} subjects.",
    )


def _held(result: "BehaviourResult") -> "list[DecisionSynapses]":
    return [one.synapses for one in result.subjects if one.synapses is not None]


def _rows(result: "BehaviourResult", held: "list[DecisionSynapses]") -> Iterator[list[Any]]:
    states = np.unique(np.concatenate([one.state for one in held]))
    for state in sorted(states, key=lambda one: (one == NO_STATE, one)):
        some = [(one, int(np.flatnonzero(one.state == state)[0])) for one in held
                if state in one.state]  # fmt: skip
        for k, label in enumerate(result.choice_labels):
            if len(held) > 1:
                weights = mean_estimate(np.array([one.weights.value[at, k] for one, at in some]))
            else:
                one, at = some[0]
                weights = Estimate(*(float(end[at, k]) for end in one.weights.as_tuple()))
            start = np.mean([one.start.value[k] for one, _ in some])
            end = np.mean([one.end.value[at, k] for one, at in some])
            yield [
                f"{label} in {result.state_names[state]}",
                *(f"{end:.3g}" for end in weights.as_tuple()),
                *(f"{start:.2f}", f"{end:.2f}"),
            ]
