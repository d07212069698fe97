"""Spikes are counted in half-open windows, and implausible times are refused."""

import time
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hebbayes.core.errors import HebbayesError
from hebbayes.data.binning import SpikeTrains, count_spikes
from hebbayes.data.evoked import Trials, evoked_recording
from hebbayes.data.formats.arrays import from_arrays
from hebbayes.data.spans import covers, merged, overlaps

from .spikes import RATE_HZ, spike_set


def trains(*times, **options) -> SpikeTrains:
    return SpikeTrains([np.asarray(one) for one in times], np.arange(len(times)) + 5, **options)


def fine(n: int = 40) -> np.ndarray:
    return np.arange(n) * 0.1 + 0.0123


@given(st.integers(0, 2**31), st.sampled_from([None, 20_000.0, 44_100.0, 30_000.0]))
def test_counts_are_those_of_whole_ticks_at_every_edge(seed: int, rate: float | None) -> None:
    rng = np.random.default_rng(seed)
    hz = int(rate or 10_000)
    onset = np.sort(rng.integers(0, 10**8, 30))
    low, high = hz // 100, 3 * hz // 100
    ticks = np.sort(np.concatenate([onset + low - 1, onset + low, onset + high - 1, onset + high]))
    after = ticks - onset[:, None]
    wanted = ((after >= low) & (after < high)).sum(axis=1)
    counted = count_spikes(trains(ticks / hz, rate_hz=rate), onset / hz)
    assert counted.responses[:, 0].tolist() == wanted.tolist()
    if rate:
        whole = count_spikes(trains(ticks, time_unit="samples", rate_hz=rate), onset / hz)
        assert whole.responses[:, 0].tolist() == wanted.tolist()


def test_milliseconds_unsigned_ticks_and_seconds_count_alike() -> None:
    spikes = spike_set()
    kinds = [
        trains(*(t * 0.05 for t in spikes.ticks), time_unit="ms"),
        trains(*(t * 0.05 for t in spikes.ticks), time_unit="ms", rate_hz=RATE_HZ),
        trains(*(t.astype("u4") for t in spikes.ticks), time_unit="samples", rate_hz=RATE_HZ),
        trains(*(t.astype("f4") / np.float32(RATE_HZ) for t in spikes.ticks), rate_hz=RATE_HZ),
    ]
    for kind in kinds:
        counted = count_spikes(kind, spikes.onset_s)
        np.testing.assert_array_equal(counted.responses, spikes.responses)


def test_units_come_in_the_order_of_their_names_silent_ones_among_them() -> None:
    named = from_arrays(
        [0.015, 1.012, 1.016],
        Trials([0.0, 1.0], np.eye(2)),
        spike_units=[3, 9, 3],
        unit_ids=[9, 5, 3],
    )
    assert named.responses.tolist() == [[0, 0, 1], [1, 0, 1]]
    assert named.unit_ids.tolist() == [9, 5, 3]


def test_unobserved_responses_are_invalid_and_counted_by_one_reason() -> None:
    times = [np.array([0.015, 1.015, 2.015, 3.015])] * 2
    observed = [np.array([[0.0, 1.025], [2.0, 9.0]]), np.array([[0.0, 9.0]])]
    counted = count_spikes(
        trains(*times, observed=observed), [0.0, 1.0, 2.0, np.nan, 3.0], blanked=[[2.025, 2.5]]
    )
    assert counted.valid.tolist() == [[1, 1], [0, 1], [0, 0], [0, 0], [1, 1]]
    assert counted.responses.tolist() == [[1, 1], [0, 1], [0, 0], [0, 0], [1, 1]]
    assert counted.dropped == {
        "responses of trials without an onset": 2,
        "responses in windows over blanked time": 2,
        "responses in windows that were not observed": 1,
    }


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 9)), max_size=6))
def test_spans_agree_with_looking_at_every_instant(pairs) -> None:
    spans = merged([(start, start + length) for start, length in pairs])
    starts = np.arange(0.0, 50.0)
    stops = starts + 3
    inside = [
        [any(a <= t and t + 1 <= b for a, b in spans) for t in (s, s + 1, s + 2)] for s in starts
    ]
    assert covers(spans, starts, stops).tolist() == [all(one) for one in inside]
    assert overlaps(spans, starts, stops).tolist() == [any(one) for one in inside]


UNIT_REMEDY = (
    'pass time_unit="ms", time_unit="samples" with rate_hz, or time_unit="s" if they are seconds.'
)
FAULTS = {
    "whole numbers": (
        trains(np.arange(0, 2000, 7.0)),
        [0.0, 1.0],
        f"spike times are all whole numbers, 0 to 1995, which is rare for seconds; {UNIT_REMEDY}",
    ),
    "integers": (
        trains(np.arange(0, 2000, 7)),
        [0.0, 1.0],
        f"spike times are all whole numbers, 0 to 1995, which is rare for seconds; {UNIT_REMEDY}",
    ),
    "milliseconds": (
        trains(fine() * 1000),
        np.arange(0, 4, 0.5),
        "spikes span 3900 s and trials only 3.5 s, so one of them is probably not in seconds; "
        f"{UNIT_REMEDY}",
    ),
    "onsets in milliseconds": (
        trains(fine()),
        np.arange(0, 4000, 500),
        "trials span 3500 s and spikes only 3.9 s, so one of them is probably not in seconds; "
        f"{UNIT_REMEDY}",
    ),
    "no spike in a window": (
        trains(fine()),
        np.arange(0.05, 4, 0.1),
        f"no spike falls into any window, 0.01 to 0.03 s after 40 onsets; {UNIT_REMEDY}",
    ),
    "restarting": (
        trains([0.1, 0.2, 0.05]),
        [0.0],
        "spike times of unit 5 decrease at spike 2 (0.2, then 0.05); pass --sort-spikes "
        "(sort_spikes=True) to sort them; if they restart in each trial, pass spike_trials to "
        "from_arrays.",
    ),
    "NaN": (
        trains([0.1], [0.2, np.nan]),
        [0.0],
        "spike times of unit 6 must be finite; got nan at spike 1; leave it out.",
    ),
    "negative": (
        trains([-0.1, 0.2]),
        [0.0],
        "spike times of unit 5 must not be negative; got -0.1 at spike 0; shift spikes and onsets "
        "alike.",
    ),
    "single precision": (
        trains(np.array([0.5, 5000.0], "f4")),
        [0.0],
        "spike times are float32, which resolves 0.00049 s at 5000, too coarse for the window; "
        "store them as float64, or as integer samples with rate_hz.",
    ),
    "another rate": (
        trains([0.1, 0.12345], rate_hz=1000.0),
        [0.0],
        "spike times of unit 5 are no multiples of 1 / rate_hz, rate_hz = 1000; got 0.12345 at "
        "spike 1; pass the rate of their clock, or none.",
    ),
    "samples without a rate": (
        trains([1, 2], time_unit="samples"),
        [0.0],
        "spike times in samples need their rate; pass rate_hz.",
    ),
    "text": (
        trains(["a"]),
        [0.0],
        "spike times of unit 5 must be a list of numbers; got type <U1, shape (1,).",
    ),
    "negative onset": (
        trains(fine()),
        [-1.0, 2.0],
        "onsets must be seconds from 0; got -1.0 at trial 0; shift spikes and onsets alike, or "
        "mark a trial without an onset with NaN.",
    ),
    "onsets that restart": (
        trains(fine()),
        [1.0, np.nan, 0.5],
        "onsets must not decrease; trial 2 begins at 0.5 s, after one at 1.0 s; sort the trials by "
        "time, all on one clock.",
    ),
    "reversed interval": (
        trains(fine(), observed=[np.array([[2.0, 1.0]])]),
        [0.0],
        "spans must be (start, stop), start first; got [2.0, 1.0] at span 0.",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_times_is_reported_with_place_and_remedy(fault: str) -> None:
    spikes, onset_s, sentence = FAULTS[fault]
    with pytest.raises(HebbayesError) as caught:
        evoked_recording(spikes, Trials(onset_s, np.ones((len(onset_s), 1))))
    assert str(caught.value) == sentence


def test_a_stated_unit_turns_doubts_into_warnings() -> None:
    seconds = trains(np.arange(0, 2000, 7.0), time_unit="s")
    read = evoked_recording(seconds, Trials([0.0, 1.0], np.eye(2)))
    assert read.provenance["warnings"] == [
        "spike times are all whole numbers, 0 to 1995, which is rare for seconds.",
        "spikes span 1995 s and trials only 1 s, so one of them is probably not in seconds.",
        "no spike falls into any window, 0.01 to 0.03 s after 2 onsets.",
    ]


def test_fine_single_precision_is_counted_with_one_warning() -> None:
    read = evoked_recording(trains(fine().astype("f4"), fine().astype("f4")), Trials([0.0], [[1]]))
    assert read.provenance["warnings"] == [
        "spike times are float32, which resolves 2.4e-07 s at 3.9123: spikes that close to the edge"
        " of a window may be counted wrongly; store them as float64."
    ]


def test_no_spike_at_all_is_silence() -> None:
    read = evoked_recording(trains(np.zeros(0)), Trials([0.0, 1.0], np.eye(2)))
    assert read.responses.tolist() == [[0], [0]]
    assert read.provenance["warnings"] == ["there is no spike at all."]


@pytest.mark.parametrize("rate", [None, 20_000.0])
def test_five_million_spikes_in_25600_windows_take_less_than_a_second(rate) -> None:
    rng = np.random.default_rng(0)
    flat = np.sort(rng.integers(0, 5_000 * 20_000, (64, 78_125)), axis=1) / 20_000
    onset = np.arange(25_600) * 0.19
    spikes = SpikeTrains(list(flat), np.arange(64), "s", rate)
    started = time.process_time()
    counted = count_spikes(spikes, onset)
    assert time.process_time() - started < 1
    assert abs(counted.responses.mean() / (78_125 * 0.02 / 5_000) - 1) < 0.01
    tracemalloc.start()
    count_spikes(spikes, onset)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak + flat.nbytes < 3 * flat.nbytes
