"""`ck bench`: how long a frame takes here, with each backend."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corridorkey.cli.options import BACKENDS
from corridorkey.config import DTYPES
from corridorkey.printable import printable

if TYPE_CHECKING:
    from corridorkey.types import Plate, Screen

FRAME_TIMEOUT = 900.0  # seconds; a released network on a slow CPU takes minutes
SHORTEST, LONGEST = 64, 8192  # px of a plate's side


class PlateSize(click.ParamType):  # type: ignore[type-arg, unused-ignore]  # not generic before click 8.5
    """A plate's width and height."""

    name = "WxH"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:
        """(height, width), as arrays have them."""
        match = re.fullmatch(r"(\d{1,6})x(\d{1,6})", str(value).strip().lower())
        width, height = (int(match[1]), int(match[2])) if match else (0, 0)
        if min(width, height) < SHORTEST or max(width, height) > LONGEST:
            self.fail(f"{value!r}: use a plate's width and height, {SHORTEST} to {LONGEST}: 1920x1080", param, ctx)
        return height, width


@click.command("bench")
@click.argument("checkpoint", default="small")
@click.option("--size", type=PlateSize(), default="1920x1080", show_default=True, help="The plate's.")
@click.option(
    "--frames", type=click.IntRange(1, 1000), default=5, show_default=True, help="To time, after one to warm up."
)
@click.option(
    "--backend",
    type=click.Choice(("all", *BACKENDS)),
    default="all",
    envvar="CORRIDORKEY_BACKEND",
    help="[default: CORRIDORKEY_BACKEND, else all that are installed]",
)
@click.option("--dtype", type=click.Choice(DTYPES), default=DTYPES[0], show_default=True, help="Of the network.")
@click.option("--device", envvar="CORRIDORKEY_DEVICE", help="As of `ck key`.  [default: CORRIDORKEY_DEVICE or auto]")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def command(
    checkpoint: str,
    size: tuple[int, int],
    frames: int,
    backend: str,
    dtype: str,
    device: str | None,
    as_json: bool,
) -> None:
    """Key a rendered frame several times with CHECKPOINT (small, green, blue or a file) and say how long it takes.

    Each backend runs in a process of its own. Only keying is timed: hint, network and finish, one after the other;
    `ck key` reads and writes beside them.
    """
    import json
    import sys

    from corridorkey.bench import bench_plate
    from corridorkey.checkpoint import read_info
    from corridorkey.doctor.machine import read_machine
    from corridorkey.errors import BackendUnavailableError, KeyingError
    from corridorkey.weights import choose_checkpoint

    path = choose_checkpoint(checkpoint)
    screen: Screen = "blue" if read_info(path).config.screen == "blue" else "green"
    backends, missing = _installed(backend)
    if not backends:
        raise BackendUnavailableError("; or ".join(missing.values()))
    if sys.stderr.isatty():
        click.echo(f"keying a frame with {' and '.join(backends)}; this may take minutes", err=True)
    plate = bench_plate(size, screen)
    timed = {name: _in_child(name, path, plate, screen, frames, dtype, device) for name in backends}
    failed = {name: facts["failure"] for name, facts in timed.items() if "failure" in facts}
    if len(failed) == len(timed):
        raise KeyingError("; ".join(f"{name}: {failure}" for name, failure in failed.items()))
    machine = read_machine()
    report = {
        "checkpoint": str(path),
        "size": [size[1], size[0]],
        "frames": frames,
        "machine": {"chip": machine.chip or machine.machine, "cores": machine.cores, "system": machine.system},
        "backends": [facts for facts in timed.values() if "failure" not in facts],
        "missing": missing,
        "failed": failed,
    }
    for line in [json.dumps(report, indent=2)] if as_json else as_lines(report):
        click.echo(line)


def timed_in_child(
    backend: str, checkpoint: str, plate: str, screen: Screen, frames: int, dtype: str, device: str | None
) -> dict[str, Any]:
    """What `time_frames` measures, and on what. Runs in a child.

    Args:
        backend, dtype, device: as `command_keyer` takes them.
        checkpoint: its path.
        plate: path of an .npy file, (H, W, 3) float32 sRGB.
        screen: colour of its screen.
        frames: how many to time.
    Returns:
        One of the report's "backends"; or {"failure": why there is none}.
    """
    import numpy as np

    from corridorkey.bench import device_facts, peak_memory, time_frames
    from corridorkey.cli.keyer import command_keyer
    from corridorkey.errors import CorridorKeyError
    from corridorkey.prepare import padded_size
    from corridorkey.types import Plate

    shown = Plate(np.load(plate), "srgb")
    try:
        keyer = command_keyer(backend, Path(checkpoint), dtype=dtype, device=device)
        spent = time_frames(shown, screen, keyer, frames)
    except CorridorKeyError as error:
        return {"failure": str(error)}
    used = str(getattr(keyer, "device", "cpu"))
    device_said = device_facts(backend, used)
    return {
        "backend": backend,
        "device": used,
        "device_name": device_said["name"],
        "threads": device_said["threads"],
        "dtype": dtype,
        "network_size": list(padded_size(shown.size, keyer.contract)[::-1]),
        "ms": spent,
        "fps": {name: 1000 / spent[name] for name in ("network", "frame")},
        "peak_bytes": peak_memory(),
        "device_peak_bytes": device_said["peak"],
    }


def as_lines(report: dict[str, Any]) -> list[str]:
    """The report for people: what was keyed, on which machine, and a row for each backend."""
    from corridorkey.bench import STAGES
    from corridorkey.cli.clips import aligned

    machine, stages = report["machine"], (*STAGES, "frame")
    heads = "BACKEND", "DEVICE", "DTYPE", "NETWORK AT", "NETWORK FPS", "FRAME FPS"
    table = [(*heads, *(f"{stage.upper()} MS" for stage in stages), "PEAK MEMORY"), *map(_row, report["backends"])]
    times = "once" if report["frames"] == 1 else f"{report['frames']} times"
    return [
        printable("{}, plate {}x{}, keyed {}".format(report["checkpoint"], *report["size"], times)),
        f"{machine['chip']}, {machine['cores']} cores, {machine['system']}",
        "",
        *aligned(table, right=range(3, len(table[0]))),
        *(printable(f"{name} was left out: {why}") for name, why in report["missing"].items()),
        *(printable(f"{name} failed: {why}") for name, why in report["failed"].items()),
    ]


def _row(facts: dict[str, Any]) -> tuple[str, ...]:
    return (
        facts["backend"],
        _device(facts),
        facts["dtype"],
        "x".join(map(str, facts["network_size"])),
        *(f"{fps:.3g}" for fps in facts["fps"].values()),
        *(f"{ms:.1f}" for ms in facts["ms"].values()),
        _memory(facts),
    )


def _device(facts: dict[str, Any]) -> str:
    threads = f", {facts['threads']} thread{'s' * (facts['threads'] != 1)}" if facts["threads"] else ""
    return (facts["device_name"] or "CPU") + threads


def _memory(facts: dict[str, Any]) -> str:
    sizes = ((facts["peak_bytes"], ""), (facts["device_peak_bytes"], " on the GPU"))
    return " + ".join(f"{count / (1 << 30):.2f} GiB{where}" for count, where in sizes if count is not None) or "-"


def _installed(backend: str) -> tuple[list[str], dict[str, str]]:
    """The backends to time, and of those that are missing, what installs them."""
    from corridorkey.backend import BACKENDS as KNOWN
    from corridorkey.backend import choose_backend
    from corridorkey.errors import BackendUnavailableError

    found, missing = [], {}
    for name in KNOWN if backend == "all" else [backend]:
        try:
            found.append(choose_backend(name))
        except BackendUnavailableError as error:
            missing[name] = str(error)
    return found, missing


def _in_child(
    backend: str, checkpoint: Path, plate: Plate, screen: Screen, frames: int, *network: Any
) -> dict[str, Any]:
    from tempfile import TemporaryDirectory

    import numpy as np

    from corridorkey.doctor.child import ask

    # Rendered here, so that the child's peak is that of keying.
    with TemporaryDirectory(prefix="ck-bench-") as folder:
        file = Path(folder) / "plate.npy"
        np.save(file, plate.rgb)
        words: Sequence[object] = (backend, str(checkpoint.absolute()), str(file), screen, frames, *network)
        answer = ask("corridorkey.cli.bench:timed_in_child", words, FRAME_TIMEOUT * (1 + frames))
    return {"failure": answer.failure} if answer.failure else dict(answer.facts)
