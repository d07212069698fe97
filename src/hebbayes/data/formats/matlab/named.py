"""MATLAB files with names of their own: a struct of spikes, stim and onset, or such variables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from hebbayes.data.behaviour.readers.matlab import variables_of_file
from hebbayes.data.formats.named_arrays import holds_recording, named_recording
from hebbayes.data.provenance import versions, with_provenance

if TYPE_CHECKING:
    from hebbayes.core.errors import FormatError
    from hebbayes.data.readers import ReadingOptions
    from hebbayes.data.recording import Recording


def read_named(
    path: Path, options: ReadingOptions, *, otherwise: FormatError | None = None
) -> Recording:
    """Return the recording of a file whose fields have names of their own.

    Raises ``otherwise`` if no field is called like spikes, and `FormatError` if something is
    missing.

    Example:
        >>> from hebbayes.data.readers import ReadingOptions
        >>> read_named(Path("no-such.mat"), ReadingOptions())
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: cannot read no-such.mat: No such file or directory.
    """
    try:
        variables, provenance = variables_of_file(path)
    except Exception:
        if otherwise is not None:
            raise otherwise from None
        raise
    fields = _fields(variables, options)
    if otherwise is not None and not holds_recording(fields, options):
        raise otherwise
    made = named_recording(fields, str(path), options)
    library = "h5py" if provenance["format"] == "MATLAB v7.3" else "scipy"
    return with_provenance(made, {**provenance, "versions": versions(library)})


def _fields(variables: dict[str, Any], options: ReadingOptions) -> dict[str, Any]:
    """Return the fields of the struct that holds spikes, else the variables themselves."""
    for held in variables.values():
        if isinstance(held, dict) and (
            options.spikes in held if options.spikes else holds_recording(held, options)
        ):
            return {**variables, **held}
    return variables
