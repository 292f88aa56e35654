"""A frame in horizontal bands: small enough for a core's cache, worked on by all cores."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import cv2

BAND = 1 << 17  # pixels: what a step leaves is mostly still in the cache, and threads seldom meet
MOST_THREADS = 8  # more of them wait for Python's lock rather than for arithmetic


def in_bands(work: Callable[[slice], None], size: tuple[int, int]) -> None:
    """Call `work` for every band of a frame, several at a time.

    Only for what each pixel can be told by itself: the bands come in no order, and together they are all rows, once.

    Args:
        work: takes the rows of one band; called in several threads.
        size: height and width.
    Raises:
        Whatever `work` raises first; the bands that have begun are finished.
    """
    height, width = size
    step = max(1, BAND // max(width, 1))
    bands = [slice(top, min(top + step, height)) for top in range(0, height, step)]
    threads = min(cv2.getNumThreads(), MOST_THREADS, len(bands))  # who holds OpenCV to one core means us as well
    if threads <= 1:
        for band in bands:
            work(band)
        return
    with ThreadPoolExecutor(threads) as pool:
        try:
            for _ in pool.map(work, bands):
                pass
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
