import threading
import time

import pytest

from corridorkey.conveyor import StageClock, in_order


def test_results_come_in_the_order_of_the_items():
    def slow_first(n):
        time.sleep(0.05 if n == 0 else 0)
        return n * n

    assert list(in_order(slow_first, range(20), threads=3, ahead=4)) == [n * n for n in range(20)]


def test_no_more_than_asked_for_is_worked_on_ahead():
    taken, most = [], []

    def items():
        for n in range(50):
            taken.append(n)
            yield n

    for result in in_order(lambda n: n, items(), threads=2, ahead=3):
        most.append(len(taken) - result)
    assert max(most) <= 3 + 1
    assert len(taken) == 50


def test_work_is_shared_by_threads():
    together = threading.Barrier(3, timeout=20)
    assert list(in_order(lambda n: together.wait() >= 0, range(3), threads=3, ahead=3)) == [True] * 3


def test_an_exception_comes_in_its_place_and_ends_the_rest():
    done = []

    def fails_at_three(n):
        if n == 3:
            raise ValueError("three")
        done.append(n)
        return n

    running = in_order(fails_at_three, range(1000), threads=2, ahead=2)
    assert [next(running) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ValueError, match="three"):
        next(running)
    assert next(running, None) is None
    assert max(done) <= 3 + 2


def test_closing_it_finishes_what_is_being_worked_on_and_drops_the_rest():
    started, finished = [], []

    def work(n):
        started.append(n)
        time.sleep(0.05)
        finished.append(n)

    running = in_order(work, range(1000), threads=2, ahead=4)
    next(running)
    running.close()
    assert sorted(started) == sorted(finished)
    assert len(finished) < 8


def test_the_clock_counts_frames_and_seconds_of_each_stage():
    clock = StageClock()
    for _ in range(2):
        with clock.of("read"):
            time.sleep(0.01)
    with pytest.raises(RuntimeError), clock.of("write"):
        raise RuntimeError
    assert clock.frames == {"read": 2, "write": 1}
    assert 0 < clock.rates["read"] <= 100
    assert str(clock).startswith("read ")
