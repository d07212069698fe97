"""Matrices of subjects and trials, such as choices 30 x 200, as columns with an entry per trial.

Rows are subjects if a vector called subject, group or the like has as many entries, or
``--subject rows`` says so; columns are, with ``--subject columns``.  Neither is guessed from sizes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import FormatError, shown_names
from hebbayes.data.behaviour.proposing.names import looks_like_behaviour, named

ROWS, COLUMNS = "rows", "columns"
"""Values of --subject that say where the subjects of a matrix are."""

Arrays = dict[str, NDArray[Any]]


def columns_of_matrices(arrays: Arrays, source: str, subject: str | None = None) -> Arrays:
    """Return arrays in which matrices of subjects and trials became columns, subject by subject.

    Arrays without such matrices come back as they are.  Raises `FormatError`, with the flag to
    pass, if it cannot be told whether rows or columns are subjects.

    Example:
        >>> held = {"choice": np.array([[0, 1, 1], [1, 0, 0]]), "group": np.array(["a", "b"])}
        >>> made = columns_of_matrices(held, "a.npz")
        >>> made["choice"].tolist(), made["group"].tolist(), made["trial"].tolist()
        ([0, 1, 1, 1, 0, 0], ['a', 'a', 'a', 'b', 'b', 'b'], [0, 1, 2, 0, 1, 2])
    """
    matrices = {name: a for name, a in arrays.items() if a.ndim == 2 and min(a.shape) > 1}
    shapes = {a.shape for name, a in matrices.items() if looks_like_behaviour([name])}
    if not shapes:
        return arrays
    if len(shapes) > 1:
        raise FormatError(
            f"{source} holds matrices of {' and '.join(map(str, sorted(shapes)))} with behaviour; "
            "wanted one shape, subjects x trials."
        )
    (shape,) = shapes
    if _are_columns_subjects(arrays, shape, source, subject):
        arrays = {name: a.T if name in matrices else a for name, a in arrays.items()}
        shape = shape[::-1]
    return _flattened(arrays, shape, subject)


def _are_columns_subjects(
    arrays: Arrays, shape: tuple[int, ...], source: str, subject: str | None
) -> bool:
    if subject in (ROWS, COLUMNS):
        return subject == COLUMNS
    vectors = [name for name, a in arrays.items() if a.ndim == 1]
    lengths = {len(arrays[one]) for role in ("subject", "group") for one in named(role, vectors)}
    fitting = lengths & set(shape)
    if len(fitting) == 1 and shape[0] != shape[1]:
        return shape[1] in fitting
    names = shown_names([name for name, a in arrays.items() if a.shape == shape])
    raise FormatError(
        f"{source} holds {names} as {shape[0]} x {shape[1]} matrices; pass --subject rows if each "
        f"row is a subject ({shape[0]} of them), or --subject columns if each column is."
    )


def _flattened(arrays: Arrays, shape: tuple[int, ...], subject: str | None) -> Arrays:
    n_subjects, n_trials = shape
    made: Arrays = {}
    for name, a in arrays.items():
        if a.shape == shape:
            made[name] = a.ravel()
        elif a.ndim == 1 and len(a) == n_subjects:
            made[name] = np.repeat(a, n_trials)
        elif a.ndim == 1 and len(a) == n_trials:
            made[name] = np.tile(a, n_subjects)
        else:
            made[name] = a
    stated = subject if subject in (ROWS, COLUMNS) else None
    if stated is not None or not named("subject", made):
        made[stated or "subject"] = np.repeat(np.arange(n_subjects), n_trials)
    if not named("trial", made):
        made["trial"] = np.tile(np.arange(n_trials), n_subjects)
    return made
