"""Tables of described behaviour: verdicts, models, elements, groups, the first subjects."""

from typing import TYPE_CHECKING, Any

import numpy as np

from hebbayes.commands.behaviour.beliefs import prior_table
from hebbayes.commands.behaviour.synapses import synapses_table
from hebbayes.commands.running.outcome import Table
from hebbayes.reverse_engineering.behaviour.rivals.models import (
    AS_THEORY,
    CANNOT_TELL,
    NO_LEARNING,
    OTHERWISE,
)
from hebbayes.reverse_engineering.statistics.estimate import mean_estimate

_FEWEST = 3  # subjects, for an interval of a mean over them

if TYPE_CHECKING:
    from hebbayes.commands.behaviour.run import BehaviourResult
    from hebbayes.reverse_engineering.statistics.estimate import Estimate

VERDICTS = (AS_THEORY, OTHERWISE, NO_LEARNING, CANNOT_TELL)

_SHOWN = 10  # subjects
_WORDS = {
    "learning": "lambda / gain",
    "leak": "leak per trial",
    "modulator_bias": "modulator bias",
}


def tables_of(result: "BehaviourResult") -> list[Table]:
    """Return all tables, those about everybody first.

    Example:
        >>> tables_of.__name__
        'tables_of'
    """
    tables = [verdicts_table(result), models_table(result), *prior_table(result)]
    if result.population.elements:
        tables.append(elements_table(result))
    if result.population.best != result.population.base:
        tables.append(winner_table(result))
    if result.groups:
        tables.append(groups_table(result))
    return [*tables, *synapses_table(result), subjects_table(result)]


def verdicts_table(result: "BehaviourResult") -> Table:
    """Return how many subjects have each verdict, of all and of each group.

    Example:
        >>> verdicts_table.__name__
        'verdicts_table'
    """
    groups: list[Any] = sorted({str(one.group) for one in result.subjects if one.group is not None})
    rows = []
    for name in ["all", *groups]:
        some = [one for one in result.subjects if name == "all" or str(one.group) == name]
        said = [one.verdict for one in some]
        success = np.mean([one.success for one in some])
        rows.append([name, len(some), *(said.count(word) for word in VERDICTS), success])
    header = ["group", "subjects", *VERDICTS, "success"]
    return Table(f"{result.name}: how subjects learn, one verdict each", header, rows)


def models_table(result: "BehaviourResult") -> Table:
    """Return every model's evidence and loss on held-out decisions.

    Example:
        >>> models_table.__name__
        'models_table'
    """
    from hebbayes.reverse_engineering.behaviour.subjects.tasks import model_of

    evidence = result.population.log_evidence
    rows: list[list[Any]] = []
    for name in result.subjects[0].log_loss:
        loss = mean_estimate(np.array([one.log_loss[name] for one in result.subjects]))
        model = model_of(name)
        lead = evidence[name] - evidence[result.population.best]
        ends = (max(loss.low, 0.0), loss.high) if len(result.subjects) >= _FEWEST else ("", "")
        rows.append([model.description, model.kind, lead, loss.value, *ends])
    rows.sort(key=lambda row: -row[2])
    return Table(
        f"{result.name}: models of all decisions; evidence is log evidence less the best, loss is "
        "that of held-out decisions, nats per trial: mean over subjects and, from three subjects "
        "on, its 95 % interval (low, high)",
        ["model", "class", "evidence", "loss", "low", "high"],
        rows,
    )


def elements_table(result: "BehaviourResult") -> Table:
    """Return the elements of the typical subject.

    Example:
        >>> elements_table.__name__
        'elements_table'
    """
    from hebbayes.reverse_engineering.behaviour.subjects.tasks import model_of

    population = result.population
    rows = [
        [_WORDS.get(name, name), *one.as_tuple(), population.spreads[name].value]
        for name, one in population.elements.items()
    ]
    return Table(
        f"{result.name}: the typical subject ({model_of(population.base).description}); spread "
        "between subjects is on the scale without bounds",
        ["element", "value", "low", "high", "spread"],
        rows,
    )


def winner_table(result: "BehaviourResult") -> Table:
    """Return the parameters of the best model: of the typical subject, or of each of a few.

    Example:
        >>> winner_table.__name__
        'winner_table'
    """
    from hebbayes.reverse_engineering.behaviour.subjects.elements import natural
    from hebbayes.reverse_engineering.behaviour.subjects.population import mean_estimate as typical
    from hebbayes.reverse_engineering.behaviour.subjects.tasks import model_of

    one = result.population.models[result.population.best]
    rows: list[list[Any]] = []
    if one.normal is not None:
        found = typical(one.normal, len(result.subjects))
        for place, parameter in enumerate(one.parameters):
            value = natural(parameter, found, place)
            rows.append(["typical", parameter.name, *value.as_tuple()])
    else:
        for subject in result.subjects:
            rows += [[str(subject.name), key, *e.as_tuple()] for key, e in subject.winner.items()]
    return Table(
        f"{result.name}: the best model ({model_of(one.model).description}); rates are per trial, "
        "inverse temperature per unit of 1 - 2 risk",
        ["subject", "parameter", "value", "low", "high"],
        rows,
    )


def groups_table(result: "BehaviourResult") -> Table:
    """Return the differences between groups.

    Example:
        >>> groups_table.__name__
        'groups_table'
    """
    best = f"{result.population.best}: "
    rows = [
        [_word(name, best), *one.means, _interval(one.difference), f"{one.p:.2g}"]
        for name, one in result.groups.items()
    ]
    first = next(iter(result.groups.values()))
    n_tests = len(elements_with_tests(result))
    return Table(
        f"{result.name}: groups, second less first; p adjusted over {n_tests} tests (Holm)"
        + "; winner: the best model" * any("winner, " in str(row[0]) for row in rows),
        ["element", *map(str, _heads(result, first.conditions)), "difference", "p"],
        rows,
    )


def elements_with_tests(result: "BehaviourResult") -> list[str]:
    """Return the differences between groups that have a test of their own.

    Psi of the second of two choices is less that of the first: both are one test.

    Example:
        >>> elements_with_tests.__name__
        'elements_with_tests'
    """
    labels = result.choice_labels
    second = f"psi: {labels[1]}" if len(labels) == 2 else ""
    is_second = {name: f"{name}: ".startswith(f"{second}: ") for name in result.groups}
    return [name for name in result.groups if not (second and is_second[name])]


def element_in_words(name: str, best: str) -> str:
    """Return an element as readers know it; ``best`` names the best model.

    Example:
        >>> element_in_words("learning", "leaky")
        'lambda / gain'
        >>> element_in_words("rescorla_wagner_two_rates: rate of wins", "rescorla_wagner_two_rates")
        'rate of wins (Rescorla-Wagner, two rates)'
    """
    from hebbayes.reverse_engineering.behaviour.subjects.tasks import model_of

    if best and name.startswith(f"{best}: "):
        return f"{name.removeprefix(f'{best}: ')} ({model_of(best).description})"
    first, colon, rest = name.partition(": ")
    return _WORDS.get(first, first) + colon + rest


def _word(name: str, best: str) -> str:
    """Name of an element, or of a parameter of the model that wins."""
    return _WORDS.get(name, name.replace(best, "winner, "))


def _heads(result: "BehaviourResult", conditions: tuple[str, str]) -> tuple[str, str]:
    pairs = {one.conditions for one in result.groups.values()}
    return conditions if len(pairs) == 1 else ("first", "second")


def subjects_table(result: "BehaviourResult") -> Table:
    """Return the first subjects.

    Example:
        >>> subjects_table.__name__
        'subjects_table'
    """
    rows = []
    for one in result.subjects[:_SHOWN]:
        learning = one.elements.get("learning")
        ratio = "" if learning is None else f"{learning.estimate.value:.3g}"
        rows.append([one.name, one.n_used, one.n_missed, one.success, one.verdict, ratio])
    for out in result.set_aside[:_SHOWN]:
        rows.append([out.name, out.n_used, out.n_missed, out.success, out.reason, ""])
    more = len(result.subjects) + len(result.set_aside) - len(rows)
    end = f"; {more} more in result.json (--out) and --json" if more > 0 else ""
    return Table(
        f"{result.name}: subjects{end}",
        ["subject", "used", "missed", "success", "verdict", "lambda / gain"],
        [[_text(cell) for cell in row] for row in rows],
    )


def _interval(estimate: "Estimate[float]") -> str:
    value, low, high = estimate.as_tuple()
    return f"{value:.3g} [{low:.3g}, {high:.3g}]"


def _text(cell: Any) -> Any:
    return cell if isinstance(cell, (int, float)) else str(cell)
