"""Names that columns of trials go by, in the tables that people have.

Names are compared in small letters, without blanks, underscores, points and hyphens.  The first
name of a role that a table has is taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

SYNONYMS: dict[str, tuple[str, ...]] = {
    "subject": (
        *("subject", "subjid", "subjectid", "subj", "sub", "participant", "participantid", "pid"),
        *("participantcode", "subjectcode", "patientcode", "proband", "probandid", "vp", "vpn"),
        *("subjectname", "subjectnumber", "subjectnr", "animal", "animalid", "mouse", "mouseid"),
        *(
            "rat",
            "ratid",
            "ratname",
            "mousename",
            "animalname",
            "monkey",
            "patient",
            "patientid",
            "player",
            "id",
            "subjectuuid",
            "ss",
        ),
    ),
    "group": (
        *("group", "grp", "diagnosis", "cohort", "genotype", "patientgroup", "groupname", "arm"),
        *("subjectgroup", "groupid"),
    ),
    "session": (
        *("session", "sess", "sessionid", "sessionnumber", "sessionnum", "sessionnr", "eid"),
        *("sessiondate", "date", "day", "block", "blocknumber", "blocknum", "blockid", "blocknr"),
        *("run", "runid", "runnumber", "trainingsession", "testsession", "dayid", "sessid"),
    ),
    "trial": (
        *("trial", "trialnumber", "trialnum", "trialno", "trialnr", "trialid", "trialindex"),
        *("trials", "trialcount", "trialn", "trialidx", "trialinsession", "trialinblock"),
    ),
    "choice": (
        *("choice", "choices", "chosen", "choiceid", "decision", "decisions", "action", "actions"),
        *("chosenside", "chosenoption", "chosenaction", "response", "responses", "resp"),
        *("responseside", "responsechoice", "keypressed", "keypress", "key", "button", "lick"),
        *("buttonpress", "lickside", "licked", "selection", "selected", "subjectchoice"),
        *("animalchoice", "animalresponse", "pressed", "went", "pokedside", "choiceside"),
        *("subjectresponse", "chose", "choicekey", "wentright", "wentleft", "choseright"),
        *("choseleft", "respondedright", "pokedright", "mousechoice", "ratchoice"),
    ),
    "instructed": (
        *("instructed", "trialinstruction", "correctchoice", "correctside", "correctresponse"),
        *("correctaction", "correctanswer", "target", "targetside", "instruction", "type"),
        *("trialtype", "answer", "correctkey", "rewardedside", "cueside", "side"),
    ),
    "outcome": (
        *("outcome", "outcomes", "result", "payoff", "points", "correct", "accuracy", "acc"),
        *("iscorrect", "correctness", "success", "hit", "score", "wascorrect", "trialoutcome"),
    ),
    "reward": (
        *("reward", "rewards", "rewarded", "rew", "win", "won", "isrewarded", "rewardamount"),
        *("rewardreceived", "gotreward", "reinforced"),
    ),
    "feedback": ("feedback", "feedbacktype", "fb", "feedbackvalue"),
    "risk": ("risk",),
    "stimulus": (
        *("stimulus", "stim", "stimuli", "stimulusid", "stimid", "stimulusname", "cue", "cueid"),
        *("image", "imageid", "tone", "odor", "odour", "contrast", "signedcontrast", "coherence"),
        *("context", "state", "cuetype", "frequency", "signedstimulus", "stimulustype", "picture"),
        *("evidence", "stimulusside", "shape", "color", "colour", "orientation", "pattern"),
        *("signedcoherence", "motioncoherence", "conditionedstimulus", "stimname"),
    ),
    "response_time": (
        *("responsetime", "rt", "rts", "reactiontime", "rtime", "responselatency", "latency"),
        *("rtms", "responsetimes", "reactiontimes", "responsetimems", "reactiontimems", "choicert"),
        *("choicetime", "latencyms"),
    ),
}
"""Role to the plain names that state it, in order of preference."""

_PREFIXES = {
    "stimulus": ("channel_", "stimulus_", "stim_", "cue_", "input_"),
    "activity": ("activity_",),
}
"""Beginnings of names that are several columns of one role."""

_SIDES = (
    ("contrastleft", "contrastright"),
    ("leftcontrast", "rightcontrast"),
    ("visualstimulusleftcontrast", "visualstimulusrightcontrast"),
)
_SUFFIXES = {"choice": ".keys", "outcome": ".corr", "response_time": ".rt"}
"""Endings of the names that PsychoPy gives to what a keyboard component saves."""

_PLACES = (
    *("side", "stimside", "stimulusside", "position", "stimposition", "stimulusposition"),
    *("location", "stimlocation", "stimuluslocation", "hemifield", "visualfield"),
)
_CHOICE_LIKE = re.compile(r".*(choice|chosen|decision|action).*")
_SECOND = re.compile(r"(state|stage|level|step)2.*|.*transition.*")
_TIMES = ("time", "times", "onset", "offset", "duration", "start", "stop", "end", "onsets")
_NO_STIMULI = ("age", "sex", "gender", "weight", "handedness", "iq", "experimenter", "notes")
_UNITS = ("s", "sec", "secs", "seconds", "insec", "inseconds")


def plain_name(name: str) -> str:
    """Return a name in small letters, without blanks, underscores, points and hyphens.

    Example:
        >>> plain_name("Subj_ID"), plain_name("rt (ms)")
        ('subjid', 'rtms')
    """
    return "".join(c for c in name.casefold() if c.isalnum())


def named(role: str, names: Iterable[str]) -> list[str]:
    """Return the columns whose names state a role, the preferred one first.

    Example:
        >>> named("choice", ["response", "rt", "Choice"]), named("response_time", ["rt_s"])
        (['Choice', 'response'], ['rt_s'])
    """
    plain = {name: plain_name(name) for name in names}
    order = {word: k for k, word in enumerate(SYNONYMS.get(role, ()))}
    if role == "response_time":
        order |= {f"{word}{unit}": k for word, k in list(order.items()) for unit in _UNITS}
    found = [name for name in plain if plain[name] in order]
    saved = [n for n in plain if n not in found and n.endswith(_SUFFIXES.get(role, "\n"))]
    return sorted(found, key=lambda name: order[plain[name]]) + (saved if len(saved) == 1 else [])


def places(names: Iterable[str]) -> list[str]:
    """Return the columns whose names say where a stimulus was.

    Example:
        >>> places(["contrast", "side", "choice_side"])
        ['side']
    """
    return [name for name in names if plain_name(name) in _PLACES]


def like_choices(names: Iterable[str]) -> list[str]:
    """Return the columns whose names contain a word for a choice, but for required ones and times.

    Example:
        >>> like_choices(["level1_choice", "correct_choice", "choice_time", "state2"])
        ['level1_choice']
    """
    return [
        name
        for name in names
        if _CHOICE_LIKE.fullmatch(plain_name(name))
        and not plain_name(name).endswith((*_TIMES, "rt"))
        and not named("instructed", [name])
        and "correct" not in plain_name(name)
    ]


def second_stages(names: Iterable[str]) -> list[str]:
    """Return the columns of what follows within a trial: a second choice, its state, a transition.

    Example:
        >>> second_stages(["stage2_choice", "transition", "rt", "note"])
        ['stage2_choice', 'transition']
    """
    return [n for n in names if n in like_choices([n]) or _SECOND.fullmatch(plain_name(n))]


def numbered_alike(names: Iterable[str]) -> list[str]:
    """Return the columns that differ in a number alone, as those of several subjects do.

    Example:
        >>> numbered_alike(["trial", "S1", "S2", "S3"]), numbered_alike(["a1", "a2"])
        (['S1', 'S2', 'S3'], [])
    """
    held: dict[str, list[str]] = {}
    for name in names:
        if stem := re.fullmatch(r"(.*\D)0*[0-9]+", name):
            held.setdefault(stem[1], []).append(name)
    longest = max(held.values(), key=len, default=[])
    return longest if len(longest) >= 3 else []


def prefixed(role: str, names: Iterable[str]) -> list[str]:
    """Return the columns that belong to a role by the beginning of their names.

    Example:
        >>> prefixed("stimulus", ["channel_a", "channel_b", "rt"])
        ['channel_a', 'channel_b']
    """
    starts = _PREFIXES.get(role, ())
    return [
        name
        for name in names
        if starts and name.casefold().startswith(starts) and not plain_name(name).endswith(_TIMES)
    ]


def sides(names: Iterable[str]) -> list[str]:
    """Return the columns of the contrast on the left and on the right, if a table has both.

    Example:
        >>> sides(["contrastRight", "choice", "contrastLeft"])
        ['contrastLeft', 'contrastRight']
    """
    plain = {plain_name(name): name for name in names}
    for pair in _SIDES:
        if set(pair) <= set(plain):
            return [plain[side] for side in pair]
    return []


def is_no_stimulus(name: str) -> bool:
    """Whether the name of a column says that it is something else than a stimulus.

    Example:
        >>> is_no_stimulus("age"), is_no_stimulus("stop_time"), is_no_stimulus("tone_hz")
        (True, True, False)
    """
    plain = plain_name(name)
    others = (role for role in SYNONYMS if role not in ("stimulus", "instructed"))
    return (
        plain in _NO_STIMULI
        or plain.endswith(_TIMES)
        or name.startswith("Unnamed: ")
        or any(named(role, [name]) for role in others)
    )


def looks_like_behaviour(names: Iterable[str]) -> bool:
    """Whether a column is named like a choice or what followed it.

    Example:
        >>> looks_like_behaviour(["id", "Reward"]), looks_like_behaviour(["A", "B"])
        (True, False)
    """
    roles = ("choice", "outcome", "reward", "feedback", "risk")
    return any(named(role, [name]) for name in names for role in roles)


def may_be_used(name: str) -> bool:
    """Whether the name of a column states any role.

    Example:
        >>> may_be_used("Response"), may_be_used("temperature")
        (True, False)
    """
    return (
        any(named(role, [name]) for role in SYNONYMS)
        or any(prefixed(role, [name]) for role in _PREFIXES)
        or any(plain_name(name) in pair for pair in _SIDES)
    )
