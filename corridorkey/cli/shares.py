"""Work that several processes share: every N-th piece from the I-th."""

from __future__ import annotations

import re

from corridorkey.errors import SettingsError


def shared_part(option: str, text: str) -> tuple[int, int]:
    """I and N of "I/N".

    Args:
        option: named in the error.
        text: what was typed.
    Raises:
        SettingsError: it is no such part.
    """
    match = re.fullmatch(r"(\d+)/(\d+)", text)
    if match is None or int(match[1]) >= int(match[2]):
        raise SettingsError(f"{option} {text}: use I/N, for example 0/2 and 1/2")
    return int(match[1]), int(match[2])
