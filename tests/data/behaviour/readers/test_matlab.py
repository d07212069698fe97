"""Layouts of trials in MATLAB files, v5 and v7.3, each with the same twelve trials."""

import numpy as np
import pytest
from scipy.io import savemat

from hebbayes.core.errors import FormatError
from hebbayes.data.behaviour import read_behaviour

from ...formats.hdf5_mat import write_v73

CHOICE = np.tile([1.0, 2.0, 2.0], 4)
REWARD = np.tile([0.0, 1.0], 6)
TONE = np.repeat([0.0, 1.0], 6)
COLUMNS = {"choice": CHOICE, "reward": REWARD, "tone": TONE}
MATRIX = np.stack(list(COLUMNS.values()), axis=1)
NAMES = np.array(list(COLUMNS), object)


def records(n: int, **more) -> np.ndarray:
    """Return a struct array of ``n`` subjects, the trials cut in equal parts."""
    fields = [*COLUMNS, *more]
    made = np.zeros(n, [(name, object) for name in fields])
    for k in range(n):
        cut = slice(k * 12 // n, (k + 1) * 12 // n)
        parts = [values[cut][:, None] for values in COLUMNS.values()]
        made[k] = (*parts, *(values[k] for values in more.values()))
    return made


@pytest.mark.parametrize(
    "held",
    [
        COLUMNS,
        {name: values[:, None] for name, values in COLUMNS.items()},
        {"session": 1.0, "data": COLUMNS},
        {"data": MATRIX, "labels": NAMES},
        {"data": MATRIX, "varnames": np.array(list(COLUMNS))},
        {"exp": {"data": MATRIX, "columns": NAMES, "date": "2020-01-01"}},
        {**COLUMNS, "choice": np.where(CHOICE == 1, "1", "2").astype(object)},
        {"D": {**COLUMNS, "params": {"alpha": 0.5}}},
    ],
    ids=["row", "column", "struct", "cell of names", "char names", "nested", "cell", "extra"],
)
@pytest.mark.parametrize("compressed", [False, True])
def test_every_layout_holds_the_same_trials(tmp_path, held: dict, compressed: bool) -> None:
    savemat(tmp_path / "a.mat", held, do_compression=compressed)
    behaviour = read_behaviour(tmp_path / "a.mat")
    assert (behaviour.choice + 1).tolist() == CHOICE.tolist()
    assert behaviour.outcome.tolist() == REWARD.tolist()
    assert behaviour.stimuli[:, 0].tolist() == TONE.tolist()


@pytest.mark.parametrize("is_cell", [False, True])
def test_a_struct_per_subject_keeps_what_it_states_once(tmp_path, is_cell: bool) -> None:
    structs = records(3, id=["s9", "s2", "s5"], group=["SZ", "HC", "HC"])
    if is_cell:
        cell = np.zeros(3, object)
        for k in range(3):
            cell[k] = {name: structs[k][name] for name in structs.dtype.names}
        structs = cell
    savemat(tmp_path / "a.mat", {"subjects": structs})
    behaviour = read_behaviour(tmp_path / "a.mat")
    assert behaviour.subject_ids.tolist() == ["s9", "s2", "s5"]
    assert behaviour.group.tolist() == ["SZ", "HC", "HC"]
    assert np.bincount(behaviour.subject).tolist() == [4, 4, 4]
    assert (behaviour.choice + 1).tolist() == CHOICE.tolist()


@pytest.mark.parametrize("as_structs", [False, True])
def test_v73_holds_a_struct_per_subject_too(tmp_path, as_structs: bool) -> None:
    subjects = [
        {name: values[k * 6 : k * 6 + 6] for name, values in COLUMNS.items()} for k in range(2)
    ]
    path = write_v73(tmp_path / "a.mat", subjects, "data", as_structs=as_structs)
    behaviour = read_behaviour(path)
    assert behaviour.subject_ids.tolist() == [0, 1]
    assert (behaviour.choice + 1).tolist() == CHOICE.tolist()
    assert behaviour.outcome.tolist() == REWARD.tolist()


def test_a_matrix_without_names_is_refused_with_what_it_holds(tmp_path) -> None:
    savemat(tmp_path / "a.mat", {"data": MATRIX})
    with pytest.raises(FormatError, match="pass --choice COL"):
        read_behaviour(tmp_path / "a.mat")
    savemat(tmp_path / "b.mat", {"choice": MATRIX, "reward": MATRIX})
    with pytest.raises(FormatError, match=r"choice, reward as 12 x 3 matrices; pass --subject"):
        read_behaviour(tmp_path / "b.mat")


def test_a_struct_per_trial_has_no_column_that_the_file_lacks(tmp_path) -> None:
    trials = np.zeros((1, 6), dtype=[("choice", object), ("rewarded", object)])
    for k in range(6):
        trials[0, k] = ("LR"[k % 2], k % 3 % 2)
    savemat(tmp_path / "a.mat", {"trials": trials})
    behaviour = read_behaviour(tmp_path / "a.mat", stimulus="none")
    assert behaviour.provenance["not_used"] == []
    assert behaviour.choice.tolist() == [0, 1] * 3
    assert behaviour.outcome.tolist() == [0, 1, 0, 0, 1, 0]
