"""Turns a command line, and the TOML file that it names, into one config record.

Flags come from the fields of the record (``e_right`` is ``--e-right``).  A TOML file given with
``--config`` sets what no flag sets; an unknown key is an error with a suggestion.
"""

import difflib
import inspect
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, is_dataclass
from pathlib import Path
from typing import Annotated, Any, get_type_hints

from cyclopts import App, CycloptsError, Group, Parameter, Token

import hebbayes
from hebbayes.cli.commands import COMMANDS, Command
from hebbayes.cli.terminal import PlainConsole
from hebbayes.core.errors import FormatError, HebbayesError, ValueRangeError

_LARGEST_SEED, _LARGEST_NUMBER = 2**63 - 1, 10**9
_RUN_GROUP = Group("Run", sort_key=1)


@dataclass(frozen=True)
class RunOptions:
    """Options of every command.

    Attributes:
        json: Print exactly one JSON object on standard output.
        out: Run folder to write: results, figures, report, provenance.
        force: Replace the run that the folder holds.
        resume: Continue an interrupted run; print the result of a finished one.
        config: TOML file with values for the flags, e.g. config.toml of a run folder.
        debug: Add the traceback to an error.
    """

    json: bool = False
    out: Path | None = None
    force: bool = False
    resume: bool = False
    config: Path | None = None
    debug: bool = False


@dataclass(frozen=True)
class Request:
    """A parsed command line.

    Attributes:
        command: The command to run.
        config: Its config record.
        options: Options that every command takes.
    """

    command: Command
    config: Any
    options: RunOptions


def parse(words: Sequence[str]) -> Request | None:
    """Return the request, or None if help or the version was printed.

    Raises `HebbayesError` with one sentence for a usage error.

    Example:
        >>> parse(["maze", "--e-right", "0.25", "--no-learning"]).config.learning
        False
    """
    try:
        request: Request | None = _app()(
            words, exit_on_error=False, print_error=False, result_action="return_value"
        )
    except CycloptsError as error:
        sentence = " ".join(str(error).split()).partition(" Available commands:")[0].rstrip(".?")
        named = [command.name for command in COMMANDS if command.name in words[:1]]
        help_words = " ".join(["hebbayes", *named, "--help"])
        raise HebbayesError(f"{sentence}; see `{help_words}`.") from error
    return request


def _app() -> App:
    app = App(
        name="hebbayes",
        help="Canonical neural networks as Bayesian agents: network in, generative model out.",
        help_epilogue="Start with: hebbayes demo",
        console=PlainConsole(),
        help_format="plaintext",  # Markdown would eat the asterisks of x*W
        version=lambda: hebbayes.__version__,
        config=_fill_from_toml,
    )
    for command in COMMANDS:
        app.command(_shell(command), name=command.name, help_epilogue=_epilogue(command))
    return app


def _epilogue(command: Command) -> str:
    """Return the last lines of a command's help."""
    names = command.plug_ins() if command.plug_ins else ()
    registered = f"Registered by other packages: {', '.join(names)}.  " if names else ""
    return f"{registered}Example: {command.example}"


def _shell(command: Command) -> Callable[..., Request]:
    """Return a function whose signature lists the command's fields and the common options."""
    signature = inspect.Signature([*_parameters(command), *_common_parameters()])

    def shell(*positional: Any, **named: Any) -> Request:
        given = signature.bind(*positional, **named).arguments
        common = {name: given.pop(name) for name in _names(RunOptions) if name in given}
        _check_values(given)
        return Request(command, command.config(**given), RunOptions(**common))

    shell.__signature__ = signature  # type: ignore[attr-defined]
    shell.__doc__ = (
        _description_of(command.config) + _description_of(RunOptions).partition("Attributes:")[2]
    )
    return shell


def _check_values(given: Mapping[str, Any]) -> None:
    """Raise `ValueRangeError` for values that no command takes."""
    for name, value in given.items():
        flag = f"--{name.replace('_', '-')}"
        if isinstance(value, (str, Path)) and "\0" in str(value):
            raise ValueRangeError(f"{flag} must not hold the NUL character; got {str(value)!r}.")
        low, high = (0, _LARGEST_SEED) if name == "seed" else (-_LARGEST_NUMBER, _LARGEST_NUMBER)
        if isinstance(value, int) and not low <= value <= high:
            wanted = f"at least {low}" if value < low else f"at most {high}"
            raise ValueRangeError(f"{flag} must be {wanted}; got {value}.")


def _parameters(command: Command) -> list[inspect.Parameter]:
    hints = get_type_hints(command.config)
    return [
        inspect.Parameter(
            field.name,
            inspect.Parameter.POSITIONAL_OR_KEYWORD
            if field.name in command.positionals
            else inspect.Parameter.KEYWORD_ONLY,
            default=inspect.Parameter.empty if field.default is MISSING else field.default,
            annotation=Annotated[
                hints[field.name],
                Parameter(
                    negative=None if field.default is True else (),  # --no-x if x is on by default
                    converter=_whole_number if hints[field.name] is int else None,
                ),
            ],
        )
        for field in sorted(
            fields(command.config),
            key=lambda field: (_place(command, field.name), field.default is not MISSING),
        )
    ]


def _place(command: Command, name: str) -> int:
    """Return the order of a field: those without a flag first."""
    places = command.positionals
    return places.index(name) if name in places else len(places)


def _whole_number(hint: type, tokens: Sequence[Token]) -> int:
    """Return an integer; a fraction is refused, not rounded."""
    value = tokens[0].value
    try:
        return int(value)
    except ValueError:
        raise ValueError(f"wanted a whole number; got {value}") from None


def _common_parameters() -> list[inspect.Parameter]:
    hints = get_type_hints(RunOptions)
    flag = Parameter(negative=(), group=_RUN_GROUP, show_default=False)
    return [
        inspect.Parameter(
            field.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=field.default,
            annotation=Annotated[hints[field.name], flag],
        )
        for field in fields(RunOptions)
    ]


def _names(record: type) -> list[str]:
    return [field.name for field in fields(record)]


def _description_of(record: type) -> str:
    """Return the record's docstring, and the attributes of the record that it extends."""
    text = inspect.cleandoc(record.__doc__ or "").rstrip() + "\n"
    extended = [base for base in record.__bases__ if is_dataclass(base)]
    return text + "".join(_description_of(base).partition("Attributes:\n")[2] for base in extended)


def _fill_from_toml(app: App, commands: tuple[str, ...], arguments: Any) -> None:
    """Give every argument without a flag its value in the ``--config`` file."""
    by_name = {argument.field_info.name: argument for argument in arguments}
    given = by_name["config"].tokens if "config" in by_name else ()
    if not given:
        return
    path = Path(given[0].value)
    values = read_toml(path)
    known = [name for name in by_name if name not in _names(RunOptions)]
    for key, value in values.items():
        if key not in known:
            raise FormatError(f"{path} has the unknown key {key!r}; {_suggestion(key, known)}.")
        if not isinstance(value, (str, int, float, bool)):
            kinds: dict[type, str] = {dict: "a table", list: "a list"}
            kind = kinds.get(type(value), "a date or time")
            raise FormatError(f"{key} in {path} must be a single value; got {kind}.")
        if not by_name[key].tokens:
            text = str(value).lower() if isinstance(value, bool) else str(value)
            by_name[key].append(Token(keyword=key, value=text, source=str(path)))


def _suggestion(key: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(key.replace("-", "_"), known, n=1)
    return f"did you mean {close[0]!r}" if close else f"it may have {', '.join(known)}"


def read_toml(path: Path) -> dict[str, Any]:
    """Return the content of a TOML file.  Raises `FormatError`.

    Example:
        >>> read_toml(Path("absent.toml"))
        Traceback (most recent call last):
            ...
        hebbayes.core.errors.FormatError: cannot read absent.toml: No such file or directory.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise FormatError(f"cannot read {path}: {error.strerror or error}.") from error
    except ValueError as error:
        raise FormatError(f"{path} is not TOML: {error}.") from error
    except RecursionError as error:
        raise FormatError(f"{path} is not TOML: it is nested too deeply.") from error
