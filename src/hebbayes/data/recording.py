"""A recording as one frozen container: stimuli, responses, and what is known about each trial.

Trials are flat and in order of time; the session is a label, so sessions may differ in length.  A
silent unit (0) differs from an unobserved one (``valid`` False).  Small integers are cast to int64,
since differences of uint8 wrap around.  Plain NumPy: a recording needs no JAX.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hebbayes.core.errors import ShapeError
from hebbayes.data.casting import counts_or_rates, floats, mask, names, whole_numbers
from hebbayes.data.consistency import check_recording
from hebbayes.data.sessions import Sessions, cut_sessions

if TYPE_CHECKING:
    from pandas import DataFrame

Numbers = NDArray[np.float64] | NDArray[np.int64]

_CASTS: dict[str, Callable[[str, Any], NDArray[Any]]] = {
    "stimuli": floats,
    "responses": counts_or_rates,
    "session": whole_numbers,
    "valid": mask,
    "sources": counts_or_rates,
    "decisions": partial(whole_numbers, missing=-1),
    "risk": floats,
    "onset_s": floats,
    "unit_ids": names,
    "channel_ids": names,
}
_COLUMNS = {"stimuli": "channels", "responses": "units", "sources": "sources"}


@dataclass(frozen=True, eq=False, repr=False)
class Recording:
    """One culture or animal; every array is read-only and starts with the trial.

    Attributes:
        stimuli: (trials, channels), input of each channel.
        responses: (trials, units), spike counts (integers), rates, or signals with fractions of any
            sign (dF/F, z-scores); masked ones are not observed.
        session: (trials,), number of the session, never decreasing.
        valid: (trials, units), False where a response was not observed; all True by default.
        sources: (trials, sources), hidden causes of the stimuli, if known.
        decisions: (trials,), index of the decision taken; negative, or NaN, if there was none.
        risk: (trials,), risk that followed, 0 to 1; NaN if unknown.
        onset_s: (trials,), time of the stimulus; NaN only in trials without a valid response.
        unit_ids: (units,), names that every result carries; 0, 1, ... by default.
        channel_ids: (channels,), names of the stimuli; 0, 1, ... by default.
        window_s: Start and end of the counting window after the onset.
        provenance: Origin: file, SHA-256, options, warnings.

    Example:
        >>> recording = Recording(np.eye(2), np.array([[0, 3], [1, 0]], np.uint8), [0, 1])
        >>> recording.responses.dtype, recording.n_sessions
        (dtype('int64'), 2)
    """

    stimuli: NDArray[np.float64]
    responses: Numbers
    session: NDArray[np.int64]
    valid: NDArray[np.bool_] = None  # type: ignore[assignment]  # filled in at construction
    sources: Numbers | None = None
    decisions: NDArray[np.int64] | None = None
    risk: NDArray[np.float64] | None = None
    onset_s: NDArray[np.float64] | None = None
    unit_ids: NDArray[Any] = None  # type: ignore[assignment]
    channel_ids: NDArray[Any] = None  # type: ignore[assignment]
    window_s: tuple[float, float] | None = None
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Cast, fill in defaults, freeze, and check."""
        unobserved = np.ma.getmask(self.responses)  # of a masked array
        _set(self, "responses", np.ma.filled(self.responses, 0))
        for name, cast in _CASTS.items():
            if (given := getattr(self, name)) is not None:
                _set(self, name, cast(name, given))
        for name, columns in _COLUMNS.items():
            values = getattr(self, name)
            if values is not None and (values.ndim != 2 or values.size == 0):
                raise ShapeError(
                    f"{name} has shape {values.shape}; wanted (trials, {columns}), "
                    "time first, with at least one of each."
                )
        if self.valid is None:
            _set(self, "valid", np.ones(self.responses.shape, bool))
        if unobserved is not np.ma.nomask and self.valid.shape == self.responses.shape:
            _set(self, "valid", self.valid & ~unobserved)
        for name, values in (("unit_ids", self.responses), ("channel_ids", self.stimuli)):
            if getattr(self, name) is None:
                _set(self, name, np.arange(values.shape[1]))
        check_recording(self)

    def __repr__(self) -> str:
        """Return the sizes in one line."""
        sizes = ", ".join(f"{name}={value}" for name, value in self._sizes().items())
        return f"Recording({sizes})"

    def _repr_html_(self) -> str:
        return _html_table([self._sizes()])

    def _sizes(self) -> dict[str, int | str]:
        sizes: dict[str, int | str] = {
            "trials": self.n_trials,
            "sessions": self.n_sessions,
            "channels": self.n_channels,
            "units": self.n_units,
        }
        if self.sources is not None:
            sizes["sources"] = int(self.sources.shape[1])
        if not self.valid.all():
            sizes["observed"] = f"{100 * self.valid.mean():.1f}%"
        return sizes

    def to_dataframe(self) -> DataFrame:
        """Return the responses as a long pandas table: one row per trial and unit.

        Columns are ``session``, ``trial``, ``unit`` and ``response`` (NaN if not observed), and
        ``onset_s``, ``decision`` and ``risk`` if they were recorded.  Raises
        `MissingDependencyError` without pandas.

        Example:
            >>> recording = Recording(np.eye(2), np.array([[0, 3], [1, 0]]), [0, 1])
            >>> recording.to_dataframe()["response"].tolist()
            [0, 3, 1, 0]
        """
        import pandas

        responses: NDArray[Any] = self.responses
        if not self.valid.all():
            responses = np.where(self.valid, responses, np.nan)
        per_trial = {"session": self.session, "trial": np.arange(self.n_trials)}
        measured = {"onset_s": self.onset_s, "decision": self.decisions, "risk": self.risk}
        columns = {name: np.repeat(values, self.n_units) for name, values in per_trial.items()}
        columns["unit"] = np.tile(self.unit_ids, self.n_trials)
        columns["response"] = responses.ravel()
        for name, values in measured.items():
            if values is not None:
                columns[name] = np.repeat(values, self.n_units)
        return pandas.DataFrame(columns)

    @property
    def n_trials(self) -> int:
        """Number of trials."""
        return int(self.responses.shape[0])

    @property
    def n_units(self) -> int:
        """Number of units."""
        return int(self.responses.shape[1])

    @property
    def n_channels(self) -> int:
        """Number of stimulus channels."""
        return int(self.stimuli.shape[1])

    @property
    def n_sessions(self) -> int:
        """Number of sessions."""
        return int(np.unique(self.session).size)

    @property
    def is_signed(self) -> bool:
        """Whether responses are a signal of any sign, such as dF/F or z-scores, rather than counts.

        Negative whole numbers are no signal but a mistake, such as -1 for missing.
        """
        seen = self.responses[self.valid] if self.responses.dtype.kind == "f" else None
        return seen is not None and bool((seen < 0).any()) and bool((seen != np.rint(seen)).any())

    @property
    def session_index(self) -> NDArray[np.int64]:
        """Position of each trial's session among the sessions: 0, 1, ... without gaps."""
        return np.unique(self.session, return_inverse=True)[1]

    def select(
        self,
        *,
        units: ArrayLike | None = None,
        channels: ArrayLike | None = None,
        sessions: ArrayLike | None = None,
    ) -> Recording:
        """Return these units and channels (positions or masks) of the sessions with these labels.

        Example:
            >>> recording = Recording(np.eye(2), np.ones((2, 3)), [0, 1])
            >>> recording.select(units=[2, 0], sessions=[1]).unit_ids.tolist()
            [2, 0]
        """
        rows = slice(None) if sessions is None else np.isin(self.session, sessions)
        columns = slice(None) if units is None else np.asarray(units)
        inputs = slice(None) if channels is None else np.asarray(channels)
        per_trial = {
            name: values[rows]
            for name in ("session", "sources", "decisions", "risk", "onset_s")
            if (values := getattr(self, name)) is not None
        }
        return replace(
            self,
            stimuli=self.stimuli[rows][:, inputs],
            responses=self.responses[rows][:, columns],
            valid=self.valid[rows][:, columns],
            unit_ids=self.unit_ids[columns],
            channel_ids=self.channel_ids[inputs],
            **per_trial,
        )

    def as_sessions(self, *, exact: bool = False) -> Sessions:
        """Return arrays (sessions, trials, ...), shorter sessions padded with zeros and masked.

        Raises `ShapeError` if ``exact`` is true and sessions differ in length.

        Example:
            >>> recording = Recording(np.eye(3), np.ones((3, 1)), [7, 7, 8])
            >>> recording.as_sessions().mask.tolist()
            [[True, True], [True, False]]
        """
        return cut_sessions(self, exact)


@dataclass(frozen=True, repr=False)
class Cultures:
    """The recordings of one file, and the reason for each that cannot be read.

    Attributes:
        condition: Label of the experimental condition.
        recordings: Recording of each culture, by its 0-based number in the file.
        failures: One sentence for each culture that cannot be read, by its number.

    Example:
        >>> Cultures("control", {0: Recording(np.eye(2), np.ones((2, 3)), [0, 1])})
        Cultures(condition='control', recordings=1, failures=0)
    """

    condition: str
    recordings: Mapping[int, Recording]
    failures: Mapping[int, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Return the condition and how many cultures there are, in one line."""
        return (
            f"Cultures(condition={self.condition!r}, recordings={len(self.recordings)}, "
            f"failures={len(self.failures)})"
        )

    def _repr_html_(self) -> str:
        rows = [{"culture": k, **r._sizes()} for k, r in self.recordings.items()]
        reasons = "".join(
            f"<li>culture {k}: {escape(reason)}</li>" for k, reason in self.failures.items()
        )
        unread = f"<p>Cultures that cannot be read:</p><ul>{reasons}</ul>" if reasons else ""
        return f"<p><b>{escape(self.condition)}</b></p>{_html_table(rows)}{unread}"

    def to_dataframe(self) -> DataFrame:
        """Return the long tables of all recordings with the columns ``condition`` and ``culture``.

        Raises `MissingDependencyError` without pandas.

        Example:
            >>> recording = Recording(np.eye(2), np.ones((2, 3)), [0, 1])
            >>> len(Cultures("control", {0: recording, 2: recording}).to_dataframe())
            12
        """
        import pandas

        tables = [recording.to_dataframe() for recording in self.recordings.values()]
        for k, table in zip(self.recordings, tables):
            table.insert(0, "culture", k)
            table.insert(0, "condition", self.condition)
        return pandas.concat(tables, ignore_index=True) if tables else pandas.DataFrame()


def _html_table(rows: Sequence[Mapping[str, object]]) -> str:
    names = list(dict.fromkeys(name for row in rows for name in row))
    head = "".join(f"<th>{name}</th>" for name in names)
    body = "".join(
        f"<tr>{''.join(f'<td>{row.get(name, str())}</td>' for name in names)}</tr>" for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _set(recording: Recording, name: str, values: NDArray[Any]) -> None:
    frozen = values.view()  # the caller's own array stays writeable
    frozen.flags.writeable = False
    object.__setattr__(recording, name, frozen)
