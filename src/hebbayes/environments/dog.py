"""The smallest complete world: an owner's hidden mood, signals of it, and a dog that wants food.

The owner is kind or cross, changes mood now and then, and gives binary signals (smiles, speaks)
whose probabilities depend on the mood.  The dog begs or lies down: begging brings food from a kind
owner and a scolding from a cross one.  Small enough to enumerate every history by hand.
"""

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Bool, Float, Int, PRNGKeyArray

from hebbayes.core.arrays import OFF, ON
from hebbayes.core.counts import without_evidence
from hebbayes.environments.base import AbstractEnvironment
from hebbayes.theory.generative_model import GenerativeModel, prior_counts

BEG, LIE_DOWN = 0, 1


class Owner(eqx.Module):
    """State of the world: the mood (ON kind, OFF cross), hidden, and the signals it gave."""

    mood: Int[Array, ""]
    signals: Int[Array, " signals"]


class DogWorld(AbstractEnvironment):
    """Parameters of the owner.  Nothing ends a trial.

    Attributes:
        signal_probability: (2, n_signals), P(signal | mood).
        stay_probability: P(mood stays).
        reward: (2, 2), food or scolding, [mood, action].
    """

    signal_probability: Float[Array, "2 signals"]
    stay_probability: Float[Array, ""]
    reward: Float[Array, "2 2"]

    @property
    def n_outcomes(self) -> int:
        """Number of signals."""
        return int(self.signal_probability.shape[1])

    @property
    def n_actions(self) -> int:
        """Beg, lie down."""
        return int(self.reward.shape[1])

    def init(self, *, key: PRNGKeyArray) -> Owner:
        """Return an owner in either mood, with probability 1/2."""
        mood_key, signal_key = jax.random.split(key)
        mood = jnp.where(jax.random.bernoulli(mood_key), ON, OFF)
        return Owner(mood, self._signals(mood, signal_key))

    def observe(self, state: Owner) -> Int[Array, " signals"]:
        """Return the signals; the mood stays hidden."""
        return state.signals

    def step(
        self, state: Owner, action: Int[Array, ""], *, key: PRNGKeyArray
    ) -> tuple[Owner, Float[Array, ""], Bool[Array, ""]]:
        """Return the next owner and the reward of the action under the present mood."""
        mood_key, signal_key = jax.random.split(key)
        is_staying = jax.random.bernoulli(mood_key, self.stay_probability)
        mood = jnp.where(is_staying, state.mood, 1 - state.mood)
        reward = self.reward[state.mood, action]
        return Owner(mood, self._signals(mood, signal_key)), reward, jnp.array(False)

    def _signals(self, mood: Array, key: PRNGKeyArray) -> Int[Array, " signals"]:
        return jax.random.bernoulli(key, self.signal_probability[mood]).astype(int)


def dog_world() -> DogWorld:
    """Return the owner of the docs: smiles and speaks kindly when kind, mostly.

    Example:
        >>> world = dog_world()
        >>> owner = world.init(key=jax.random.key(0))
        >>> owner, reward, _ = world.step(owner, LIE_DOWN, key=jax.random.key(1))
        >>> world.observe(owner).shape, float(reward)
        ((2,), 0.0)
    """
    return DogWorld(
        signal_probability=jnp.array([[0.9, 0.7], [0.2, 0.4]]),
        stay_probability=jnp.array(0.9),
        reward=jnp.array([[1.0, 0.0], [-1.0, 0.0]]),
    )


def dog_model(world: DogWorld, certainty: float = 1000.0) -> GenerativeModel:
    """Return a dog that knows its owner's signals and habits, and not yet what begging brings.

    ``certainty`` is the number of counts behind each known probability.  Moods come and go
    with one probability, so the inverse transition is the transition.

    Example:
        >>> from hebbayes.core.counts import log_ratio
        >>> from hebbayes.theory.generative_model import expected_logs
        >>> from hebbayes.theory.inference import infer_states, undecided
        >>> logs = expected_logs(dog_model(dog_world()), log_ratio)
        >>> both_signals = jnp.array([1.0, 1.0])
        >>> kind = jnp.exp(infer_states(logs, both_signals, undecided(1)))[ON]
        >>> kind.round(3).tolist()  # 0.9 * 0.7 / (0.9 * 0.7 + 0.2 * 0.4)
        [0.887...]
    """
    signal, stay = world.signal_probability, world.stay_probability
    n_actions = world.n_actions
    change = jnp.stack([stay, 1 - stay])
    return GenerativeModel(
        likelihood=without_evidence(certainty * jnp.stack([signal, 1 - signal])[..., None]),
        state_prior=prior_counts(jnp.full((1,), 0.5, signal.dtype)),
        transition=without_evidence(certainty * jnp.stack([change, change[::-1]])[..., None, None]),
        policy=without_evidence(jnp.full((2, 2, 1, n_actions), 10.0, signal.dtype)),
        decision_prior=prior_counts(jnp.full((n_actions,), 1 / n_actions, signal.dtype)),
    )
