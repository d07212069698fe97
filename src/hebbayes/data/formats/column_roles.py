"""The role of each column of a stimulus table: stated by its name, or by the user.

Channels are columns called ``channel_*`` or ``stimulus_*``.  No other column becomes a stimulus
unless the user says so, and a column whose name suggests behaviour needs a stated role.
"""

from collections.abc import Mapping, Sequence

from hebbayes.core.errors import FormatError, ValueRangeError, shown_names

NAMED = ("session", "trial", "onset_s", "decision", "risk", "window_start_s", "window_end_s")
"""Roles that are also names of columns, in capitals or not."""

CHANNEL, SOURCE, REWARD, UNUSED = "channel", "source", "reward", "none"
ROLES = (*NAMED, CHANNEL, SOURCE, REWARD, UNUSED)
"""Roles that a user can state; the risk of a ``reward`` is 1 - reward."""

PREFIXES = {"channel_": CHANNEL, "stimulus_": CHANNEL, "stim_": CHANNEL, "source_": SOURCE}

_BEHAVIOUR = (
    *("action", "choice", "correct", "error", "feedback", "hit", "latency", "outcome"),
    *("punishment", "reactiontime", "response", "responsetime", "reward", "rt"),
)


def parse_roles(text: str | None) -> dict[str, str]:
    """Return the roles of columns from text such as ``choice=decision,block=none``.

    Raises `ValueRangeError` for an unknown role.

    Example:
        >>> parse_roles("choice=decision, rt=none")
        {'choice': 'decision', 'rt': 'none'}
    """
    pairs = [part.rpartition("=") for part in (text or "").split(",") if part.strip()]
    for name, _, role in pairs:
        if not name.strip() or role.strip() not in ROLES:
            raise ValueRangeError(
                f"columns must be COLUMN=ROLE, comma-separated, each role one of "
                f"{', '.join(ROLES)}; got {name}={role}."
            )
    return {name.strip(): role.strip() for name, _, role in pairs}


def assign_roles(
    header: Sequence[str], stated: Mapping[str, str], place: str
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the role of each column, and a warning if some are not used.

    Raises `FormatError` if a column may be behaviour, two share a role, or a stated one is missing.

    Example:
        >>> assign_roles(["session", "trial", "channel_0", "block"], {}, "a.csv")
        ({'session': 'session', 'trial': 'trial', 'channel_0': 'channel', 'block': 'none'},
        ('a.csv has columns that are not used: block; state a role with --columns, such as
        block=channel, to use one.',))
    """
    if absent := [name for name in stated if name not in header]:
        raise FormatError(f"{place} has no column {absent[0]}; it has {shown_names(header)}.")
    roles = {name: stated.get(name) or _role(name) for name in header}
    for name, role in roles.items():
        if role == UNUSED and name not in stated and _is_behaviour(name):
            raise FormatError(
                f"{place} has the column {name}, which may be behaviour; state its role with "
                f"--columns {name}=decision, {name}=reward (risk is 1 - reward), {name}=risk, or "
                f"{name}=none to leave it out."
            )
    named = [role for role in roles.values() if role in (*NAMED, REWARD)]
    named = ["risk" if role == REWARD else role for role in named]
    if twice := [role for role in NAMED if named.count(role) > 1]:
        raise FormatError(f"{place} has two columns for {twice[0]}; state a role with --columns.")
    unused = [name for name, role in roles.items() if role == UNUSED and name not in stated]
    if not unused:
        return roles, ()
    shown = shown_names(unused)
    example = max(unused, key=_is_time)
    role = "onset_s" if _is_time(example) else CHANNEL
    return roles, (
        f"{place} has columns that are not used: {shown}; state a role with --columns, such as "
        f"{example or 'NAME'}={role}, to use one.",
    )


def check_channels(roles: Mapping[str, str], place: str) -> None:
    """Raise `FormatError` if no column is a channel.

    Example:
        >>> check_channels({"session": "session", "trial": "trial", "tone": "none"}, "a.csv")
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: a.csv has no stimulus; wanted columns such as channel_0 or
        stimulus_0, or roles from --columns, such as tone=channel; it has session, trial, tone.
    """
    if CHANNEL not in roles.values():
        unused = next((name for name, role in roles.items() if role == UNUSED and name), "NAME")
        raise FormatError(
            f"{place} has no stimulus; wanted columns such as channel_0 or stimulus_0, or roles "
            f"from --columns, such as {unused}=channel; it has {', '.join(roles)}."
        )


def is_channel(name: str) -> bool:
    """Return whether the name of a column says that it is a channel.

    Example:
        >>> is_channel("Channel_3"), is_channel("tone")
        (True, False)
    """
    return _role(name) == CHANNEL


def label_of(name: str) -> str:
    """Return the name of a channel without its prefix.

    Example:
        >>> label_of("channel_3"), label_of("tone")
        ('3', 'tone')
    """
    prefix = next((p for p in PREFIXES if name.casefold().startswith(p)), "")
    return name[len(prefix) :]


def _role(name: str) -> str:
    small = name.casefold()
    if small in NAMED:
        return small
    return next((role for prefix, role in PREFIXES.items() if small.startswith(prefix)), UNUSED)


def _is_time(name: str) -> bool:
    return any(word in name.casefold() for word in ("onset", "time"))


def _is_behaviour(name: str) -> bool:
    plain = name.casefold().replace("_", "").replace(" ", "").replace("-", "")
    is_plural = plain.endswith("s") and plain != "s"
    return plain in _BEHAVIOUR or (is_plural and plain[:-1] in (*_BEHAVIOUR, "decision", "risk"))
