"""Seeded damage to bytes: what disks, networks and hostile hands do to a file."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from tests.fuzz.reader import Sample

WHERE = {"body": 5, "header": 3, "all": 2}  # of ten cases
TOUCHY = (0, 1, 2, 3, 4, 8, 16, 32, 64, 0x7F, 0x80, 0xFE, 0xFF, *b"\"'()[]{}.,:-0aubcehijoqrstNRQXBCGJKM\n")
BLOWN = (0, 1, 2**15, 2**16 - 1, 2**24, 2**28, 2**31 - 1, 2**31, 2**32 - 1, 2**40, 2**63 - 1, 2**63, 2**64 - 1)
NUMBERS = (
    b"0",
    b"-1",
    b"65536",
    b"1000000000",
    b"4294967296",
    b"9" * 18,
    b"9" * 400,
    b"1e999",
    b"NaN",
    b"1.5",
    b"null",
)
DIGITS = re.compile(rb"-?[0-9]+")


def mutated(sample: Sample, rng: random.Random, other: bytes) -> tuple[bytes, bool]:
    """A damaged file.

    Args:
        sample: the whole one.
        rng: decides.
        other: another file of the kind, to splice in.
    Returns:
        The file, and whether all its damage lies behind the header.
    """
    data = bytearray(sample.data)
    where = _region(sample, rng)
    places = [rng.choice(where) for _ in range(rng.choice((1, 1, 1, 2, 3, 8)))]
    for place in sorted(places, reverse=True):  # what moves the bytes behind it moves no place to come
        rng.choice(DAMAGE)(data, min(place, len(data) - 1), rng, other)
        data = data or bytearray(1)
    if data == sample.data:  # it was the same before
        flip(data, places[0], rng, other)
    return sample.seal(bytes(data)), all(place in sample.body for place in places)


def flip(data: bytearray, at: int, rng: random.Random, _: bytes) -> None:
    data[at] ^= 1 << rng.randrange(8)


def touch(data: bytearray, at: int, rng: random.Random, _: bytes) -> None:
    data[at] = rng.choice(TOUCHY)


def scramble(data: bytearray, at: int, rng: random.Random, _: bytes) -> None:
    length = min(_length(rng), len(data) - at)
    data[at : at + length] = rng.randbytes(length)


def blow_up(data: bytearray, at: int, rng: random.Random, _: bytes) -> None:
    width = min(rng.choice((1, 2, 4, 4, 8)), len(data) - at)
    value = rng.choice(BLOWN) % (1 << 8 * width)
    data[at : at + width] = value.to_bytes(width, rng.choice(("little", "big")))


def renumber(data: bytearray, at: int, rng: random.Random, _: bytes) -> None:
    """Another number where the text has one; what is no text is blown up."""
    if found := DIGITS.search(data, at, at + 40):
        data[found.start() : found.end()] = rng.choice(NUMBERS)
    else:
        blow_up(data, at, rng, _)


def delete(data: bytearray, at: int, rng: random.Random, _: bytes) -> None:
    del data[at : at + _length(rng)]


def insert(data: bytearray, at: int, rng: random.Random, _: bytes) -> None:
    data[at:at] = bytes(rng.choices(TOUCHY, k=rng.randrange(1, 9)))


def double(data: bytearray, at: int, rng: random.Random, _: bytes) -> None:
    data[at:at] = data[at : at + _length(rng)] * rng.choice((1, 1, 2, 50))


def move(data: bytearray, at: int, rng: random.Random, _: bytes) -> None:
    length = _length(rng)
    piece = data[at : at + length]
    del data[at : at + length]
    to = rng.randrange(at, len(data) + 1)
    data[to:to] = piece


def cut(data: bytearray, at: int, rng: random.Random, _: bytes) -> None:
    del data[max(at, 1) :]


def splice(data: bytearray, at: int, rng: random.Random, other: bytes) -> None:
    length = _length(rng)
    start = min(at, len(other) - 1) if rng.random() < 0.5 else rng.randrange(len(other))
    data[at : at + length] = other[start : start + length]


def _region(sample: Sample, rng: random.Random) -> Sequence[int]:
    (where,) = rng.choices(list(WHERE), list(WHERE.values()))
    everywhere = range(len(sample.data))
    if where == "all" or len(sample.body) in (0, len(everywhere)):
        return everywhere
    return sample.body if where == "body" else [*everywhere[: sample.body.start], *everywhere[sample.body.stop :]]


def _length(rng: random.Random) -> int:
    return rng.choice((1, 1, 2, 4, 8, 12, 16, 40, 100, 400))


DAMAGE = (
    flip,
    flip,
    touch,
    touch,
    scramble,
    blow_up,
    blow_up,
    renumber,
    renumber,
    delete,
    insert,
    double,
    move,
    cut,
    splice,
)
