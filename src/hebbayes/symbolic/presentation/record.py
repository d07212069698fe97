"""A derivation as plain values: the keys of `hebbayes derive --json`."""

from typing import TYPE_CHECKING, Any

from hebbayes.symbolic.agent import dictionary_of, matching_terms, model_lines
from hebbayes.symbolic.algebra.formula_text import cost_text, rule_text, text_of
from hebbayes.symbolic.choices import Choice, is_determined
from hebbayes.symbolic.plasticity.demanded import unmarked
from hebbayes.symbolic.presentation.steps import steps_of

if TYPE_CHECKING:
    from hebbayes.symbolic.derivation import Derivation
    from hebbayes.symbolic.interpretation import Interpretation
    from hebbayes.symbolic.plasticity.rules import RuleVerdict


def record_of(derivation: "Derivation") -> dict[str, Any]:
    """Return a derivation as JSON takes it: texts, truth values, lists and dictionaries.

    Example:
        >>> from hebbayes.symbolic.derive import derive
        >>> record = record_of(derive("dx/dt = -logit(x) + W*o + h"))
        >>> record["integrable"], record["family"], record["plasticity"]
        (True, 'Bernoulli', {'W': 'o*x'})
    """
    integrability = derivation.integrability
    has_cost = bool(derivation.pieces)
    part = integrability.antisymmetric
    return {
        "integrable": integrability.holds,
        "cost": cost_text(derivation.pieces) if has_cost else None,
        "full_cost": derivation.cost,
        "family": derivation.family,
        "prior": derivation.prior,
        "plasticity": derivation.plasticity,
        "canonical": derivation.is_canonical,
        "assumed": list(derivation.assumed),
        "why_not": derivation.why_not or None,
        "would_be_canonical_if": list(derivation.would_be_canonical_if),
        "antisymmetric": None if part is None else text_of(part),
        "metric": {x.name: text_of(d) for x, d in integrability.metric.items()},
        "layers": [
            _layer(interpretation, derivation) for interpretation in derivation.interpretations
        ],
        "verdicts": [_verdict(verdict) for verdict in derivation.verdicts],
        "choices": [_choice(choice) for choice in derivation.choices],
        "generative_model": model_lines(derivation) if has_cost else [],
        "terms": [vars(row) for row in matching_terms(derivation)] if has_cost else [],
        "dictionary": [vars(row) for row in dictionary_of(derivation)] if has_cost else [],
        "steps": [
            {
                "title": step.title,
                "formulas": [formula.text for formula in step.formulas],
                "reason": step.reason,
            }
            for step in steps_of(derivation)
        ],
    }


def _layer(interpretation: "Interpretation", derivation: "Derivation") -> dict[str, Any]:
    family = interpretation.family
    partition = family.log_partition
    has_cost = bool(derivation.pieces)
    return {
        "name": interpretation.layer.activity.name,
        "form": interpretation.layer.form,
        "field": text_of(interpretation.layer.field),
        "family": family.name,
        "family_note": family.note,
        "temperature": text_of(family.temperature),
        "leak": text_of(family.leak),
        "negative_entropy": text_of(family.negative_entropy),
        "log_partition": None if partition is None else text_of(partition),
        "drive": text_of(interpretation.drive),
        "threshold": text_of(interpretation.threshold),
        "prior": derivation.prior_of(interpretation) if has_cost else None,
        "likelihood_determined": is_determined(interpretation),
    }


def _choice(choice: Choice) -> dict[str, Any]:
    return {
        "layer": choice.layer.name,
        "inputs": choice.inputs,
        "likelihood": choice.likelihood,
        "normaliser": text_of(choice.normaliser),
        "prior": text_of(choice.prior),
        "plasticity": {name: rule_text(unmarked(r)) for name, r in choice.plasticity.items()},
    }


def _verdict(verdict: "RuleVerdict") -> dict[str, Any]:
    cost, drive = verdict.extra_cost, verdict.extra_drive
    return {
        "synapse": verdict.synapse,
        "verdict": verdict.verdict,
        "holds": verdict.holds,
        "rule": rule_text(unmarked(verdict.rule)),
        "demanded": rule_text(unmarked(verdict.demanded)),
        "factor": text_of(verdict.factor),
        "extra_cost": None if cost is None else rule_text(unmarked(cost)),
        "extra_drive": None if drive is None else rule_text(unmarked(drive)),
        "reason": verdict.reason,
    }
