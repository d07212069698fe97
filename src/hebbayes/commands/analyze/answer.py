"""The answer of a causal analysis in plain sentences, for the first lines of its report."""

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import expit

from hebbayes.commands.analyze.causal_figures import state_labels
from hebbayes.commands.analyze.embedded import embedded_answer
from hebbayes.reports import estimate_text

if TYPE_CHECKING:
    from hebbayes.commands.analyze.run import CausalAnalysis


def answer_sentences(result: "CausalAnalysis") -> "list[str]":
    """Return the answer of the run in a few sentences.

    Example:
        >>> from types import SimpleNamespace
        >>> states = SimpleNamespace(sentences=("it cannot be told.",))
        >>> bare = SimpleNamespace(states=states, why="", behaviour=None)
        >>> answer_sentences(SimpleNamespace(
        ...     truth=None, cultures=(), undescribed=(bare,), read=(bare,), forecasts=None))
        ['It cannot be told.']
    """
    return [
        *embedded_answer(result),
        states_answer(result),
        *([prior_answer(result), speed_answer(result)] if result.cultures else []),
        *theory_answer(result),
        *decisions_answer(result),
    ]


def states_answer(result: "CausalAnalysis") -> str:
    """Return how many states there are, or why there are none.

    Example:
        >>> from types import SimpleNamespace
        >>> states = SimpleNamespace(sentences=())
        >>> bare = SimpleNamespace(states=states, why="no unit responds.")
        >>> states_answer(SimpleNamespace(cultures=(), undescribed=(bare,), read=(bare,)))
        'No unit responds.'
    """
    n_all = len(result.read)
    if not result.cultures:
        (first, *_) = result.undescribed
        sentence = first.states.sentences[0] if first.states.sentences else first.why
        sentence = sentence[0].upper() + sentence[1:]
        return sentence if n_all == 1 else f"None of {n_all} cultures shows states. {sentence}"
    counts = [len(c.description.population.units) for c in result.cultures]
    origin = {c.states.origin for c in result.cultures}
    words = {
        "search": "found without labels"
        if result.config.ensembles == "auto"
        else "given by the known sources",
        "sources": "given by the known sources",
        "stimuli": "the stimuli themselves",
    }
    how = " or ".join(words[one] for one in sorted(origin))
    number = " or ".join(map(str, sorted(set(counts))))
    plural = "s" if counts != [1] else ""
    where = "The population" if n_all == 1 else f"Each of {len(counts)} of {n_all} cultures"
    return f"{where} follows {number} state{plural} ({how})."


def joined_estimates(result: "CausalAnalysis", what: str) -> "tuple[Any, Any, Any]":
    """Return value, low and high of ``log_odds`` or ``prior_count`` of all states.

    Example:
        >>> from types import SimpleNamespace
        >>> population = SimpleNamespace(units=[[0]])
        >>> description = SimpleNamespace(perception=None, population=population)
        >>> culture = SimpleNamespace(description=description)
        >>> joined_estimates(SimpleNamespace(cultures=[culture]), "log_odds")[0]
        array([nan])
    """
    parts = []
    for end in ("value", "low", "high"):
        values = []
        for c in result.cultures:
            network, n = c.description.perception, len(c.description.population.units)
            values.append(np.full(n, np.nan) if network is None else getattr(
                getattr(network, what), end))  # fmt: skip
        parts.append(np.concatenate([np.empty(0), *values]))
    return parts[0], parts[1], parts[2]


def prior_answer(result: "CausalAnalysis") -> str:
    """Return what is believed before any evidence.

    Example:
        >>> from types import SimpleNamespace
        >>> prior_answer(SimpleNamespace(cultures=[]))
        'How likely it takes them to be before any evidence cannot be identified.'
    """
    value, low, high = (expit(part) for part in joined_estimates(result, "log_odds"))
    known = np.flatnonzero(np.isfinite(value))
    if not known.size:
        return "How likely it takes them to be before any evidence cannot be identified."
    labels = state_labels(result)
    if known.size <= 3:
        texts = [estimate_text(value[k], low[k], high[k], digits=2) for k in known]
        listed = " and ".join(f"{text} to state {labels[k]}" for k, text in zip(known, texts))
        return f"Before any evidence it gives a probability of {listed} being on (95 % intervals)."
    return (
        f"Before any evidence the states are taken to be on with probability "
        f"{np.median(value[known]):.2f} (median of {known.size}, from {value[known].min():.2f} to "
        f"{value[known].max():.2f})."
    )


def speed_answer(result: "CausalAnalysis") -> str:
    """Return how many trials the first beliefs are worth.

    Example:
        >>> from types import SimpleNamespace
        >>> speed_answer(SimpleNamespace(cultures=[]))
        'How fast it learns cannot be identified.'
    """
    value, low, high = joined_estimates(result, "prior_count")
    known = np.flatnonzero(np.isfinite(value))
    if not known.size:
        return "How fast it learns cannot be identified."
    if known.size <= 3:
        listed = " and ".join(estimate_text(value[k], low[k], high[k]) for k in known)
        return f"Its first beliefs are worth {listed} trials of evidence."
    return f"First beliefs are worth {np.median(value[known]):,.0f} trials of evidence (median)."


def verdicts(result: "CausalAnalysis") -> "list[Any]":
    """Return the verdict over all cultures, or those within each.

    Example:
        >>> from types import SimpleNamespace
        >>> verdicts(SimpleNamespace(forecasts=None))
        []
    """
    if result.forecasts is None:
        return []
    one = result.forecasts.verdict
    return [one] if one is not None else list(result.forecasts.within.values())


def theory_answer(result: "CausalAnalysis") -> "list[str]":
    """Return what the theory adds to forecasts.

    Example:
        >>> from types import SimpleNamespace
        >>> theory_answer(SimpleNamespace(forecasts=None, cultures=[1]))
        ['No session was left to forecast.']
    """
    found = verdicts(result)
    if not found:
        return ["No session was left to forecast."] if result.cultures else []
    n_added = sum(verdict.adds for verdict in found)
    if len(found) == 1:
        gain = found[0].gain
        size = (
            f"{gain.value:.2%} [{gain.low:.2%}, {gain.high:.2%}] of the best null's squared error"
        )
        if found[0].adds:
            return [f"The theory improves forecasts of later responses, by {size}."]
        verb = "makes worse" if gain.high < 0 else "does not improve"
        return [f"The theory {verb} forecasts of later responses ({size})."]
    return [f"The theory improves forecasts of later responses in {n_added} of {len(found)}."]


def _single_verdict(result: "CausalAnalysis") -> str:
    """Return the verdict on one animal's decisions, learners beside what does not learn."""
    (rivals,) = (c.behaviour.rivals for c in result.read if c.behaviour and c.behaviour.rivals)
    best: dict[str, Any] = {}
    for one in rivals.rivals:  # the best first
        best.setdefault(one.model.kind, one)
    top = rivals.rivals[0].log_evidence
    listed = "; ".join(
        f"{kind}: {one.model.description}, {one.log_evidence - top:.1f}"
        for kind, one in best.items()
    )
    return (
        f"Verdict on its {rivals.n_explained} decisions, learners beside a fixed policy of these "
        f"stimuli: {rivals.verdict} (best of each kind, log evidence less the best in nats: "
        f"{listed})."
    )


def decisions_answer(result: "CausalAnalysis") -> "list[str]":
    """Return the verdict on decisions; nothing if there is none.

    Example:
        >>> from types import SimpleNamespace
        >>> decisions_answer(SimpleNamespace(read=()))
        []
    """
    verdicts = [
        c.behaviour.rivals.verdict
        for c in result.read
        if c.behaviour is not None and c.behaviour.rivals is not None
    ]
    if not verdicts:
        return []
    counted = {verdict: verdicts.count(verdict) for verdict in dict.fromkeys(verdicts)}
    if len(verdicts) == 1:
        return [_single_verdict(result)]
    listed = ", ".join(f"{verdict} ({n})" for verdict, n in counted.items())
    return [f"Verdicts on decisions: {listed}."]
