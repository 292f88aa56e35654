"""What a command says, for programs: one JSON object a line."""

from __future__ import annotations

import itertools
import json
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import RLock
from typing import TYPE_CHECKING, Any

import click

from corridorkey.cli.voice import Advance, Pace, TextVoice, Voice, level_of

if TYPE_CHECKING:
    from corridorkey.cli.config import ShotConfig
    from corridorkey.clips import Clip
    from corridorkey.run import KeyedFile


class JsonVoice(Voice):
    """One JSON object a line on stdout, and nothing else there."""

    def __init__(self) -> None:
        """Nothing was said yet."""
        self._shot: str | None = None
        self._lock = RLock()  # the library's warnings come from any thread
        self._is_config = False

    def _say(self, event: str, /, *lines: str, err: bool = False, **facts: Any) -> None:
        del err, lines
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        shot = {"shot": self._shot} if self._shot is not None else {}
        told = json.dumps(jsonable({"time": now, "event": event, **shot, **facts}))
        with self._lock:
            click.echo(told)

    def listen(self, verbose: bool) -> None:
        """As events, "warning" and "note"."""
        handler = _Warnings(lambda kind, said: self._say(kind, text=said))
        logging.basicConfig(handlers=[handler], level=level_of(verbose), force=True)

    def shot(self, clip: Clip, at: int, of: int) -> None:
        """Its name goes along with what follows."""
        self._shot = clip.name
        super().shot(clip, at, of)

    def shot_end(self, result: str, code: int | None) -> None:
        """What follows is not the shot's."""
        super().shot_end(result, code)
        self._shot = None

    def config(self, configs: Iterable[ShotConfig]) -> None:
        """One object, whole."""
        super().config(configs)
        self._is_config = True

    def end(self, code: int, error: str = "") -> None:
        """After the settings, nothing: they are one object."""
        if not self._is_config:
            super().end(code, error)

    @contextmanager
    def frames(self, total: int) -> Iterator[Advance]:
        """An event for each frame."""
        pace = Pace(total)

        def step(frame: KeyedFile) -> None:
            pace.done += 1
            facts: dict[str, Any] = {
                "frame": frame.number,
                "done": pace.done,
                "total": total,
                "fps": round(pace.rate, 3),
            }
            if frame.error:
                self._say("failed", **facts, error=str(frame.error))
            else:
                self._say("frame", **facts, paths=frame.paths)

        yield step


def voice_for(words: Sequence[str]) -> Voice:
    """The voice that a command line asks for; it is looked for before the words are known to be right.

    Args:
        words: after `ck`.
    """
    words = list(words[: words.index("--")] if "--" in words else words)
    pairs = {*itertools.pairwise(words), *(tuple(word.split("=", 1)) for word in words)}
    return JsonVoice() if words[:1] == ["key"] and ("--log-format", "json") in pairs else TextVoice()


class _Warnings(logging.Handler):
    def __init__(self, say: Callable[[str, str], None]) -> None:
        super().__init__()
        self._say = say

    def emit(self, record: logging.LogRecord) -> None:
        self._say("warning" if record.levelno >= logging.WARNING else "note", record.getMessage())


def jsonable(value: Any) -> Any:
    """Values as JSON knows them. Bytes of a name that are no text are written as \\udc80; JSON may not hold them."""
    if isinstance(value, Mapping):
        return {jsonable(key): jsonable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [jsonable(item) for item in value]
    if isinstance(value, bool | int | float) or value is None:
        return value
    return str(value).encode("utf-8", "backslashreplace").decode()
