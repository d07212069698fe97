"""The record of a derivation: cost, posterior families, prior, plasticity and verdicts."""

import html
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import sympy as sp

from hebbayes.symbolic.algebra.formula_text import cost_text, rule_text
from hebbayes.symbolic.algebra.mathml import mathml_of, sum_mathml
from hebbayes.symbolic.families import UNNAMED
from hebbayes.symbolic.plasticity.demanded import unmarked
from hebbayes.symbolic.priors import prior_formula

if TYPE_CHECKING:
    from hebbayes.symbolic.algebra.calculus import Piece
    from hebbayes.symbolic.algebra.functions import Expr
    from hebbayes.symbolic.choices import Choice
    from hebbayes.symbolic.gradient.metric import Integrability
    from hebbayes.symbolic.interpretation import Interpretation
    from hebbayes.symbolic.language.system import System
    from hebbayes.symbolic.plasticity.rules import RuleVerdict


@dataclass(frozen=True, repr=False)
class Derivation:
    """The result of `derive`: what a network's equation implies.

    Attributes:
        written: The network as written.
        system: The network with synapses in on-off pairs, if the family of its inputs is stated.
        interpretations: Family, projections, threshold and prior of each layer.
        integrability: Whether the activity equation has a cost, and its metric.
        pieces: Cost of activity, summed over layers; empty if there is none.
        full: Cost of activity and synapses, including off states and the modulator.
        rules: The plasticity rule that the cost demands for each synapse.
        verdicts: Verdicts on the given rules.
        choices: What each possible likelihood implies, if none is determined.
        assumed: Conditions on parameters under which it is canonical; empty if none is needed.
        why_not: Why the network is not canonical; empty if it is.
        would_be_canonical_if: Assumptions, each of which would make it canonical.
    """

    written: "System"
    system: "System"
    interpretations: tuple["Interpretation", ...]
    integrability: "Integrability"
    pieces: tuple["Piece", ...] = ()
    full: tuple["Piece", ...] = ()
    rules: Mapping[sp.Symbol, "Expr"] = field(default_factory=dict)
    verdicts: tuple["RuleVerdict", ...] = ()
    choices: tuple["Choice", ...] = ()
    assumed: tuple[str, ...] = ()
    why_not: str = ""
    would_be_canonical_if: tuple[str, ...] = ()

    @property
    def is_canonical(self) -> bool:
        """Whether activity and the given plasticity descend one cost."""
        return not self.why_not

    @property
    def holds(self) -> bool:
        """Whether every given rule shares the cost."""
        return all(verdict.holds for verdict in self.verdicts)

    @property
    def cost(self) -> str | None:
        """The cost of activity and synapses as text; None if there is none."""
        return cost_text(self.full) if self.full else None

    @property
    def family(self) -> str:
        """The posterior family of all layers, or each with its layer."""
        return _by_layer({r.layer.activity.name: r.family.name for r in self.interpretations})

    @property
    def prior(self) -> str | None:
        """The prior of each layer in the symbols of the network; None if there is no cost."""
        if not self.pieces:
            return None
        priors = {r.layer.activity.name: self.prior_of(r) for r in self.interpretations}
        return next(iter(priors.values())) if len(priors) == 1 else _listed(priors)

    def prior_of(self, interpretation: "Interpretation") -> str:
        """Return the prior of one layer in the symbols of the network."""
        return prior_formula(interpretation, self.choices, self.system)

    @property
    def plasticity(self) -> dict[str, str]:
        """The rule that the cost demands for each synapse, as text."""
        return {m.name: rule_text(unmarked(rule)) for m, rule in self.rules.items()}

    @property
    def headline(self) -> str:
        """The outcome in one sentence."""
        if not self.is_canonical:
            return f"Not canonical: {self.why_not}"
        families = list(dict.fromkeys(r.family.name for r in self.interpretations))
        what = "activity and the given plasticity descend" if self.verdicts else "activity descends"
        named = [f"{family} beliefs" for family in families if family != UNNAMED]
        named += ["beliefs of a family without a name"] if UNNAMED in families else []
        under = f" if {' and '.join(self.assumed)}" if self.assumed else ""
        return f"Canonical{under}: {what} one cost, a free energy of {' and '.join(named)}."

    @property
    def remedy(self) -> str:
        """Which assumption would make a refused network canonical; empty if none is known."""
        if not self.would_be_canonical_if:
            return ""
        stated = [f"'{text}'" for text in self.would_be_canonical_if]
        return f"It would be canonical with --assume {', or '.join(stated)}."

    def __repr__(self) -> str:
        """Return the verdict and the cost in one line."""
        if not self.is_canonical:
            return f"Derivation(not canonical: {self.why_not})"
        return f"Derivation({self.family}, L = {self.cost})"

    def _repr_html_(self) -> str:
        """Return what a notebook shows: verdict, cost, prior and plasticity."""
        sentences = [f"<p><b>{html.escape(self.headline)}</b></p>"]
        if self.remedy:
            sentences.append(f"<p>{html.escape(self.remedy)}</p>")
        rows = [("family", html.escape(self.family))]
        if self.full:
            cost = f"<math><mrow><mi>L</mi><mo>=</mo>{sum_mathml(self.full)}</mrow></math>"
            rows += [("cost", cost), ("prior", html.escape(self.prior or ""))]
        for matrix, rule in self.rules.items():
            formula = f"<math><mrow>{mathml_of(unmarked(rule))}</mrow></math>"
            rows.append((f"d{html.escape(matrix.name)}/dt", formula))
        table = "".join(f"<tr><th>{name}</th><td>{value}</td></tr>" for name, value in rows)
        return f"<div>{''.join(sentences)}<table>{table}</table></div>"


def _listed(by_layer: Mapping[str, str]) -> str:
    return "; ".join(f"{layer}: {text}" for layer, text in by_layer.items())


def _by_layer(names: Mapping[str, str]) -> str:
    is_one = len(set(names.values())) == 1
    return next(iter(names.values())) if is_one else _listed(names)
