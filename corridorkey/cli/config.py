"""Where a shot's settings come from: a flag, the environment, a ck.toml, or the default; in that order."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from corridorkey.cli.kinds import Place, Words
from corridorkey.cli.options import check_knob
from corridorkey.clips import Clip, find_clips
from corridorkey.config_file import NAME, Value, inside, read_config, user_config
from corridorkey.errors import SettingsError
from corridorkey.printable import printable

# What belongs to one run; a ck.toml may hold every other option of `ck key`.
PER_RUN = frozenset(
    ("out", "frames", "resume", "overwrite", "verify", "dry_run", "show_config", "log_format", "verbose")
)

PLATE_SETTINGS = ("screen_color", "input_colorspace")  # how a plate is read and seen; hints and samples need no others

MOST = 80  # characters of a wrong word that are shown

_SOURCES = {ParameterSource.COMMANDLINE: "flag", ParameterSource.ENVIRONMENT: "environment"}


@dataclass(frozen=True, slots=True)
class Setting:
    """One value, and where it comes from.

    Attributes:
        value: as the option gives it.
        origin: "flag", "environment", a ck.toml's path, "shot" for a hint that lies in it, or "default".
        unset: what None means, for people.
    """

    value: Any
    origin: str = "default"
    unset: str = ""


@dataclass(frozen=True, slots=True)
class ShotConfig:
    """A shot and all its settings.

    Attributes:
        clip: the shot.
        settings: parameter of `ck key` -> its value.
        names: parameter -> what it is called on the command line and in a ck.toml.
    """

    clip: Clip
    settings: Mapping[str, Setting]
    names: Mapping[str, str]

    @property
    def values(self) -> dict[str, Any]:
        """Parameter -> value, for `KeyOptions.told`."""
        return {name: setting.value for name, setting in self.settings.items()}

    def to_json(self) -> dict[str, Any]:
        """The settings for programs."""
        rows = {self.names[name]: {"value": s.value, "from": s.origin} for name, s in self._shown.items()}
        return {"shot": self.clip.name, "plate": self.clip.plate, "settings": rows}

    def lines(self) -> list[str]:
        """The settings for people: name, value, where from."""
        from corridorkey.cli.clips import aligned

        return aligned([(self.names[name], words_of(s), s.origin) for name, s in self._shown.items()])

    @property
    def _shown(self) -> dict[str, Setting]:
        return {name: setting for name, setting in self.settings.items() if name not in ("dry_run", "show_config")}


def resolve_shots(context: click.Context, shots: Sequence[str]) -> list[ShotConfig]:
    """The shots that the words of a command name, each once, with their settings; no plate has been opened.

    Args:
        context: of `ck key`, parsed.
        shots: from the command line.
    Raises:
        MediaError: there is no shot, or it cannot be looked at.
        SettingsError: a ck.toml, or a flag, holds what it must not.
    """
    found: dict[tuple[Path, Path], tuple[Clip, Path]] = {}
    for shot in shots:
        for clip in find_clips(shot):
            # A shot named twice, or by itself and in its folder, is keyed once.
            found[clip.plate.absolute(), clip.out.absolute()] = clip, Path(shot)
    return [resolve(context, clip, root) for clip, root in found.values()]


def resolve(context: click.Context, clip: Clip, root: Path) -> ShotConfig:
    """One shot's settings.

    Args:
        context: of `ck key`, parsed.
        clip: the shot.
        root: what was named: the shot, or a folder of shots.
    Raises:
        SettingsError: a ck.toml holds what it must not.
    """
    return _resolved(context, clip, [*folders_of(clip, root)])


def file_settings(context: click.Context, folders: Sequence[Path]) -> dict[str, Setting]:
    """What the ck.toml of some folders, nearest first, and the user's own say.

    Args:
        context: of `ck key`; need not be parsed.
        folders: looked into for a ck.toml, not deeper.
    Raises:
        SettingsError: one holds what it must not.
    """
    options = {_key(option): option for option in options_of(context.command)}
    own = user_config()
    merged = _from_file(own, options, context, is_own=True)
    for folder in reversed(folders):
        merged |= _from_file(folder / NAME, options, context, is_own=folder.resolve() == own.parent.resolve())
    return merged


def settings_in_files(context: click.Context, clip: Clip, root: Path) -> dict[str, Setting]:
    """What the ck.toml that count for a shot say, for a command that does not key it.

    Args:
        context: of that command.
        clip: the shot.
        root: what was named: the shot, or a folder of shots.
    Returns:
        Parameter of `ck key` -> its value, where a file has one.
    Raises:
        SettingsError: one holds what it must not.
    """
    from corridorkey.cli import key

    with click.Context(key.command, info_name="key", parent=context) as keying:
        return file_settings(keying, [*folders_of(clip, root)])


def options_of(command: click.Command) -> list[click.Option]:
    """The options of a command whose values it is given."""
    return [option for option in command.params if isinstance(option, click.Option) and option.expose_value]


def _resolved(context: click.Context, clip: Clip, folders: Sequence[Path]) -> ShotConfig:
    # What the shot itself says; a ck.toml and a flag know better.
    own = {"out": Setting(clip.out)} | ({"hint": Setting(str(clip.hint), "shot")} if clip.hint else {})
    from_files = own | file_settings(context, folders)
    settings, names = {}, {}
    for option in options_of(context.command):
        name = str(option.name)
        source = context.get_parameter_source(name)
        value = context.params[name]
        if source in _SOURCES:
            settings[name] = Setting(value, _SOURCES[source], _unset(option))
        else:
            settings[name] = from_files.get(name) or Setting(value, unset=_unset(option))
        names[name] = _key(option)
    return ShotConfig(clip, settings, names)


def folders_of(clip: Clip, root: Path) -> Iterator[Path]:
    """The folders whose ck.toml counts for a shot, nearest first."""
    if clip.kind == "plain":
        yield clip.folder
        return
    # A folder of pictures that the wizard made a shot of takes its ck.toml along, into Input.
    yield from (clip.plate, clip.folder) if clip.plate.is_dir() else (clip.folder,)
    # The folder of shots counts however the shot was named, so that one keyed by itself is keyed as with the others.
    top, folder = root.resolve(), clip.folder.parent
    yield folder
    while folder != top and folder.is_relative_to(top):
        folder = folder.parent
        yield folder


def _from_file(
    path: Path, options: Mapping[str, click.Option], context: click.Context, *, is_own: bool
) -> dict[str, Setting]:
    found: dict[str, Setting] = {}
    for key, value in read_config(path).items():
        try:
            option = _option(key.replace("_", "-"), options)
            parsed = _parsed(option, value, path.parent, context, is_own=is_own)
        except (SettingsError, click.UsageError) as error:
            said = error.format_message() if isinstance(error, click.UsageError) else str(error)
            raise SettingsError(f"{path}: {printable(key)[:MOST]}: {said}") from error
        if str(option.name) in found:
            raise SettingsError(f"{path}: {printable(key)[:MOST]}: is there twice, with - and with _; keep one")
        found[str(option.name)] = Setting(parsed, str(path), _unset(option))
    return found


def _option(key: str, options: Mapping[str, click.Option]) -> click.Option:
    known = [name for name, option in options.items() if option.name not in PER_RUN]
    if key in known:
        return options[key]
    if key in options or key.replace("-", "_") in PER_RUN:
        raise SettingsError(f"belongs to one run; give --{key} on the command line")
    near = difflib.get_close_matches(key, known, 1)
    raise SettingsError(f"unknown; {f'do you mean {near[0]}?' if near else 'use one of ' + ', '.join(known)}")


def _parsed(option: click.Option, value: Value, folder: Path, context: click.Context, *, is_own: bool) -> Any:
    """A value as the option gives it on the command line, in its range."""
    _check_type(option, value)
    if isinstance(option.type, Place | click.Path) and isinstance(value, str):
        value = _place(option.type, value, folder, is_own=is_own)
    try:
        parsed = option.type.convert(value, None, context)
    except click.BadParameter as error:
        raise SettingsError(error.message) from error
    except OverflowError as error:
        raise SettingsError("is beyond all numbers") from error
    check_knob(option, parsed)
    return parsed


def _check_type(option: click.Option, value: Value) -> None:
    """TOML knows what a number is; a command line does not."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    wanted, fits = "a word in quotes", isinstance(value, str)
    if option.is_flag:
        wanted, fits = "true or false", isinstance(value, bool)
    elif isinstance(option.type, Words):
        wanted, fits = "a list of words", isinstance(value, str | list)
    elif option.type.name == "area":
        wanted, fits = "a number, on or off", isinstance(value, str) or (is_number and isinstance(value, int))
    elif option.type.name.startswith("integer"):
        wanted, fits = "a whole number", is_number and isinstance(value, int)
    elif option.type.name.startswith("float"):
        wanted, fits = "a number", is_number
    if isinstance(value, str) and "\0" in value:
        fits = False
    if not fits:
        said = str(value).lower() if isinstance(value, bool) else str(value)
        raise SettingsError(f"{printable(said)[:MOST]}: use {wanted}")


def _place(kind: Any, value: str, folder: Path, *, is_own: bool) -> str:
    if not value.strip() or value in getattr(kind, "words", ()):
        return value
    if not is_own:
        return str(inside(folder, value))
    try:
        return str(folder / Path(value).expanduser())  # the user's own file may name any path
    except RuntimeError as error:
        raise SettingsError(f"{printable(value)[:MOST]}: {error}") from error


def _key(option: click.Option) -> str:
    return max(option.opts, key=len).lstrip("-").replace("_", "-")


def _unset(option: click.Option) -> str:
    if option.envvar:
        return "auto"
    said = re.search(r"\[default: (.+)\]", option.help or "")
    return said[1] if said else "-"


def words_of(setting: Setting) -> str:
    """A value as the command line takes it."""
    value = setting.value
    if value is None:
        return setting.unset
    if isinstance(value, bool):
        return "on" if value else "off"
    return ",".join(value) if isinstance(value, tuple) else str(value)
