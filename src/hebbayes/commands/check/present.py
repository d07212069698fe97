"""How the contents of a file are shown: as a recording, or as behaviour."""

import shlex
from dataclasses import replace
from typing import TYPE_CHECKING

from hebbayes.commands.check.behaviour import behaviour_command, behaviour_outcome
from hebbayes.commands.check.proposals import options_of
from hebbayes.commands.check.recordings import recording_outcome
from hebbayes.data.readers import TASK_WINDOW_S

if TYPE_CHECKING:
    from hebbayes.commands.check.run import CheckResult
    from hebbayes.commands.running.outcome import Outcome


PROPOSED = (
    "The flags below that you did not pass are proposed from the names and values of columns; "
    "change them where they are wrong."
)
_WINDOW = (
    "The window of 0 to 0.5 s suits trials that are seconds apart; the default, 10 to 30 ms, suits "
    "responses to brief pulses."
)


def present(result: "CheckResult") -> "Outcome":
    """Return what was read, what was dropped and why, all warnings, and the next command."""
    if result.held is None:
        assert result.behaviour is not None
        remarks = [f"As a recording: {result.reason}"] if _may_be_recording(result) else []
        return behaviour_outcome(result.config, result.behaviour, remarks)
    remarks = [PROPOSED] if result.is_proposed else []
    if result.is_proposed and options_of(result.config)["window"] == TASK_WINDOW_S:
        remarks.append(_WINDOW)
    command: list[str] = []
    if result.behaviour is not None and result.config.file is not None:
        command = behaviour_command(result.config.file, result.behaviour)
        remarks += [f"Its trials alone are behaviour: {shlex.join(command)}"]
    shown = recording_outcome(result.config, result.held, remarks)
    return replace(shown, summary={**shown.summary, "behaviour_command": command})


def _may_be_recording(result: "CheckResult") -> bool:
    """Whether a file of behaviour has a format that is meant for recordings."""
    assert result.behaviour is not None
    form = str(result.behaviour.provenance.get("format"))
    return form.startswith("NWB") and bool(result.reason)
