"""Impairments of any canonical model and its modulator, as dosed changes of one leaf.

A model is a `GenerativeModel`, the same counts as its network (`theory.equivalence`), so a wrong
threshold factor is a wrong prior (docs/theory.md section 4).  A dose of 0 returns the model itself.
"""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import equinox as eqx
import jax.numpy as jnp
from jax import Array
from jax.scipy.special import expit, logit
from jaxtyping import Float

from hebbayes.agents.modulators import AbstractOnlineModulator
from hebbayes.core.arrays import OFF, ON
from hebbayes.core.counts import total
from hebbayes.core.errors import ValueRangeError

if TYPE_CHECKING:
    from hebbayes.clinic.impairments import Impairment
    from hebbayes.core.counts import Counts
    from hebbayes.theory.generative_model import GenerativeModel


def impair_model(model: "GenerativeModel", impairments: "Iterable[Impairment]") -> Any:
    """Return the model with every impairment.

    phi and psi shift the log odds of the priors of states and of the first decision; speed
    multiplies the policy's prior counts by exp(dose); reliability and recurrence multiply the log
    odds of likelihood and transition by exp(dose) and keep their counts; silent makes that share of
    the outcomes, the last ones, say nothing.
    Raises `ValueRangeError` for another element, or a table that the model lacks.

    Example:
        >>> from hebbayes.clinic.impairments import Impairment
        >>> from hebbayes.theory.generative_model import flat_model
        >>> model = flat_model(3, 2, 4)
        >>> impair_model(model, [Impairment("phi", 0.0)]) is model
        True
        >>> prior = impair_model(model, [Impairment("phi", 2.0)]).state_prior.prior
        >>> jnp.log(prior[0] / prior[1]).round(3).tolist()
        [2.0, 2.0]
    """
    for one in impairments:
        if one.dose != 0:
            model = _impaired(model, one.element, one.dose)
    return model


def _impaired(model: "GenerativeModel", element: str, dose: float) -> "GenerativeModel":
    if element not in _LEAVES:
        raise ValueRangeError(
            f"no {element!r} in a canonical model; it must be one of {', '.join(_LEAVES)}."
        )
    name, change = _LEAVES[element]
    counts = getattr(model, name)
    if counts is None:
        raise ValueRangeError(f"{element} needs the table {name}, which this model lacks.")
    return eqx.tree_at(lambda m: getattr(m, name), model, change(counts, dose))


def _shifted(counts: "Counts", dose: float) -> "Counts":
    """Log odds of all states plus the dose, the total count kept."""
    return eqx.tree_at(lambda c: c.prior, counts, _with_log_odds(counts.prior, lambda v: v + dose))


def _first_shifted(counts: "Counts", dose: float) -> "Counts":
    moved = _with_log_odds(counts.prior, lambda v: v.at[0].add(dose))
    return eqx.tree_at(lambda c: c.prior, counts, moved)


def _heavier(counts: "Counts", dose: float) -> "Counts":
    return eqx.tree_at(lambda c: c.prior, counts, counts.prior * jnp.exp(dose))


def _sharpened(counts: "Counts", dose: float) -> "Counts":
    """Log odds of prior and evidence together times exp(dose), both totals kept."""
    moved = _with_log_odds(total(counts), lambda v: v * jnp.exp(dose))
    share = counts.evidence.sum(0) / total(counts).sum(0)
    return eqx.tree_at(
        lambda c: (c.prior, c.evidence), counts, (moved * (1 - share), moved * share)
    )


def _silenced(counts: "Counts", dose: float) -> "Counts":
    if not 0 <= dose <= 1:
        raise ValueRangeError(f"silent must be from 0 to 1; got {dose:g}.")
    n = counts.prior.shape[-2]
    is_silent = jnp.arange(n)[:, None] >= n - round(dose * n)

    def alike(table: Array) -> Array:
        return jnp.where(is_silent, table.mean((0, 1)), table)

    return eqx.tree_at(
        lambda c: (c.prior, c.evidence), counts, (alike(counts.prior), alike(counts.evidence))
    )


def _with_log_odds(table: Array, change: Callable[[Array], Array]) -> Array:
    size = table[ON] + table[OFF]
    on = expit(change(logit(table[ON] / size)))
    return jnp.stack([size * on, size * (1 - on)])


_LEAVES: dict[str, tuple[str, Callable[["Counts", float], "Counts"]]] = {
    "phi": ("state_prior", _shifted),
    "psi": ("decision_prior", _first_shifted),
    "speed": ("policy", _heavier),
    "recurrence": ("transition", _sharpened),
    "reliability": ("likelihood", _sharpened),
    "silent": ("likelihood", _silenced),
}
"""Element -> the table that holds it, and how a dose changes it."""


class BiasedModulator(AbstractOnlineModulator):
    """A modulator with an offset: 1 - 2 risk + bias, held within what risk can be.

    Attributes:
        modulator: The modulator that it distorts.
        bias: b, added to 1 - 2 risk; below 0 is pessimism.
    """

    modulator: AbstractOnlineModulator
    bias: float = 0.0

    def init(self) -> Any:
        """Return the state before the first reward."""
        return self.modulator.init()

    def step(self, state: Any, reward: Float[Array, ""]) -> tuple[Any, Float[Array, ""]]:
        """Return the next state, and the distorted risk."""
        state, risk = self.modulator.step(state, reward)
        return state, jnp.clip(risk - self.bias / 2, 0.0, 1.0)
