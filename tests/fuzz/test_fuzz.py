"""Whatever is done to a file's bytes, it is read or refused in our words: no other exception, crash, hang or flood.

python -m pytest -s tests/fuzz prints what was done; python -m tests.fuzz READER CASE does one case again.
"""

import pytest

from tests.fuzz.batch import CRASHES, run_cases
from tests.fuzz.readers import READERS, reader_of
from tests.fuzz.worker import IS_GUARDED, SECONDS

PAST = 0.25  # share of the cases that must get past the header


@pytest.mark.parametrize("count", [100, pytest.param(2000, marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", READERS)
def test_damaged_files_are_read_or_refused(tmp_path, name, count):
    report = run_cases(name, count, tmp_path)
    print(f"\n{report}" + ("" if IS_GUARDED else "; neither time nor memory is bounded on this system"))
    assert not report.faults, "\n".join(
        f"python -m tests.fuzz {name} {index}: {fault}" for index, fault in report.faults.items()
    )
    assert report.cases == count
    assert min(report.behind, report.headed) >= PAST
    assert report.slowest[0] < SECONDS
    assert report.largest[0] < reader_of(name).peak, f"python -m tests.fuzz {name} {report.largest[1]}"


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("ASKS_TOO_MUCH", "MemoryError"),
        ("STUMBLES", "KeyError: 'nothing'"),
        ("WARNS", "warns: UserWarning: to an artist"),
        ("NAMELESS", "says FrameReadError: it is damaged"),
        ("CONTROLS", "says FrameReadError: "),
    ],
)
def test_every_fault_is_noticed(tmp_path, name, what):
    report = run_cases(f"broken.{name}", 4, tmp_path)
    assert list(report.faults) == [0, 1, 2, 3]
    assert all(what in fault for fault in report.faults.values())


def test_a_crash_is_its_own_cases(tmp_path):
    report = run_cases("broken.CRASHES", 100, tmp_path)
    assert list(report.faults) == list(range(CRASHES))
    assert all("ended the process" in fault for fault in report.faults.values())


def test_a_flood_is_measured(tmp_path):
    assert run_cases("broken.FLOODS", 2, tmp_path).largest[0] > 60 or not IS_GUARDED


@pytest.mark.slow
@pytest.mark.skipif(not IS_GUARDED, reason="nothing stops it there")
def test_a_hang_is_ended(tmp_path):
    assert "ended the process" in run_cases("broken.HANGS", 1, tmp_path).faults[0]
