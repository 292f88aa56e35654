"""The demo shot: a person with loose hair before an uneven screen, rendered, so that the truth is known."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from corridorkey.color import linear_to_srgb
from corridorkey.evaluate import Scores, mean_scores, score
from corridorkey.files import write_file
from corridorkey.hints.chroma import chroma_guide
from corridorkey.look import ClipLook
from corridorkey.media import FramePair, output_paths, read_exr, read_plate
from corridorkey.media.exr import rgb_of
from corridorkey.media.output import encode_png
from corridorkey.sheet import write_sheet
from corridorkey.synth import ShotStyle, SynthFrame, render_shot

SEED = 1002  # the first from 1001 with hair over 6 % of the frame; no training recipe renders it
SIZE = (360, 640)
FIRST_FRAME = 1001
STYLE = ShotStyle(
    screen="green", uneven=0.35, shadows=0.3, markers=False, subjects=("person",), strands=1.3, motion=0.4, spill=0.12,
    defocus=0.0, degrade=True,
)  # fmt: skip


def demo_shot(frames: int) -> list[SynthFrame]:
    """The shot, with its truth."""
    return list(render_shot(SEED, SIZE, frames, STYLE))


def write_demo_plates(out: Path, frames: int) -> list[SynthFrame]:
    """Render the shot and write its plates as 8-bit PNG.

    Args:
        out: the demo's folder; plate/ gets demo.1001.png and so on. What an earlier demo left there is removed.
        frames: how many.
    Returns:
        The frames with their truth.
    """
    for old in out.glob("*/demo.*.*"):
        old.unlink()
    shot = demo_shot(frames)
    for number, frame in enumerate(shot, start=FIRST_FRAME):
        path = out / "plate" / f"demo.{number}.png"
        write_file(path, encode_png(path, frame.plate))
    return shot


def score_demo(out: Path, truth: Sequence[SynthFrame], pairs: Sequence[FramePair], look: ClipLook) -> Scores:
    """Read the written EXRs back, hold them against the truth, and write sheet.png.

    Args:
        out: the demo's folder.
        truth: of each frame.
        pairs: the plates, in the same order.
        look: what was decided for the shot.
    Returns:
        Mean errors over the shot.
    """
    scores, rows = [], []
    for frame, pair in zip(truth, pairs, strict=True):
        paths = output_paths(out, pair.plate, ("matte", "fg", "comp"))
        alpha = read_exr(paths["matte"])[0]["Y"]
        fg = rgb_of(paths["fg"], read_exr(paths["fg"])[0])
        key = chroma_guide(frame.plate, look.screen, look.screen_rgb).key
        assert key is not None
        scores.append(score(frame, key, alpha, fg))
        rows.append(
            {
                "plate": frame.plate,
                "colour-difference key": key,
                f"{pair.number}: alpha": alpha,
                "true alpha": frame.alpha,
                "fg": linear_to_srgb(fg),
                "true fg": linear_to_srgb(frame.fg),
                "comp": read_plate(paths["comp"]).rgb,
            }
        )
    write_sheet(out / "sheet.png", rows[:: max(1, len(rows) // 4)])
    return mean_scores(scores)
