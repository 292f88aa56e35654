"""The suite `real`: plates whose truth nobody knows, and what can be said of a key without it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from corridorkey.errors import FrameReadError
from corridorkey.evaluation.frame import TestFrame
from corridorkey.evaluation.pictures import GREY
from corridorkey.hints.chroma import chroma_guide
from corridorkey.media.read import read_plate
from corridorkey.media.sequence import SUFFIXES
from corridorkey.metrics import Region, spill_excess, transition
from corridorkey.pipeline import display_rgb
from corridorkey.screen import detect_screen
from corridorkey.types import Array

INSIDE = 0.01  # of the long side: how deep in the body holes count
FAR = 0.05  # of the long side: how far from the body a veil counts
REAL_FIGURES = ("soft", "edge_screen", "holes", "veil")


def real_frames(folder: Path) -> Iterator[TestFrame]:
    """Every picture below a folder, as a plate; its screen's colour is found as `ck key` finds it.

    Raises:
        FrameReadError: no picture there, or one that cannot be read.
        ScreenError: one without a screen.
    """
    paths = sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES and not p.name.startswith("."))
    if not paths:
        raise FrameReadError(f"{folder}: no pictures there; put plates in, or name another folder")
    for path in paths:
        name, plate = path.relative_to(folder).as_posix(), read_plate(path)
        screen = detect_screen([display_rgb(plate)]).screen
        yield TestFrame(name, name, plate, screen, tags=(screen,))


def regions(frame: TestFrame) -> tuple[Region, Region]:
    """Where all is surely subject, and where all is surely screen: by the chroma hint, the same for every method.

    Returns:
        Two (H, W) bool; either may be empty.
    """
    height, width = frame.plate.size
    hint = chroma_guide(display_rgb(frame.plate), frame.screen).hint
    hint = np.asarray(cv2.resize(hint, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
    body, empty = (hint > 0.9).astype(np.uint8), (hint < 0.05).astype(np.uint8)
    body[:1], body[:, :1], body[:, -1:] = 0, 0, 0  # the distance is to an edge inside the picture, or to these three
    deep = cv2.distanceTransform(body, cv2.DIST_L2, 5) > INSIDE * max(height, width)
    far = cv2.distanceTransform(empty, cv2.DIST_L2, 5) > FAR * max(height, width)
    return np.asarray(deep, np.bool_), np.asarray(far & (empty > 0), np.bool_)


def real_figures(frame: TestFrame, alpha: Array, fg: Array) -> dict[str, float]:
    """What can be said of a key without the truth; lower is better, but for `soft`, which only describes.

    Args:
        alpha: (H, W) float32.
        fg: (H, W, 3) float32, linear, straight.
    Returns:
        soft: share of alpha between 0.02 and 0.98. edge_screen: light of the screen's colour left in the edges of a
        comp over grey, linear. holes: share of the body's inside where alpha is below 0.98. veil: mean alpha over the
        screen away from the body. What the frame has no pixels for is left out.
    """
    inside, far = regions(frame)
    soft = transition(alpha)
    found = {"soft": float(soft.mean())}
    edge = cv2.dilate(soft.astype(np.uint8), np.ones((5, 5), np.uint8)).astype(np.bool_)
    if edge.any():
        grey = np.full_like(fg, GREY)
        comp = grey + (fg - grey) * alpha[..., None]
        found["edge_screen"] = spill_excess(comp, grey, frame.screen, edge)
    if inside.any():
        found["holes"] = float((alpha[inside] < 0.98).mean())
    if far.any():
        found["veil"] = float(alpha[far].mean())
    return found
