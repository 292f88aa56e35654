"""What a command says, and the voice that says it to people. Each method is a thing that happens."""

from __future__ import annotations

import logging
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corridorkey.errors import CorridorKeyError
from corridorkey.printable import printable

if TYPE_CHECKING:
    from corridorkey.cli.config import ShotConfig
    from corridorkey.cli.several import Summary
    from corridorkey.clips import Clip
    from corridorkey.conveyor import StageClock
    from corridorkey.run import KeyedFile

PLAIN_EVERY = 5.0  # seconds between lines where there is no terminal
STOPPED = {128 + number for number in (signal.SIGINT, signal.SIGTERM)}

Advance = Callable[["KeyedFile"], None]


class Pace:
    """How a run gets on: frames done, of how many, at which rate."""

    def __init__(self, total: int) -> None:
        """It begins now."""
        self.total, self.done, self._started = total, 0, time.monotonic()

    @property
    def rate(self) -> float:
        """Frames a second so far."""
        return self.done / max(time.monotonic() - self._started, 1e-6)


class Voice:
    """What there is to say: for people in `text`, for programs as an event with its facts."""

    def _say(self, event: str, /, *lines: str, err: bool = False, **facts: Any) -> None:
        raise NotImplementedError

    def listen(self, verbose: bool) -> None:
        """Pass the library's warnings on, and with `verbose` its notes."""
        raise NotImplementedError

    def frames(self, total: int) -> AbstractContextManager[Advance]:
        """Gives what is to be called with each frame once it is done."""
        raise NotImplementedError

    def note(self, text: str) -> None:
        """Something was found or decided."""
        self._say("note", text, text=text)

    def shot(self, clip: Clip, at: int, of: int) -> None:
        """A shot begins; one alone has no heading."""
        gap = [""] if at > 1 else []
        heading = [*gap, f"{clip.name} ({at} of {of})"] if of > 1 else []
        self._say("shot", *heading, at=at, of=of, plate=clip.plate)

    def keyed(self, done: int, total: int, out: Path, failed: Sequence[KeyedFile]) -> None:
        """A shot's frames are through, or it was stopped."""
        numbers = [frame.number for frame in failed]
        self._say(
            "keyed", f"{done} of {total} frames keyed into {out}", done=done, total=total, failed=numbers, out=out
        )

    def nothing_to_do(self, total: int, out: Path) -> None:
        """All is there already."""
        self._say("keyed", f"nothing to do: all {total} frames are in {out}", done=0, total=0, failed=[], out=out)

    def rates(self, clock: StageClock, verbose: bool) -> None:
        """How fast each stage was."""
        self._say("rates", *([f"each stage by itself: {clock}"] if verbose else []), fps=clock.rates)

    def movie(self, path: Path) -> None:
        """A movie was made."""
        self._say("movie", f"movie: {path}", path=path)

    def no_movie(self, path: Path) -> None:
        """A movie could not be made."""
        why = f"{path}: not made, frames are missing; mend them and --resume"
        self._say("warning", f"ck: {why}", err=True, text=why)

    def shot_failed(self, clip: Clip, error: CorridorKeyError) -> None:
        """One of several shots could not be keyed; the next one is."""
        self._say("error", f"ck: {clip.name}: {error}", err=True, error=str(error), exit_code=error.exit_code)

    def shot_end(self, result: str, code: int | None) -> None:
        """A shot is through; `code` is None if the command was stopped."""
        self._say("shot_end", result=result, exit_code=code)

    def summary(self, summary: Summary) -> None:
        """Several shots are through."""
        shots = [dict(zip(("shot", "result", "out"), row, strict=True)) for row in summary.results]
        self._say("summary", *summary.lines(), total=summary.total, done=summary.codes.count(0), shots=shots)

    def config(self, configs: Iterable[ShotConfig]) -> None:
        """Every shot's settings."""
        configs = list(configs)
        lines = [line for config in configs for line in (*_heading(config, len(configs)), *config.lines())]
        self._say("config", *lines, shots=[config.to_json() for config in configs])

    def plan(self, lines: Iterable[str], facts: Mapping[str, Any]) -> None:
        """What a run would do, of one shot or of all."""
        self._say("plan", *lines, **facts)

    def end(self, code: int, error: str = "") -> None:
        """The command ends; people are told why by main.py."""
        if error:
            self._say("stopped" if code in STOPPED else "error", error=error, exit_code=code)
        self._say("done", exit_code=code)

    @contextmanager
    def heard(self) -> Iterator[None]:
        """Tells how what it holds ends, and lets every error through."""
        try:
            yield
        except BrokenPipeError:  # nobody listens
            raise
        except click.ClickException as error:
            self.end(error.exit_code, error.format_message())
            raise
        except CorridorKeyError as error:
            self.end(error.exit_code, str(error))
            raise
        except (KeyboardInterrupt, click.Abort):
            self.end(128 + signal.SIGINT, "stopped; every file written so far is whole")
            raise
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
            self.end(code, "terminated; every file written so far is whole" if code in STOPPED else "")
            raise
        except Exception as error:
            self.end(1, f"{type(error).__name__}: {error}")
            raise
        else:
            self.end(0)


def level_of(verbose: bool) -> int:
    """What of the library's log is passed on."""
    return logging.INFO if verbose else logging.WARNING


class TextVoice(Voice):
    """Lines for people; a bar on a terminal."""

    def _say(self, event: str, /, *lines: str, err: bool = False, **facts: Any) -> None:
        del event, facts
        for line in lines:
            click.echo(printable(line), err=err)

    def listen(self, verbose: bool) -> None:
        """To stderr."""
        handler = logging.StreamHandler()
        handler.setFormatter(_Printable("ck: %(message)s"))
        logging.basicConfig(handlers=[handler], level=level_of(verbose), force=True)

    def keyed(self, done: int, total: int, out: Path, failed: Sequence[KeyedFile]) -> None:
        """With those that failed."""
        super().keyed(done, total, out, failed)
        if failed:
            click.echo(f"ck: {len(failed)} frames failed:", err=True)
        for frame in failed:
            click.echo(printable(f"  frame {frame.number}: {frame.error}"), err=True)

    @contextmanager
    def frames(self, total: int) -> Iterator[Advance]:
        """A bar on a terminal, else a line every few seconds."""
        pace, last = Pace(total), time.monotonic()

        def line(frame: KeyedFile) -> None:
            nonlocal last
            pace.done += 1
            if pace.done in (1, total) or time.monotonic() - last > PLAIN_EVERY:
                last = time.monotonic()
                words = f"{pace.done} of {total}, {pace.rate:.2f} fps, {(total - pace.done) / pace.rate:.0f} s left"
                click.echo(f"frame {frame.number}: {words}", err=True)

        if not sys.stderr.isatty():
            yield line
            return
        show: Any = {"item_show_func": lambda _: f"{pace.rate:.2f} fps", "show_eta": True, "show_pos": True}
        with click.progressbar(length=total, label="keying", file=sys.stderr, **show) as bar:

            def step(frame: KeyedFile) -> None:
                pace.done += 1
                bar.update(1, frame.number)

            yield step


def voice_of(context: click.Context) -> Voice:
    """The voice of the command that runs."""
    return context.find_object(Voice) or TextVoice()


class _Printable(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return printable(super().format(record))


def _heading(config: ShotConfig, shots: int) -> list[str]:
    return [config.clip.name] if shots > 1 else []
