"""Faults that pynwb ignores are reported with problem, place and remedy."""

import gc
import os
from pathlib import Path

import h5py
import numpy as np
import pytest

from hebbayes.core.errors import HebbayesError
from hebbayes.data.formats.nwb.reading import read_nwb
from hebbayes.data.formats.nwb.writing import to_nwb

from ...spikes import spike_set
from ..nwb_files import binned_file, edited, nwb_file, series, write


@pytest.fixture(scope="module")
def good(tmp_path_factory) -> Path:
    return write(nwb_file(spike_set(), "ragged column"), tmp_path_factory.mktemp("nwb") / "a.nwb")


def change(name: str, at, value):
    def edit(file: h5py.File) -> None:
        values = file[name][()]
        values[at] = value(values) if callable(value) else value
        file[name][...] = values

    return edit


def without(table: str, name: str):
    def edit(file: h5py.File) -> None:
        columns = [one for one in file[table].attrs["colnames"] if one != name]
        file[table].attrs["colnames"] = columns
        for one in (name, f"{name}_index"):
            if one in file[table]:
                del file[f"{table}/{one}"]

    return edit


def deleted(name: str):
    def edit(file: h5py.File) -> None:
        del file[name]

    return edit


TIMES, ENDS, START = "units/spike_times", "units/spike_times_index", "intervals/trials/start_time"
DAMAGED = "the file is damaged."
UNIT_REMEDY = (
    'pass time_unit="ms", time_unit="samples" with rate_hz, or time_unit="s" if they are seconds.'
)
STIMULI_REMEDY = (
    "pass --stimuli COLUMN[,COLUMN] of the trials, NAME of a series, or a stimulus table (CSV with "
    "onset_s and one column per channel)"
)

FAULTS = {
    "NaN spike": (
        change(TIMES, 2, np.nan),
        "spike times of unit 3 must be finite; got nan at spike 2; leave it out.",
    ),
    "reversed spikes": (
        change(TIMES, slice(0, 2), lambda v: v[1::-1]),
        "spike times of unit 3 decrease at spike 1 (0.1279, then 0.11765); pass --sort-spikes "
        "(sort_spikes=True) to sort them; if they restart in each trial, pass spike_trials to "
        "from_arrays.",
    ),
    "negative spike": (
        change(TIMES, 0, -0.5),
        "spike times of unit 3 must not be negative; got -0.5 at spike 0; shift spikes and onsets "
        "alike.",
    ),
    "spikes in milliseconds": (
        change(TIMES, slice(None), lambda v: np.rint(v * 1000 * 20) / 20),
        "spikes span 7982.1 s and trials only 7.15765 s, so one of them is probably not in "
        "seconds; "
        f"{UNIT_REMEDY}",
    ),
    "spikes in samples": (
        change(TIMES, slice(None), lambda v: np.rint(v * 20_000)),
        "spike times are all whole numbers, 48 to 159690, which is rare for seconds; "
        f"{UNIT_REMEDY}",
    ),
    "decreasing index": (
        change(ENDS, 1, 3),
        f"the index of spike_times in units decreases at row 1 (164, then 3); {DAMAGED}",
    ),
    "index past the end": (
        change(ENDS, [3, 4], 60_000),
        f"the index of spike_times in units points past the end: it ends at 60000 of 656 values; "
        f"{DAMAGED}",
    ),
    "index ends early": (
        change(ENDS, [3, 4], 600),
        f"the index of spike_times in units ends early: it ends at 600 of 656 values; {DAMAGED}",
    ),
    "no stimuli": (
        without("intervals/trials", "stimulus_channels"),
        "the file has no stimuli such as a trial column stimulus_channels, a series in stimulus, "
        f"trial columns stimulus_0, stimulus_1, ... or an EventsTable; {STIMULI_REMEDY}; the "
        "trials have start_time, stop_time, session.",
    ),
    "no trials": (
        deleted("intervals"),
        "the file has no stimuli such as a trial column stimulus_channels, a series in stimulus, "
        f"trial columns stimulus_0, stimulus_1, ... or an EventsTable; {STIMULI_REMEDY}.",
    ),
    "no units": (
        deleted("units"),
        "FILE has no spikes: wanted units with spike_times, or a BinnedAlignedSpikes; it has no "
        "units.",
    ),
    "onsets that decrease": (
        change(START, 5, 0.0),
        "onsets must not decrease; trial 5 begins at 0.0 s, after one at 0.91535 s; sort the "
        "trials by time, all on one clock.",
    ),
    "stimulus index of another length": (
        change("intervals/trials/stimulus_channels_index", 23, 3),
        f"the index of stimulus_channels in trials decreases at row 23 (75, then 3); {DAMAGED}",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_reported_with_place_and_remedy(good, tmp_path, fault: str) -> None:
    edit, sentence = FAULTS[fault]
    path = edited(good, tmp_path / "bad.nwb", edit)
    with pytest.raises(HebbayesError) as caught:
        read_nwb(path)
    assert str(caught.value) == sentence.replace("FILE", str(path))


@pytest.mark.parametrize(
    "name", ["intervals/trials/session", TIMES, START, "intervals/trials/stimulus_channels"]
)
def test_a_column_that_is_listed_and_gone_is_missed(good, tmp_path, name: str) -> None:
    table, _, column = name.rpartition("/")
    with pytest.raises(HebbayesError) as caught:
        read_nwb(edited(good, tmp_path / "bad.nwb", deleted(name)))
    assert str(caught.value) == (
        f"the table {table} lists the column {column} and does not hold it; the file is damaged, "
        "or the column was deleted: export it again."
    )


def test_stimuli_in_lists_of_lists_are_refused(tmp_path) -> None:
    file = nwb_file(spike_set(), "none")
    lists = [[np.flatnonzero(row).tolist(), [0]] for row in spike_set().stimuli]
    file.add_trial_column("stimulus_channels", "two lists a trial", data=lists, index=2)
    path = write(file, tmp_path / "lists.nwb")
    with pytest.raises(
        HebbayesError, match=r"column stimulus_channels of trials .* lists of lists"
    ):
        read_nwb(path)


def test_a_session_of_infinity_is_refused_with_its_place(good, tmp_path) -> None:
    def edit(file: h5py.File) -> None:
        trials = file["intervals/trials"]
        session, attributes = trials["session"][()].astype(float), dict(trials["session"].attrs)
        session[7] = np.inf
        del trials["session"]
        trials["session"] = session
        trials["session"].attrs.update(attributes)

    path = edited(good, tmp_path / "infinity.nwb", edit)
    with pytest.raises(HebbayesError, match=r"session must hold whole .*; got inf at index 7"):
        read_nwb(path)


def test_without_a_session_column_there_is_one_session_and_a_warning(good, tmp_path) -> None:
    read = read_nwb(edited(good, tmp_path / "a.nwb", without("intervals/trials", "session")))
    assert read.n_sessions == 1
    assert read.provenance["warnings"] == [
        "the table trials has no column session; all trials count as one session: pass "
        "--session-column NAME, --session-trials N to split them, or --session-column none."
    ]
    np.testing.assert_array_equal(read.responses, spike_set().responses)


def test_a_session_column_that_was_deleted_from_our_own_file_is_missed(tmp_path) -> None:
    to_nwb(spike_set().recording(), tmp_path / "ours.nwb")
    path = edited(tmp_path / "ours.nwb", tmp_path / "b.nwb", without("intervals/trials", "session"))
    with pytest.raises(HebbayesError, match="SHA-256"):
        read_nwb(path)


def test_trials_without_an_onset_become_invalid_and_are_counted(good, tmp_path) -> None:
    read = read_nwb(edited(good, tmp_path / "nan.nwb", change(START, [3, 7], np.nan)))
    wanted = spike_set()
    assert (~read.valid).sum(axis=1).nonzero()[0].tolist() == [3, 7]
    assert read.provenance["dropped"] == {"responses of trials without an onset": 10}
    kept = read.valid.all(axis=1)
    np.testing.assert_array_equal(read.responses[kept], wanted.responses[kept])


def test_unobserved_and_invalid_time_become_invalid(tmp_path) -> None:
    spikes = spike_set()
    observed = [np.array([[0.0, 100.0]])] * 5
    observed[1] = np.array([[0.0, spikes.onset_s[5] + 0.02], [spikes.onset_s[8], 100.0]])
    blank = [(spikes.onset_s[20] + 0.025, spikes.onset_s[20] + 0.5)]
    file = nwb_file(spikes, "series", observed=observed, invalid=blank)
    read = read_nwb(write(file, tmp_path / "a.nwb"))
    after = spikes.onset_s + 0.01
    is_blank = (after + 0.02 > blank[0][0]) & (after < blank[0][1])
    wanted = np.repeat(~is_blank[:, None], 5, axis=1)
    wanted[5:8, 1] = False
    np.testing.assert_array_equal(read.valid, wanted)
    assert read.provenance["dropped"] == {
        "responses in windows over blanked time": 5 * int(is_blank.sum()),
        "responses in windows that were not observed": 3,
    }


def test_milliseconds_are_read_if_stated(good, tmp_path) -> None:
    scaled = change(TIMES, slice(None), lambda v: v * 1000)
    read = read_nwb(edited(good, tmp_path / "ms.nwb", scaled), time_unit="ms", rate_hz=20_000)
    np.testing.assert_array_equal(read.responses, spike_set().responses)


def test_a_resolution_that_spikes_contradict_is_reported(good, tmp_path) -> None:
    read = read_nwb(edited(good, tmp_path / "off.nwb", change(TIMES, 0, 0.00001234)))
    assert read.provenance["warnings"] == [
        "spike times are no multiples of the file's resolution, 5e-05 s; they were compared as "
        "seconds."
    ]


def test_stimuli_in_two_places_are_ambiguous(tmp_path) -> None:
    file = nwb_file(spike_set(), "columns")
    file.add_stimulus(series("light", np.ones((24, 1)), spike_set().onset_s))
    path = write(file, tmp_path / "two.nwb")
    with pytest.raises(HebbayesError) as caught:
        read_nwb(path)
    assert str(caught.value) == (
        "the file holds stimuli in several places: trial columns stimulus_0, ..., stimulus "
        "series light; pass stimuli=NAME to choose one."
    )
    assert read_nwb(path, stimuli="light").n_channels == 1
    assert read_nwb(path, stimuli="stimulus").n_channels == 6


def test_a_window_must_be_made_of_the_bins_that_there_are(tmp_path) -> None:
    path = write(binned_file(spike_set(), "series"), tmp_path / "binned.nwb")
    with pytest.raises(HebbayesError) as caught:
        read_nwb(path, window=(0.01, 0.025))
    assert str(caught.value) == (
        "the window 0.01 to 0.025 s does not consist of whole bins of evoked, which are 0.01 s "
        "wide from -0.01 to 0.05 s; pass a window that does."
    )
    assert read_nwb(path, window=(-0.01, 0.0)).responses.sum() > 0


def test_the_digest_reveals_damage_to_a_written_file(tmp_path) -> None:
    to_nwb(spike_set().recording(), tmp_path / "a.nwb")
    damaged = change("intervals/trials/responses", (3, 1), 77)
    with pytest.raises(HebbayesError, match="not those that were written"):
        read_nwb(edited(tmp_path / "a.nwb", tmp_path / "b.nwb", damaged))


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="open files are listed in /proc")
def test_no_file_stays_open(good, tmp_path) -> None:
    bad = edited(good, tmp_path / "bad.nwb", FAULTS["NaN spike"][0])
    cut = tmp_path / "cut.nwb"
    cut.write_bytes(good.read_bytes()[:20_000])
    gc.collect()
    before = open_files()
    read_nwb(good)
    for path in (bad, cut):
        with pytest.raises(HebbayesError):
            read_nwb(path)
    assert open_files() == before


def open_files() -> list[str]:
    held = []
    for entry in Path("/proc/self/fd").iterdir():
        try:
            held.append(os.readlink(entry))
        except OSError:
            continue
    return sorted(name for name in held if name.endswith(".nwb"))
