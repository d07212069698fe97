"""A column has one role: which columns of a mapping are named twice, and where that makes sense."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from hebbayes.core.errors import ValueRangeError, shown_text
from hebbayes.data.behaviour.mapping import SETTINGS

if TYPE_CHECKING:
    from hebbayes.data.behaviour.mapping import Mapping

_RESULTS = ("choice", "outcome", "reward", "feedback", "risk")
_NO_COLUMN = "none"


def check_roles(mapping: Mapping) -> None:
    """Raise `ValueRangeError` if a column has two roles that exclude each other.

    A choice or an outcome has no other role, and subjects are neither their groups nor trials.  A
    stimulus may be the required choice, and with ``withheld`` a choice may be a response time.

    Example:
        >>> from hebbayes.data.behaviour.mapping import Mapping
        >>> check_roles(Mapping(instructed="side", stimulus="side"))
        >>> check_roles(Mapping(choice="lick", outcome="lick"))
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.ValueRangeError: --choice and --outcome both name the column 'lick'; \
a column has one of these roles: name another column, or leave one flag out.
    """
    roles = [
        (role, column)
        for role, value in mapping.stated().items()
        if role not in SETTINGS
        for column in ((value,) if isinstance(value, str) else value)
        if column != _NO_COLUMN
    ]
    for (one, column), (other, again) in combinations(roles, 2):
        if column != again:
            continue
        if one == other:
            raise ValueRangeError(
                f"{_flag(one)} names the column {shown_text(repr(column), 60)} twice; name it once."
            )
        if _is_contradiction(one, other, is_timed=mapping.withheld is not None):
            raise ValueRangeError(
                f"{_flag(one)} and {_flag(other)} both name the column "
                f"{shown_text(repr(column), 60)}; a column has one of these roles: name another "
                "column, or leave one flag out."
            )


def _is_contradiction(one: str, other: str, *, is_timed: bool) -> bool:
    pair = {one, other}
    if pair == {"choice", "response_time"}:
        return not is_timed
    return bool(pair & set(_RESULTS)) or pair in ({"subject", "group"}, {"subject", "trial"})


def _flag(role: str) -> str:
    return f"--{role.replace('_', '-')}"
