"""`python -m parity.bench_shots FOLDER`: the five shots keyed by one command that is killed on the way and resumed.

Prints each shot's error against its truth beside the colour-difference key's, and leaves FOLDER/sheet.png to look at.
The shots are rendered at full size, which takes minutes; what is in FOLDER from before is used again.
"""

from __future__ import annotations

import argparse
import random
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from corridorkey.color import linear_to_srgb
from corridorkey.evaluate import score
from corridorkey.hints.chroma import chroma_guide
from corridorkey.media import read_exr, read_plate
from corridorkey.media.exr import rgb_of
from corridorkey.sheet import write_sheet
from corridorkey.types import Array
from parity.five_shots import RenderedShot, five_shots

PICKED = 3  # frames of each shot that are scored: first, middle, last


def write_shots(folder: Path, shots: Sequence[RenderedShot]) -> None:
    """Render the shots that are not there yet."""
    for shot in shots:
        if not (folder / shot.name).exists():
            part = folder / f".{shot.name}.part"
            shot.write(shot, part)
            part.rename(folder / shot.name)


def key_command(folder: Path, *words: str) -> list[str]:
    """The one command that keys them all."""
    return [sys.executable, "-m", "corridorkey.cli.main", "key", str(folder), "--resume", *words]


def outputs(folder: Path) -> dict[str, bytes]:
    """All that was written below the shots, but for the manifests, which hold dates."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.glob("*/Output/*/*")
        if path.suffix != ".jsonl"
    }


def kill_and_resume(folder: Path, frames: int, seed: int, words: Sequence[str]) -> int:
    """Start the command, kill it once a random number of the frames is written, resume it to the end.

    Returns:
        How many frames were whole when it was killed.
    """
    until = random.Random(seed).randrange(1, frames)
    with subprocess.Popen(key_command(folder, *words), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
        while child.poll() is None and len(list(folder.glob("*/Output/Matte/*.exr"))) < until:
            time.sleep(0.02)
        child.send_signal(signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)
    killed = len(list(folder.glob("*/Output/Comp/*.png")))
    subprocess.run(key_command(folder, *words), check=True)
    return killed


def scored(folder: Path, shot: RenderedShot) -> tuple[float, float, dict[str, Array]]:
    """Alpha MSE of the matte and of the colour-difference key, over PICKED frames; and pictures of the middle one."""
    out = folder / shot.name / "Output"
    picked = {shot.numbers[round(i * (len(shot.numbers) - 1) / (PICKED - 1))] for i in range(PICKED)}
    errors, row = [], {}
    for number, truth in shot.frames():
        if number not in picked:
            continue
        stem = shot.stem.format(number)
        alpha = read_exr(out / f"Matte/{stem}.exr")[0]["Y"]
        fg = rgb_of(out, read_exr(out / f"FG/{stem}.exr")[0])
        key = chroma_guide(truth.plate, truth.screen).key
        assert key is not None
        result = score(truth, key, alpha, fg)
        errors.append((result.alpha_mse, result.key_mse))
        comp = read_plate(out / f"Comp/{stem}.png").rgb
        if number == sorted(picked)[len(picked) // 2]:
            row = {
                f"{shot.name} {number}": truth.plate, "alpha": alpha, "true alpha": truth.alpha,
                "fg": linear_to_srgb(fg), "comp": comp,
            }  # fmt: skip
    ours, keys = np.mean(errors, axis=0)
    return float(ours), float(keys), row


def main() -> int:
    """Render, key, kill, resume, score."""
    parser = argparse.ArgumentParser(prog="python -m parity.bench_shots", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--scale", type=float, default=1.0, help="of the shots' sides")
    words, more = parser.parse_known_args()
    shots = five_shots(words.scale)
    words.folder.mkdir(parents=True, exist_ok=True)
    write_shots(words.folder, shots)
    killed = kill_and_resume(words.folder, sum(len(shot.numbers) for shot in shots), 1, more)
    print(f"killed with {killed} frames done, resumed")
    rows = []
    for shot in shots:
        ours, keys, row = scored(words.folder, shot)
        rows.append(row)
        print(f"{shot.name:<12} {len(shot.numbers):3} frames  alpha MSE {ours:.5f}  colour-difference key {keys:.5f}")
    write_sheet(words.folder / "sheet.png", rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
