"""Certificates of small random models, each run computed once."""

import functools

import jax.numpy as jnp

from hebbayes.theory.certificate.certificate import certify_run
from hebbayes.theory.certificate.damage import damage
from hebbayes.theory.certificate.runs import bayesian_run, neural_run

from ..networks import random_events

TOLERANCE = {jnp.float64: 1e-10, jnp.float32: 1e-4}


@functools.cache
def runs(build, ratio, dtype):
    model = build(dtype=dtype)
    events = random_events(model)
    return (
        bayesian_run(model, events, ratio, chunk_length=5),
        neural_run(model, events, ratio, chunk_length=5),
    )


def certify(build, ratio, dtype, row=None):
    bayesian, neural = runs(build, ratio, dtype)
    if row is not None:
        neural = damage(neural, row)
    tolerance = TOLERANCE[dtype]
    return certify_run(bayesian, neural, ratio, tolerance=tolerance, chunk_length=5)
