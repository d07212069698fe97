"""One spike set, counted by hand in whole ticks, for every reader to agree on."""

from dataclasses import dataclass, field

import numpy as np

from hebbayes.data.evoked import Trials
from hebbayes.data.recording import Recording

RATE_HZ = 20_000.0
LOW, HIGH = 200, 600  # 10 and 30 ms in ticks
UNIT_IDS = np.array([3, 7, 8, 12, 20])
SESSION_TICKS = 100_000


@dataclass(frozen=True, eq=False)
class SpikeSet:
    """Two sessions of 12 trials, 6 channels, 5 units (the last one silent), whole ticks."""

    ticks: list[np.ndarray]
    onset_ticks: np.ndarray
    session: np.ndarray
    stimuli: np.ndarray
    responses: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        after = [[t - onset for t in self.ticks] for onset in self.onset_ticks]
        counts = [[int(((a >= LOW) & (a < HIGH)).sum()) for a in trial] for trial in after]
        object.__setattr__(self, "responses", np.array(counts))

    @property
    def onset_s(self) -> np.ndarray:
        return self.onset_ticks / RATE_HZ

    @property
    def seconds(self) -> list[np.ndarray]:
        return [ticks / RATE_HZ for ticks in self.ticks]

    @property
    def trials(self) -> Trials:
        return Trials(self.onset_s, self.stimuli, self.session)

    @property
    def flat(self) -> tuple[np.ndarray, np.ndarray]:
        """Ticks and unit of every spike, in order of time."""
        ticks, units = np.concatenate(self.ticks), np.repeat(UNIT_IDS, [t.size for t in self.ticks])
        order = np.argsort(ticks, kind="stable")
        return ticks[order], units[order]

    def recording(self) -> Recording:
        return Recording(
            self.stimuli,
            self.responses,
            self.session,
            onset_s=self.onset_s,
            unit_ids=UNIT_IDS,
            window_s=(0.01, 0.03),
            provenance={"made": "by hand"},
        )


def spike_set(seed: int = 0) -> SpikeSet:
    """Spikes lie on both edges of the first windows: one counts, the other does not."""
    rng = np.random.default_rng(seed)
    session = np.repeat([0, 1], 12)
    onset = (
        session * SESSION_TICKS
        + np.tile(np.arange(12) * 4_000 + 2_000, 2)
        + rng.integers(0, 999, 24)
    )
    stimuli = rng.integers(0, 2, (24, 6)).astype(float)
    stimuli[~stimuli.any(axis=1), 2] = 1  # a list of events cannot tell a trial without any
    stimuli[0], stimuli[1] = 1, [0, 0, 0, 0, 0, 1]  # every channel is used, the last one alone
    ticks = []
    for unit in range(4):
        background = rng.integers(0, 2 * SESSION_TICKS - 40_000, 60)
        evoked = (onset[:, None] + rng.integers(0, 900, (24, 4))).ravel()
        edges = onset[unit * 4 : unit * 4 + 4, None] + [LOW, HIGH]
        ticks.append(np.sort(np.concatenate([background, evoked, edges.ravel()])))
    return SpikeSet([*ticks, np.zeros(0, int)], onset, session, stimuli)


def assert_same(read: Recording, wanted: SpikeSet, *, ids: bool = True) -> None:
    np.testing.assert_array_equal(read.responses, wanted.responses)
    np.testing.assert_array_equal(read.stimuli, wanted.stimuli)
    np.testing.assert_array_equal(read.session, wanted.session)
    assert read.valid.all()
    assert read.responses.dtype == np.int64
    assert read.stimuli.dtype == np.float64
    if ids:
        np.testing.assert_array_equal(read.unit_ids, UNIT_IDS)
        np.testing.assert_array_equal(read.channel_ids, np.arange(6))
        assert read.window_s == (0.01, 0.03)


def assert_identical(read: Recording, written: Recording) -> None:
    """Every field but provenance, to the bit and the type."""
    for name in (n for n in written.__dataclass_fields__ if n != "provenance"):
        first, second = getattr(read, name), getattr(written, name)
        assert (first is None) == (second is None), name
        if isinstance(second, np.ndarray):
            assert first.dtype.kind == second.dtype.kind, name
            np.testing.assert_array_equal(first, second, err_msg=name)
        else:
            assert first == second, name
