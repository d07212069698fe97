"""Forecasters in words, for tables and figures."""

import re

_NAMES = {
    "saturated": "mean per stimulus pattern",
    "saturated_shrunk": "mean per pattern, shrunk",
    "constant": "constant",
    "linear": "linear in the stimuli",
    "loglinear": "log-linear in the stimuli",
    "kernel": "kernel of the stimuli",
    "kalman_gain": "drifting gain (Kalman)",
    "kernel_gain": "kernel, drifting gain",
    "kalman_level": "drifting level (Kalman)",
    "kernel_level": "kernel, drifting level",
    "gain_smoothing": "smoothed gain",
    "shape_drift": "wandering shape",
    "drift": "drifting gain",
    "hebb": "Hebbian",
    "hebb_decay": "Hebbian, decay",
    "hebb_fitted": "Hebbian, fitted decay",
    "canonical": "theory, prior count",
    "canonical_forgetting": "theory, forgetting",
    "canonical_gain": "theory, gain-dependent",
    "observer": "ideal observer, prior count",
    "observer_fitted": "ideal observer, fitted",
    "observer_forgetting": "ideal observer, forgetting",
    "observer_hierarchical": "ideal observer, hierarchical",
    "published_protocol": "published protocol",
    "protocol": "open-loop theory",
    "latent_network": "latent network",
    "split_half": "other half of the trials",
    "floor": "own mean (best possible)",
    "output_layer": "theory, output layer",
    "output_layer_unmodulated": "theory without modulation",
    "own_expectation": "theory, run on",
    "own_expectation_full": "theory, run on at full gain",
    "change_expected": "theory, change",
    "change_expected_full": "theory, change at full gain",
    "change_fall": "steady fall",
}
_DAMPED = ("shape_drift", "drift")


def model_label(name: str) -> str:
    """Return a forecaster's name in words.

    Example:
        >>> [model_label(name) for name in ("shape_drift_0.8", "canonical_300", "win_stay")]
        ['wandering shape, damped', 'theory, prior count 300', 'win stay']
        >>> model_label("saturated + hebb_decay_0.02")
        'mean per stimulus pattern + Hebbian, decay 0.02'
    """
    if " + " in name:
        return " + ".join(map(model_label, name.split(" + ")))
    if name in _NAMES:
        return _NAMES[name]
    stem, _, number = name.rpartition("_")
    if stem in _NAMES and re.fullmatch(r"[\d.]+", number):
        if stem == "shape_drift":
            return _NAMES[stem] + ("" if float(number) == 1 else ", damped")
        damping = f", damped by {number}" if stem in _DAMPED else f" {number}"
        return _NAMES[stem] + damping
    return name.replace("_", " ")
