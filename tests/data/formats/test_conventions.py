"""Every convention of recordings is read like the numbers that the file was written from."""

import numpy as np
import pytest

from hebbayes.commands.check import run
from hebbayes.commands.configs import CheckConfig

from .convention_files import FILES


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_file_is_read_like_the_numbers_it_was_written_from(file, tmp_path) -> None:
    expected = file.write(tmp_path / file.name)
    result = run(CheckConfig(file=tmp_path / file.name, **file.flags))
    assert result.held is not None, result.reason
    made = result.held.recordings[0]
    np.testing.assert_allclose(made.responses, expected.responses, atol=1e-9)
    np.testing.assert_array_equal(made.stimuli, expected.stimuli)
    assert made.valid.all()
    if expected.choice is None:
        assert made.decisions is None
    else:
        labels = made.provenance["decision_labels"]
        chosen = [None if code < 0 else labels[code] for code in made.decisions.tolist()]
        assert chosen == [None if one is None else str(one) for one in expected.choice]
    if expected.risk is not None:
        np.testing.assert_array_equal(made.risk, expected.risk)
    session = [0] * len(expected.responses) if expected.session is None else expected.session
    np.testing.assert_array_equal(made.session, session)
