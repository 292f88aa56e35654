"""Progress and results of a run: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from corridorkey.errors import SOME_FRAMES_FAILED
from corridorkey.files import check_writable
from corridorkey.run import KeyedFile

PLAIN_EVERY = 5.0  # seconds between lines where there is no terminal


def log_to_terminal(verbose: bool) -> None:
    """Send the library's warnings, and with `verbose` its notes, to stderr."""
    logging.basicConfig(format="ck: %(message)s", level=logging.INFO if verbose else logging.WARNING, force=True)


@contextmanager
def logging_to(path: Path) -> Iterator[None]:
    """Send the library's notes to stderr, and with the time to a file, while this lasts."""
    log_to_terminal(verbose=True)
    check_writable(path.parent)
    path.parent.mkdir(parents=True, exist_ok=True)
    file = logging.FileHandler(path, encoding="utf-8")
    file.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    logging.getLogger().addHandler(file)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(file)
        file.close()


@contextmanager
def _progress(total: int) -> Iterator[Callable[[int], None]]:
    """Yields what is to be called with each frame's number once it is done."""
    started = last_line = time.monotonic()
    done = 0

    def rate() -> float:
        return done / max(time.monotonic() - started, 1e-6)

    def line(number: int) -> None:
        nonlocal done, last_line
        done += 1
        if done in (1, total) or time.monotonic() - last_line > PLAIN_EVERY:
            last_line = time.monotonic()
            left = (total - done) / rate()
            click.echo(f"frame {number}: {done} of {total}, {rate():.2f} fps, {left:.0f} s left", err=True)

    if not sys.stderr.isatty():
        yield line
        return
    show: Any = {"item_show_func": lambda _: f"{rate():.2f} fps", "show_eta": True, "show_pos": True}
    with click.progressbar(length=total, label="keying", file=sys.stderr, **show) as bar:

        def step(number: int) -> None:
            nonlocal done
            done += 1
            bar.update(1, number)

        yield step


def report_frames(frames: Iterable[KeyedFile], total: int, out: Path) -> None:
    """Follow a run to its end.

    Args:
        frames: from `key_clip`.
        total: how many will come.
        out: the run's folder.
    Raises:
        SystemExit: 3 if some frames failed; they are listed.
    """
    failed: list[KeyedFile] = []
    done = 0
    try:
        with _progress(total) as advance:
            for frame in frames:
                done += 1
                failed += [frame] if frame.error else []
                advance(frame.number)
    finally:
        click.echo(f"{done - len(failed)} of {total} frames keyed into {out}")
        if failed:
            click.echo(f"ck: {len(failed)} frames failed:", err=True)
        for frame in failed:
            click.echo(f"  frame {frame.number}: {frame.error}", err=True)
    if failed:
        raise SystemExit(SOME_FRAMES_FAILED)
