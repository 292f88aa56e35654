"""`ck clips`: which shots there are, and what each of them has and lacks."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from corridorkey.cli.json_voice import jsonable
from corridorkey.cli.kinds import Words
from corridorkey.config import DEFAULT_OUTPUTS, KeySettings
from corridorkey.printable import printable

if TYPE_CHECKING:
    from corridorkey.clips import Clip, ClipReport

COLUMNS = ("SHOT", "FRAMES", "COUNT", "GAPS", "HINTS", "SCREEN", "STATE")
_SCREEN = COLUMNS.index("SCREEN")
MOST_NAMES = 6


@click.command("clips")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.option(
    "--screen/--no-screen", default=True, show_default=True, help="Look for the screen's colour in some frames."
)
@click.option("--outputs", type=Words(), help="What makes a frame done.  [default: what `ck key` would write]")
@click.pass_context
def command(
    context: click.Context, /, path: Path, as_json: bool, screen: bool, outputs: tuple[str, ...] | None
) -> None:
    """List the shots at PATH: frames, gaps, hints, screen, and what is keyed already.

    PATH is a shot (a folder with Input/ or Input.mov, and AlphaHint/ if there is a hint), a folder of shots, or a plain
    plate. Nothing is changed. Exits with 5 if there is no shot.
    """
    from corridorkey.cli.report import log_to_terminal
    from corridorkey.clips import Plan, find_clips, plan_shots, report

    log_to_terminal(False)
    clips = find_clips(path)
    wanted = {clip: KeySettings(outputs=outputs or _outputs(context, clip, path)).outputs for clip in clips}
    reports = []
    for clip in clips:
        if screen and sys.stderr.isatty():
            click.echo(f"\r\x1b[Klooking at {printable(clip.name)}", err=True, nl=False)
        reports.append(report(clip, screen=screen, outputs=wanted[clip]))
    if screen and sys.stderr.isatty():
        click.echo("\r\x1b[K", err=True, nl=False)
    plan = plan_shots(path) if any(clip.kind == "shot" for clip in clips) else Plan()
    loose = [move.source for move in plan.moves if move.source not in {clip.plate for clip in clips}]
    if as_json:
        facts = {"shots": [found.to_json() for found in reports], "not_shots": loose}
        click.echo(json.dumps(jsonable(facts), indent=2))
        return
    for line in (*table(reports), "", *problem_lines(reports), *_loose(path, loose), _sum(reports)):
        click.echo(line)


def table(reports: Sequence[ClipReport]) -> list[str]:
    """One aligned line a shot, under a heading; without a column for screens that were not looked for."""
    rows = [COLUMNS, *map(_row, reports)]
    if not any(found.screen_note for found in reports):
        rows = [(*row[:_SCREEN], *row[_SCREEN + 1 :]) for row in rows]
    return aligned(rows, right=(2,))


def aligned(rows: Sequence[Sequence[str]], right: Iterable[int] = ()) -> list[str]:
    """Rows as lines with the columns under each other; those in `right` end under each other."""
    cells = [[printable(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    right = set(right)
    return [
        "  ".join(
            cell.rjust(width) if at in right else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    ]


def problem_lines(reports: Iterable[ClipReport]) -> list[str]:
    """What is to be said of each shot beyond its line, and an empty line after it."""
    lines = [f"{found.clip.name}: {problem}" for found in reports for problem in found.problems]
    return [*map(printable, lines), ""] if lines else []


def _outputs(context: click.Context, clip: Clip, root: Path) -> tuple[str, ...]:
    """What `ck key` would write of a shot."""
    from corridorkey.cli.config import settings_in_files

    found = settings_in_files(context, clip, root)
    return tuple(found["outputs"].value) if "outputs" in found else DEFAULT_OUTPUTS


def _row(found: ClipReport) -> tuple[str, ...]:
    if found.state == "broken":
        return (found.clip.name, *["-"] * (len(COLUMNS) - 2), "broken, see below")
    gaps = found.gaps.split(", ")
    state = f"{found.state} ({found.detail})" if found.detail and found.state == "partly done" else found.state
    return (
        found.clip.name,
        found.span,
        str(found.count),
        (gaps[0] if len(gaps) == 1 else f"{gaps[0]} …") or "-",
        _hints(found),
        found.screen or "-",
        state,
    )


def _hints(found: ClipReport) -> str:
    if found.hints == "frames":
        return "all" if found.hinted == found.count else f"{found.hinted} of {found.count}"
    return {"none": "from screen", "still": "one still"}[found.hints]


def _loose(path: Path, sources: Sequence[Path]) -> list[str]:
    if not sources:
        return []
    names = [source.name for source in sources]
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return [
        printable(f"Not shots yet: {', '.join(names[:MOST_NAMES])}{more}. `ck wizard {path}` makes shots of them."),
        "",
    ]


def _sum(reports: Sequence[ClipReport]) -> str:
    states = ", ".join(f"{count} {state}" for state, count in Counter(found.state for found in reports).items())
    return f"{len(reports)} shot{'s' * (len(reports) != 1)}: {states}"
