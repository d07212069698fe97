"""Symbolic reverse engineering: write down a network, get the Bayesian agent that it is.

An equation of neural activity is integrated into its cost, the leak names the posterior's family,
the threshold is split into normaliser and prior, and the cost is differentiated into the plasticity
that it demands (docs/theory.md section 5, docs/derive.md).  Stands alone: SymPy, and nothing of
hebbayes but its errors, so that it is an independent witness of `theory`.
"""

from hebbayes.symbolic.derivation import Derivation
from hebbayes.symbolic.derive import derive
from hebbayes.symbolic.gradient.metric import diagonal_metric
from hebbayes.symbolic.language.faults import EquationError
from hebbayes.symbolic.language.network import read_rules, read_system
from hebbayes.symbolic.presentation.html import to_html
from hebbayes.symbolic.presentation.latex import to_latex
from hebbayes.symbolic.presentation.record import record_of
from hebbayes.symbolic.presentation.steps import steps_of
from hebbayes.symbolic.presentation.terminal import to_text

__all__ = [
    "Derivation",
    "EquationError",
    "derive",
    "diagonal_metric",
    "read_rules",
    "read_system",
    "record_of",
    "steps_of",
    "to_html",
    "to_latex",
    "to_text",
]
