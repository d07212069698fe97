"""A recording whose columns nobody named: read as their names and values suggest, and said so."""

import shlex
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hebbayes.commands.check.recordings import next_command
from hebbayes.core.errors import FormatError, HebbayesError
from hebbayes.data.readers import MAPPING, ReadingOptions
from hebbayes.data.reading import read_recording

if TYPE_CHECKING:
    from hebbayes.commands.configs import CheckConfig, ReadingConfig
    from hebbayes.data.recording import Cultures

_SORT = "--sort-spikes"
_NO_SPIKES = "no spikes"
_WINDOW = ("window_start_s", "window_end_s")


def options_of(config: "ReadingConfig") -> dict[str, Any]:
    """Return the options for reading that a config states, by name.

    Example:
        >>> from hebbayes.commands.configs import ReadingConfig
        >>> options_of(ReadingConfig(window_end_s=0.05))["window"]
        (0.01, 0.05)
    """
    names = [name for name in vars(ReadingOptions()) if name != "window"]
    return {
        **{name: getattr(config, name) for name in names},
        "window": tuple(getattr(config, name) for name in _WINDOW),
    }


def proposed_recording(
    config: "CheckConfig", error: HebbayesError
) -> "tuple[CheckConfig, Cultures] | None":
    """Return a config with flags that the file suggests, and what it reads; None if there are none.

    ``error`` is why the file cannot be read as it is.  Spikes out of order are sorted only beside
    other flags that nobody stated.  Raises `FormatError`, with the flags that are clear, if one
    that is not clear is missing.

    Example:
        >>> from pathlib import Path
        >>> from hebbayes.commands.configs import CheckConfig
        >>> proposed_recording(CheckConfig(file=Path("no-such.csv")), HebbayesError("")) is None
        True
    """
    from hebbayes.data.columns.proposal import proposed_options  # few files need it

    if config.file is None or _SORT in str(error):
        return None
    options = proposed_options(config.file, ReadingOptions(**options_of(config)))
    for _ in range(2):
        if options is None:
            return None
        try:
            held = read_recording(config.file, **vars(options))
        except HebbayesError as other:
            if _SORT in str(other) and not options.sort_spikes:
                options = replace(options, sort_spikes=True)
                continue
            if str(other) == str(error) or _NO_SPIKES in str(other):
                return None
            words = shlex.join(next_command(_stated(config, options))[3:])
            raise FormatError(
                f"{str(other).rstrip('.')}; the other flags may be {words}."
            ) from other
        return (_stated(config, options), held) if held.recordings else None
    return None


def with_choices(config: "CheckConfig", held: "Cultures") -> "tuple[CheckConfig, Cultures] | None":
    """Return what a recording holds with the choices that its columns suggest; None without any.

    Only if no flag names a column, and columns are left over.

    Example:
        >>> from hebbayes.commands.configs import CheckConfig
        >>> from hebbayes.data.recording import Cultures
        >>> with_choices(CheckConfig(), Cultures("a", {})) is None
        True
    """
    stated = ReadingOptions(**options_of(config)).changed() & MAPPING
    is_complete = all(
        one.decisions is not None or not one.provenance.get("not_used")
        for one in held.recordings.values()
    )
    if stated or is_complete:
        return None
    try:
        proposal = proposed_recording(config, HebbayesError(""))
    except HebbayesError:
        return None
    if proposal is None or all(r.decisions is None for r in proposal[1].recordings.values()):
        return None
    return proposal


def _stated(config: "CheckConfig", options: ReadingOptions) -> "CheckConfig":
    held = dict(vars(options))
    held |= dict(zip(_WINDOW, held.pop("window")))
    return replace(config, **held)
