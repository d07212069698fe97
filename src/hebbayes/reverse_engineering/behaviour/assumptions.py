"""What is assumed of an animal, and what is changed about it."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Assumptions:
    """What must be known or assumed to describe behaviour.

    Attributes:
        n_decisions: How many decisions there are; None for as many as were taken.
        early_sessions: First sessions in which nothing has been learnt yet, for the frequency.
        reward_delay: Trials from a decision to learning from it.
        policy_floor: The smallest count of an output synapse, in units of the gain.
        recurrent_prior_count: Total prior count of a recurrent synapse, for its counts.
        n_windows: Runs of sessions in which V is reported; None for every session.
        block_length: Trials that the bootstraps keep together.
        rests_on: The trial whose activity a decision rests on; "auto" for the one that explains
            decisions better, the trial before where they hardly differ.
        basis_sessions: First sessions by which both trials are scored; None for all.
        scores_basis: Whether both trials are scored even if one is named.
    """

    n_decisions: int | None = None
    early_sessions: int = 1
    reward_delay: int = 0
    policy_floor: float = 1.0
    recurrent_prior_count: float = 2.0
    n_windows: int | None = None
    block_length: int = 5
    rests_on: Literal["auto", "same", "previous"] = "previous"
    basis_sessions: int | None = None
    scores_basis: bool = False

    @property
    def basis(self) -> Literal["same", "previous"]:
        """The trial that is named, or the trial before."""
        return "same" if self.rests_on == "same" else "previous"


@dataclass(frozen=True)
class Change:
    """What is changed about the animal that was described.

    Attributes:
        threshold: Added to psi of each decision; one for each, or 0 for none.
        prior_count_factor: What lambda of the output synapses is multiplied by.
        gain_factor: What the gain of the modulator is multiplied by; 0 learns nothing.
    """

    threshold: float | tuple[float, ...] = 0.0
    prior_count_factor: float = 1.0
    gain_factor: float = 1.0
