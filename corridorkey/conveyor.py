"""Work ahead and behind: a few items at a time in threads, the results in order."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def in_order(work: Callable[[T], R], items: Iterable[T], threads: int, ahead: int) -> Generator[R, None, None]:
    """Run `work` on items in threads, a bounded number of items before its results are taken.

    Args:
        work: called in a thread of its own pool, several at a time.
        items: taken in the thread that iterates, one by one.
        threads: how many work at a time.
        ahead: results and unfinished items that are held beyond the one asked for.
    Yields:
        work's results, in the order of the items. An exception comes where its result would; what is being worked on
        is then finished, the rest dropped. The same when the iterator is closed.
    """
    pool = ThreadPoolExecutor(threads)
    waiting: deque[Future[R]] = deque()
    try:
        for item in items:
            waiting.append(pool.submit(work, item))
            if len(waiting) > ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


@dataclass
class StageClock:
    """How long each stage of a run was at work, over all its threads.

    Attributes:
        seconds, frames: by stage.
    """

    seconds: dict[str, float] = field(default_factory=dict)
    frames: dict[str, int] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    @contextmanager
    def of(self, stage: str) -> Iterator[None]:
        """Count a frame that this stage works on while it lasts."""
        started = time.perf_counter()
        try:
            yield
        finally:
            with self._lock:
                self.seconds[stage] = self.seconds.get(stage, 0.0) + time.perf_counter() - started
                self.frames[stage] = self.frames.get(stage, 0) + 1

    @property
    def rates(self) -> dict[str, float]:
        """Frames per second of one thread, by stage."""
        return {stage: self.frames[stage] / max(self.seconds[stage], 1e-9) for stage in self.seconds}

    def __str__(self) -> str:
        return ", ".join(f"{stage} {rate:.2f} fps" for stage, rate in self.rates.items())
