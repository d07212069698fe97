"""Hidden sources and the stimuli that mix them: the world of blind source separation.

Independent binary sources come anew at every step; each stimulus copies one of them, chosen anew
by the row of a mixing matrix (I20; I23; docs/theory.md section 6).  Any number of sources and
stimuli, any mixing.  The only action is to watch, and nothing ends.
"""

from typing import TYPE_CHECKING

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Bool, Float, Int, PRNGKeyArray

from hebbayes.core.checks import check_at_least, check_between, check_shape
from hebbayes.core.counts import without_evidence
from hebbayes.core.errors import ShapeError, ValueRangeError
from hebbayes.core.sampling import draw_index
from hebbayes.environments.base import AbstractEnvironment
from hebbayes.theory.generative_model import GenerativeModel, prior_counts

if TYPE_CHECKING:
    from hebbayes.core.arrays import ArrayLike


class Mixture(eqx.Module):
    """State of the world: the sources, hidden, and the stimuli that show them; 0 or 1."""

    sources: Int[Array, "*time sources"]
    stimuli: Int[Array, "*time stimuli"]


class HiddenSources(AbstractEnvironment):
    """Parameters of the world.

    Attributes:
        mixing: (n_stimuli, n_sources), P(stimulus copies source); rows sum to 1.
        source_probability: (n_sources,), P(source is on).
    """

    mixing: Float[Array, "stimuli sources"]
    source_probability: Float[Array, " sources"]

    def __check_init__(self) -> None:
        """Mixing and sources fit together."""
        mixing, sources = jnp.shape(self.mixing), jnp.shape(self.source_probability)
        if len(mixing) != 2 or mixing[1:] != sources:
            raise ShapeError(
                f"mixing has shape {mixing} and source_probability {sources}; "
                "wanted (stimuli, sources) and (sources,)."
            )

    @property
    def n_outcomes(self) -> int:
        """Number of stimuli."""
        return int(self.mixing.shape[0])

    @property
    def n_sources(self) -> int:
        """Number of sources."""
        return int(self.mixing.shape[1])

    @property
    def n_actions(self) -> int:
        """One: to watch."""
        return 1

    def init(self, *, key: PRNGKeyArray) -> Mixture:
        """Return new sources and stimuli."""
        source_key, stimulus_key = jax.random.split(key)
        sources = jax.random.bernoulli(source_key, self.source_probability).astype(int)
        uniforms = jax.random.uniform(stimulus_key, (self.n_outcomes,))
        return Mixture(sources, sources[jax.vmap(draw_index)(self.mixing, uniforms)])

    def observe(self, state: Mixture) -> Int[Array, " stimuli"]:
        """Return the stimuli; the sources stay hidden."""
        return state.stimuli

    def step(
        self, state: Mixture, action: Int[Array, ""], *, key: PRNGKeyArray
    ) -> tuple[Mixture, Float[Array, ""], Bool[Array, ""]]:
        """Return new sources and stimuli, independent of the last; no reward, no end."""
        del state, action
        return self.init(key=key), jnp.array(0.0), jnp.array(False)


def hidden_sources(mixing: "ArrayLike", source_probability: "ArrayLike" = 0.5) -> HiddenSources:
    """Return a world with that mixing; one probability for all sources, or one each.

    Raises `ShapeError` and `ValueRangeError` for rows that are no probabilities.

    Example:
        >>> hidden_sources([[0.5, 0.4]])
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.ValueRangeError: mixing must have rows that sum to 1; row 0 sums to
        0.9.
    """
    rows = np.asarray(mixing, float)
    check_shape("mixing", rows, (None, None))
    check_between("mixing", rows, 0.0, 1.0)
    sums = rows.sum(1)
    if (wrong := np.abs(sums - 1) > 1e-6).any():
        row = int(np.argmax(wrong))
        raise ValueRangeError(
            f"mixing must have rows that sum to 1; row {row} sums to {sums[row]:.6g}."
        )
    check_between("source_probability", source_probability, 0.0, 1.0)
    probability = np.broadcast_to(np.asarray(source_probability, float), rows.shape[1:])
    return HiddenSources(jnp.asarray(rows), jnp.asarray(probability))


def block_mixing(
    n_stimuli: int = 32, n_sources: int = 2, mixed: float = 0.25
) -> Float[Array, "stimuli sources"]:
    """Return a mixing in which equal blocks of stimuli each have a source of their own.

    A stimulus copies one of the other sources, equally likely, with probability ``mixed``.

    Example:
        >>> block_mixing(4).tolist()
        [[0.75, 0.25], [0.75, 0.25], [0.25, 0.75], [0.25, 0.75]]
    """
    check_at_least("n_sources", n_sources, 1)
    check_at_least("n_stimuli", n_stimuli, n_sources)
    check_between("mixed", mixed, 0.0, 0.0 if n_sources == 1 else 1.0)
    others = mixed / max(1, n_sources - 1)
    return jnp.where(own_source(n_stimuli, n_sources), 1 - mixed, others)


def own_source(n_stimuli: int, n_sources: int) -> Bool[Array, "stimuli sources"]:
    """Return which source is each stimulus's own: consecutive blocks, as equal as can be.

    Example:
        >>> own_source(3, 2).astype(int).tolist()
        [[1, 0], [1, 0], [0, 1]]
    """
    own = jnp.arange(n_stimuli) * n_sources // n_stimuli
    return own[:, None] == jnp.arange(n_sources)


def draw_mixtures(world: HiddenSources, n_steps: int, *, key: PRNGKeyArray) -> Mixture:
    """Return ``n_steps`` of sources and stimuli, time-first: what as many steps would give.

    Example:
        >>> world = hidden_sources(block_mixing(4, mixed=0.0))
        >>> seen = draw_mixtures(world, 5, key=jax.random.key(0))
        >>> bool((seen.stimuli[:, ::2] == seen.sources).all())
        True
    """
    return jax.vmap(lambda k: world.init(key=k))(jax.random.split(key, n_steps))


def naive_model(
    n_stimuli: int, source_prior: Float[Array, " sources"], *, tilt: float = 0.01, key: PRNGKeyArray
) -> GenerativeModel:
    """Return a model that barely guesses which stimuli belong together: I20's prior counts.

    P(stimulus on) is 1/2 + 2 ``tilt`` given its own source on, 1/2 + ``tilt`` given another on, and
    as much below 1/2 given off.  The total count of each entry is U(200, 400): how slowly it
    learns.  ``source_prior`` holds D1, P(source on); 0 and 1 are legal.

    Example:
        >>> model = naive_model(4, jnp.array([0.5, 0.5]), key=jax.random.key(0))
        >>> prior = model.likelihood.prior
        >>> [f"{p:.2f}" for p in (prior[0] / prior.sum(0))[0, 0]]  # P(stimulus 0 on | source on)
        ['0.52', '0.51']
    """
    is_own = own_source(n_stimuli, source_prior.shape[0])
    lean = jnp.where(is_own, 2 * tilt, tilt).astype(source_prior.dtype)
    given = jnp.stack([0.5 + lean, 0.5 - lean])
    counts = jax.random.uniform(key, given.shape, given.dtype, minval=200.0, maxval=400.0)
    return GenerativeModel(
        likelihood=without_evidence(counts * jnp.stack([given, 1 - given])),
        state_prior=prior_counts(source_prior),
    )
