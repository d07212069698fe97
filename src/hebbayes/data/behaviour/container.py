"""Behaviour as one frozen container: what each subject saw, chose and got, trial by trial.

Subjects follow one another, and so do the sessions of a subject; trials are in order of time.  A
missed trial keeps its place, since time and forgetting go on.  Plain NumPy: no JAX, no pandas.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass, field, fields, replace
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hebbayes.core.errors import ShapeError, ValueRangeError
from hebbayes.data.behaviour.consistency import check_behaviour
from hebbayes.data.casting import floats, names, whole_numbers

if TYPE_CHECKING:
    from pandas import DataFrame

MISSED = -1
"""Code of a trial in which no choice was made."""

_MOST_NUMBERED = 2**16  # codes without names: a damaged code must not ask for more

PER_TRIAL = (
    *("choice", "stimuli", "outcome", "risk", "subject", "session", "trial"),
    *("activity", "response_time_s"),
)
"""Fields with one entry, or one row, per trial."""

_CASTS: dict[str, Callable[[str, Any], NDArray[Any]]] = {
    "choice": whole_numbers,
    "stimuli": floats,
    "outcome": floats,
    "risk": floats,
    "subject": whole_numbers,
    "session": whole_numbers,
    "trial": whole_numbers,
    "subject_ids": names,
    "choice_ids": names,
    "channel_ids": names,
    "group": names,
    "activity": floats,
    "response_time_s": floats,
}


@dataclass(frozen=True, eq=False, repr=False)
class Behaviour:
    """Choices of one or more subjects; every array is read-only.

    Attributes:
        choice: (trials,), index into ``choice_ids``; -1 if the trial was missed.
        stimuli: (trials, channels), input of each channel: binary, one-hot or graded; never NaN.
        outcome: (trials,), what followed, as recorded, in any range; NaN if unknown.
        risk: (trials,), 0 (best) to 1 (worst), which learning uses; NaN if unknown.
        subject: (trials,), index into ``subject_ids``, never decreasing; all 0 by default.
        session: (trials,), label of the session or block; a subject never returns to an earlier
            one; all 0 by default.
        trial: (trials,), number of the trial within its session as recorded; 0, 1, ... by default.
        subject_ids: (subjects,), names of the subjects; 0, 1, ... by default.
        choice_ids: (choices,), names of the choices; 0, 1, ... by default.
        channel_ids: (channels,), names of the stimuli; 0, 1, ... by default.
        group: (subjects,), group of each subject, if known.
        activity: (trials, states), recorded beliefs or firing, if known.
        response_time_s: (trials,), seconds; NaN if unknown.
        provenance: Origin: file, SHA-256, format, mapping, dropped, not_used, warnings.

    Example:
        >>> behaviour = Behaviour([0, 1, -1], np.eye(3), outcome=[1, 0, np.nan])
        >>> behaviour
        Behaviour(subjects=1, sessions=1, trials=3, channels=3, choices=2, missed=1)
        >>> behaviour.risk is None, behaviour.trial.tolist()
        (True, [0, 1, 2])
    """

    choice: NDArray[np.int64]
    stimuli: NDArray[np.float64]
    outcome: NDArray[np.float64] | None = None
    risk: NDArray[np.float64] | None = None
    subject: NDArray[np.int64] = None  # type: ignore[assignment]  # filled in at construction
    session: NDArray[np.int64] = None  # type: ignore[assignment]
    trial: NDArray[np.int64] = None  # type: ignore[assignment]
    subject_ids: NDArray[Any] = None  # type: ignore[assignment]
    choice_ids: NDArray[Any] = None  # type: ignore[assignment]
    channel_ids: NDArray[Any] = None  # type: ignore[assignment]
    group: NDArray[Any] | None = None
    activity: NDArray[np.float64] | None = None
    response_time_s: NDArray[np.float64] | None = None
    provenance: AnyMapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Cast, fill in defaults, freeze, and check."""
        for name, cast in _CASTS.items():
            if (given := getattr(self, name)) is not None:
                _set(self, name, cast(name, given))
        if self.choice.ndim != 1 or self.choice.size == 0:
            raise ShapeError(
                f"choice has shape {self.choice.shape}; wanted (trials,), at least one."
            )
        if self.stimuli.ndim != 2:
            raise ShapeError(
                f"stimuli has shape {self.stimuli.shape}; wanted (trials, channels), time first."
            )
        for name in ("subject", "session"):
            if getattr(self, name) is None:
                _set(self, name, np.zeros(self.choice.shape, np.int64))
        for name, size in (
            ("subject_ids", int(self.subject.max(initial=0)) + 1),
            ("choice_ids", int(self.choice.max()) + 1),
            ("channel_ids", self.stimuli.shape[1]),
        ):
            if getattr(self, name) is None:
                _set(self, name, np.arange(min(size, _MOST_NUMBERED)))
        check_behaviour(self)
        if self.trial is None:
            _set(self, "trial", self._numbers_within_sessions())

    def __repr__(self) -> str:
        """Return the sizes in one line."""
        sizes = ", ".join(f"{name}={value}" for name, value in self._sizes().items())
        return f"Behaviour({sizes})"

    def _repr_html_(self) -> str:
        sizes = self._sizes()
        head = "".join(f"<th>{escape(name)}</th>" for name in sizes)
        body = "".join(f"<td>{value}</td>" for value in sizes.values())
        return f"<table><thead><tr>{head}</tr></thead><tbody><tr>{body}</tr></tbody></table>"

    def _sizes(self) -> dict[str, int]:
        starts = self._session_starts()
        return {
            "subjects": self.n_subjects,
            "sessions": int(starts.sum()),
            "trials": self.n_trials,
            "channels": self.n_channels,
            "choices": self.n_choices,
            "missed": int(self.is_missed.sum()),
        }

    @property
    def n_trials(self) -> int:
        """Number of trials of all subjects, missed ones among them."""
        return int(self.choice.size)

    @property
    def n_subjects(self) -> int:
        """Number of subjects."""
        return int(self.subject_ids.size)

    @property
    def n_channels(self) -> int:
        """Number of stimulus channels."""
        return int(self.stimuli.shape[1])

    @property
    def n_choices(self) -> int:
        """Number of different choices."""
        return int(self.choice_ids.size)

    @property
    def is_missed(self) -> NDArray[np.bool_]:
        """Trials (trials,) in which no choice was made."""
        return self.choice == MISSED

    @property
    def session_index(self) -> NDArray[np.int64]:
        """Position of each trial's session among those of its subject: 0, 1, ..."""
        number = np.cumsum(self._session_starts()) - 1
        first = np.searchsorted(self.subject, np.arange(self.n_subjects))
        return (number - number[first][self.subject]).astype(np.int64)

    @classmethod
    def from_frame(cls, frame: DataFrame, **mapping: Any) -> Behaviour:
        """Return the behaviour in a pandas table; ``mapping`` has the fields of `Mapping`.

        What it leaves open follows from known conventions and the names of columns.  Raises
        `FormatError` with what to state if a column cannot be told.

        Example:
            >>> import pandas
            >>> frame = pandas.DataFrame({"lick": ["L", "R"], "pay": [0, 1], "tone": [1, 0]})
            >>> Behaviour.from_frame(frame, choice="lick", reward="pay", stimulus="tone").risk
            array([1., 0.])
        """
        from hebbayes.data.behaviour.assembly import fields_of
        from hebbayes.data.behaviour.mapping import Mapping
        from hebbayes.data.behaviour.table import table_of_frame

        return cls(**fields_of(table_of_frame(frame), Mapping(**mapping)))

    def of_subject(self, k: int) -> Behaviour:
        """Return the trials of subject ``k`` (its position), with all names of choices and stimuli.

        Raises `ValueRangeError` if there is no such subject.

        Example:
            >>> both = Behaviour([0, 1, 1], np.ones((3, 1)), subject=[0, 0, 1])
            >>> both.of_subject(1)
            Behaviour(subjects=1, sessions=1, trials=1, channels=1, choices=2, missed=0)
        """
        if not 0 <= k < self.n_subjects:
            raise ValueRangeError(f"subject must be from 0 to {self.n_subjects - 1}; got {k}.")
        rows = slice(*np.searchsorted(self.subject, [k, k + 1]).tolist())
        held = {name: getattr(self, name) for name in PER_TRIAL}
        parts = {name: values[rows] for name, values in held.items() if values is not None}
        return replace(
            self,
            **{**parts, "subject": np.zeros(len(parts["choice"]), np.int64)},
            subject_ids=self.subject_ids[k : k + 1],
            group=None if self.group is None else self.group[k : k + 1],
        )

    def to_dataframe(self) -> DataFrame:
        """Return one row per trial: subject, group, session, trial, choice, outcome, risk, ...

        A missed choice is None; every channel is a column ``channel_NAME``.

        Example:
            >>> Behaviour([0, -1], [[1.0], [0.0]], choice_ids=["left"]).to_dataframe()["choice"][0]
            'left'
        """
        import pandas

        labels = np.array([*self.choice_ids.tolist(), None], object)  # -1 takes the last one
        names = self.subject_ids
        names = names.astype(object) if names.dtype.kind == "U" else names  # one copy of each name
        columns: dict[str, Any] = {"subject": names[self.subject]}
        if self.group is not None:
            columns["group"] = self.group[self.subject]
        columns |= {"session": self.session, "trial": self.trial}
        columns["choice"] = pandas.Series(labels[self.choice], dtype=object)
        for name in ("outcome", "risk", "response_time_s"):
            if (values := getattr(self, name)) is not None:
                columns[name] = values
        for name, channel in zip(self.channel_ids.tolist(), self.stimuli.T):
            columns[f"channel_{name}"] = channel
        for k, state in enumerate(() if self.activity is None else self.activity.T):
            columns[f"activity_{k}"] = state
        return pandas.DataFrame(columns)

    def _session_starts(self) -> NDArray[np.bool_]:
        """Return the trials that begin a session of a subject."""
        changes = np.diff(self.session).astype(bool) | np.diff(self.subject).astype(bool)
        return np.concatenate(([True], changes))

    def _numbers_within_sessions(self) -> NDArray[np.int64]:
        starts = np.flatnonzero(self._session_starts())
        lengths = np.diff([*starts, self.n_trials])
        return np.arange(self.n_trials) - np.repeat(starts, lengths)


FIELDS = tuple(each.name for each in fields(Behaviour))
"""Names of the fields of a `Behaviour`."""


def _set(behaviour: Behaviour, name: str, values: NDArray[Any]) -> None:
    frozen = values.view()  # the caller's own array stays writeable
    frozen.flags.writeable = False
    object.__setattr__(behaviour, name, frozen)
