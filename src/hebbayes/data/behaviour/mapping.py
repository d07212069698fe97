"""Which column of a table is what: the mapping that a user states, as text, flags or TOML.

Lists are comma-separated; a name that holds a comma stands in double quotes, as in CSV.  The same
record goes in (`Mapping`) and comes back filled in, as the flags of the next command (`flags`).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from hebbayes.core.errors import FormatError, ValueRangeError, shown_text
from hebbayes.data.limits import read_toml

CODINGS = ("binary", "onehot", "graded", "signed")
"""How a column becomes channels: see `hebbayes.data.behaviour.columns.stimuli`."""

SETTINGS = ("values", "missed", "withheld", "coding", "outcome_range", "where")
"""Fields of a `Mapping` that name no column of their own."""

OUTCOMES = ("outcome", "reward", "feedback")
"""Fields of a `Mapping` that name what followed a choice, apart from its risk."""

NONE = "none"
"""Name that a user gives to a role that no column has."""

UNKNOWN = "none"
"""In ``values``: the outcome is unknown, and the trial missed if the choice follows from it."""

_LISTS = ("outcome", "stimulus", "activity", "missed")
_PAIRS = ("values", "coding", "where")


@dataclass(frozen=True, kw_only=True)
class Mapping:
    """The columns of a table of trials; each field takes text or Python values.

    Attributes:
        subject: Column with the name of the subject.
        group: Column with the group of the subject.
        session: Column with the session or block.
        trial: Column with the number of the trial within its session.
        choice: Column with the choice.
        instructed: Column with the choice that was required; with outcomes that say whether it was
            made, the choice follows.
        outcome: Column with what followed, in any range; with two columns, gain and loss, the
            first minus the size of the second.
        reward: Column with the reward.
        feedback: Column with positive or negative feedback.
        risk: Column with the risk, 0 (best) to 1 (worst).
        stimulus: Columns with stimuli.
        response_time: Column with the response time in seconds.
        activity: Columns with recorded activity.
        values: Risk of each value of the outcome, 0 to 1, or none if it is unknown.
        missed: Values of the choice that mean that none was made.
        withheld: Name of the choice that an empty one is, in go/no-go tasks; with it, the choice
            may be a response time, and any time is a response.
        coding: Coding of stimulus columns: binary, onehot, graded or signed.
        outcome_range: Outcomes with risk 1 and 0; by default the least and the largest.
        where: Columns and the value that rows must have to be read.

    Example:
        >>> Mapping(choice="lick", stimulus="tone,light", values="hit=0,miss=1")
        Mapping(choice='lick', stimulus=('tone', 'light'), values={'hit': 0.0, 'miss': 1.0})
    """

    subject: str | None = None
    group: str | None = None
    session: str | None = None
    trial: str | None = None
    choice: str | None = None
    instructed: str | None = None
    outcome: Any = ()
    reward: str | None = None
    feedback: str | None = None
    risk: str | None = None
    stimulus: Any = ()
    response_time: str | None = None
    activity: Any = ()
    values: Any = field(default_factory=dict)
    missed: Any = ()
    withheld: str | None = None
    coding: Any = field(default_factory=dict)
    outcome_range: Any = None
    where: Any = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Turn text into lists, pairs and numbers, and check them."""
        for name in _LISTS:
            _set(self, name, _listed(getattr(self, name)))
        for name in _PAIRS:
            _set(self, name, _paired(name, getattr(self, name)))
        _set(self, "values", {name: _risk(name, text) for name, text in self.values.items()})
        _set(self, "outcome_range", _range(self.outcome_range))
        if len(self.outcome) > 2:
            raise ValueRangeError(
                f"--outcome takes one column, or two (gain and loss); got {len(self.outcome)}."
            )
        for column, coding in self.coding.items():
            if coding not in CODINGS:
                raise ValueRangeError(
                    f"--coding must be COLUMN=CODING, comma-separated, each coding one of "
                    f"{', '.join(CODINGS)}; got {column}={coding}."
                )

    def __repr__(self) -> str:
        """Return the fields that are stated."""
        return f"Mapping({', '.join(f'{k}={v!r}' for k, v in self.stated().items())})"

    def stated(self) -> dict[str, Any]:
        """Return the fields that are stated, by name.

        Example:
            >>> Mapping(choice="lick").stated()
            {'choice': 'lick'}
        """
        held = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: value for name, value in held.items() if value not in (None, (), {}, "")}

    def columns(self) -> dict[str, str]:
        """Return the role of each column that is named.

        Example:
            >>> Mapping(choice="lick", stimulus=["tone"]).columns()
            {'lick': 'choice', 'tone': 'stimulus'}
        """
        roles: dict[str, str] = {}
        for role, value in self.stated().items():
            if role not in SETTINGS:
                for column in (value,) if isinstance(value, str) else value:
                    roles.setdefault(column, role)
        return roles

    def flags(self) -> list[str]:
        """Return the words of a command line that state this mapping.

        Example:
            >>> Mapping(choice="key", outcome="pay", outcome_range=(-1, 1)).flags()
            ['--choice', 'key', '--outcome', 'pay', '--outcome-range=-1,1']
        """
        words: list[str] = []
        for name, value in self.stated().items():
            flag, text = f"--{name.replace('_', '-')}", as_text(name, value)
            words += [f"{flag}={text}"] if text.startswith("-") else [flag, text]
        return words

    def filled_with(self, proposed: Mapping) -> Mapping:
        """Return this mapping with the fields that it does not state taken from another.

        Example:
            >>> Mapping(choice="a").filled_with(Mapping(choice="b", group="c"))
            Mapping(group='c', choice='a')
        """
        stated = self.stated()
        new = {name: value for name, value in proposed.stated().items() if name not in stated}
        return replace(self, **new) if new else self


FIELDS = tuple(each.name for each in fields(Mapping))
"""Names of the fields of a `Mapping`."""


def mapping_of(flags: Any) -> Mapping:
    """Return the mapping that a record of flags states, and the TOML file that it names.

    ``flags`` has the fields of `Mapping` as text, and ``mapping``, the path of a TOML file with the
    same keys; a flag outranks the file.

    Example:
        >>> from types import SimpleNamespace
        >>> mapping_of(SimpleNamespace(choice="lick", stimulus="tone,light", mapping=None))
        Mapping(choice='lick', stimulus=('tone', 'light'))
    """
    given = {name: value for name in FIELDS if (value := getattr(flags, name, None)) is not None}
    stated = Mapping(**given)
    file = getattr(flags, "mapping", None)
    return stated if file is None else stated.filled_with(read_mapping(Path(file)))


def read_mapping(path: Path) -> Mapping:
    """Return the mapping in a TOML file.  Raises `FormatError`.

    Example:
        >>> read_mapping(Path("absent.toml"))
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: cannot read absent.toml: No such file or directory.
    """
    held = read_toml(path, "a mapping names a few columns")
    stated = {name.replace("-", "_"): value for name, value in held.items()}
    for name, value in stated.items():
        if name not in FIELDS:
            close = get_close_matches(name, FIELDS, n=1)
            known = f"did you mean {close[0]!r}" if close else f"it may have {', '.join(FIELDS)}"
            raise FormatError(f"{path} has the unknown key {shown_text(name, 60)!r}; {known}.")
        allowed = (*((dict,) if name in _PAIRS else ()), *((list,) if _takes_list(name) else ()))
        if not isinstance(value, (str, *allowed)):
            raise FormatError(f"{name} in {path} must be text; got {shown_text(repr(value), 60)}.")
    return Mapping(**stated)


def _takes_list(name: str) -> bool:
    return name in _LISTS or name == "outcome_range"


def as_text(name: str, value: Any) -> str:
    """Return the text that a flag takes for the field ``name``.

    Example:
        >>> as_text("values", {"hit": 0.0, "early, late": None})
        'hit=0,"early, late=none"'
    """
    if isinstance(value, str):
        return value
    if isinstance(value, AnyMapping):
        return _line(f"{key}={_number_text(one)}" for key, one in value.items())
    return _line(map(_number_text, value))


def _number_text(value: Any) -> str:
    if value is None:
        return UNKNOWN
    if isinstance(value, float):
        return str(int(value)) if value % 1 == 0 else repr(float(value))
    return str(value)


def _line(cells: Iterable[str]) -> str:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="").writerow(list(cells))
    return stream.getvalue()


def _listed(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        rows = list(csv.reader([value], skipinitialspace=True))
        return tuple(cell.strip() for row in rows for cell in row if cell.strip())
    return tuple(str(one) for one in value or ())


def _paired(name: str, value: Any) -> dict[str, Any]:
    if isinstance(value, AnyMapping):
        return {str(key): one for key, one in value.items()}
    pairs = [cell.rpartition("=") for cell in _listed(value)]
    for key, equals, one in pairs:
        if not equals or not key.strip() or not one.strip():
            wanted = {"values": "VALUE=RISK", "coding": "COLUMN=CODING"}.get(name, "COLUMN=VALUE")
            raise ValueRangeError(
                f"--{name} must be {wanted}, comma-separated; got {key or one!r}."
            )
    return {key.strip(): one.strip() for key, _, one in pairs}


def _risk(name: str, value: Any) -> float | None:
    if value is None or (isinstance(value, str) and value.strip().casefold() == UNKNOWN):
        return None
    try:
        risk = float(value)
    except (TypeError, ValueError):
        risk = -1.0
    if not 0 <= risk <= 1:
        raise ValueRangeError(
            f"--values must give each value a risk from 0 to 1, or none; got {name}={value}."
        )
    return risk


def _range(value: Any) -> tuple[float, float] | None:
    if value is None:
        return None
    cells = _listed(value) if isinstance(value, str) else tuple(value)
    try:
        low, high = map(float, cells)
    except (TypeError, ValueError):
        low, high = 0.0, 0.0
    if not -float("inf") < low < high < float("inf"):
        raise ValueRangeError(
            f"--outcome-range must be two numbers, LOW,HIGH, the low one first; got {value}."
        )
    return low, high


def _set(mapping: Mapping, name: str, value: Any) -> None:
    object.__setattr__(mapping, name, value)
