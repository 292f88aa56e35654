"""What the wizard asks, and what `ck key` is told of the answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from corridorkey.cli import key
from corridorkey.cli.asking import Asker
from corridorkey.errors import SettingsError

if TYPE_CHECKING:
    from corridorkey.clips import Clip, Plan

OPTIONS = {str(option.name): option for option in key.command.params if isinstance(option, click.Option)}
ASKED = (
    "screen_color",
    "input_colorspace",
    "despill",
    "despeckle",
    "refiner_scale",
    "outputs",
    "exr_bits",
    "fg_colorspace",
)
FOR_HINTS = ("screen_color", "input_colorspace")
PASSED_ON = ("checkpoint", "size", "dtype", "device", "backend")  # to `ck key`, not asked for


@dataclass(frozen=True, slots=True)
class Answers:
    """What is to be done, all of it known before anything is.

    Attributes:
        organise: carry the plan out.
        hints: names of the shots to make hints for.
        key: key the shots.
        overwrite: replace outputs that are there.
        settings: name of a `ck key` option -> its value as text.
    """

    organise: bool
    hints: tuple[str, ...]
    key: bool
    overwrite: bool
    settings: Mapping[str, str]


def ask(
    context: click.Context,
    asker: Asker,
    plan: Plan,
    clips: Sequence[Clip],
    keyed: Sequence[str],
    flags: Mapping[str, Any],
) -> Answers:
    """Every question, in order; what a flag has answered is not asked.

    Args:
        context: the wizard's.
        asker: asks, or takes defaults.
        plan: what could be moved into shots.
        clips: the shots there are.
        keyed: names of those that have outputs.
        flags: the command's options by name, None or empty where not given.
    Raises:
        SettingsError: a flag names no shot or is out of range, or there is no terminal to ask at.
    """
    organise = bool(plan.moves) and asker.confirm(
        flags["organise"], f"Move {'these' if len(plan.moves) > 1 else 'this'}?", "organise", default=False, yes=True
    )
    names = [clip.name for clip in clips] + [move.shot.name for move in plan.moves if organise]
    hints = _ask_hints(asker, _lacking_hints(plan if organise else None, clips), flags)
    keys = bool(names) and asker.confirm(
        flags["wants_key"], f"Key {count_of(len(names), 'shot')}?", "key", default=True
    )
    overwrite = False
    if keys and keyed:
        question = f"Outputs are there already for {', '.join(keyed)}. Key again and replace them?"
        overwrite = asker.confirm(flags["overwrite"], question, "overwrite", default=False)
    settings = {name: str(flags[name]) for name in PASSED_ON if flags[name] is not None}
    wanted = ASKED if keys else FOR_HINTS if hints else ()
    if any(flags[name] is None for name in wanted) and not asker.takes_defaults:
        click.echo("Settings; Enter takes what is in brackets.")
    with click.Context(key.command, info_name="key", parent=context) as inner:
        settings |= {name: asker.setting(flags[name], OPTIONS[name], inner) for name in wanted}
    return Answers(organise, tuple(hints), keys, overwrite, settings)


def flag_words(answers: Answers) -> list[str]:
    """The wizard's flags that give these answers."""
    words = ["--organise" if answers.organise else "--no-organise"]
    words += [word for name in answers.hints for word in ("--hints-for", name)] or ["--no-hints"]
    words += ["--key" if answers.key else "--no-key", "--overwrite" if answers.overwrite else "--no-overwrite"]
    return [*words, *_setting_words(answers.settings)]


def key_arguments(clip: Clip, settings: Mapping[str, str], *, overwrite: bool) -> list[str]:
    """The words of the `ck key` that keys a shot so.

    Args:
        clip: the shot.
        settings: name of a `ck key` option -> its value as text.
        overwrite: whether outputs that are there are replaced.
    """
    words = [str(clip.plate.absolute()), "--out", str(clip.out.absolute())]
    words += ["--hint", str(clip.hint.absolute())] if clip.hint else []
    words += _setting_words(settings)
    return [*words, "--overwrite"] if overwrite else words


def _setting_words(settings: Mapping[str, str]) -> list[str]:
    return [word for name, value in settings.items() for word in (OPTIONS[name].opts[-1], value)]


def _lacking_hints(plan: Plan | None, clips: Sequence[Clip]) -> list[str]:
    from corridorkey.clips import lacks_hints

    coming = [move.shot.name for move in plan.moves] if plan else []
    return [clip.name for clip in clips if lacks_hints(clip)] + coming


def _ask_hints(asker: Asker, lacking: list[str], flags: Mapping[str, Any]) -> list[str]:
    if named := flags["hints_for"]:
        if unknown := set(named) - set(lacking):
            there = ", ".join(lacking) or "none"
            raise SettingsError(f"--hints-for {min(unknown)}: no shot of that name lacks hints; these do: {there}")
        return [name for name in lacking if name in named]
    if not lacking or flags["make_all"] is not None:
        return lacking if flags["make_all"] else []
    click.echo(
        f"No hints, or not for all frames: {', '.join(lacking)}. Keying needs none; it makes them from the screen."
    )
    question = "Write them as pictures too, to look at or paint on?"
    chosen = asker.choose(question, ("no", "yes", "each"), "--hints, --no-hints or --hints-for SHOT")
    if chosen == "each":
        return [name for name in lacking if click.confirm(f"  Hints for {name}?", default=False)]
    return lacking if chosen == "yes" else []


def count_of(number: int, thing: str) -> str:
    """'1 shot', '2 shots'."""
    return f"{number} {thing}{'s' * (number != 1)}"
