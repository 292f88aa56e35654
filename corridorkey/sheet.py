"""Contact sheets: rows of small labelled pictures to judge a key by."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from corridorkey.files import write_file
from corridorkey.types import Array

LABEL_HEIGHT = 18  # px
GAP = 4  # px
BACKGROUND = (40, 40, 40)


def contact_sheet(rows: Sequence[Mapping[str, Array]], width: int = 360) -> Image.Image:
    """Lay pictures out in rows, each under its label.

    Args:
        rows: label -> (H, W), (H, W, 1) or (H, W, 3) float32, display-referred 0..1.
        width: of each picture in pixels; heights keep the aspect.
    Returns:
        8-bit RGB picture.
    """
    pictures = [{label: _thumbnail(image, width) for label, image in row.items()} for row in rows]
    heights = [max(p.height for p in row.values()) + LABEL_HEIGHT + GAP for row in pictures]
    columns = max(len(row) for row in pictures)
    sheet = Image.new("RGB", (columns * (width + GAP) + GAP, sum(heights) + GAP), BACKGROUND)
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(size=13)
    top = GAP
    for row, height in zip(pictures, heights, strict=True):
        for column, (label, picture) in enumerate(row.items()):
            left = GAP + column * (width + GAP)
            draw.text((left + 2, top), label, fill=(230, 230, 230), font=font)
            sheet.paste(picture, (left, top + LABEL_HEIGHT))
        top += height
    return sheet


def write_sheet(path: Path, rows: Sequence[Mapping[str, Array]], width: int = 360) -> None:
    """Write a contact sheet as PNG, whole or not at all; arguments as `contact_sheet`.

    Raises:
        FrameWriteError: the file cannot be written.
    """
    buffer = io.BytesIO()
    contact_sheet(rows, width).save(buffer, "PNG", compress_level=1)
    write_file(path, buffer.getvalue())


def _thumbnail(image: Array, width: int) -> Image.Image:
    image = image[..., None] if image.ndim == 2 else image
    rgb = np.broadcast_to(np.clip(image, 0, 1), (*image.shape[:2], 3))
    picture = Image.fromarray(np.round(rgb * 255).astype(np.uint8))
    height = max(1, round(picture.height * width / picture.width))
    return picture.resize((width, height), Image.Resampling.BOX if width < picture.width else Image.Resampling.BICUBIC)
