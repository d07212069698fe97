"""JAX code for the formulas of a derivation, through SymPy's printer.

A formula of one unit becomes code over whole layers, a rule of one synapse code over whole
matrices; both also take a leading axis of time.
"""

import keyword
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import jax
import sympy as sp
from sympy.printing.numpy import JaxPrinter

from hebbayes.symbolic.algebra.functions import Expr, Sigmoid

if TYPE_CHECKING:
    from hebbayes.symbolic.algebra.calculus import Piece

_CALLS = {
    "Trans": "({}).T",
    "Total": "jax.numpy.sum({}, axis=-1, keepdims=True)",
    "Average": "jax.numpy.mean({}, axis=0, keepdims=True)",
    "Post": "({})[..., :, None]",
    "Pre": "({})[..., None, :]",
    "Sigmoid": "jax.nn.sigmoid({})",
    "Logit": "jax.scipy.special.logit({})",
    "Softplus": "jax.nn.softplus({})",
    "Softmax": "jax.nn.softmax({}, axis=-1)",
    "Relu": "jax.nn.relu({})",
    "LogCosh": "jax.numpy.log(jax.numpy.cosh({}))",
}
"""Functions of one argument, and the code that computes them."""


class LayerPrinter(JaxPrinter):
    """Prints expressions of units and synapses as code over arrays."""

    def _print_Symbol(self, expr: Expr) -> str:  # noqa: N802
        return python_name(expr.name)

    def _print_Integer(self, expr: Expr) -> str:  # noqa: N802
        """Print numbers beyond 2^53 as floats: an integer array cannot hold them."""
        return str(int(expr)) if abs(expr) < 2**53 else repr(float(expr))

    def _floating(self, expr: Expr) -> str:
        """Print the argument of a function that takes no integers."""
        text = self._print(expr.args[0])
        return f"jax.numpy.asarray({text}, float)" if expr.args[0].is_number else text

    def _print_erf(self, expr: Expr) -> str:
        return f"jax.scipy.special.erf({self._floating(expr)})"

    def _print_Function(self, expr: Expr) -> str:  # noqa: N802
        template = _CALLS.get(type(expr).__name__)
        if template is None:
            return str(super()._print_Function(expr))
        return template.format(self._floating(expr))

    def _print_MatVec(self, expr: Expr) -> str:  # noqa: N802
        matrix, vector = self._print(expr.args[0]), expr.args[1]
        if vector.is_number:
            return f"({self._print(vector)} * jax.numpy.sum({matrix}, axis=-1))"
        return f"jax.numpy.einsum('ij,...j->...i', {matrix}, {self._print(vector)})"

    def _print_log(self, expr: Expr) -> str:
        """Print ln(1 - sig(w)) as -softplus(w), which keeps its digits."""
        inside = 1 - expr.args[0]
        if isinstance(inside, Sigmoid):
            return f"(-jax.nn.softplus({self._print(inside.args[0])}))"
        return f"jax.numpy.log({self._print(expr.args[0])})"


def python_name(name: str) -> str:
    """Return a symbol's name as Python takes it.

    Example:
        >>> python_name("lambda"), python_name("W1")
        ('lambda_', 'W1')
    """
    return f"{name}_" if keyword.iskeyword(name) or name == "jax" else name


def source_of(expression: Expr, symbols: Iterable[sp.Symbol]) -> str:
    """Return a lambda over keyword arguments, as text.

    Example:
        >>> x = sp.Symbol("x")
        >>> source_of(sp.log(x), [x])
        'lambda *, x: jax.numpy.log(x)'
    """
    names = ", ".join(sorted(python_name(s.name) for s in symbols))
    return f"lambda *, {names}: {LayerPrinter().doprint(expression)}"


def function_of(expression: Expr, symbols: Iterable[sp.Symbol]) -> Callable[..., Any]:
    """Return the JAX function of an expression, taking arrays by name.

    Example:
        >>> x = sp.Symbol("x")
        >>> float(function_of(x**2, [x])(x=3.0))
        9.0
    """
    compiled: Callable[..., Any] = eval(source_of(expression, symbols), {"jax": jax})
    return compiled


def cost_function(pieces: Iterable["Piece"], symbols: Iterable[sp.Symbol]) -> Callable[..., Any]:
    """Return the JAX function of a cost: the sum over units of every layer, last axis summed.

    Example:
        >>> from hebbayes.symbolic.algebra.calculus import Piece
        >>> x = sp.Symbol("x")
        >>> import jax.numpy as jnp
        >>> float(cost_function([Piece(x, x**2)], [x])(x=jnp.ones(3)))
        3.0
    """
    symbols = list(symbols)
    parts = [function_of(piece.body, symbols) for piece in pieces]

    def cost(**values: Any) -> Any:
        return sum(jax.numpy.sum(part(**values), axis=-1) for part in parts)

    return cost
