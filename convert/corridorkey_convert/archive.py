"""A zip as Torch writes it, held against its own directory before anything is taken from it.

Python's zipfile would do for honest files; this one believes nothing: entries lie inside the file, one after another,
under different names, and have the size and the checksum that the directory gives them.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from corridorkey.errors import CheckpointFormatError
from corridorkey_convert.source import Source

ENTRIES = 100_000  # at most; the released file has about 400
INFLATED = 1 << 30  # bytes that all compressed entries together may become
RATIO = 64  # weights hardly compress; more is a bomb
PIECE = 1 << 20
STORED, DEFLATED = 0, 8

_END = struct.Struct("<4s4H2IH")
_END64 = struct.Struct("<4sQ2H2I4Q")
_LOCATOR = struct.Struct("<4sIQI")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_LOCAL = struct.Struct("<4s5H3I2H")
_FULL = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a zip: `start` is where its `packed` bytes begin; unpacked they are `size`."""

    name: str
    method: int
    crc: int
    packed: int
    size: int
    start: int


class Archive:
    """The entries of a zip, by name.

    Args:
        source: the open file.
    Raises:
        CheckpointFormatError: damaged, cut short, encrypted, a bomb, or at odds with itself.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        try:
            self.entries: Mapping[str, Entry] = _entries(source.data)
        except _Damaged as error:
            raise self.refused(str(error)) from error
        except (struct.error, UnicodeDecodeError) as error:
            raise self.refused("the zip is damaged or cut short") from error

    def refused(self, why: str) -> CheckpointFormatError:
        """The error that says why this file is not read."""
        return CheckpointFormatError(f"{self.source.path}: {why}. Fetch or copy it again.")

    def read(self, name: str, most: int | None = None) -> memoryview:
        """An entry's bytes: a view of the file where they are stored as they are.

        Args:
            name: of an entry that is there.
            most: size above which it is refused.
        Raises:
            CheckpointFormatError: too large, or its checksum is wrong.
        """
        entry = self.entries[name]
        if most is not None and entry.size > most:
            raise self.refused(f"{name} has {entry.size} bytes, more than a weights file needs")
        if entry.method == DEFLATED:
            return memoryview(self._inflated(entry)).toreadonly()
        crc = 0
        # Read, not mapped: pages that only the checksum looks at need not stay in memory.
        for piece in self.source.chunks(entry.start, entry.size):
            crc = zlib.crc32(piece, crc)
        self._check(entry, crc)
        return self.source.data[entry.start : entry.start + entry.size]

    def _inflated(self, entry: Entry) -> bytearray:
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        # In pieces: zlib would hold all of it twice.
        data, at = bytearray(entry.size), 0
        try:
            for packed in self.source.chunks(entry.start, entry.packed):
                whole = True
                while whole and at <= entry.size and not inflater.eof:
                    piece = inflater.decompress(packed, PIECE)
                    data[at : at + len(piece)] = piece
                    at, packed, whole = at + len(piece), inflater.unconsumed_tail, len(piece) == PIECE
        except zlib.error as error:
            raise self.refused(f"{entry.name} is damaged") from error
        if at != entry.size or not inflater.eof:
            raise self.refused(f"{entry.name} is not as large as the zip says")
        self._check(entry, zlib.crc32(data))
        return data

    def _check(self, entry: Entry, crc: int) -> None:
        if crc != entry.crc:
            raise self.refused(f"{entry.name} is damaged: its checksum is wrong")


class _Damaged(Exception):
    pass


def _entries(data: memoryview) -> dict[str, Entry]:
    count, start, end = _directory(data)
    entries: dict[str, Entry] = {}
    at = start
    for _ in range(count):
        entry, at = _entry(data, at, start)
        if entry.name in entries:
            raise _Damaged(f"two entries are called {entry.name!r}")
        entries[entry.name] = entry
    if at != end:
        raise _Damaged("the zip's directory is not as long as it says")
    _check_apart(entries)
    inflated = sum(e.size for e in entries.values() if e.method == DEFLATED)
    if inflated > INFLATED or any(e.method == DEFLATED and e.size > RATIO * e.packed + 65536 for e in entries.values()):
        raise _Damaged("it would unpack to far more than weights do")
    return entries


def _directory(data: memoryview) -> tuple[int, int, int]:
    """Number of entries, and where the central directory starts and ends."""
    tail = max(0, len(data) - _END.size - 0xFFFF)
    found = bytes(data[tail:]).rfind(b"PK\5\6")
    if found < 0:
        raise _Damaged("the zip has no end: it is cut short")
    at = end = tail + found
    _, disk, first_disk, here, count, size, start, comment = _END.unpack_from(data, at)
    if at + _END.size + comment != len(data) or disk or first_disk or here != count:
        raise _Damaged("the zip's end is damaged")
    if at >= _LOCATOR.size and bytes(data[at - _LOCATOR.size :][:4]) == b"PK\6\7":
        _, _, end, _ = _LOCATOR.unpack_from(data, at - _LOCATOR.size)
        if end + _END64.size != at - _LOCATOR.size:
            raise _Damaged("the zip's end is damaged")
        signature, _, _, _, disk, first_disk, here, count64, size64, start64 = _END64.unpack_from(data, end)
        narrow = ((count, count64, 0xFFFF), (size, size64, _FULL), (start, start64, _FULL))
        agree = all(small in (large, full) for small, large, full in narrow)
        if signature != b"PK\6\6" or disk or first_disk or here != count64 or not agree:
            raise _Damaged("the zip's end is damaged")
        count, size, start = count64, size64, start64
    if start + size != end or count > ENTRIES:
        raise _Damaged("the zip's directory is not where or not as large as it says")
    return count, start, end


def _entry(data: memoryview, at: int, limit: int) -> tuple[Entry, int]:
    """The directory's entry at `at`, and where the next one is."""
    fields = _CENTRAL.unpack_from(data, at)
    signature, flags, method, crc, packed, size = fields[0], fields[3], fields[4], *fields[7:10]
    name_length, extra_length, comment_length, local = *fields[10:13], fields[16]
    at += _CENTRAL.size
    name = _text(data, at, name_length)
    extra = bytes(data[at + name_length : at + name_length + extra_length])
    size, packed, local = _wide(extra, [size, packed, local])
    if signature != b"PK\1\2" or method not in (STORED, DEFLATED) or (method == STORED and packed != size):
        raise _Damaged(f"the zip's entry {name!r} is damaged, or packed in a way that Torch does not use")
    if flags & 1:
        raise _Damaged(f"{name!r} is encrypted")
    if not name.isprintable() or name.startswith("/") or "\\" in name or not name or ".." in name.split("/"):
        raise _Damaged(f"an entry is called {name!r}")
    start = _data_start(data, local, limit, name, method)
    if start + packed > limit:
        raise _Damaged(f"{name!r} reaches beyond the end of the data: the file is cut short")
    return Entry(name, method, crc, packed, size, start), at + name_length + extra_length + comment_length


def _wide(extra: bytes, fields: list[int]) -> list[int]:
    """Size, packed size and offset, from the zip64 field where 32 bits do not hold them."""
    wide: list[int] = []
    at = 0
    while at + 4 <= len(extra):
        tag, length = struct.unpack_from("<2H", extra, at)
        if tag == 1:
            wide = [n for (n,) in struct.iter_unpack("<Q", extra[at + 4 : at + 4 + length // 8 * 8])]
        at += 4 + length
    if fields.count(_FULL) > len(wide):
        raise _Damaged("a large entry has no sizes")
    return [wide.pop(0) if field == _FULL else field for field in fields]


def _data_start(data: memoryview, local: int, limit: int, name: str, method: int) -> int:
    if local + _LOCAL.size > limit:
        raise _Damaged(f"{name!r} is not where the directory says")
    fields = _LOCAL.unpack_from(data, local)
    signature, local_method, name_length, extra_length = fields[0], fields[3], *fields[9:11]
    same = signature == b"PK\3\4" and local_method == method
    if not same or _text(data, local + _LOCAL.size, name_length) != name:
        raise _Damaged(f"{name!r} is not where the directory says")
    return local + _LOCAL.size + int(name_length) + int(extra_length)


def _text(data: memoryview, at: int, length: int) -> str:
    return bytes(data[at : at + length]).decode()


def _check_apart(entries: Mapping[str, Entry]) -> None:
    end = 0
    for entry in sorted(entries.values(), key=lambda e: (e.start, e.packed)):
        if entry.start < end:
            raise _Damaged(f"{entry.name!r} lies over another entry")
        end = entry.start + entry.packed
