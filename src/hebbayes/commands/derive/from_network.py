"""`derive --from-network`: a file of weights, reported as the beliefs that it holds."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import expit

from hebbayes.commands.running.outcome import Outcome, Table
from hebbayes.core.errors import HebbayesError
from hebbayes.data.weights import read_weights
from hebbayes.reports import Report, Section, cell_text, render_page
from hebbayes.reverse_engineering.weights.beliefs import (
    ESTIMATED,
    EXACT,
    FAMILY,
    Beliefs,
    beliefs_of,
)
from hebbayes.reverse_engineering.weights.layers import LayerWeights, layers_in, statistics_in
from hebbayes.symbolic import Derivation, derive, record_of
from hebbayes.symbolic.presentation.latex import plain_text

ROWS_SHOWN = 20
EQUATIONS = {
    "sig": "dv/dt = -v + W*o{past} + h; x = sig(v)",
    "tanh": "dv/dt = -v + W*o{past} + h; x = tanh(v)",
    "softmax": "dv/dt = -v + W*o{past} + h; x = softmax(v)",
    "exp": "dv/dt = -v + W*o{past} + h; x = exp(v)",
    "relu": "dv/dt = -v + W*o{past} + h; x = relu(v)",
    "identity": "dx/dt = -x + W*o{past} + h",
}


@dataclass(frozen=True)
class WeightsReport:
    """The beliefs that a file of weights holds.

    Attributes:
        layers: As stored in the file.
        beliefs: Of each layer.
        derivation: Of the first layer's equation.
        equation: That equation.
    """

    layers: tuple[LayerWeights, ...]
    beliefs: tuple[Beliefs, ...]
    derivation: Derivation
    equation: str

    @property
    def prior(self) -> str:
        """The range of every layer's priors over its units."""
        return "; ".join(_prior_words(b) for b in self.beliefs)


def read_network(path: Path, activation: str | None = None) -> WeightsReport:
    """Return the beliefs that a file of weights holds.

    Raises `FormatError` or `ShapeError` for a file that is no such network.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     np.savez(Path(folder, "a.npz"), W=np.ones((2, 3)), h=np.zeros(2))
        ...     report = read_network(Path(folder, "a.npz"), "sig")
        >>> report.beliefs[0].how
        'range'
    """
    weights = read_weights(path)
    layers = layers_in(weights, activation)
    statistics = statistics_in(weights)
    beliefs = tuple(
        beliefs_of(layer, statistics if number == 0 else None)
        for number, layer in enumerate(layers)
    )
    first = layers[0]
    is_recurrent = first.recurrent is not None or first.recurrent_pair is not None
    equation = EQUATIONS[first.activation].format(past=" + K*x_delayed" if is_recurrent else "")
    return WeightsReport(tuple(layers), beliefs, derive(equation), equation)


def outcome_of(report: WeightsReport, *, title: str, format: str) -> Outcome:
    """Return beliefs as tables, sentences and the keys of the command contract.

    Example:
        >>> layer = LayerWeights("x", np.ones((1, 2)), None, None, None, np.zeros(1), None, "sig")
        >>> report = WeightsReport((layer,), (beliefs_of(layer),), derive("dx/dt = -x"), "")
        >>> outcome_of(report, title="a", format="text").summary["layers"][0]["prior_high"]
        array([0.88079708])
    """
    summary = record_of(report.derivation)
    for key in ("steps", "terms", "generative_model", "dictionary", "choices", "verdicts"):
        summary.pop(key)
    summary |= {
        "equation": report.equation,
        "prior": report.prior,
        "layers": [_record(pair) for pair in zip(report.layers, report.beliefs)],
    }
    tables = [_table(b) for b in report.beliefs]
    notes = [note for pair in zip(report.layers, report.beliefs) for note in _notes(*pair)]
    return Outcome(
        summary=summary,
        arrays=_arrays(report),
        tables=tables,
        notes=notes,
        document=_document(title, tables, notes, format),
    )


def _prior_words(beliefs: Beliefs) -> str:
    if beliefs.how == FAMILY:
        return f"layer {beliefs.name}: not determined, see threshold"
    low, high = expit(beliefs.low), expit(beliefs.high)
    if beliefs.how == EXACT:
        return f"layer {beliefs.name}: {low.min():.3g} to {high.max():.3g} over units"
    return f"layer {beliefs.name}: each unit within a range, {low.min():.3g} to {high.max():.3g}"


def _record(pair: tuple[LayerWeights, Beliefs]) -> dict[str, Any]:
    layer, beliefs = pair
    is_binary = beliefs.how != FAMILY
    return {
        "name": layer.name,
        "units": layer.n_units,
        "inputs": layer.n_inputs,
        "recurrent": layer.recurrent is not None or layer.recurrent_pair is not None,
        "activation": layer.activation,
        "activation_assumed": layer.is_activation_assumed,
        "how": beliefs.how,
        "log_odds": beliefs.log_odds,
        "log_odds_low": beliefs.low,
        "log_odds_high": beliefs.high,
        "log_odds_error": beliefs.error,
        "prior": beliefs.prior if is_binary else None,
        "prior_low": expit(beliefs.low) if is_binary else None,
        "prior_high": expit(beliefs.high) if is_binary else None,
        "entropy": beliefs.entropy,
        "likelihood_on": beliefs.table_on,
        "likelihood_off": beliefs.table_off,
        "extreme_units": beliefs.extreme() if is_binary else [],
        "possibly_extreme_units": beliefs.extreme(certain=False) if is_binary else [],
        "undetermined": list(beliefs.undetermined),
    }


def _table(beliefs: Beliefs) -> Table:
    if beliefs.how == FAMILY:
        return Table(
            f"Layer {beliefs.name} ({beliefs.activation}): thresholds",
            ("unit", "threshold"),
            [(n, float(h)) for n, h in enumerate(beliefs.log_odds[:ROWS_SHOWN])],
        )
    low, high = expit(beliefs.low), expit(beliefs.high)
    rows = []
    for n in range(min(ROWS_SHOWN, len(low))):
        on = beliefs.table_on[n] if beliefs.table_on is not None else np.array([np.nan])
        off = beliefs.table_off[n] if beliefs.table_off is not None else np.array([np.nan])
        rows.append(
            (
                n,
                float(beliefs.prior[n]),
                f"{low[n]:.3g} to {high[n]:.3g}" if beliefs.how != EXACT else "exact",
                float(beliefs.entropy[n]),
                f"{on.min():.2f} to {on.max():.2f}",
                f"{off.min():.2f} to {off.max():.2f}",
            )
        )
    chosen = {EXACT: "prior", ESTIMATED: "prior (estimate)"}.get(beliefs.how, "prior (choice)")
    header = ("unit", chosen, "range", "entropy, nats", "P(input | on)", "P(input | off)")
    return Table(f"Layer {beliefs.name} ({beliefs.activation}): beliefs", header, rows)


def _notes(layer: LayerWeights, beliefs: Beliefs) -> list[str]:
    notes = []
    if layer.is_activation_assumed:
        notes.append(
            f"Layer {layer.name}: the file names no activation; {layer.activation} is assumed. "
            "Pass --activation to change it."
        )
    if beliefs.how != FAMILY:
        sure, possible = beliefs.extreme(), beliefs.extreme(certain=False)
        notes.append(
            f"Layer {layer.name}: {len(sure)} of {layer.n_units} units certainly have an extreme "
            f"prior (below 0.05 or above 0.95){_listed(sure)}; {len(possible)} may."
        )
    notes += [f"Layer {layer.name}, not determined: {what}." for what in beliefs.undetermined]
    if layer.n_units > ROWS_SHOWN:
        notes.append(f"Layer {layer.name}: {ROWS_SHOWN} of {layer.n_units} units are shown.")
    return notes


def _listed(units: Any) -> str:
    shown = ", ".join(str(int(n)) for n in units[:10])
    return f": {shown}{', ...' if len(units) > 10 else ''}" if len(units) else ""


def _arrays(report: WeightsReport) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for beliefs in report.beliefs:
        key = beliefs.name.replace(".", "_")
        result |= {
            f"log_odds_{key}": beliefs.log_odds,
            f"log_odds_low_{key}": beliefs.low,
            f"log_odds_high_{key}": beliefs.high,
        }
        if beliefs.table_on is not None and beliefs.table_off is not None:
            result |= {
                f"likelihood_on_{key}": beliefs.table_on,
                f"likelihood_off_{key}": beliefs.table_off,
            }
    return result


def _document(title: str, tables: list[Table], notes: list[str], format: str) -> str:
    """Return one page of HTML or LaTeX; a terminal gets the tables themselves."""
    if format == "html":
        return render_page(Report(title, questions=[Section("Beliefs", notes, tables=tables)]))
    if format != "latex":
        return ""
    parts = ["\\documentclass{article}", "\\begin{document}", ""]
    for table in tables:
        parts += [f"\\section*{{{plain_text(table.title)}}}", ""]
        parts.append(f"\\begin{{tabular}}{{{'l' * len(table.header)}}}")
        for row in (table.header, *table.rows):
            parts.append(" & ".join(plain_text(cell_text(cell)) for cell in row) + r" \\")
        parts += ["\\end{tabular}", ""]
    parts += [f"{plain_text(note)}\n" for note in notes]
    return "\n".join([*parts, "\\end{document}", ""])


def check_alone(equation: str | None, plasticity: str | None, export: Path | None) -> None:
    """Raise `HebbayesError` if ``--from-network`` is combined with what it excludes.

    Example:
        >>> check_alone(None, None, None)
    """
    for flag, value in (("EQUATION", equation), ("--plasticity", plasticity), ("--export", export)):
        if value is not None:
            raise HebbayesError(f"--from-network replaces {flag}; pass only one of them.")
