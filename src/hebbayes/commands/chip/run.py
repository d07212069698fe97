"""From a spec to a scored, built and verified core."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hebbayes.commands.running.progress import DEFAULT_PROGRESS, Progress
from hebbayes.commands.running.result import CommandResult
from hebbayes.core.checks import check_at_least, check_between, check_seed
from hebbayes.core.errors import FormatError, ValueRangeError

if TYPE_CHECKING:
    from hebbayes.commands.configs import ChipConfig
    from hebbayes.commands.running.checkpoint import Checkpoint
    from hebbayes.neuromorphic.search import Candidate
    from hebbayes.neuromorphic.simulation import Rung
    from hebbayes.neuromorphic.spec import DeviceSpec

_MOST_STEPS, _MOST_RUNS = 1_000_000, 1000


@dataclass(frozen=True, eq=False)
class ChipResult(CommandResult):
    """A core, and what is known of it.

    Attributes:
        config: Options of the command.
        spec: The core.
        chosen: Its score and costs; None for verify.
        candidates: All cores that were scored.
        rungs: What each rung of the ladder found.
        events: What the verified run counted, e.g. halvings.
        files: Name -> text of the core's files.
        tools: Tool -> version or "absent".
        seconds: Wall time.
    """

    config: "ChipConfig"
    spec: "DeviceSpec"
    chosen: "Candidate | None"
    candidates: "list[Candidate]"
    rungs: "list[Rung]"
    events: dict[str, int]
    files: dict[str, str]
    tools: dict[str, str]
    seconds: float


def run(
    config: "ChipConfig",
    *,
    progress: Progress = DEFAULT_PROGRESS,
    checkpoint: "Checkpoint | None" = None,
) -> ChipResult:
    """Return the core that was asked for.  Too short to need a checkpoint.

    Raises `HebbayesError` if the spec cannot be read or built.
    """
    from hebbayes.neuromorphic.tools import find_tools

    del checkpoint
    started = time.perf_counter()
    _check(config)
    spec, sources = _read(config)
    if spec.outputs:
        raise ValueRangeError(
            f"chip {config.what} takes cores without decisions; got outputs = {spec.outputs}. Set "
            "outputs = 0."
        )
    candidates = [] if config.what == "verify" else _score(config, spec, progress)
    chosen = _choose(config, candidates)
    spec = chosen.spec if chosen else spec
    rungs, events, files = _build(config, spec, sources, progress)
    seconds = time.perf_counter() - started
    return ChipResult(config, spec, chosen, candidates, rungs, events, files, find_tools(), seconds)


def _check(config: "ChipConfig") -> None:
    from hebbayes.neuromorphic.verification import rungs_of

    check_between("--target-accuracy", config.target_accuracy, 0.0, 1.0)
    for name, value, most in (
        ("--steps", config.steps, _MOST_STEPS),
        ("--runs", config.runs, _MOST_RUNS),
    ):
        check_at_least(name, value, 1)
        if value > most:
            raise ValueRangeError(f"{name} must be at most {most}; got {value}.")
    check_seed(config.seed)
    rungs_of(config.rungs)


def _read(config: "ChipConfig") -> "tuple[DeviceSpec, dict[str, str]]":
    """Return the spec, and the sources of a folder that is verified."""
    from hebbayes.neuromorphic.spec import DeviceSpec, read_spec

    path = config.file
    if path is None:
        return DeviceSpec(), {}
    if not path.is_dir():
        return read_spec(path), {}
    if config.what != "verify":
        raise FormatError(
            f"{path} is a folder; chip {config.what} wants a spec, such as {path / 'spec.json'}."
        )
    inner = path / "core" if (path / "core" / "spec.json").is_file() else path
    return read_spec(inner / "spec.json"), _sources_in(inner)


def _sources_in(folder: Path) -> dict[str, str]:
    names = ("core_inference.v", "core_lfsr.v", "core_inference.h", "core_inference.c")
    try:
        return {name: (folder / name).read_text(encoding="utf-8") for name in names}
    except (OSError, ValueError) as error:
        raise FormatError(
            f"{folder} is not a core that `hebbayes chip build` wrote: {error}."
        ) from error


def _score(config: "ChipConfig", spec: "DeviceSpec", progress: Progress) -> "list[Candidate]":
    from hebbayes.neuromorphic.search import assess, neighbours

    specs = [spec] if config.what == "build" else list(neighbours(spec))
    seeds = range(config.seed, config.seed + config.runs)
    progress.start("scoring cores", len(specs))
    scored = []
    for one in specs:
        scored.append(assess(one, config.steps, seeds))
        progress.advance()
    return scored


def _choose(config: "ChipConfig", candidates: "list[Candidate]") -> "Candidate | None":
    """Return the cheapest core that reaches the target; the best one if none does."""
    from hebbayes.neuromorphic.search import cheapest

    if not candidates:
        return None
    best = max(candidates, key=lambda one: one.accuracy)
    return cheapest(candidates, config.target_accuracy) or best


def _build(
    config: "ChipConfig", spec: "DeviceSpec", sources: dict[str, str], progress: Progress
) -> "tuple[list[Rung], dict[str, int], dict[str, str]]":
    """Return what the rungs found, what the run counted, and the files of the core."""
    from hebbayes.neuromorphic.spec import spec_text
    from hebbayes.neuromorphic.verification import climb, core_files, rungs_of, vectors_of

    if config.what not in ("build", "verify"):
        return [], {}, {"spec.json": spec_text(spec)}
    seed, wanted = config.seed % 2**31, rungs_of(config.rungs)
    progress.start("verifying", len(wanted))
    rungs = []
    for rung in wanted:
        rungs += climb(spec, config.steps, [rung], seed=seed, sources=sources)[0]
        progress.advance()
    vectors = vectors_of(spec, config.steps, seed)
    files = {"spec.json": spec_text(spec)} | core_files(spec, vectors) | sources
    return rungs, vectors.ran.events, files
