"""Simulation of a derived network: potentials relax to their drives, rates follow each family.

    dv/dt = -v + drive(x, o, x_delayed),     x = phi(v)

with phi the inverse of the layer's leak: the sigmoid for Bernoulli beliefs, exp for Poisson,
softmax for categorical, and so on.  This descends the derived cost whatever form was written.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import sympy as sp

from hebbayes.commands.derive.code import function_of, python_name
from hebbayes.commands.derive.shapes import shapes_of
from hebbayes.core.errors import HebbayesError, ShapeError
from hebbayes.core.scan import scan_time
from hebbayes.symbolic.algebra.inversion import invert

if TYPE_CHECKING:
    from hebbayes.symbolic.derivation import Derivation
    from hebbayes.symbolic.interpretation import Interpretation


@dataclass(frozen=True)
class _Unit:
    """Code of one layer.

    Attributes:
        name: Its activity.
        size: Number of units.
        drive: From symbols by name to the input of each unit.
        activation: From drive to activity.
    """

    name: str
    size: int
    drive: Callable[..., Any]
    activation: Callable[[Any], Any]


def activation_of(interpretation: "Interpretation") -> Callable[[Any], Any]:
    """Return phi, from drive to activity, of a layer's family.

    Raises `HebbayesError` for a leak whose inverse is not known.

    Example:
        >>> from hebbayes.symbolic import derive
        >>> phi = activation_of(derive("dx/dt = -log(x) + W*o").interpretations[0])
        >>> float(phi(jnp.array(0.0)))
        1.0
    """
    family, x = interpretation.family, interpretation.layer.activity
    u = sp.Symbol("u", real=True)
    if family.name == "categorical":
        temperature = float(family.temperature) if family.temperature.is_number else 1.0
        return lambda v: jax.nn.softmax(v / temperature, axis=-1)
    inverse = invert(family.leak, x, u)
    if inverse is None or inverse.free_symbols - {u}:
        raise HebbayesError(
            f"the leak {family.leak} of {x} has no inverse in numbers; write the activation with "
            "numbers for its gains."
        )
    code = function_of(inverse, [u])
    if family.name == "rectified Gaussian":
        return lambda v: jax.nn.relu(code(u=v))
    return lambda v: code(u=v) * jnp.ones_like(v)


def simulate(
    derivation: "Derivation",
    parameters: Mapping[str, Any],
    inputs: Mapping[str, Any],
    *,
    n_steps: int = 40,
    step: float = 0.25,
) -> dict[str, jax.Array]:
    """Return activity by layer, (time, units), for inputs by name, (time, n).

    Every input lasts ``n_steps`` Euler steps of ``step`` time constants.  Activity before the first
    input is that without drive; inputs before it are 0.

    Raises `HebbayesError` for a network without a cost, `ShapeError` for a missing parameter.

    Example:
        >>> from hebbayes.symbolic import derive
        >>> run = simulate(derive("dx/dt = -x + W*o"), {"W": jnp.ones((2, 3))},
        ...                {"o": jnp.ones((5, 3))}, n_steps=80)
        >>> [round(float(x), 3) for x in run["x"][-1]]
        [3.0, 3.0]
    """
    if not derivation.pieces:
        raise HebbayesError(f"this network has no cost to descend: {derivation.why_not}")
    late = _late_inputs(derivation, inputs)
    layers = _layers(derivation, parameters, {**inputs, **late})
    lags = _lags(derivation)
    depth = max([lag for _, lag in lags.values()], default=1)
    fixed = {python_name(name): jnp.asarray(value) for name, value in parameters.items()}
    stimuli = {
        python_name(name): jnp.asarray(value, float) for name, value in {**inputs, **late}.items()
    }

    def at_input(carry: Any, current: Any) -> tuple[Any, Any]:
        potentials, history = carry
        known = {**fixed, **current, **{n: history[base][-lag] for n, (base, lag) in lags.items()}}

        def relax(v: Any, _: None) -> tuple[Any, None]:
            rates = {u.name: u.activation(v[u.name]) for u in layers}
            targets = {u.name: u.drive(**_wanted(u, known | rates)) for u in layers}
            return {n: v[n] + step * (targets[n] - v[n]) for n in v}, None

        potentials, _ = scan_time(relax, potentials, n_steps=n_steps)
        rates = {u.name: u.activation(potentials[u.name]) for u in layers}
        history = {n: jnp.concatenate([history[n][1:], rates[n][None]]) for n in rates}
        return (potentials, history), rates

    start = {u.name: jnp.zeros(u.size) for u in layers}
    before = {u.name: jnp.tile(u.activation(start[u.name]), (depth, 1)) for u in layers}
    return scan_time(at_input, (start, before), stimuli)[1]


def _wanted(unit: _Unit, known: Mapping[str, Any]) -> dict[str, Any]:
    names = unit.drive.__kwdefaults__ or {}
    code = unit.drive.__code__
    wanted = code.co_varnames[: code.co_kwonlyargcount]
    return {name: known[name] for name in wanted if name in known or name not in names}


def _layers(
    derivation: "Derivation", parameters: Mapping[str, Any], inputs: Mapping[str, Any]
) -> list[_Unit]:
    shapes = shapes_of(derivation)
    sizes: dict[str, int] = {}
    for symbol, axes in shapes.axes.items():
        value = parameters.get(symbol.name, inputs.get(symbol.name))
        if value is None:
            continue
        result = jnp.shape(value) if symbol.name in parameters else jnp.shape(value)[1:]
        if len(result) != len(axes):
            raise ShapeError(
                f"{symbol} has {len(result)} axes of units; this network expects {len(axes)}."
            )
        for axis, size in zip(axes, result):
            if sizes.setdefault(axis, size) != size:
                raise ShapeError(
                    f"{symbol} has {size} units; others of its layer have {sizes[axis]}."
                )
    layers = []
    for interpretation in derivation.interpretations:
        x = interpretation.layer.activity
        axis = shapes.axes[x][0]
        missing = [
            s.name
            for s in interpretation.drive.free_symbols
            if s.name not in {**parameters, **inputs} and not _is_activity(s, derivation)
        ]
        if missing or axis not in sizes:
            raise ShapeError(
                f"the drive of {x} needs {', '.join(sorted(missing)) or f'a size for {x}'}; "
                "give it with the parameters or inputs."
            )
        code = function_of(interpretation.drive + 0 * x, interpretation.drive.free_symbols)
        layers.append(_Unit(python_name(x.name), sizes[axis], code, activation_of(interpretation)))
    return layers


def _is_activity(symbol: sp.Symbol, derivation: "Derivation") -> bool:
    activities = {r.layer.activity for r in derivation.interpretations}
    base = derivation.system.delayed.get(symbol, (symbol, ""))[0]
    return symbol in activities or base in (activities | set(derivation.system.states))


def _lags(derivation: "Derivation") -> dict[str, tuple[str, int]]:
    """Return name of a delayed activity -> (activity, lag in inputs)."""
    result = {}
    for late, (base, lag) in derivation.system.delayed.items():
        interpretation = next(
            (r for r in derivation.interpretations if base in (r.layer.activity, r.layer.state)),
            None,
        )
        if interpretation is not None:
            result[python_name(late.name)] = (
                python_name(interpretation.layer.activity.name),
                int(lag) if lag.isdigit() else 1,
            )
    return result


def _late_inputs(derivation: "Derivation", inputs: Mapping[str, Any]) -> dict[str, Any]:
    result = {}
    for late, (base, lag) in derivation.system.delayed.items():
        if base.name in inputs:
            value = jnp.asarray(inputs[base.name], float)
            steps = int(lag) if lag.isdigit() else 1
            result[late.name] = jnp.concatenate([jnp.zeros_like(value[:steps]), value[:-steps]])
    return result
