"""What is fuzzed: a reader, and whole files for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from corridorkey.media.limits import MAX_PIXELS

PLAIN = re.compile(r"[^\x00-\x1f\x7f-\x9f\ud800-\udfff]*")  # no control characters, and what UTF-8 has


@dataclass(frozen=True)
class Sample:
    """A file that is whole.

    Attributes:
        data: what is mutated.
        body: where its pixels, tensors or lines are; the rest is header.
        seal: from mutated data to a file: puts checksums right, or a container around it, so that mutations get past.
    """

    data: bytes
    body: range
    seal: Callable[[bytes], bytes] = bytes


@dataclass(frozen=True)
class Reader:
    """A way into the program for somebody else's bytes.

    Attributes:
        samples: name -> sample, the same in every run; made with the help of an empty folder.
        head: reads the header and nothing else; raises if it refuses it.
        read: reads a file as `ck` does.
        peak: MB that a case may take beyond what is held before it.
        file: what a case's file is called.
        says: what errors say, from their beginning, where `{}` is the file.
        pixels: the most that are read; fewer where a decoder takes memory for what a header claims.
        plain: errors hold nothing that a terminal obeys.
    """

    samples: Callable[[Path], Mapping[str, Sample]]
    head: Callable[[Path], object]
    read: Callable[[Path], object]
    peak: int
    file: str = "case"
    says: str = r"{}: "
    pixels: int = MAX_PIXELS
    plain: bool = True

    def is_ours(self, error: Exception, path: Path) -> bool:
        """Whether an error's text says what it should of a file."""
        pattern = self.says.replace("{}", re.escape(str(path)))
        is_plain = not self.plain or PLAIN.fullmatch(str(error)) is not None
        return is_plain and re.match(pattern, str(error)) is not None
