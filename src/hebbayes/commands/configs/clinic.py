"""Config of the clinic.  Plain values only."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from hebbayes.commands.configs.behaviour import MappingConfig


@dataclass(frozen=True, kw_only=True)
class ClinicConfig(MappingConfig):
    """Which element of the circuit carries a wrong belief.  Research software, no medical device.

    Attributes:
        what: demo diagnoses simulated patients; check shows what a table can say; diagnose reads a
            table; recover simulates subjects with known elements; treat advises a correction for
            every subject of a table, or for simulated patients; symptoms shows what an impaired
            element does; persistence what stays after treatment; design which task separates which
            element; cultures compares two recordings.
        file: Table of trials; for cultures a recording.
        controls: Group of healthy subjects; by default a typical population is assumed.
        like: Table whose task recover simulates.
        trials: Trials per simulated subject.
        subjects: Simulated subjects of recover, and of demo.
        reliability: Assumed probability that a stimulus agrees with its state.
        new_stimuli: Whether every session teaches new stimuli, so that learning begins anew; auto
            scores both.
        extensions: Extensions of the theory, comma-separated: leak, stickiness, active-only,
            absolute-reward.
        impairment: Impairments of the one simulated patient of treat and symptoms, comma-separated
            ELEMENT=DOSE; by default a patient of each class.
        compare: Recording whose cultures are compared with those of the file.
        paired: Culture k is the same culture in both recordings.
        calibrate: Simulated subjects of the table's own task that recalibrate the odds; 0 takes
            the numbers of the embedded design.
        workers: Processes that share the subjects; 0 takes one per core.
        seed: Seed of everything random.
    """

    what: Literal[
        "demo",
        "check",
        "diagnose",
        "recover",
        "treat",
        "symptoms",
        "persistence",
        "design",
        "cultures",
    ] = "demo"
    file: Path | None = None
    controls: str | None = None
    like: Path | None = None
    trials: int = 600
    subjects: int = 60
    reliability: float = 0.95
    new_stimuli: Literal["auto", "yes", "no"] = "auto"
    extensions: str = ""
    impairment: str | None = None
    compare: Path | None = None
    paired: bool = False
    calibrate: int = 0
    workers: int = 0
    seed: int = 0
