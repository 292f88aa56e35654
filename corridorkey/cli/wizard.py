"""`ck wizard`: dropped footage to keyed shots, one question at a time. Every question comes before the first deed."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corridorkey.cli import key
from corridorkey.cli.asking import Asker
from corridorkey.cli.config import PLATE_SETTINGS, Setting, file_settings, folders_of, resolve, words_of
from corridorkey.cli.kinds import Words
from corridorkey.cli.wizard_answers import (
    ASKED,
    OPTIONS,
    PASSED_ON,
    Answers,
    There,
    ask,
    count_of,
    flag_words,
    key_arguments,
)
from corridorkey.config import KeySettings
from corridorkey.printable import printable

if TYPE_CHECKING:
    from corridorkey.clips import Clip, ClipReport, Plan

YES = "Ask nothing: move, make no hints, key with every default, replace no output."


def _settings(function: Callable[..., None]) -> Callable[..., None]:
    """Gives a command `ck key`'s options, unset unless they are given."""
    for name in reversed((*ASKED, *PASSED_ON)):
        option = OPTIONS[name]
        if option.is_flag:
            words = f"{option.opts[0]}/{option.secondary_opts[0]}"
            function = click.option(words, name, default=None, help=option.help)(function)
        else:
            function = click.option(*option.opts, name, metavar="TEXT", help=option.help)(function)
    return function


@click.command("wizard")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--organise/--no-organise", default=None, help="Move dropped movies and folders into shots.")
@click.option("--hints/--no-hints", "make_all", default=None, help="Write the missing hints; keying needs none.")
@click.option(
    "--hints-for", multiple=True, metavar="SHOT", help="Write the missing hints of this shot; may be repeated."
)
@click.option("--key/--no-key", "wants_key", default=None, help="Key the shots.")
@click.option("--overwrite/--no-overwrite", default=None, help="Key shots again that have outputs, and replace those.")
@click.option("--resume/--no-resume", default=None, help="Go on with shots that are keyed in part.")
@_settings
@click.option("--yes", is_flag=True, help=YES)
@click.pass_context
def command(context: click.Context, /, path: Path, yes: bool, **flags: Any) -> None:
    """Make shots of what was dropped into PATH, and key them; asks before it does anything.

    Movies become SHOT/Input.mov, folders of pictures SHOT/Input/. Nothing is copied, replaced or deleted. All questions
    come first: Ctrl-C at any of them leaves everything as it is. Each has a flag, and a flag given is not asked about.
    """
    from corridorkey.cli.clips import problem_lines, table
    from corridorkey.cli.report import log_to_terminal
    from corridorkey.clips import Plan, find_clips, organise, plan_shots, shots_in

    log_to_terminal(False)
    with click.Context(key.command, info_name="key", parent=context) as keying:
        defaults = _defaults(keying, [path])
    plan = plan_shots(path) if path.is_dir() else Plan()
    clips = _without_planned(plan, shots_in(path) if path.is_dir() else [])
    if not clips and not plan.moves:
        _say(plan.refused, "Left where they are:")
        clips = find_clips(path)
    reports = [_report(keying, clip, path, flags["outputs"]) for clip in clips]
    for line in [*table(reports), "", *problem_lines(reports)] if reports else []:
        click.echo(line)
    _say(plan_lines(plan), f"To be moved, in {path.resolve()}:")
    _say(plan.refused, "Left where they are:")
    keyed = [found.clip.name for found in reports if any(found.outputs.values())]
    partly = {found.clip.name: f"{found.done} of {found.count}" for found in reports if _is_partly_keyed(found)}
    answers = ask(keying, Asker(yes), There(plan, clips, keyed, partly, defaults), flags)
    if not (answers.organise or answers.hints or answers.key):
        click.echo("Nothing to do, and nothing was changed.")
        return
    again = printable(shlex.join(["ck", "wizard", str(path), *flag_words(answers)]))
    click.echo(f"\nThe same without questions: {again}\n")
    if answers.organise:
        for move in organise(plan):
            click.echo(printable(f"moved {move.source.name} to {move.target.relative_to(path.resolve())}"))
        clips = shots_in(path)
    failed = 0
    for clip in clips:
        if clip.name in answers.hints:
            failed = write_hints(clip, _defaults(keying, folders_of(clip, path)) | dict(answers.settings)) or failed
    clips = find_clips(path) if answers.hints else clips
    left = set() if answers.overwrite else set(keyed) - set(partly if answers.resume else ())
    code = _key_all(context, path, clips, left, partly, answers) if answers.key else 0
    if code or failed:
        raise SystemExit(code or failed)


def plan_lines(plan: Plan) -> list[str]:
    """The plan for people: each source and where it goes."""
    from corridorkey.cli.clips import aligned

    rows = []
    for move in plan.moves:
        what = "movie" if move.frames is None else count_of(move.frames, "picture")
        end = "" if move.frames is None else "/"
        rows.append((f"{move.source.name}{end}", f"({what})", f"->  {move.shot.name}/{move.target.name}{end}"))
    lines = aligned(rows) if rows else []
    return [*lines, "with an empty AlphaHint/ in each, for hints of your own"] if lines else []


def write_hints(clip: Clip, settings: Mapping[str, str]) -> int:
    """Make a shot's missing hints; if that fails it is told about, and no error.

    Args:
        clip: the shot.
        settings: name of a `ck key` option -> its value as text; those of PLATE_SETTINGS count.
    Returns:
        Exit code: 0, or 3 if it failed.
    """
    from corridorkey.clips import make_hints
    from corridorkey.errors import SOME_FRAMES_FAILED, CorridorKeyError

    knobs: dict[str, Any] = {name: settings[name] for name in PLATE_SETTINGS}
    click.echo(printable(f"making hints for {clip.name}"))
    try:
        paths = list(make_hints(clip, KeySettings(**knobs)))
    except CorridorKeyError as error:
        click.echo(printable(f"ck: {clip.name}: no hints: {error}"), err=True)
        return SOME_FRAMES_FAILED
    click.echo(printable(f"{count_of(len(paths), 'hint')} in {paths[0].parent}" if paths else "none was missing"))
    return 0


def _defaults(keying: click.Context, folders: Iterable[Path]) -> dict[str, str]:
    """What is asked for, as text, where nobody answers: ck.toml's, or the default."""
    found = file_settings(keying, list(folders))
    return {name: words_of(found.get(name) or Setting(OPTIONS[name].get_default(keying))) for name in ASKED}


def _report(keying: click.Context, clip: Clip, root: Path, outputs: str | None) -> ClipReport:
    from corridorkey.clips import report

    # Every shot's ck.toml is read here, so that a fault in one is told before anything is moved.
    outputs = outputs or _defaults(keying, folders_of(clip, root))["outputs"]
    return report(clip, screen=False, outputs=KeySettings(outputs=Words().convert(outputs, None, None)).outputs)


def _is_partly_keyed(found: ClipReport) -> bool:
    from corridorkey.resume import Manifest

    # Without a manifest nobody knows how the frames were made, and a resume would replace them.
    there = any(found.outputs.values()) and Manifest(found.clip.out).path.is_file()
    return there and found.done < (found.count or 0)


def _without_planned(plan: Plan, clips: Sequence[Clip]) -> list[Clip]:
    # A movie alone in a folder counts as its shot, until the plan says where it goes.
    return [clip for clip in clips if clip.plate not in {move.source for move in plan.moves}]


def _key_all(
    context: click.Context,
    root: Path,
    clips: Sequence[Clip],
    left: Collection[str],
    partly: Collection[str],
    answers: Answers,
) -> int:
    from corridorkey.cli.key_options import KeyOptions
    from corridorkey.cli.key_shot import key_shot
    from corridorkey.cli.several import key_several

    if left:
        names = ", ".join(clip.name for clip in clips if clip.name in left)
        click.echo(printable(f"Left as keyed before: {names}"))
        clips = [clip for clip in clips if clip.name not in left]
    shared = KeyOptions(KeySettings())

    def key_one(clip: Clip) -> None:
        words = key_arguments(clip, answers, partly=clip.name in partly)
        with key.command.make_context("key", words, parent=context) as keying:
            options = shared.told(resolve(keying, clip, root).values)
        key_shot(clip, options)

    return key_several(clips, key_one).exit_code if clips else 0


def _say(lines: Sequence[str], heading: str) -> None:
    if lines:
        click.echo("\n".join([heading, *(f"  {printable(line)}" for line in lines), ""]))
