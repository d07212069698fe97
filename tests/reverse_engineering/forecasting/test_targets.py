"""What is scored: states, selectivity, and what they need."""

import numpy as np
import pytest

from hebbayes.core.errors import ShapeError, ValueRangeError
from hebbayes.data.recording import Recording
from hebbayes.reverse_engineering.forecasting.sessions import split_sessions
from hebbayes.reverse_engineering.forecasting.targets import (
    condition_means,
    selectivity_change,
)

from .recordings import small_recording


def test_conditions_are_states_of_the_sources_or_patterns() -> None:
    split = split_sessions(small_recording(), 3)
    session = split.later[0]
    means = condition_means(session.responses, session)
    both = (session.sources == 1).all(1)
    np.testing.assert_allclose(means[3], session.responses[both].mean(0))
    unlabelled = type(session)(session.stimuli, session.responses, session.valid)
    n_patterns = len(np.unique(session.stimuli, axis=0))
    assert len(condition_means(session.responses, unlabelled)) == n_patterns


def test_selectivity_needs_sources_and_both_states() -> None:
    recording = small_recording()
    bare = Recording(recording.stimuli, recording.responses, recording.session)
    with pytest.raises(ShapeError, match="two known sources"):
        selectivity_change(split_sessions(bare, 2))
    alike = np.tile(recording.sources[:, :1], (1, 2))
    same = Recording(recording.stimuli, recording.responses, recording.session, sources=alike)
    with pytest.raises(ValueRangeError, match="no trials of both"):
        selectivity_change(split_sessions(same, 2))
