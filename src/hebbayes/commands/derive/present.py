"""A derivation as an outcome: record, tables and the document in the format asked for."""

import shlex
from typing import TYPE_CHECKING

from hebbayes.commands.derive.from_network import outcome_of
from hebbayes.commands.running.outcome import Outcome, Table
from hebbayes.symbolic import record_of, steps_of, to_html, to_latex, to_text

if TYPE_CHECKING:
    from hebbayes.commands.derive.numeric import Check
    from hebbayes.commands.derive.run import DeriveResult


def present(result: "DeriveResult") -> Outcome:
    """Return the derivation in the format asked for, with the keys of the command contract."""
    if result.network is not None:
        title = f"Beliefs of {result.config.from_network}"
        return outcome_of(result.network, title=title, format=result.config.format)
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
        next_command=_next_command(result) if result.config.format == "text" else "",
        document=_document(result),
    )


def _next_command(result: "DeriveResult") -> str:
    """Return the next command: an assumption, an export, or the beliefs of an export."""
    config, derivation = result.config, result.derivation
    if config.export is not None:
        return f"hebbayes derive --from-network {shlex.quote(str(config.export))}"
    words = ["hebbayes", "derive", config.equation or ""]
    if config.plasticity:
        words += ["--plasticity", config.plasticity]
    known = [config.assume] if config.assume else []
    if derivation.would_be_canonical_if:
        return shlex.join(
            [*words, "--assume", "; ".join([*known, derivation.would_be_canonical_if[0]])]
        )
    if not derivation.is_canonical:
        return ""
    stated = ["--assume", config.assume] if config.assume else []
    is_open = any(choice.inputs == "binary" for choice in derivation.choices)
    inputs = sorted(symbol.name for symbol in derivation.written.inputs)
    if is_open and inputs and not config.plasticity:
        family = "; ".join([*known, f"{inputs[0]} binary"])
        return shlex.join([*words, "--assume", family])
    return shlex.join([*words, *stated, "--export", "network.npz"])


def checked_note(checks: tuple["Check", ...]) -> str:
    """Return the outcome of the numerical checks in one sentence.

    Example:
        >>> from hebbayes.commands.derive.numeric import Check
        >>> checked_note((Check("activity of x", 2e-16, 1e-10),))
        'Verified numerically: 1 claim, generated code against autodiff, worst discrepancy 2.0e-16.'
    """
    if not checks:
        return "Not verified numerically: there is no cost, or it cannot be evaluated."
    worst = max(check.discrepancy for check in checks)
    claims = f"{len(checks)} claim{'s' if len(checks) > 1 else ''}"
    return (
        f"Verified numerically: {claims}, generated code against autodiff, worst discrepancy "
        f"{worst:.1e}."
    )


def _document(result: "DeriveResult") -> str:
    written = {"latex": to_latex, "html": to_html}.get(result.config.format)
    if written is not None:
        return written(result.derivation)
    return f"{to_text(result.derivation)}\n{checked_note(result.checks)}\n"
