"""`ck colorspaces`: the names that --input-colorspace and --output-colorspace take."""

from __future__ import annotations

import click


@click.command("colorspaces")
@click.argument("word", default="")
def command(word: str) -> None:
    """List the colour spaces of the OpenColorIO config: $OCIO, or the one built in.

    With WORD those alone that have it in their name or an alias: ck colorspaces logc. Capitals, blanks and dashes don't
    count. After each is the linear space that FG and Processed are written in.
    """
    from corridorkey.errors import SettingsError
    from corridorkey.ocio import current_config, plate_space

    config = current_config()
    names = config.matching(word) if word else config.names
    if not names:
        raise SettingsError(f"no colour space in {config.name} has {word!r} in its name; `ck colorspaces` lists all")
    click.echo(f"{config.name}:")
    width = max(map(len, names))
    for name in names:
        try:
            linear = plate_space(name).linear
        except SettingsError as error:
            click.echo(f"  {name:{width}}  cannot be used: {error}")
            continue
        click.echo(f"  {name:{width}}  {'is linear' if linear == name else linear or 'linear Rec.709'}")
    click.echo("Besides these: srgb and linear, which are Rec.709.")
