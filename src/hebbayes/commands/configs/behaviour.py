"""Configs of commands that read behaviour.  Plain values only."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class MappingConfig:
    """Which column of a table of trials is what, for every command that reads behaviour.

    Attributes:
        subject: Column with the name of the subject.
        group: Column with the group of the subject.
        session: Column with the session or block.
        trial: Column with the number of the trial within its session.
        choice: Column with the choice.
        instructed: Column with the required choice; with outcomes that say whether it was made, the
            choice follows.
        outcome: Column with what followed, in any range; COL,COL for gain and loss.
        reward: Column with the reward.
        feedback: Column with positive or negative feedback.
        risk: Column with the risk, 0 (best) to 1 (worst).
        stimulus: Columns with stimuli, comma-separated.
        response_time: Column with the response time in seconds.
        activity: Columns with recorded activity, comma-separated.
        values: Risk of each value of the outcome, comma-separated VALUE=RISK, 0 to 1; none if it
            is unknown. "correct=0,incorrect=1,ignore=none" is an example.
        missed: Values of the choice, comma-separated, that mean that none was made.
        withheld: Name of the choice that an empty one is, in go/no-go tasks; --choice may then be a
            response time, and any time is a response.
        coding: Codings of stimulus columns, comma-separated COLUMN=CODING; codings are binary,
            onehot, graded (0 to 1) and signed (one channel per side).
        outcome_range: Outcomes with risk 1 and 0, LOW,HIGH; by default the least and the largest.
        where: Rows to read, comma-separated COLUMN=VALUE.
        mapping: TOML file with the same keys; a flag outranks it.
    """

    subject: str | None = None
    group: str | None = None
    session: str | None = None
    trial: str | None = None
    choice: str | None = None
    instructed: str | None = None
    outcome: str | None = None
    reward: str | None = None
    feedback: str | None = None
    risk: str | None = None
    stimulus: str | None = None
    response_time: str | None = None
    activity: str | None = None
    values: str | None = None
    missed: str | None = None
    withheld: str | None = None
    coding: str | None = None
    outcome_range: str | None = None
    where: str | None = None
    mapping: Path | None = None


@dataclass(frozen=True, kw_only=True)
class BehaviourConfig(MappingConfig):
    """What choices say of every subject, without a single neuron.

    Attributes:
        file: Table of trials; by default the embedded simulated group.
        states: What decisions rest on: the stimuli, states that a canonical network infers from
            them, or recorded activity; auto takes the stimuli if all are 0 or 1.
        decision_rests_on: Trial whose state a decision rests on; auto scores both.
        new_stimuli: Whether every session teaches new stimuli, so that learning begins anew; auto
            scores both.
        reward_delay: Trials between a decision and learning from it, or auto, which scores 0 to 3.
        workers: Processes that share the subjects; 0 takes one per core.
        seed: Seed of everything random.
    """

    file: Path | None = None
    states: Literal["auto", "stimuli", "inferred", "activity"] = "auto"
    decision_rests_on: Literal["auto", "same", "previous"] = "auto"
    new_stimuli: Literal["auto", "yes", "no"] = "auto"
    reward_delay: str = "auto"
    workers: int = 0
    seed: int = 0
