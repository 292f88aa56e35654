"""`ck evaluate`: checkpoints and classical keyers held against the truth."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from corridorkey.printable import printable

if TYPE_CHECKING:
    from corridorkey.evaluation.contract import Method
    from corridorkey.evaluation.suites import Suite


@click.command("evaluate")
@click.argument("methods", nargs=-1, required=True, metavar="METHOD...")
@click.option(
    "--suite",
    "name",
    default="synthetic-heldout",
    show_default=True,
    help="synthetic-heldout, or a folder of pictures.",
)
@click.option("-o", "--out", type=click.Path(path_type=Path), help="Folder for scores.json and a sheet per method.")
@click.option("--quick", is_flag=True, help="A small part of the suite.")
@click.option("--photos", type=click.Path(path_type=Path), help="Folder of photographs, for rendered surfaces.")
@click.option(
    "--hint",
    "hints",
    type=click.Choice(("chroma", "truth", "eroded", "shifted")),
    multiple=True,
    default=("chroma",),
    help="A checkpoint's hint: made from the plate, or from the truth (well, eroded by 3 % of the frame, shifted by "
    "2 %), each in a column of its own; may be given several times.",
)
@click.option(
    "--tune/--no-tune", default=True, show_default=True, help="Settle classical keyers' settings for the suite first."
)
@click.option("--oracle", is_flag=True, help="Also each classical keyer with the best settings for every frame.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.option("--backend", help="auto, mlx or torch.  [default: CORRIDORKEY_BACKEND, else auto]")
def command(
    methods: tuple[str, ...],
    name: str,
    out: Path | None,
    quick: bool,
    photos: Path | None,
    hints: tuple[str, ...],
    tune: bool,
    oracle: bool,
    as_json: bool,
    backend: str | None,
) -> None:
    """Key a suite of test frames with every METHOD at full size, score them against the truth and compare.

    METHOD is a checkpoint (small, green, blue or a file) or a classical keyer: soft-key, soft-key-ml, closed-form,
    chromakey, chromakey-10bit, gstreamer or plate; perfect-matte is the truth with the plate unmixed by it. The first
    is held against the others. A folder whose pictures have an alpha is taken as cut-outs, which are put before
    screens; any other as plates, whose truth nobody knows.
    """
    from corridorkey.cli.clips import aligned
    from corridorkey.cli.report import log_to_terminal
    from corridorkey.evaluation.report import write_report
    from corridorkey.evaluation.run import check_names, run_suite
    from corridorkey.evaluation.suites import suite
    from corridorkey.files import check_writable

    log_to_terminal(verbose=False)
    if out:
        check_writable(out)
    chosen = suite(name, quick=quick, photos=photos)
    contenders = [m for given in methods for m in _methods(given, chosen, hints, backend)]
    check_names(contenders)
    if chosen.has_truth:
        contenders = _settled(contenders, chosen) if tune else contenders
        contenders = _with_oracles(contenders) if oracle else contenders
    report, rows = run_suite(chosen, contenders, lambda frame: _say(f"keying {frame}"))
    _say("")
    written = write_report(out, report, rows) if out else []
    if as_json:
        click.echo(json.dumps(report.to_json(), indent=2))
        return
    click.echo(f"{report.suite}: {len(report.methods[0].frames)} frames; lower is better")
    for table in report.tables():
        click.echo()
        for line in aligned(table, right=range(1, len(table[0]))):
            click.echo(line)
    if report.settings:
        click.echo()
        for method, settings in report.settings.items():
            click.echo(f"{method}: {settings}")
    for path in written:
        click.echo(f"wrote {printable(str(path))}")


def _methods(name: str, suite: Suite, hints: tuple[str, ...], backend: str | None) -> list[Method]:
    from corridorkey.evaluation.methods import NAMES, method

    if name not in NAMES and _may_be_checkpoint(name):
        return _checkpoint(name, suite, hints, backend)
    return [method(name)]


def _settled(methods: list[Method], suite: Suite) -> list[Method]:
    """The methods, classical keyers with the settings that suit the suite."""
    from corridorkey.evaluation.methods import Baseline
    from corridorkey.evaluation.tune import tune

    baselines = [method for method in methods if isinstance(method, Baseline)]
    if not baselines:
        return methods
    tuned = tune(baselines, suite.frames(), on_frame=lambda frame: _say(f"settling by {frame}"))
    found = {baseline.name: baseline for baseline in tuned}
    return [found.get(method.name, method) for method in methods]


def _with_oracles(methods: list[Method]) -> list[Method]:
    """The methods, each classical keyer followed by its oracle."""
    from corridorkey.evaluation.best import BestPerFrame
    from corridorkey.evaluation.methods import Baseline

    found: list[Method] = []
    for method in methods:
        found.append(method)
        if isinstance(method, Baseline):
            found.append(BestPerFrame(method))
    return found


def _may_be_checkpoint(name: str) -> bool:
    from corridorkey.weights.known import KNOWN

    return name in ("auto", "small", *KNOWN) or Path(name).suffix == ".safetensors" or Path(name).exists()


def _checkpoint(name: str, suite: Suite, hints: tuple[str, ...], backend: str | None) -> list[Method]:
    from corridorkey.backend import choose_backend
    from corridorkey.cli.keyer import command_keyer
    from corridorkey.evaluation.keyer_method import KeyerMethod
    from corridorkey.evaluation.truth_hint import TRUTH_HINTS
    from corridorkey.weights import choose_checkpoint

    keyer = command_keyer(choose_backend(backend), choose_checkpoint(name))
    short = Path(name).stem
    found: list[Method] = [KeyerMethod(short, keyer)] if "chroma" in hints or not suite.has_truth else []
    if suite.has_truth:
        found += [KeyerMethod(f"{short}, {shown}", keyer, kind) for kind, shown in TRUTH_HINTS.items() if kind in hints]
    return found


def _say(text: str) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r\x1b[K{printable(text)}", err=True, nl=False)
