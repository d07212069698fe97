"""Sentences of an analysis: what is alike in many ensembles is said once."""

from types import SimpleNamespace

import numpy as np

from hebbayes.commands.analyze.notes import network_sentences


def described(*undetermined):
    n = len(undetermined)
    perception = SimpleNamespace(
        undetermined=undetermined, memory=np.full(n, np.inf), lack_of_fit=np.ones(n)
    )
    return SimpleNamespace(
        refusal="", prior_count=np.ones(n), perception=perception, fits_gain=False
    )


def test_ensembles_with_the_same_doubt_share_a_sentence() -> None:
    lost, speed = (("phi", "normaliser"),), (("prior_count", "naive_1", "naive_2"),)
    assert network_sentences(described(lost, (), lost, speed)) == [
        "2 of 4 ensembles (0, 2): cannot distinguish phi and normaliser.",
        "ensemble 3: cannot distinguish prior_count and naive synapses of 2 channels.",
    ]


def test_ensembles_without_doubt_need_none() -> None:
    assert network_sentences(described((), ())) == []
