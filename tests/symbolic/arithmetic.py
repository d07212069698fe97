"""Formulas as they are printed, evaluated by NumPy alone: a route without SymPy or JAX."""

import re

import numpy as np
from scipy.special import expit, logit


class Matrix(np.ndarray):
    """An array whose product with a vector is a sum over columns, as in the language."""

    def __mul__(self, other):
        if np.ndim(other) == 1:
            return np.asarray(self) @ np.asarray(other)
        if self.ndim == 2 and np.ndim(other) == 0 and other == 1:
            return np.asarray(self).sum(axis=1)
        return super().__mul__(other)


def by_entry(function):
    def applied(value):
        result = function(np.asarray(value))
        return result.view(Matrix) if isinstance(value, Matrix) else result

    return applied


FUNCTIONS = {
    "log": by_entry(np.log),
    "exp": by_entry(np.exp),
    "tanh": by_entry(np.tanh),
    "atanh": by_entry(np.arctanh),
    "sin": by_entry(np.sin),
    "cos": by_entry(np.cos),
    "sqrt": by_entry(np.sqrt),
    "sig": by_entry(expit),
    "logit": by_entry(logit),
    "softplus": by_entry(lambda u: np.logaddexp(0, u)),
    "relu": by_entry(lambda u: np.maximum(u, 0)),
    "softmax": lambda u: np.exp(u) / np.exp(u).sum(),
    "sum": np.sum,
}


def value_of(formula, values):
    """Return a printed formula at named values; matrices are two-dimensional arrays."""
    code = re.sub(r"(\w+)'", r"transposed(\1)", formula).replace("^", "**")
    named = {n: v.view(Matrix) if np.ndim(v) == 2 else v for n, v in values.items()}
    turned = {"transposed": lambda matrix: np.asarray(matrix).T.view(Matrix)}
    return eval(code, {"__builtins__": {}}, {**FUNCTIONS, **turned, **named})


def slope_of(formula, values, name, step=1e-6):
    """Return the derivative of a printed cost by each unit of a vector, or entry of a matrix."""
    result = np.zeros(np.shape(values[name]))
    for place in np.ndindex(result.shape):
        sides = []
        for sign in (1, -1):
            moved = np.array(values[name], float)
            moved[place] += sign * step
            sides.append(float(np.sum(value_of(formula, {**values, name: moved}))))
        result[place] = (sides[0] - sides[1]) / (2 * step)
    return result
