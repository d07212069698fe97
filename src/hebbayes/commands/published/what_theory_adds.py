"""The audit of recorded cultures: what the theory adds to honest nulls, as one command.

Raw counts per unit, the first ten sessions against the rest; every null and every model with the
theory, a verdict in which each culture is judged by a choice that the others made; the published
protocol and its nulls beside it (docs/theory.md section 8); effective synapses and free energy as
targets.  ``--latent`` adds the network fitted by gradient.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from hebbayes.commands.published.audit.record import from_arrays, to_arrays
from hebbayes.commands.published.audit.statements import (
    Audited,
    audit,
    audit_arrays,
    audit_numbers,
    audit_tables,
    stated_claims,
    verdict_sentences,
)
from hebbayes.commands.published.culture_protocol import (
    MODELS,
    PreparedGroup,
    ProtocolMeasures,
    fall,
    measure,
    prepare,
    surrogate_fall,
)
from hebbayes.commands.published.culture_reference import (
    public_names,
    read_groups,
    sentence_about,
)
from hebbayes.commands.published.reproduction import Reproduction, parts_of
from hebbayes.core.errors import HebbayesError, ValueRangeError
from hebbayes.reverse_engineering.forecasting.culture import CultureForecasts, score_culture
from hebbayes.reverse_engineering.forecasting.labels import model_label

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from hebbayes.commands.configs import ReproduceConfig
    from hebbayes.commands.running.checkpoint import Checkpoint
    from hebbayes.commands.running.progress import Progress
    from hebbayes.data.recording import Recording
    from hebbayes.reverse_engineering.statistics.estimate import Estimate

TRAINING = 10  # sessions; the rest are forecast


@dataclass(frozen=True, eq=False)
class Task:
    """One culture to score.

    Attributes:
        name: Group and number.
        prepared: Its group as the protocol reads it.
        number: Its number in the file.
        recording: What was recorded.
    """

    name: str
    prepared: PreparedGroup
    number: int
    recording: "Recording"


def run(
    config: "ReproduceConfig", *, progress: "Progress", checkpoint: "Checkpoint | None"
) -> Reproduction:
    """Return the audit; a culture that a checkpoint holds is not scored again."""
    groups = read_groups(config)
    tasks = [
        Task(f"{one.group.name} {k}", one, k, recording)
        for one in map(prepare, groups)
        for k, recording in one.group.recordings.items()
    ]
    kept = " with latent network" if config.latent else ""
    parts = parts_of(checkpoint, [task.name + kept for task in tasks])
    progress.start("cultures", len(tasks))
    forecasts: dict[str, CultureForecasts] = {}
    protocol: dict[str, dict[str, ProtocolMeasures]] = {}
    failures = []
    for task, part in zip(tasks, parts):
        forecast, measured, why = _scored(task, part, config)
        if forecast is not None:
            forecasts[task.name] = forecast
        if measured is not None:
            protocol.setdefault(task.prepared.group.name, {})[task.name] = measured
        failures += [f"{task.name}: {sentence}" for sentence in why]
        progress.advance(1, task.name)
    if not forecasts:
        raise ValueRangeError(f"no culture can be forecast; {failures[0]}")
    audited = audit(forecasts, protocol, seed=config.seed)
    return Reproduction(
        checks=stated_claims(audited, public_names(groups, config)),
        numbers=audit_numbers(audited, public_names(groups, config)),
        arrays=audit_arrays(audited),
        draw=partial(_draw, audited),
        caption=_CAPTION,
        notes=(*verdict_sentences(audited), sentence_about(groups), *failures),
        tables=audit_tables(audited),
    )


def _scored(
    task: Task, part: "Checkpoint | None", config: "ReproduceConfig"
) -> tuple[CultureForecasts | None, ProtocolMeasures | None, list[str]]:
    """Return scores, measures, and why any is missing; from the checkpoint if it has them."""
    saved = part.load() if part else None
    if saved is not None:
        return from_arrays(saved)
    forecasts, measured, why = None, None, []
    try:
        forecasts = score_culture(task.recording, TRAINING, has_latent=config.latent)
        why += [f"no forecast of {name}: {said}" for name, said in forecasts.left_out.items()]
    except HebbayesError as error:
        why.append(f"no forecast: {error}")
    try:
        if (refused := task.prepared.failures.get(task.number)) is not None:
            why.append(f"no published protocol: {refused}")
        else:
            measured = measure(task.prepared, task.number, seed=config.seed)
    except HebbayesError as error:
        why.append(f"no published protocol: {error}")
    if part:
        part.save(to_arrays(forecasts, measured, why))
    return forecasts, measured, why


def _draw(audited: Audited) -> "Figure":
    from hebbayes.plotting.audit import audit_figure

    verdict, added = audited.forecasts.verdict, dict(audited.added)
    if verdict is not None:
        added = {"the verdict": verdict.gain, **added}
    return audit_figure(
        _tuples(audited.forecasts.losses),
        model_label(audited.forecasts.reference),
        _tuples(added),
        {
            name: {
                "errors": np.array([m.errors for m in group.values()]),
                "weight_errors": np.array([m.weight_errors for m in group.values()]),
                "falls": np.array([[fall(m), surrogate_fall(m)] for m in group.values()]),
            }
            for name, group in audited.protocol.items()
        },
        tuple(map(model_label, MODELS)),
        fixed=_tuples(audited.fixed),
    )


def _tuples(estimates: Mapping[str, "Estimate[float]"]) -> dict[str, tuple[float, float, float]]:
    return {model_label(name): estimate.as_tuple() for name, estimate in estimates.items()}


_CAPTION = (
    "What the theory adds to forecasts of recorded cultures. Raw counts per unit, first ten "
    "sessions to all later ones. a: squared error relative to the reference null within each "
    "culture, mean over cultures and Student's 95 % interval; the own mean and the other half of "
    "the trials bracket the noise. b: share of the best null's loss that each model with the "
    "theory takes away on "
    "cultures left out, the others having chosen null and size, had it been used without earning "
    "its place (circles), at a size of 0.15 that nothing chose (triangles), and the verdict "
    "(square). c: squared errors of late single-trial activity under the published protocol, a "
    "tick per culture and a dot for the mean. d: error of forecast synapses, protocol against "
    "replayed first sessions. e: fall of L in recordings, against surrogates in which only gains "
    "drift; on the diagonal, drift explains all of it."
)
