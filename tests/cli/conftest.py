"""Runs `ck` in this process, on small shots made here."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import pytest
from PIL import Image

from corridorkey.cli.main import main

SIZE = (48, 80)


class Result(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """A command sets logging up for its process, on a stderr that here is gone when the test is over."""
    root = logging.getLogger()
    level, handlers = root.level, list(root.handlers)
    yield
    root.setLevel(level)
    root.handlers[:] = [kept for kept in root.handlers if kept in handlers]


@pytest.fixture
def ck(capsys: pytest.CaptureFixture[str], tiny_checkpoint: Path) -> Callable[..., Result]:
    """`ck WORDS`; `key` gets the tiny checkpoint unless it names one."""

    def run(*words: object) -> Result:
        line = [str(word) for word in words]
        if line[0] == "key" and "--checkpoint" not in line:
            line += ["--checkpoint", str(tiny_checkpoint)]
        with pytest.raises(SystemExit) as stopped:
            main(line)
        captured = capsys.readouterr()
        return Result(int(stopped.value.code or 0), captured.out, captured.err)

    return run


def plate(number: int = 0, size: tuple[int, int] = SIZE, screen: int = 1) -> np.ndarray:
    """(H, W, 3) uint8: a reddish disc that moves over a green (1) or blue (2) screen with a little grain."""
    rng = np.random.default_rng(number)
    rgb = np.full((*size, 3), 40.0)
    rgb[..., screen] = 180
    rgb += rng.normal(0, 1.5, rgb.shape)
    cv2.circle(rgb, (size[1] // 3 + number, size[0] // 2), size[0] // 4, (190.0, 120.0, 90.0), -1, cv2.LINE_AA)
    return np.clip(rgb, 0, 255).astype(np.uint8)


def write_shot(folder: Path, frames=range(1001, 1005), suffix: str = ".png", screen: int = 1) -> Path:
    """A sequence shot.1001.png … in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in frames:
        Image.fromarray(plate(number - min(frames), screen=screen)).save(folder / f"shot.{number:04d}{suffix}")
    return folder


def write_hint(path: Path, size: tuple[int, int] = SIZE, mode: str = "L") -> Path:
    """A hint: white disc on black; mode "LA" puts it into alpha."""
    path.parent.mkdir(parents=True, exist_ok=True)
    mask = np.zeros(size, np.uint8)
    cv2.circle(mask, (size[1] // 3, size[0] // 2), size[0] // 5, 255, -1)
    picture = Image.fromarray(mask)
    if mode == "LA":
        picture = Image.merge("LA", (Image.new("L", picture.size, 128), picture))
    picture.save(path)
    return path
