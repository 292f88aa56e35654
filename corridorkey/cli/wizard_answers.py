"""What the wizard asks, and what `ck key` is told of the answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from corridorkey.cli import key
from corridorkey.cli.asking import Asker
from corridorkey.cli.config import PLATE_SETTINGS, Setting, words_of
from corridorkey.errors import SettingsError
from corridorkey.printable import printable

if TYPE_CHECKING:
    from corridorkey.clips import Clip, Plan

OPTIONS = {str(option.name): option for option in key.command.params if isinstance(option, click.Option)}
ASKED = (
    "screen_color",
    "input_colorspace",
    "despill",
    "despeckle",
    "refiner_scale",
    "source_detail",
    "outputs",
    "exr_bits",
    "fg_colorspace",
)
PASSED_ON = (  # to `ck key`, not asked for
    "exr_compression",
    "png_bits",
    "output_colorspace",
    "movie",
    "checkpoint",
    "size",
    "dtype",
    "device",
    "backend",
)


@dataclass(frozen=True, slots=True)
class There:
    """What there is before the first question.

    Attributes:
        plan: what could be moved into shots.
        clips: the shots there are.
        keyed: names of those that have outputs.
        partly: of these, those that a resume can go on with -> how far they are, "12 of 40".
        defaults: name of a `ck key` option -> what Enter means, as text.
    """

    plan: Plan
    clips: Sequence[Clip]
    keyed: Sequence[str]
    partly: Mapping[str, str]
    defaults: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Answers:
    """What is to be done, all of it known before anything is.

    Attributes:
        organise: carry the plan out.
        hints: names of the shots to make hints for.
        key: key the shots.
        overwrite: replace outputs that are there.
        resume: go on with shots that are keyed in part.
        settings: name of a `ck key` option -> its value as text, where it was chosen; the others are ck.toml's, or the
            defaults.
    """

    organise: bool
    hints: tuple[str, ...]
    key: bool
    overwrite: bool
    resume: bool
    settings: Mapping[str, str]


def ask(context: click.Context, asker: Asker, there: There, flags: Mapping[str, Any]) -> Answers:
    """Every question, in order; what a flag has answered is not asked.

    Args:
        context: of `ck key`.
        asker: asks, or takes defaults.
        there: what the questions are about.
        flags: the command's options by name, None or empty where not given.
    Raises:
        SettingsError: a flag names no shot or is out of range, or there is no terminal to ask at.
    """
    plan, clips = there.plan, there.clips
    organise = bool(plan.moves) and asker.confirm(
        flags["organise"], f"Move {'these' if len(plan.moves) > 1 else 'this'}?", "organise", default=False, yes=True
    )
    names = [clip.name for clip in clips] + [move.shot.name for move in plan.moves if organise]
    hints = _ask_hints(asker, _lacking_hints(plan if organise else None, clips), flags)
    keys = bool(names) and asker.confirm(
        flags["wants_key"], f"Key {count_of(len(names), 'shot')}?", "key", default=True
    )
    overwrite, resume = _ask_again(asker, there, flags) if keys else (False, False)
    given = {name: words_of(Setting(flags[name])) for name in (*ASKED, *PASSED_ON) if flags[name] is not None}
    settings = {name: asker.setting(given[name], OPTIONS[name], context, "") for name in PASSED_ON if name in given}
    wanted = ASKED if keys else PLATE_SETTINGS if hints else ()
    if any(name not in given for name in wanted) and not asker.takes_defaults:
        click.echo("Settings; Enter takes what is in brackets.")
    for name in wanted:
        answer = asker.setting(given.get(name), OPTIONS[name], context, there.defaults[name])
        if name in given or answer != there.defaults[name]:
            settings[name] = answer
    return Answers(organise, tuple(hints), keys, overwrite, resume, settings)


def flag_words(answers: Answers) -> list[str]:
    """The wizard's flags that give these answers."""
    words = ["--organise" if answers.organise else "--no-organise"]
    words += [word for name in answers.hints for word in ("--hints-for", name)] or ["--no-hints"]
    words += ["--key" if answers.key else "--no-key", "--overwrite" if answers.overwrite else "--no-overwrite"]
    words += ["--resume" if answers.resume else "--no-resume"]
    return [*words, *_setting_words(answers.settings), "--yes"]


def key_arguments(clip: Clip, answers: Answers, *, partly: bool) -> list[str]:
    """The words of the `ck key` that keys a shot so.

    Args:
        clip: the shot.
        answers: what was chosen.
        partly: a resume can go on with it.
    """
    mode = ["--overwrite"] if answers.overwrite else ["--resume"] if answers.resume and partly else []
    return [str(clip.plate.absolute()), *_setting_words(answers.settings), *mode]


def _ask_again(asker: Asker, there: There, flags: Mapping[str, Any]) -> tuple[bool, bool]:
    """Whether shots that have outputs are keyed again, and whether those that are keyed in part are gone on with."""
    if not there.keyed:
        return False, False
    question = f"Outputs are there already for {', '.join(there.keyed)}. Key again and replace them?"
    overwrite = asker.confirm(flags["overwrite"], question, "overwrite", default=False)
    if overwrite or not there.partly:
        return overwrite, False
    shots = ", ".join(f"{name} ({how_far})" for name, how_far in there.partly.items())
    question = f"Keyed in part: {shots}. Keep what is there and key the rest?"
    return False, asker.confirm(flags["resume"], question, "resume", default=True)


def _setting_words(settings: Mapping[str, str]) -> list[str]:
    return [word for name, value in settings.items() for word in _words(OPTIONS[name], value)]


def _words(option: click.Option, value: str) -> list[str]:
    if option.is_flag:
        return [(option.opts if click.BOOL.convert(value, None, None) else option.secondary_opts)[0]]
    return [option.opts[-1], value]


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
    names = printable(", ".join(lacking))
    click.echo(f"No hints, or not for all frames: {names}. Keying needs none; it makes them from the screen.")
    question = "Write them as pictures too, to look at or paint on?"
    chosen = asker.choose(question, ("no", "yes", "each"), "--hints, --no-hints or --hints-for SHOT")
    if chosen == "each":
        return [name for name in lacking if click.confirm(printable(f"  Hints for {name}?"), default=False)]
    return lacking if chosen == "yes" else []


def count_of(number: int, thing: str) -> str:
    """'1 shot', '2 shots'."""
    return f"{number} {thing}{'s' * (number != 1)}"
