"""What is known before the sessions of a table that are held out: settings and fits rest on it.

Nothing else of a held-out session may reach them: neither its choices nor its outcomes.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from hebbayes.data.behaviour import Behaviour

_HELD_SHARE = 4  # one session of so many is held out by default


def held_out_trials(behaviour: "Behaviour", n_held: int | None) -> NDArray[np.bool_]:
    """Return the trials (trials,) of the last ``n_held`` sessions of every subject.

    None stands for a quarter of its sessions, at least one.  Of a subject without as many sessions
    and one more, none is held out.

    Example:
        >>> from hebbayes.data.behaviour import Behaviour
        >>> two = Behaviour([0] * 5, np.ones((5, 1)), subject=[0, 0, 0, 1, 1],
        ...                 session=[0, 1, 1, 0, 0])
        >>> held_out_trials(two, None).tolist()
        [False, True, True, False, False]
    """
    session = behaviour.session_index
    n_sessions = np.zeros(behaviour.n_subjects, np.int64)
    np.maximum.at(n_sessions, behaviour.subject, session + 1)
    n = np.maximum(n_sessions // _HELD_SHARE, 1) if n_held is None else n_held
    first = np.where(n < n_sessions, n_sessions - n, n_sessions)
    return np.asarray(session >= first[behaviour.subject])


def trials_of_table(behaviour: "Behaviour", is_kept: NDArray[np.bool_]) -> "Behaviour":
    """Return these trials (trials,) of a table, some of every subject.

    Example:
        >>> from hebbayes.data.behaviour import Behaviour
        >>> table = Behaviour([0, 1, 1], np.ones((3, 1)), session=[0, 1, 1])
        >>> trials_of_table(table, ~held_out_trials(table, 1)).choice.tolist()
        [0]
    """
    from hebbayes.data.behaviour.container import PER_TRIAL

    held = {name: getattr(behaviour, name) for name in PER_TRIAL}
    return replace(
        behaviour, **{name: one[is_kept] for name, one in held.items() if one is not None}
    )
