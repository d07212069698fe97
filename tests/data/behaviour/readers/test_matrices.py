"""Subjects x trials: read if it is said where subjects are, refused with the flag if not."""

import numpy as np
import pytest
from scipy.io import savemat

from hebbayes.core.errors import FormatError
from hebbayes.data.behaviour.reading import read_behaviour

CHOICE = np.random.default_rng(0).integers(0, 2, (5, 12)).astype(float)
REWARD = np.random.default_rng(1).integers(0, 2, (5, 12))
CHOICE[1, 3] = np.nan


def written(tmp_path, kind: str, **arrays):
    path = tmp_path / f"a.{kind}"
    if kind == "npz":
        np.savez(path, **arrays)
    else:
        savemat(path, {"data": arrays} if kind == "mat" else arrays)
    return path


def check(read) -> None:
    wanted = np.where(np.isnan(CHOICE), -1, CHOICE).astype(int)
    assert read.n_subjects == 5
    for k in range(5):
        here = read.subject == k
        assert read.choice[here].tolist() == wanted[k].tolist()
        assert read.risk[here][wanted[k] >= 0].tolist() == (1 - REWARD[k])[wanted[k] >= 0].tolist()


@pytest.mark.parametrize("kind", ["npz", "mat"])
@pytest.mark.parametrize("subject", ["rows", "columns"])
def test_a_flag_says_where_subjects_are(tmp_path, kind, subject) -> None:
    turned = (lambda a: a) if subject == "rows" else np.transpose
    path = written(tmp_path, kind, choice=turned(CHOICE), reward=turned(REWARD))
    check(read_behaviour(path, subject=subject, stimulus="none"))


def test_a_vector_of_groups_says_it_too(tmp_path) -> None:
    path = written(tmp_path, "npz", choice=CHOICE, reward=REWARD, group=list("aabbb"))
    read = read_behaviour(path, stimulus="none")
    check(read)
    assert read.group.tolist() == list("aabbb")


@pytest.mark.parametrize("kind", ["npz", "mat"])
def test_sizes_alone_are_refused_with_the_flag(tmp_path, kind) -> None:
    path = written(tmp_path, kind, choice=CHOICE, reward=REWARD)
    with pytest.raises(FormatError, match=r"choice, reward as 5 x 12 .* pass --subject rows if"):
        read_behaviour(path, stimulus="none")


def test_matrices_of_two_shapes_are_refused(tmp_path) -> None:
    path = written(tmp_path, "npz", choice=CHOICE, reward=REWARD[:, :6])
    with pytest.raises(FormatError, match=r"\(5, 6\) and \(5, 12\)"):
        read_behaviour(path, subject="rows", stimulus="none")
