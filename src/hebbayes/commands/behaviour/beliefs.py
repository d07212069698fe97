"""What subjects favour before they learn, and how fast they learn: sentences and a table."""

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import expit

from hebbayes.commands.running.outcome import Table
from hebbayes.reports import estimate_text
from hebbayes.reverse_engineering.statistics.estimate import Estimate

if TYPE_CHECKING:
    from hebbayes.commands.behaviour.run import BehaviourResult
    from hebbayes.reverse_engineering.statistics.estimate import Floats


def prior_sentences(result: "BehaviourResult") -> list[str]:
    """Return how probable the favoured choice is before learning.

    Example:
        >>> prior_sentences.__name__
        'prior_sentences'
    """
    who, _, start = _typical(result)
    if start is None:
        return []
    k = int(np.argmax(start.value))
    value, low, high = (float(end[k]) for end in start.as_tuple())
    even = 1 / len(start.value)
    said = "no choice is clearly favoured" if low <= even else "it is favoured"
    return [
        f"Before any learning, {who} chooses {result.choice_labels[k]} with probability "
        f"{value:.2f} [{low:.2f}, {high:.2f}], against {even:.2f} by chance: {said}."
    ]


def prior_table(result: "BehaviourResult") -> list[Table]:
    """Return psi, prior and probability of each choice before learning; none of few subjects.

    Example:
        >>> prior_table.__name__
        'prior_table'
    """
    who, psi, start = _typical(result)
    if psi is None or start is None:
        return []
    rows: list[list[Any]] = []
    for k, label in enumerate(result.choice_labels):
        prior = Estimate(*(float(expit(end[k])) for end in psi.as_tuple()))
        ends = ([float(end[k]) for end in one.as_tuple()] for one in (psi, start))
        of_psi, of_start = ends
        rows.append([label, *(_text(one) for one in (of_psi, prior.as_tuple(), of_start))])
    title = f"{result.name}: before learning, {who}"
    return [Table(title, ["choice", "psi", "prior E", "probability of the choice"], rows)]


def speed_sentences(result: "BehaviourResult") -> list[str]:
    """Return how fast subjects learn and forget, in trials.

    Example:
        >>> speed_sentences.__name__
        'speed_sentences'
    """
    elements, who = _elements(result)
    notes = []
    if learning := elements.get("learning"):
        notes.append(
            f"For {who}, {_text(learning.as_tuple())} trials of full reward weigh as much as the "
            "prior (lambda / gain); few is fast."
        )
    if leak := elements.get("leak"):
        ends = [100 * end for end in leak.as_tuple()]
        half = np.log(0.5) / np.log1p(-min(leak.value, 0.999999))
        notes.append(
            f"What was learnt fades by {_text(ends)} % per trial, to half in {half:.0f} trials."
        )
    return [*notes, *_about_delay(result)]


def _about_delay(result: "BehaviourResult") -> list[str]:
    known = [one.delay for one in result.subjects if one.delay is not None]
    if not known:
        return []
    chosen = result.settings.read_as.reward_delay
    n, several = len(known), sum(len(one.credible) > 1 for one in known)
    if n == 1:
        delays = " or ".join(map(str, known[0].credible))
        return [f"Under the theory's model, a delay of {delays} trials holds 95 %."]
    held = sum(chosen in one.credible for one in known)
    return [
        f"Subject by subject under the theory's model, the delays that hold 95 % include {chosen} "
        f"in {held} of {n} subjects; {several} allow more than one delay."
    ]


def _typical(
    result: "BehaviourResult",
) -> "tuple[str, Estimate[Floats] | None, Estimate[Floats] | None]":
    """Whose psi and probabilities these are; None where no single subject stands for all."""
    if result.population.psi is not None:
        return "the typical subject", result.population.psi, result.population.start
    if len(result.subjects) == 1 and (held := result.subjects[0].synapses) is not None:
        return "the subject", result.subjects[0].psi, held.start
    return "", None, None


def _elements(result: "BehaviourResult") -> tuple[dict[str, Estimate[float]], str]:
    if result.population.elements:
        return dict(result.population.elements), "the typical subject"
    if len(result.subjects) == 1:
        elements = result.subjects[0].elements
        told = {name: one.estimate for name, one in elements.items() if not one.cannot_tell}
        return told, "the subject"
    return {}, ""


def _text(ends: Any) -> str:
    return estimate_text(*ends)
