"""ck.toml: settings that lie beside a shot, or in the user's folder."""

from __future__ import annotations

import stat
import tomllib
from pathlib import Path
from typing import Any

from platformdirs import user_config_path

from corridorkey.errors import SettingsError
from corridorkey.printable import printable

NAME = "ck.toml"
MOST = 1 << 20  # bytes; it is a handful of lines
MOST_DOTS = 100  # in a line: for keys of thousands of parts, a.b.c, the time to read them grows with their square

Value = bool | int | float | str | list[str]


def user_config() -> Path:
    """The user's own ck.toml, in this system's place for settings; it need not exist."""
    return user_config_path("corridorkey", appauthor=False) / NAME


def read_config(path: Path) -> dict[str, Value]:
    """The settings that a ck.toml holds, as they stand there; whether they mean something is not known here.

    Args:
        path: the file; none there is none of its settings.
    Returns:
        Key -> a word, a number, true or false, or a list of words.
    Raises:
        SettingsError: it cannot be read, is not TOML, or holds something else.
    """
    try:
        table = tomllib.loads(_text(path))
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else printable(str(error))
        raise SettingsError(f"{path}: {reason}. Mend it, or move it away.") from error
    for key, value in table.items():
        if not isinstance(value, bool | int | float | str) and not _is_words(value):
            raise SettingsError(f"{path}: {printable(key)}: use a word, a number, true, false, or a list of words")
    return table


def inside(folder: Path, text: str) -> Path:
    """A path that a ck.toml names, which may not leave the folder it lies in: shots come from other people.

    Args:
        folder: the ck.toml's.
        text: as it stands there.
    Returns:
        The path, absolute, links followed.
    Raises:
        SettingsError: it leads elsewhere.
    """
    try:
        root = folder.resolve()
        path = (root / text).resolve()
    except (OSError, ValueError, RuntimeError) as error:  # links in a circle, or no name at all
        raise SettingsError(f"{printable(text)} is no path: {error}") from error
    if not path.is_relative_to(root):
        raise SettingsError(
            f"{printable(text)} leads out of {root}; give it on the command line, or in {user_config()}"
        )
    return path


def _text(path: Path) -> str:
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):  # a pipe would keep us waiting
            raise SettingsError(f"{path}: {'a folder' if stat.S_ISDIR(mode) else 'no file'}; move it away")
        with path.open("rb") as file:
            data = file.read(MOST + 1)
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror or error}. Allow it, or move it away.") from error
    if len(data) > MOST:
        raise SettingsError(f"{path}: larger than {MOST >> 20} MB; that is no list of settings")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise SettingsError(f"{path}: line {line} is not UTF-8; save it as UTF-8") from error
    for number, words in enumerate(text.split("\n"), 1):
        if words.count(".") > MOST_DOTS and not words.lstrip().startswith("#"):
            raise SettingsError(f"{path}: line {number} has more than {MOST_DOTS} dots; that is no setting")
    return text


def _is_words(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(word, str) for word in value)
