"""Numerical checks of a derivation: generated code against autodiff of the cost.

At random points, -dL/dx must be the activity equation times its metric, -dL/dW the demanded
plasticity, and every rule judged equal, proportional or equal on average must be so.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np
import sympy as sp

from hebbayes.commands.derive.code import cost_function, function_of, python_name
from hebbayes.commands.derive.shapes import Shapes, random_values, shapes_of
from hebbayes.symbolic.algebra.functions import Expr, Phi, PhiInverse, SymmetricMatrix
from hebbayes.symbolic.plasticity.rules import ON_AVERAGE, RuleVerdict

if TYPE_CHECKING:
    from hebbayes.symbolic.derivation import Derivation

TOLERANCE = {"float64": 1e-10, "float32": 1e-3}
N_TIMES = 24


@dataclass(frozen=True)
class Check:
    """One claim, evaluated by two routes.

    Attributes:
        name: The claim.
        discrepancy: Largest relative difference over all points.
        tolerance: Largest difference accepted.
    """

    name: str
    discrepancy: float
    tolerance: float

    @property
    def holds(self) -> bool:
        """Whether the discrepancy is a number within the tolerance."""
        return self.discrepancy <= self.tolerance


def check_numerically(
    derivation: "Derivation", *, seed: int, n_points: int = 8
) -> tuple[Check, ...]:
    """Return every claim of a derivation, checked at random points.

    Claims without generated code (a cost that is an unevaluated integral, a white input) are left
    out.

    Example:
        >>> from hebbayes.symbolic import derive
        >>> [c.holds for c in check_numerically(derive("dx/dt = -x + W*o"), seed=0, n_points=2)]
        [True, True]
    """
    if not derivation.pieces or not _has_code(derivation):
        return ()
    shapes = shapes_of(derivation)
    rng = np.random.default_rng(seed)
    tolerance = TOLERANCE[str(jnp.zeros(()).dtype)]
    routes = [*_activity_routes(derivation, shapes), *_synapse_routes(derivation, shapes)]
    worst = dict.fromkeys((name for name, _ in routes), 0.0)
    for _ in range(n_points):
        values = _named(random_values(derivation, shapes, rng=rng))
        for name, route in routes:
            worst[name] = max(worst[name], _discrepancy(*route(values)))
    checks = [Check(name, value, tolerance) for name, value in worst.items()]
    for verdict in derivation.verdicts:
        checks += _rule_check(verdict, derivation, shapes, tolerance, seed=seed)
    return tuple(checks)


Route = Callable[[dict[str, Any]], tuple[Any, Any]]


def _has_code(derivation: "Derivation") -> bool:
    bodies = [p.body for p in derivation.pieces] + [
        r.layer.field for r in derivation.interpretations
    ]
    unknown = (sp.Integral, sp.core.function.AppliedUndef, Phi, PhiInverse)
    return not any(body.has(*unknown) for body in bodies)


def _named(values: dict[sp.Symbol, Any]) -> dict[str, Any]:
    return {python_name(symbol.name): jnp.asarray(value) for symbol, value in values.items()}


def _discrepancy(first: Any, second: Any) -> float:
    scale = max(float(jnp.max(jnp.abs(first))), float(jnp.max(jnp.abs(second))), 1e-30)
    result = float(jnp.max(jnp.abs(first - second))) / scale
    return result if np.isfinite(result) else float("inf")


def _activity_routes(derivation: "Derivation", shapes: Shapes) -> list[tuple[str, Route]]:
    symbols = list(shapes.axes)
    cost = cost_function(derivation.pieces, symbols)
    routes = []
    for interpretation in derivation.interpretations:
        x = interpretation.layer.activity
        metric = derivation.integrability.metric[x]
        field = function_of(metric * interpretation.layer.field, symbols)
        routes.append((f"activity of {x}", _against_gradient(cost, field, python_name(x.name))))
    return routes


def _against_gradient(cost: Any, claimed: Any, name: str, *, is_symmetric: bool = False) -> Route:
    def route(values: dict[str, Any]) -> tuple[Any, Any]:
        def of(value: Any) -> Any:
            return cost(**{**values, name: value})

        slope = jax.grad(of)(values[name])
        slope = slope + slope.T if is_symmetric else slope
        return -slope, claimed(**values) * jnp.ones_like(slope)

    return route


def _synapse_routes(derivation: "Derivation", shapes: Shapes) -> list[tuple[str, Route]]:
    symbols = list(shapes.axes)
    cost = cost_function(derivation.full, symbols)
    routes = []
    for matrix, rule in derivation.rules.items():
        if len(shapes.axes[matrix]) != 2:
            continue
        claimed = function_of(rule, symbols)
        is_symmetric = isinstance(matrix, SymmetricMatrix)
        route = _against_gradient(
            cost, claimed, python_name(matrix.name), is_symmetric=is_symmetric
        )
        routes.append((f"plasticity of {matrix}", route))
    return routes


def _rule_check(
    verdict: RuleVerdict, derivation: "Derivation", shapes: Shapes, tolerance: float, *, seed: int
) -> list[Check]:
    """Return the check of a rule that holds, over a time series."""
    is_white = bool(derivation.system.assumptions.white)
    is_matrix = verdict.synapse in {s.name for s, axes in shapes.axes.items() if len(axes) == 2}
    is_stated = is_matrix or verdict.synapse in {s.name for s in derivation.system.splits}
    if not verdict.holds or not is_stated or (verdict.verdict == ON_AVERAGE and is_white):
        return []
    rng = np.random.default_rng(seed)
    values = random_values(derivation, shapes, rng=rng, n_times=N_TIMES)
    target = verdict.factor * verdict.demanded
    if verdict.extra_cost is not None:
        entry = next(s for s in shapes.axes if s.name == verdict.synapse)
        target -= verdict.factor * verdict.extra_cost.diff(entry)
    for symbol in sorted((verdict.rule + target).free_symbols - set(values), key=str):
        result = _shifted(symbol, values, derivation)
        values[symbol] = rng.uniform(0.1, 0.9, ()) if result is None else result
    means = [_mean(expression, values) for expression in (verdict.rule, target)]
    return [Check(f"rule of {verdict.synapse} {verdict.verdict}", _discrepancy(*means), tolerance)]


def _shifted(symbol: sp.Symbol, values: dict[sp.Symbol, Any], derivation: "Derivation") -> Any:
    """Return the values of a delay that only the rule has, or None for another symbol."""
    from hebbayes.symbolic.algebra.delays import delayed_parts

    base, lag = delayed_parts(symbol.name) or ("", "")
    source = next((s for s in values if s.name == base), None)
    if source is None or not lag.isdigit():
        return None
    return np.roll(values[source], int(lag), axis=0)


def _mean(expression: Expr, values: dict[sp.Symbol, Any]) -> Any:
    value = function_of(expression, list(values))(**_named(values))
    return jnp.mean(value, axis=0) if value.ndim == 3 else value
