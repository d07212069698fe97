"""One small file of every convention of behaviour, and what it holds, noted as it is written.

What is expected comes from the numbers that the file is written from, never from reading it.
`benchmarks/any_table.py` reads the same files for the table in the docs.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas
from hdmf_zarr import NWBZarrIO
from numpy.random import Generator
from pynwb import NWBHDF5IO, NWBFile
from pynwb.file import Subject
from scipy.io import savemat

from ..convention_file import ConventionFile
from ..formats.hdf5_mat import write_v73

N = 24
NAN = np.nan


@dataclass(frozen=True)
class Expected:
    """What a file holds, trial by trial.

    Attributes:
        choice: Label of each choice; None if the trial was missed.
        stimuli: (trials, channels).
        outcome: (trials,); NaN if unknown.
        risk: (trials,); NaN if unknown.
        subject: Label of the subject of each trial; None for a single one.
        session: Label of the session of each trial; None for a single one.
        group: Label of the group of each subject.
        response_time_s: (trials,).
    """

    choice: list
    stimuli: np.ndarray
    outcome: np.ndarray
    risk: np.ndarray
    subject: list | None = None
    session: list | None = None
    group: list | None = None
    response_time_s: np.ndarray | None = None


def one_hot(values, kinds) -> np.ndarray:
    return np.array([[float(value == kind) for kind in kinds] for value in values])


def alike(n: int = N) -> np.ndarray:
    """Stimuli of a table without any: one channel that is always on."""
    return np.ones((n, 1))


def choices_of_hbayesdm(path: Path, rng: Generator) -> Expected:
    subject, choice = np.repeat([4, 2], N // 2), rng.integers(1, 3, N)
    outcome = rng.choice([-1, 0, 1], N)
    outcome[:3] = [-1, 0, 1]
    rows = [f"{s}\t{k % 12 + 1}\t{c}\t{o}\t{k}" for k, (s, c, o) in
            enumerate(zip(subject, choice, outcome))]  # fmt: skip
    path.write_text("\n".join(["subjID\ttrial\tchoice\toutcome\tage", *rows]))  # no final newline
    return Expected(choice.tolist(), alike(), outcome, (1 - outcome) / 2, subject.tolist())


def gain_and_loss(path: Path, rng: Generator) -> Expected:
    choice, gain = rng.integers(1, 5, N), rng.choice([50, 100], N)
    loss = rng.choice([0, -50, -250], N)
    loss[:2], gain[:2] = [-250, 0], [50, 100]
    frame = {"trial": range(N), "subjID": 1001, "choice": choice, "gain": gain, "loss": loss}
    pandas.DataFrame(frame).to_csv(path, sep="\t", index=False)
    outcome = (gain + loss).astype(float)
    return Expected(choice.tolist(), alike(), outcome, (100 - outcome) / 300, [1001] * N)


def go_no_go(path: Path, rng: Generator) -> Expected:
    cue, pressed = rng.integers(1, 5, N), rng.integers(0, 2, N)
    outcome = rng.choice([-1, 0, 1], N)
    outcome[:2] = [-1, 1]
    frame = {"subjID": 7, "cue": cue, "keyPressed": pressed, "outcome": outcome}
    pandas.DataFrame(frame).to_csv(path, sep="\t", index=False)
    return Expected(
        pressed.tolist(), one_hot(cue, range(1, 5)), outcome, (1 - outcome) / 2, [7] * N
    )


def learning_and_memory(path: Path, rng: Generator) -> Expected:
    subject, block = np.repeat([1, 2], N // 2), np.tile(np.repeat([1, 2], N // 4), 2)
    stimulus, choice = rng.integers(1, 4, N), rng.integers(1, 4, N).astype(object)
    outcome, seconds = rng.integers(0, 2, N).astype(object), np.round(rng.uniform(0.3, 2, N), 3)
    choice[5] = outcome[5] = ""
    frame = {
        "subjID": subject,
        "group": np.where(subject == 1, "SZ", "HC"),
        "block": block,
        "set_size": 3,
        "trial": np.tile(np.arange(1, 7), 4),
        "stimulus": stimulus,
        "choice": choice,
        "correct_choice": 1,
        "outcome": outcome,
        "rt_s": seconds,
    }
    pandas.DataFrame(frame).to_csv(path, index=False)
    known = np.array([NAN if one == "" else one for one in outcome], float)
    return Expected(
        [None if one == "" else one for one in choice], one_hot(stimulus, (1, 2, 3)), known,
        1 - known, subject.tolist(), block.tolist(), ["SZ", "HC"], seconds,
    )  # fmt: skip


def ibl_trials(path: Path, rng: Generator) -> Expected:
    contrast, is_left = rng.choice([0.0, 0.0625, 0.25, 1.0], N), rng.random(N) < 0.5
    choice, feedback = rng.choice([-1, 1], N), rng.choice([-1, 1], N)
    choice[[3, 9]] = 0
    feedback[[3, 9]] = -1
    frame = {"choice": choice, "feedbackType": feedback, "probabilityLeft": 0.5,
             "contrastLeft": np.where(is_left, contrast, NAN),
             "contrastRight": np.where(is_left, NAN, contrast), "rewardVolume": 1.5,
             "intervals_0": np.arange(N) * 3.5}  # fmt: skip
    pandas.DataFrame(frame).to_csv(path, index=False)
    stimuli = np.stack([contrast * is_left, contrast * ~is_left], axis=1)
    labels = [None if one == 0 else one for one in choice.tolist()]
    return Expected(labels, stimuli, feedback, (1 - feedback) / 2)


def psytrack_parts(rng: Generator) -> dict:
    answer, correct = rng.integers(1, 3, N), rng.integers(0, 2, N)
    return {
        "y": np.where(correct, answer, 3 - answer), "answer": answer, "correct": correct,
        "s1": np.linspace(-2, 2, N),
    }  # fmt: skip


def of_psytrack(parts: dict, lengths: list) -> Expected:
    stimuli = np.stack([np.maximum(-parts["s1"], 0), np.maximum(parts["s1"], 0)], axis=1) / 2
    session = np.repeat(np.arange(len(lengths)), lengths).tolist()
    return Expected(
        parts["y"].tolist(), stimuli, parts["correct"], 1 - parts["correct"], None, session
    )


def psytrack_table(path: Path, rng: Generator) -> Expected:
    parts, lengths = psytrack_parts(rng), [10, 14]
    frame = pandas.DataFrame({**parts, "dayLength": np.repeat(lengths, lengths)})
    frame.to_csv(path)  # with its index
    return of_psytrack(parts, lengths)


def psytrack_archive(path: Path, rng: Generator) -> Expected:
    parts, lengths = psytrack_parts(rng), [8, 16]
    np.savez(path, **parts, dayLength=np.array(lengths), name=np.array("rat"))
    return of_psytrack(parts, lengths)


def bids_events(path: Path, rng: Generator) -> Expected:
    kind, choice = rng.choice(["house", "face"], N), rng.choice(["left", "right"], N).astype(object)
    kind[:2] = ["house", "face"]
    accuracy, seconds = rng.integers(0, 2, N).astype(object), rng.uniform(0.2, 1, N).round(3)
    written = seconds.astype(object)
    for column in (choice, accuracy, written):
        column[4] = "n/a"
    frame = {"onset": np.arange(N) * 2.0, "duration": 1.0, "trial_type": kind,
             "response_time": written, "response": choice, "accuracy": accuracy}  # fmt: skip
    pandas.DataFrame(frame).to_csv(path, sep="\t", index=False)
    known = np.array([NAN if one == "n/a" else one for one in accuracy], float)
    seconds[4] = NAN
    return Expected(
        [None if one == "n/a" else one for one in choice], one_hot(kind, ("face", "house")), known,
        1 - known, response_time_s=seconds,
    )  # fmt: skip


def matlab_matrix(path: Path, rng: Generator) -> Expected:
    subject, stimulus = np.repeat([11, 12], N // 2), rng.integers(1, 4, N)
    choice, reward = rng.integers(1, 4, N), rng.integers(0, 2, N)
    choice[7] = reward[7] = -1  # missed, as doubles
    names = np.array(["subject", "stimulus", "choice", "reward"], object)
    data = np.stack([subject, stimulus, choice, reward], axis=1).astype(float)
    savemat(path, {"data": data, "columns": names})
    known = np.where(reward < 0, NAN, reward)
    labels = [None if one < 0 else one for one in choice.tolist()]
    return Expected(labels, one_hot(stimulus, (1, 2, 3)), known, 1 - known, subject.tolist())


def matlab_structs(path: Path, rng: Generator) -> Expected:
    choice, reward = rng.integers(1, 3, N), rng.choice([0.0, 5.0], N)
    reward[:2] = [0, 5]
    tone = rng.integers(0, 2, N)
    structs = np.zeros(2, [(name, object) for name in ("group", "choice", "reward", "tone")])
    for k, rows in enumerate((slice(0, 10), slice(10, N))):
        structs[k] = (["old", "young"][k], *(v[rows].astype(float) for v in (choice, reward, tone)))
    savemat(path, {"subjects": structs})
    return Expected(
        choice.tolist(), tone[:, None].astype(float), reward, 1 - reward / 5,
        [0] * 10 + [1] * (N - 10), group=["old", "young"],
    )  # fmt: skip


def matlab_hdf5(path: Path, rng: Generator) -> Expected:
    choice, correct = rng.integers(0, 2, N), rng.integers(0, 2, N)
    contrast = rng.choice([-1.0, -0.25, 0.5], N)
    columns = {"choice": choice, "correct": correct, "signedContrast": contrast}
    struct = {name: values[:, None].astype(float) for name, values in columns.items()}
    write_v73(path, [{**struct, "notes": "by hand"}], "session1")
    stimuli = np.stack([np.maximum(-contrast, 0), np.maximum(contrast, 0)], axis=1)
    return Expected(choice.tolist(), stimuli, correct, 1 - correct)


def nwb_trials(rng: Generator) -> tuple[NWBFile, Expected]:
    file = NWBFile("session", "one", datetime(2024, 1, 1, tzinfo=UTC))
    file.subject = Subject(subject_id="anm7", species="Mus musculus")
    side = rng.choice(["lick left", "lick right"], N)
    response = rng.choice(["correct", "incorrect", "ignore", "early"], N)
    side[:2], response[:2] = ["lick left", "lick right"], ["incorrect", "correct"]
    file.add_trial_column("type", "instructed")
    file.add_trial_column("response", "what happened")
    file.add_trial_column("is_good", "flag")
    for k in range(N):
        file.add_trial(start_time=k * 5.0, stop_time=NAN, type=side[k], response=response[k],
                       is_good=1)  # fmt: skip
    other = {"lick left": "lick right", "lick right": "lick left"}
    chosen = {"correct": lambda one: one, "incorrect": other.get}
    choice = [chosen[r](s) if r in chosen else None for s, r in zip(side.tolist(), response)]
    risk = np.array([{"correct": 0.0, "incorrect": 1.0}.get(one, NAN) for one in response])
    return file, Expected(
        choice, one_hot(side, ("lick left", "lick right")), 1 - risk, risk, ["anm7"] * N
    )


def nwb_hdf5(path: Path, rng: Generator) -> Expected:
    file, expected = nwb_trials(rng)
    with NWBHDF5IO(path, "w") as io:
        io.write(file)
    return expected


def nwb_zarr(path: Path, rng: Generator) -> Expected:
    file, expected = nwb_trials(rng)
    with NWBZarrIO(str(path), "w") as io:
        io.write(file)
    return expected


def spreadsheet(path: Path, rng: Generator) -> Expected:
    """Semicolons, decimal commas, TRUE and FALSE, a byte order mark and pandas's index."""
    animal, choice = np.repeat(["B 2", "A 1"], N // 2), rng.choice(["links", "rechts"], N)
    choice[:2] = ["links", "rechts"]
    reward, light = rng.random(N) < 0.5, rng.random(N) < 0.5
    contrast = rng.choice([0.25, 0.5, 1.0], N)
    frame = {"animal": animal, "Choice": choice, "rewarded": np.where(reward, "TRUE", "FALSE"),
             "stim_light": np.where(light, "TRUE", "FALSE"), "stim_contrast": contrast,
             "temperature": 21.5}  # fmt: skip
    pandas.DataFrame(frame).to_csv(path, sep=";", decimal=",", encoding="utf-8-sig")
    stimuli = np.stack([light.astype(float), contrast], axis=1)
    return Expected(choice.tolist(), stimuli, reward * 1.0, 1.0 - reward, animal.tolist())


def own_names(path: Path, rng: Generator) -> Expected:
    """Names that nobody knows, blanks between cells, and text for what followed."""
    went, sound = rng.choice(["N", "S", "-"], N), rng.choice([2, 8], N)
    got = rng.choice(["juice", "air", "nothing"], N)
    went[:3], got[:3] = ["N", "S", "-"], ["juice", "air", "nothing"]
    day = np.repeat(["mon", "tue"], N // 2)
    rows = [f"{d} {w} {g} {s} x" for d, w, g, s in zip(day, went, got, sound)]
    path.write_text("\n".join(["Tag Arm Gabe Ton Rest", *rows, ""]))
    risk = np.array([{"juice": 0.0, "air": 1.0, "nothing": 0.5}[one] for one in got])
    return Expected(
        [None if one == "-" else one for one in went], one_hot(sound, (2, 8)), 1 - risk, risk,
        None, np.repeat([0, 1], N // 2).tolist(),
    )  # fmt: skip


FILES = (
    ConventionFile("bandit.txt", "hBayesDM: choice, outcome", choices_of_hbayesdm),
    ConventionFile("gambling.txt", "hBayesDM: gain, loss", gain_and_loss),
    ConventionFile("gonogo.txt", "hBayesDM: cue, keyPressed", go_no_go),
    ConventionFile("rlwm.csv", "RLWM: subjects, blocks, groups", learning_and_memory),
    ConventionFile("ibl.csv", "IBL trials", ibl_trials),
    ConventionFile("psytrack.csv", "psytrack, exported", psytrack_table),
    ConventionFile("psytrack.npz", "psytrack, archive", psytrack_archive),
    ConventionFile("sub-01_events.tsv", "BIDS events", bids_events),
    ConventionFile("matrix.mat", "MATLAB matrix and names", matlab_matrix),
    ConventionFile("structs.mat", "MATLAB struct per subject", matlab_structs),
    ConventionFile("v73.mat", "MATLAB v7.3, struct of columns", matlab_hdf5),
    ConventionFile("mouse.nwb", "NWB trials, type x response", nwb_hdf5),
    ConventionFile("mouse.zarr", "the same, as Zarr", nwb_zarr),
    ConventionFile("sheet.csv", "spreadsheet with decimal commas", spreadsheet),
    ConventionFile(
        "own.txt",
        "names that nobody knows",
        own_names,
        {
            "session": "Tag",
            "choice": "Arm",
            "missed": "-",
            "outcome": "Gabe",
            "values": "juice=0,air=1,nothing=0.5",
            "stimulus": "Ton",
            "coding": "Ton=onehot",
        },
    ),
)
