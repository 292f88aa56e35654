"""Progress and results of a run: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from corridorkey.clip import KeyedFile
from corridorkey.errors import SOME_FRAMES_FAILED

PLAIN_EVERY = 5.0  # seconds between lines where there is no terminal


def log_to_terminal(verbose: bool) -> None:
    """Send the library's warnings, and with `verbose` its notes, to stderr."""
    logging.basicConfig(format="ck: %(message)s", level=logging.INFO if verbose else logging.WARNING, force=True)


@contextmanager
def logging_to(path: Path) -> Iterator[None]:
    """Send the library's notes to stderr, and with the time to a file, while this lasts."""
    log_to_terminal(verbose=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    file = logging.FileHandler(path, encoding="utf-8")
    file.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    logging.getLogger().addHandler(file)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(file)
        file.close()


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
    started = last_line = time.monotonic()
    bar: Any = click.progressbar(
        length=total, label="keying", show_eta=True, show_pos=True, file=sys.stderr,
        item_show_func=lambda rate: f"{rate:.2f} fps" if rate else None,
    )  # fmt: skip
    is_terminal = sys.stderr.isatty()
    with bar:
        for done, frame in enumerate(frames, start=1):
            now = time.monotonic()
            rate = done / max(now - started, 1e-6)
            if frame.error:
                failed.append(frame)
            if is_terminal:
                bar.update(1, rate)
            elif now - last_line > PLAIN_EVERY or done in (1, total):
                last_line = now
                left = (total - done) / rate
                click.echo(f"frame {frame.number}: {done} of {total}, {rate:.2f} fps, {left:.0f} s left", err=True)
    click.echo(f"{total - len(failed)} of {total} frames keyed into {out}")
    if failed:
        click.echo(f"ck: {len(failed)} frames failed:", err=True)
        for frame in failed:
            click.echo(f"  frame {frame.number}: {frame.error}", err=True)
        raise SystemExit(SOME_FRAMES_FAILED)
