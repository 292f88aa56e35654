"""Names from files, as a terminal may be shown them."""

from __future__ import annotations


def printable(text: str) -> str:
    """A text whose control characters and lone surrogates are spelled out: a terminal would obey, or refuse them."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)
