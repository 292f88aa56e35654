"""`ck weights`: the released weights on this machine."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from corridorkey.types import Screen

SCREEN = click.Choice(["green", "blue"])


@click.group("weights")
def command() -> None:
    """List, fetch and import the released CorridorKey weights."""


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def list_(as_json: bool) -> None:
    """Say which weights are here. Nothing is downloaded."""
    rows = _rows()
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    for row in rows:
        name = f"{row['name']:<6}"
        if row["path"] is None:
            click.echo(f"{name} not here: ck weights fetch {row['name']}  (about {row['size'] / 1e6:.0f} MB)")
        else:
            click.echo(f"{name} {row['path']}")
        if row["origin"] in ("fetched", "imported"):
            click.echo(f"       {row['origin']} {row['date']} from {row['source']}")
            click.echo(f"       source sha256 {row['source_sha256']}")
        click.echo(f"       licence {row['licence']}")


@command.command("fetch")
@click.argument("screen", type=SCREEN)
@click.option("--accept-licence", is_flag=True, help="Accept the terms of the released weights without being asked.")
@click.option("--force", is_flag=True, help="Fetch again what is already here.")
@click.option("--accept-change", is_flag=True, help="Take the file although the hub has changed it since.")
def fetch(screen: Screen, accept_licence: bool, force: bool, accept_change: bool) -> None:
    """Fetch the released weights for green or blue SCREENs from the hub, verify and convert them.

    About 400 MB. Only a hash that the hub itself publishes is trusted, and it is remembered. An interrupted fetch goes
    on where it stopped.
    """
    from corridorkey.weights import fetch_weights

    _ask(accept_licence)
    with _told_when_stopped(), _progress(f"fetching {screen}") as progress:
        fetched = fetch_weights(screen, force=force, accept_change=accept_change, progress=progress)
    weights = fetched.weights
    click.echo(f"{screen} weights {'are at' if fetched.new else 'were already here, at'} {weights.path}")
    click.echo(f"from {weights.source}, sha256 {weights.source_sha256}")
    click.echo(f"licence {weights.licence}")
    if fetched.earlier:
        click.echo(f"the earlier ones are still at {fetched.earlier}; delete that file if you do not need it")
    _say_use(screen)


@command.command("import")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--screen", type=SCREEN, help="What a file without a published name is for.")
def import_(path: Path, screen: Screen | None) -> None:
    """Import released weights that are already on this machine.

    PATH is a .pth or .safetensors file, an ancestor's CorridorKeyModule/checkpoints folder, or a folder above it. The
    files stay as they are.
    """
    from corridorkey.errors import WeightsUnavailableError
    from corridorkey.weights import TERMS, import_weights

    imported: list[Screen] = []
    for result in import_weights(path, screen):
        verdict = (
            f"imported to {result.weights.path}, {result.note}" if result.weights else f"not imported: {result.note}"
        )
        click.echo(f"{result.path}: {verdict}")
        imported += [result.weights.screen] if result.weights else []
    if not imported:
        raise WeightsUnavailableError(f"nothing was imported from {path}. The lines above say why.")
    click.echo(TERMS)
    for done in imported:
        _say_use(done)


def _say_use(screen: Screen) -> None:
    click.echo(f"`ck key` takes them for {screen} screens; by name: --checkpoint {screen}")


def _rows() -> list[dict[str, Any]]:
    from corridorkey.checkpoint import read_info
    from corridorkey.weights import KNOWN, LICENCE, local_weights, small_checkpoint

    empty = {"path": None, "origin": None, "source": None, "source_sha256": None, "sha256": None, "date": None}
    here = {weights.screen: weights for weights in local_weights()}
    rows: list[dict[str, Any]] = []
    for screen, released in KNOWN.items():
        row = {
            "name": screen,
            "screen": screen,
            **empty,
            "licence": LICENCE,
            "size": released.size,
            "repo": released.repo,
        }
        if weights := here.get(screen):
            row |= {name: getattr(weights, name) for name in (*empty, "licence")}
            row |= {"path": str(weights.path), "size": weights.path.stat().st_size}
        rows.append(row)
    small = small_checkpoint()
    info = read_info(small)
    row = {"name": "small", "screen": info.config.screen, **empty, "licence": info.licence, "repo": None}
    return [*rows, {**row, "path": str(small), "origin": "embedded", "size": small.stat().st_size}]


def _ask(accepted: bool) -> None:
    from corridorkey.errors import SettingsError
    from corridorkey.weights import TERMS, accept_licence, licence_accepted

    if licence_accepted():
        return
    click.echo(TERMS)
    if not accepted and not sys.stdin.isatty():
        raise SettingsError("these terms have to be accepted before the first fetch. Add --accept-licence.")
    if not accepted and not click.confirm("Do you accept them?"):
        raise SettingsError("not accepted, so nothing was fetched. `--checkpoint small` needs no other licence.")
    accept_licence()


@contextmanager
def _told_when_stopped() -> Iterator[None]:
    from corridorkey.weights.fetch import unfinished_bytes

    try:
        yield
    except (KeyboardInterrupt, SystemExit):
        kept, folder = unfinished_bytes()
        click.echo(f"ck: {kept:,} bytes are kept in {folder}; run this again to go on", err=True)
        raise


@contextmanager
def _progress(label: str) -> Iterator[Callable[[int, int | None], None] | None]:
    if not sys.stderr.isatty():
        yield None
        return
    shown = 0
    # Its length comes with the first bytes.
    with click.progressbar(length=1, label=label, file=sys.stderr) as bar:

        def step(here: int, total: int | None) -> None:
            nonlocal shown
            bar.length = total or here
            bar.update(here - shown)
            shown = here

        yield step
