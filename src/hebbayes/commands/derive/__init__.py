"""Symbolic reverse engineering: an equation, or a file of weights, read as a Bayesian agent.

`hebbayes.symbolic` derives, by itself; here are its bridges to the rest: formulas are checked by
numbers through JAX, a network is exported to be simulated, weights are read (docs/derive.md).
"""

import os
from dataclasses import dataclass
from pathlib import Path

from hebbayes.commands.configs import DeriveConfig
from hebbayes.commands.derive.export import export_network
from hebbayes.commands.derive.from_network import (
    NetworkReading,
    check_alone,
    outcome_of,
    read_network,
)
from hebbayes.commands.derive.numeric import Check, check_numerically
from hebbayes.commands.running.checkpoint import Checkpoint
from hebbayes.commands.running.outcome import Outcome, Table
from hebbayes.commands.running.progress import SILENT, Progress
from hebbayes.core.errors import FormatError, HebbayesError
from hebbayes.symbolic import Derivation, derive, record_of, steps_of, to_html, to_latex, to_text


@dataclass(frozen=True)
class DeriveResult:
    """A derivation and what came of checking it.

    Attributes:
        config: What was asked for.
        derivation: Of the equation, or of that of the network in a file.
        checks: Its claims by numbers.
        network: The beliefs of a file of weights, where one was read.
    """

    config: DeriveConfig
    derivation: Derivation
    checks: tuple[Check, ...]
    network: NetworkReading | None = None


def run(
    config: DeriveConfig,
    *,
    progress: Progress = SILENT,
    checkpoint: Checkpoint | None = None,
) -> DeriveResult:
    """Return what an equation implies.

    Raises `EquationError` for text that cannot be read, `FormatError` for a file.
    """
    if config.from_network is not None:
        check_alone(config.equation, config.plasticity, config.export)
        network = read_network(config.from_network, config.activation)
        return DeriveResult(config, network.derivation, (), network)
    progress.start("derivation", 2)
    equation, assume = equation_of(config.equation), config.assume or ""
    derivation = derive(equation, plasticity=config.plasticity or "", assume=assume)
    progress.advance(status="derived")
    checks = check_numerically(derivation, seed=config.seed)
    if config.export is not None:
        checks += export_network(
            derivation,
            config.export,
            equation=equation,
            assume=assume,
            sizes=config.sizes,
            seed=config.seed,
        )
    progress.advance(status="checked")
    broken = [check.name for check in checks if not check.holds]
    if broken:
        raise RuntimeError(f"a derivation contradicts its numbers: {', '.join(broken)}")
    return DeriveResult(config, derivation, checks)


def equation_of(given: str | None) -> str:
    """Return the text of an equation that is given as text or as the name of a file.

    Raises `HebbayesError` where there is none, `FormatError` for a file that cannot be read.

    Example:
        >>> equation_of("dx/dt = -x")
        'dx/dt = -x'
    """
    if not given or not given.strip():
        raise HebbayesError(
            "derive needs an equation or --from-network; e.g. hebbayes derive "
            "'dx/dt = -logit(x) + W*o + h'."
        )
    if "=" in given or "\n" in given:
        return given
    path = Path(given)
    looks_like_file = path.suffix != "" or os.sep in given or path.exists()
    if not looks_like_file:
        return given
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise FormatError(f"cannot read {path}: {reason}.") from error


def present(result: DeriveResult) -> Outcome:
    """Return the derivation in the format asked for, with the keys of the command contract."""
    if result.network is not None:
        title = f"Beliefs of {result.config.from_network}"
        return outcome_of(result.network, title=title, told_as=result.config.format)
    derivation = result.derivation
    record = record_of(derivation)
    record["checks"] = [
        {"name": c.name, "discrepancy": c.discrepancy, "holds": c.holds} for c in result.checks
    ]
    steps = Table(
        "Derivation",
        ("step", "formula", "reason"),
        [
            (step.title, "; ".join(formula.text for formula in step.formulas), step.reason)
            for step in steps_of(derivation)
        ],
    )
    dictionary = Table(
        "Dictionary",
        ("neural", "Bayesian"),
        [(row["neural"], row["bayesian"]) for row in record["dictionary"]],
    )
    return Outcome(
        summary=record,
        tables=[steps, dictionary],
        notes=[checked_note(result.checks)],
        holds=derivation.holds,
        document=_document(result),
    )


def checked_note(checks: tuple[Check, ...]) -> str:
    """Return what numbers say about a derivation, in one sentence.

    Example:
        >>> checked_note((Check("activity of x", 2e-16, 1e-10),))
        'Checked by numbers: 1 claim, generated code against autodiff, worst discrepancy 2.0e-16.'
    """
    if not checks:
        return "Not checked by numbers: there is no cost, or it has no code."
    worst = max(check.discrepancy for check in checks)
    claims = f"{len(checks)} claim{'s' if len(checks) > 1 else ''}"
    return (
        f"Checked by numbers: {claims}, generated code against autodiff, worst discrepancy "
        f"{worst:.1e}."
    )


def _document(result: DeriveResult) -> str:
    told = {"latex": to_latex, "html": to_html}.get(result.config.format)
    if told is not None:
        return told(result.derivation)
    return f"{to_text(result.derivation)}\n{checked_note(result.checks)}\n"
