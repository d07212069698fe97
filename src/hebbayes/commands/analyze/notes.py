"""Notes on a causal analysis: its results in sentences, its limits, its methods."""

from typing import TYPE_CHECKING

import numpy as np

from hebbayes.commands.analyze.decision_forecasts import decision_notes
from hebbayes.commands.analyze.methods import LIMITS, methods
from hebbayes.commands.behaviour_presentation import behaviour_notes
from hebbayes.commands.configs import AnalyzeConfig
from hebbayes.reverse_engineering.description import ASSUMED_PRIOR_COUNT, REJECTED
from hebbayes.reverse_engineering.ensembles.candidates import decision_states
from hebbayes.reverse_engineering.ensembles.shown import PATTERNS, SOURCES, STIMULI
from hebbayes.reverse_engineering.experimental_design.search_size import search_need_sentence
from hebbayes.reverse_engineering.forecasting.judging.other_targets import FEWEST_TO_JUDGE
from hebbayes.reverse_engineering.forecasting.labels import model_label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hebbayes.commands.analyze.culture import CausalCulture, UndescribedCulture
    from hebbayes.commands.analyze.run import CausalAnalysis
    from hebbayes.reverse_engineering.description import CausalDescription
    from hebbayes.reverse_engineering.forecasting.culture import Forecasts
    from hebbayes.reverse_engineering.forecasting.judging.verdict import Verdict


def causal_notes(result: "CausalAnalysis") -> list[str]:
    """Return all notes of an analysis, the methods last.

    Example:
        >>> from hebbayes.commands.analyze.run import analyze_causally
        >>> from hebbayes.commands.analyze.request import read_request
        >>> from hebbayes.commands.configs import AnalyzeConfig
        >>> from hebbayes.commands.running.progress import DEFAULT_PROGRESS
        >>> config = AnalyzeConfig(ensembles="labels")
        >>> result = analyze_causally(config, read_request(config), DEFAULT_PROGRESS)
        >>> causal_notes(result)[-1][:8]
        'Methods.'
    """
    notes = [what_was_read(result)]
    for culture in result.cultures:
        notes += [f"Culture {culture.number}: {line}" for line in _of_culture(culture)]
    for bare in result.undescribed:
        notes += [f"Culture {bare.number}: {line}" for line in _of_undescribed(bare)]
    notes += [*forecast_sentences(result.forecasts), *decision_notes(result)]
    for other in result.others:
        notes += [
            f"{other.condition}, culture {k} failed: {why}" for k, why in other.failures.items()
        ]
    bare_numbers = {bare.number for bare in result.undescribed}
    notes += [
        f"Culture {k} {'shows no states' if k in bare_numbers else 'failed'}: {why}"
        for k, why in result.failures.items()
    ]
    return [*notes, *(LIMITS if result.cultures else ()), f"Methods. {methods(result)}"]


def what_was_read(result: "CausalAnalysis") -> str:
    """Return the sizes of all cultures, and what was fitted.

    Example:
        >>> from types import SimpleNamespace
        >>> recording = SimpleNamespace(n_sessions=9, n_trials=90, n_units=4, n_channels=2)
        >>> culture = SimpleNamespace(recording=recording, train_sessions=5)
        >>> what_was_read(SimpleNamespace(read=(culture,)))[:46]
        'Read 1 culture(s) of 9 sessions, 90 trials, 4 '
    """
    read = result.read
    sizes = [
        f"{c.recording.n_sessions} sessions, {c.recording.n_trials} trials, "
        f"{c.recording.n_units} units, {c.recording.n_channels} channels"
        for c in read
    ]
    same = sizes[0] if len(set(sizes)) == 1 else "; ".join(sizes)
    trained = ", ".join(map(str, sorted({c.train_sessions for c in read})))
    return f"Read {len(read)} culture(s) of {same}; fitted on the first {trained} sessions only."


def _of_undescribed(culture: "UndescribedCulture") -> list[str]:
    """Return what can be said of a culture without states."""
    lines = [line for line in state_sentences(culture) if line != culture.why]
    return [*lines, *behaviour_sentences(culture)]


def state_sentences(culture: "CausalCulture | UndescribedCulture") -> list[str]:
    """Return where the states come from, or why there are none, and what decoders read.

    Example:
        >>> from types import SimpleNamespace
        >>> states = SimpleNamespace(population=None, why="", sentences=("none.",))
        >>> state_sentences(SimpleNamespace(states=states, why="no unit."))
        ['none.', 'no unit.']
    """
    population = culture.states.population
    lines = list(culture.states.sentences if population is None else population.cautions)
    if culture.states.why:
        if population is not None:
            lines.append(f"the search without labels: {culture.states.why}")
        recording = culture.recording
        there = int((recording.session_index < culture.train_sessions).sum())
        lines.append(search_need_sentence(there, recording.n_channels, recording.n_units))
    why = getattr(culture, "why", "")
    return [*lines, why] if why else lines


_READ_WITH = {
    SOURCES: "the known sources as states",
    STIMULI: "the stimuli as states",
    PATTERNS: "the stimuli as states, one for each of {} patterns",
}


def behaviour_sentences(culture: "CausalCulture | UndescribedCulture") -> list[str]:
    """Return what the decisions say, or why they say nothing.

    Example:
        >>> from types import SimpleNamespace
        >>> culture = SimpleNamespace(behaviour=None, no_behaviour="none.", states=None)
        >>> behaviour_sentences(culture)
        ['the decisions cannot be analysed: none.']
    """
    lines = []
    if culture.behaviour is not None:
        description = getattr(culture, "description", None)
        found = None if description is None else description.activity
        states = decision_states(culture.recording, culture.states, found)
        if states.of in _READ_WITH:
            whose = _READ_WITH[states.of].format(states.values.shape[1])
            lines.append(f"its decisions are read with {whose}.")
        lines += behaviour_notes(culture.behaviour)
    if culture.no_behaviour:
        lines.append(f"the decisions cannot be analysed: {culture.no_behaviour}")
    return lines


def _of_culture(culture: "CausalCulture") -> list[str]:
    description = culture.description
    lines = state_sentences(culture)
    if culture.train_sessions < culture.recording.n_sessions < AnalyzeConfig.train_sessions:
        lines.append(
            f"it has {culture.recording.n_sessions} sessions, fewer than --train-sessions, so that "
            f"the first {culture.train_sessions} were fitted and the others forecast."
        )
    lines += network_sentences(description)
    if culture.match is not None:
        listed = ", ".join(f"{value:.2f}" for value in culture.match.correlation)
        lines.append(f"|corr| of ensembles with the known sources, for scoring only: {listed}.")
    if culture.recording.is_signed:
        lines.append(
            "responses are signals of any sign: errors are taken as Gaussian, levels may drift as "
            "well as gains, and what is defined for counts alone (log-linear regression, the "
            "published protocol) is left out."
        )
    if culture.no_forecast:
        lines.append(f"no forecast: {culture.no_forecast}")
    return [*lines, trace_sentence(culture), *behaviour_sentences(culture)]


def network_sentences(description: "CausalDescription") -> list[str]:
    """Return what is not identified or does not fit in the network behind a population.

    Example:
        >>> from types import SimpleNamespace
        >>> description = SimpleNamespace(refusal="no range.", prior_count=np.ones(1))
        >>> network_sentences(description)[0][-9:]
        'no range.'
    """
    if description.refusal:
        lines = [
            "no canonical network could be fitted to the mean responses of the ensembles: "
            f"{description.refusal.rstrip('.')}."
        ]
    else:
        lines = _of_network(description)
    if (description.prior_count == ASSUMED_PRIOR_COUNT).any():
        lines.append(
            f"synapses and free energy assume a prior count of {ASSUMED_PRIOR_COUNT:.0f} for "
            "ensembles whose prior count cannot be identified."
        )
    return lines


def _of_network(description: "CausalDescription") -> list[str]:
    """Return what cannot be identified, what was fitted besides, and what does not fit."""
    network, lines = description.perception, []
    assert network is not None  # a description without one has its refusal
    lines += _undetermined(network.undetermined)
    for k, memory in enumerate(network.memory):
        if np.isfinite(memory):
            lines.append(
                f"ensemble {k}: synapses forget, with a memory of about {memory:.0f} trials; "
                "phi, lambda and the synapses of the network account for this."
            )
    if description.fits_gain:
        lines.append(
            "every session has its own gain: without session gains, a canonical network does "
            f"not describe the responses (lack of fit, p < {REJECTED:g})."
        )
    poor = np.flatnonzero(network.lack_of_fit < REJECTED)
    if poor.size:
        lines.append(
            f"ensembles {', '.join(map(str, poor))} do not follow a canonical network "
            f"(lack of fit, p < {REJECTED:g}): the estimates describe the closest one."
        )
    return lines


def _undetermined(of_ensembles: "Sequence[Sequence[tuple[str, ...]]]") -> list[str]:
    """Return which parameters cannot be distinguished; ensembles with the same share a line."""
    alike: dict[str, list[int]] = {}
    for k, classes in enumerate(of_ensembles):
        if classes:
            listed = "; ".join(" and ".join(_short(one)) for one in classes)
            alike.setdefault(listed, []).append(k)
    return [
        f"ensemble {numbers[0]}: cannot distinguish {listed}."
        if len(numbers) == 1
        else f"{len(numbers)} of {len(of_ensembles)} ensembles "
        f"({', '.join(map(str, numbers))}): cannot distinguish {listed}."
        for listed, numbers in alike.items()
    ]


def _short(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of a class, with its channels counted instead of listed."""
    channels = [name for name in names if name.startswith("naive_")]
    others = tuple(name for name in names if name not in channels)
    return (*others, f"naive synapses of {len(channels)} channels") if channels else others


def trace_sentence(culture: "CausalCulture") -> str:
    """Return how free energy changes, beside surrogates that do not learn.

    Example:
        >>> from types import SimpleNamespace
        >>> from hebbayes.reverse_engineering.statistics.estimate import Estimate
        >>> one = Estimate(*[np.array([3.0, 1.0])] * 3)
        >>> trace = SimpleNamespace(total=one)
        >>> description = SimpleNamespace(free_energy=trace, replayed=one, gain_only=one)
        >>> trace_sentence(SimpleNamespace(description=description))[:33]
        'free energy changes by -2 nats fr'
    """
    description = culture.description
    first, last = description.free_energy.total.value[[0, -1]]
    change = last - first
    shares = []
    for name, surrogate in (
        ("replay", description.replayed),
        ("gain drift alone", description.gain_only),
    ):
        low, high = (end[-1] - first for end in (surrogate.low, surrogate.high))
        shares.append(f"{name} {low:.0f} to {high:.0f}")
    return (
        f"free energy changes by {change:.0f} nats from the first to the last session; surrogates "
        f"without learning: {', '.join(shares)}."
    )


def forecast_sentences(forecasts: "Forecasts | None") -> list[str]:
    """Return what the theory adds to forecasts, target by target.

    Example:
        >>> forecast_sentences(None)
        ['Nothing was forecast: no culture has a session after training.']
    """
    if forecasts is None:
        return ["Nothing was forecast: no culture has a session after training."]
    notes = []
    if not forecasts.is_repeated:
        notes.append("Stimuli do not repeat: a kernel read-out replaces the means per pattern.")
    if forecasts.verdict is not None:
        notes.append(f"Over {forecasts.n_cultures} cultures, {verdict_sentence(forecasts.verdict)}")
    elif forecasts.within:
        notes += [f"Culture {k}: {verdict_sentence(one)}" for k, one in forecasts.within.items()]
        notes.append(f"A verdict over cultures needs at least {FEWEST_TO_JUDGE} of them.")
    for name, target in forecasts.targets.items():
        if target.verdict is not None:
            notes.append(f"For {name.replace('_', ' ')}, {verdict_sentence(target.verdict)}")
        else:
            best = min(target.losses, key=lambda model: target.losses[model].value)
            notes.append(
                f"For {name.replace('_', ' ')}, {model_label(best)} forecasts best: squared error "
                f"{target.losses[best].value:.3g} relative to {model_label(target.reference)}."
            )
    return notes


BAD_FORECAST = -0.1
"""Gain within one culture below which a forecast is called bad, and gets no percentage."""


def verdict_sentence(verdict: "Verdict") -> str:
    """Return what the theory adds to the best null, as a sentence.

    Example:
        >>> from hebbayes.reverse_engineering.forecasting.judging.verdict import Verdict
        >>> from hebbayes.reverse_engineering.statistics.estimate import Estimate
        >>> verdict = Verdict(Estimate(0.02, 0.01, 0.03), True, 0.0, 0.01, 60, "sessions", ())
        >>> verdict_sentence(verdict)[:33]
        'theory adds 2.00% [1.00%, 3.00%] '
    """
    gain = verdict.gain
    if verdict.over == "sessions" and gain.high < BAD_FORECAST:
        low, value, high = (1 - end for end in (gain.high, gain.value, gain.low))
        return (
            f"the forecast by the theory is bad: its squared error is {value:.3g} "
            f"[{low:.3g}, {high:.3g}] times that of the best null, although training sessions "
            "favoured it."
        )
    harm = " (it makes forecasts worse)" if gain.high < 0 else ""
    qualifier = "" if verdict.adds else harm or " (not distinguishable from nothing)"
    return (
        f"theory adds {gain.value:.2%} [{gain.low:.2%}, {gain.high:.2%}] of the best "
        f"null's squared error{qualifier}; {verdict.settings_tried} settings tried, interval over "
        f"{verdict.over}; a study like this one would detect {verdict.smallest_detectable:.2%} in "
        "80 % of cases."
    )
