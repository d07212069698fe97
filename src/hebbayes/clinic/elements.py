"""The elements of the circuit that may carry a wrong belief, one table for the whole clinic.

Each element is a leaf of the network.  Fits and doses use a scale without bounds, on which the
population of healthy subjects is normal.  Elements that no task separates form one class.

What the literature proposes about an element (transmitter, symptom) is a hypothesis of the cited
work, no result of this software.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

Floats = NDArray[np.float64]

HEALTHY, CANNOT_TELL = "healthy", "cannot tell"
"""Verdicts that name no class."""


@dataclass(frozen=True)
class Scale:
    """A one-to-one map from the scale without bounds to the natural one.

    Attributes:
        natural: From the scale without bounds.
        unbounded: Its inverse.
        slope: Derivative of ``natural`` as a function of the natural value.
    """

    natural: Callable[[Floats], Floats]
    unbounded: Callable[[Floats], Floats]
    slope: Callable[[Floats], Floats]


IDENTITY = Scale(lambda v: v, lambda v: v, lambda v: np.ones_like(v))
POSITIVE = Scale(np.exp, np.log, lambda v: v)
COUNT = Scale(lambda v: 2 + np.exp(v), lambda v: np.log(v - 2), lambda v: v - 2)
SHARE = Scale(expit, logit, lambda v: v * (1 - v))


@dataclass(frozen=True)
class Hypothesis:
    """What the literature proposes about an element; a hypothesis, not a finding.

    Attributes:
        transmitter: Transmitter or circuit that may set the element.
        symptom: What a wrong value may lead to.
        citation: The work that proposes it.
    """

    transmitter: str
    symptom: str
    citation: str


@dataclass(frozen=True)
class Element:
    """One element.

    Attributes:
        name: Key in results.
        symbol: Letter of the theory.
        meaning: In words.
        kind: Class; elements of one class are not told apart.
        scale: Map to the scale without bounds.
        healthy: Mean of healthy subjects on the scale without bounds.
        spread: Standard deviation of healthy subjects there.
        wide: Standard deviation of an impaired element there.
        hypothesis: What the literature proposes.
        is_fitted: Whether the estimator has a parameter for it; sensory noise acts on the data as
            a lower reliability does, and has none.
        is_extension: Whether it is foreign to the theory.
    """

    name: str
    symbol: str
    meaning: str
    kind: str
    scale: Scale
    healthy: float
    spread: float
    wide: float
    hypothesis: Hypothesis | None = None
    is_fitted: bool = True
    is_extension: bool = False


NOISE = "noise"
"""The class of elements that only make decisions less determined."""

ELEMENTS = (
    Element(
        "phi", "φ", "threshold of state units: log prior odds of states", "phi",
        IDENTITY, 0.0, 0.3, 1.5,
        Hypothesis(
            "GABA, dopamine", "hallucination if too high",
            "Powers, Mathys & Corlett, Science 357:596 (2017)",
        ),
    ),
    Element(
        "psi", "ψ", "threshold of output units: log prior odds of decisions", "psi",
        IDENTITY, 0.0, 0.3, 1.5,
        Hypothesis(
            "striatal dopamine", "compulsive or withheld responses",
            "Frank, Seeberger & O'Reilly, Science 306:1940 (2004)",
        ),
    ),
    Element(
        "speed", "λ", "prior counts per gain of the modulator: resistance to learning", "speed",
        COUNT, float(np.log(6.0)), 0.4, 1.5,
        Hypothesis(
            "acetylcholine, noradrenaline", "beliefs too rigid or too volatile",
            "Yu & Dayan, Neuron 46:681 (2005)",
        ),
    ),
    Element(
        "modulator_bias", "b", "offset of the neuromodulator", "modulator_bias",
        IDENTITY, 0.0, 0.06, 0.35,
        Hypothesis(
            "tonic dopamine, serotonin", "optimism or pessimism",
            "Maia & Frank, Nat. Neurosci. 14:154 (2011)",
        ),
    ),
    Element(
        "misassigned_credit", "m", "share of the modulator that acts on the trial before",
        "misassigned_credit", SHARE, float(logit(0.05)), 0.5, 2.0,
        Hypothesis(
            "dopamine", "aberrant salience, delusional associations",
            "Kapur, Am. J. Psychiatry 160:13 (2003)",
        ),
    ),
    Element(
        "recurrence", "κ", "factor of recurrent synapses: weight of the previous state",
        "recurrence", POSITIVE, 0.0, 0.2, 1.0,
        Hypothesis(
            "NMDA receptor, inhibition", "circular inference, persisting percepts",
            "Jardri & Denève, Brain 136:3227 (2013)",
        ),
    ),
    Element(
        "false_belief", "f", "log odds of a wrong mapping in the prior counts of decisions",
        "false_belief", IDENTITY, 0.0, 0.4, 2.0,
        Hypothesis(
            "dopamine, NMDA receptor", "delusion",
            "Corlett, Honey & Fletcher, J. Psychopharmacol. 21:238 (2007)",
        ),
    ),
    Element(
        "reliability", "α", "factor of input synapses: weight of the stimuli", NOISE,
        POSITIVE, 0.0, 0.2, 1.0,
        Hypothesis(
            "acetylcholine", "imprecise percepts",
            "Adams et al., Front. Psychiatry 4:47 (2013)",
        ),
    ),
    Element(
        "inverse_temperature", "β", "factor of the log odds of decisions", NOISE,
        POSITIVE, 0.0, 0.2, 1.0,
        Hypothesis(
            "noradrenaline", "erratic decisions",
            "Aston-Jones & Cohen, Annu. Rev. Neurosci. 28:403 (2005)",
        ),
    ),
    Element(
        "lapse", "ε", "share of decisions taken at random", NOISE,
        SHARE, float(logit(0.02)), 0.5, 2.0,
        Hypothesis(
            "arousal", "inattention", "Pisupati et al., eLife 10:e55490 (2021)",
        ),
    ),
    Element(
        "sensory_noise", "s", "share of stimuli perceived inverted", NOISE,
        SHARE, -np.inf, 0.0, 0.0,
        Hypothesis(
            "NMDA receptor", "degraded sensation",
            "Javitt, Annu. Rev. Clin. Psychol. 5:249 (2009)",
        ),
        is_fitted=False,
    ),
)  # fmt: skip
"""The elements of the theory; speed stands for λ and for the modulator's gain, one class."""

LEAK = Element(
    "leak", "ρ", "share of counts that returns to the prior in a trial", "leak",
    SHARE, float(logit(0.02)), 0.8, 1.5, is_extension=True,
)  # fmt: skip
STICKINESS = Element(
    "stickiness", "s", "log odds of repeating the decision of the trial before", "stickiness",
    IDENTITY, 0.0, 0.4, 1.0, is_extension=True,
)  # fmt: skip
EXTENSIONS = (LEAK, STICKINESS)
"""Elements foreign to the theory, which human data ask for; they are off unless asked for."""

BY_NAME = {one.name: one for one in (*ELEMENTS, *EXTENSIONS)}
"""Every element by its name."""

CLASSES = tuple(dict.fromkeys(one.kind for one in ELEMENTS))
"""The classes between which diagnosis decides."""


def members(kind: str) -> tuple[str, ...]:
    """Return the names of the fitted elements of a class.

    Example:
        >>> members("noise")
        ('reliability', 'inverse_temperature', 'lapse')
    """
    return tuple(one.name for one in ELEMENTS if one.kind == kind and one.is_fitted)
