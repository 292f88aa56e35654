"""`ck`: finds the command, runs it, turns this project's errors into one line and an exit code.

Nothing heavy is imported here; each command's module is, when it runs.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

import click

from corridorkey import __version__
from corridorkey.cli.json_voice import voice_for
from corridorkey.errors import CorridorKeyError
from corridorkey.printable import printable

COMMANDS = {
    "key": "Key a green- or blue-screen shot.",
    "clips": "List shots: frames, gaps, hints, screen, and what is keyed.",
    "wizard": "Make shots of dropped footage and key them, one question at a time.",
    "demo": "Render a short shot with known truth, key it and print the error.",
    "colorspaces": "List the colour spaces that --input-colorspace and --output-colorspace take.",
    "weights": "List, fetch and import the released weights.",
    "convert": "Make a checkpoint of a released file: .pth, .safetensors or MLX.",
    "info": "Say what a checkpoint is: network, screen, source, licence.",
    "doctor": "Say what this machine has, what is missing and how to install it.",
    "train": "Train a network from a recipe.",
    "bench": "Time a frame with each backend.",
    "render": "Render heads with hair, as layers to train with.",
    "evaluate": "Hold checkpoints and classical keyers against the truth.",
}


class Commands(click.Group):
    """The commands by name; each lives in the module of that name and is imported when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 (click's signature)
        """Names in the order of COMMANDS."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:  # noqa: ARG002
        """The command, imported, or None if there is none of that name."""
        if name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"corridorkey.cli.{name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The list in --help, from COMMANDS alone."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="ck")
def cli() -> None:
    """CorridorKey: straight colour and linear alpha from green- and blue-screen plates."""


class Terminated(SystemExit):
    """SIGTERM asks this process to end."""


def main(arguments: list[str] | None = None) -> None:
    """Run `ck` and exit with its code.

    A first Ctrl-C or SIGTERM ends it in order: what threads are writing gets finished. A second ends it at once, and
    leaves what a kill leaves: no half file under a final name, and unfinished ones for the next run to remove.
    """
    _answer_signals(_end_in_order)
    try:
        voice = voice_for(sys.argv[1:] if arguments is None else arguments)
        with voice.heard():
            cli.main(arguments, prog_name="ck", standalone_mode=False, obj=voice)
        sys.exit(0)
    except click.ClickException as error:
        error.message = printable(error.message)  # type: ignore[misc, unused-ignore]  # final in newer clicks
        error.show()
        sys.exit(error.exit_code)
    except CorridorKeyError as error:
        click.echo(printable(f"ck: {error}"), err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:  # whoever read our lines has gone, as in `ck key … | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except (KeyboardInterrupt, click.Abort):
        click.echo("ck: stopped; every file written so far is whole", err=True)
        sys.exit(128 + signal.SIGINT)
    except Terminated:
        click.echo("ck: terminated; every file written so far is whole", err=True)
        raise


def main_mlx() -> None:
    """`ck-mlx`: `ck` with the MLX backend."""
    os.environ["CORRIDORKEY_BACKEND"] = "mlx"
    main()


def main_torch() -> None:
    """`ck-torch`: `ck` with the Torch backend."""
    os.environ["CORRIDORKEY_BACKEND"] = "torch"
    main()


def _answer_signals(answer: Callable[[int, FrameType | None], None]) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, answer)


def _end_in_order(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 (signal's signature)
    _answer_signals(_end_at_once)
    raise KeyboardInterrupt if number == signal.SIGINT else Terminated(128 + number)


def _end_at_once(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 (signal's signature)
    # Threads are at work: an ordinary exit would wait for them, or be aborted. Printing could wait for their lock.
    with suppress(OSError):
        os.write(2, b"ck: ended at once; every file under its final name is whole\n")
    os._exit(128 + number)


if __name__ == "__main__":
    main()
