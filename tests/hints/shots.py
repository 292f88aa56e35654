"""Composites whose alpha is known."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from corridorkey.types import Array

SIZE = (360, 640)


def grid() -> tuple[Array, Array]:
    y, x = np.mgrid[0 : SIZE[0], 0 : SIZE[1]].astype(np.float32)
    return y / SIZE[0], x / SIZE[1]


def lit(color: tuple[float, float, float], light: Array) -> Array:
    return (np.asarray(color, np.float32) * light[..., None]).astype(np.float32)


def even(color: tuple[float, float, float]) -> Array:
    return lit(color, np.ones(SIZE, np.float32))


def uneven(color: tuple[float, float, float]) -> Array:
    y, x = grid()
    return lit(color, 1.1 - 0.45 * x - 0.25 * (y - 0.5) ** 2)


def shadowed(color: tuple[float, float, float]) -> Array:
    y, x = grid()
    shadow = np.exp(-(((x - 0.75) / 0.13) ** 2) - ((y - 0.75) / 0.2) ** 2)
    return lit(color, 1.0 - 0.4 * shadow)


def wrinkled(color: tuple[float, float, float]) -> Array:
    y, x = grid()
    return lit(color, 1.0 + 0.08 * np.sin(40 * x + 9 * y) * np.sin(13 * y))


def marked(color: tuple[float, float, float]) -> Array:
    plate = even(color)
    for x in (60, 200, 440, 580):
        for y in (40, 180, 320):
            cv2.line(plate, (x - 4, y), (x + 4, y), (0.9, 0.9, 0.9), 2)
            cv2.line(plate, (x, y - 4), (x, y + 4), (0.9, 0.9, 0.9), 2)
    return plate


SCREENS: dict[str, Callable[[], Array]] = {
    "even": lambda: even((0.15, 0.70, 0.25)),
    "uneven": lambda: uneven((0.20, 0.75, 0.35)),
    "shadowed": lambda: shadowed((0.12, 0.62, 0.22)),
    "wrinkled": lambda: wrinkled((0.20, 0.65, 0.30)),
    "teal": lambda: wrinkled((0.10, 0.60, 0.50)),
    "dark": lambda: uneven((0.06, 0.30, 0.08)),
    "washed-out": lambda: uneven((0.55, 0.85, 0.60)),
    "marked": lambda: marked((0.15, 0.70, 0.25)),
}


def person(hair: tuple[float, float, float], coat: tuple[float, float, float]) -> tuple[Array, Array]:
    """A head with strands of hair and shoulders; straight colour and alpha, (H, W, 3) and (H, W)."""
    scale = 4  # drawn large, then averaged: an alpha that is right at the edge
    height, width = SIZE[0] * scale, SIZE[1] * scale
    alpha = np.zeros((height, width), np.float32)
    color = np.empty((height, width, 3), np.float32)
    color[:] = hair
    rng = np.random.default_rng(7)
    middle = np.array([0.42 * width, 0.38 * height])
    for angle in rng.uniform(-3.6, 0.5, 160):
        reach = rng.uniform(0.22, 0.32) * height
        end = middle + reach * np.array([np.cos(angle), np.sin(angle)])
        cv2.line(alpha, middle.astype(int).tolist(), end.astype(int).tolist(), 1.0, int(rng.integers(2, 7)))
    cv2.circle(alpha, middle.astype(int).tolist(), int(0.22 * height), 1.0, -1)
    shoulders = (int(0.42 * width), int(1.02 * height))
    cv2.ellipse(color, shoulders, (int(0.28 * width), int(0.42 * height)), 0, 0, 360, coat, -1)
    cv2.ellipse(alpha, shoulders, (int(0.28 * width), int(0.42 * height)), 0, 0, 360, 1.0, -1)
    cv2.circle(color, (int(middle[0]), int(middle[1] + 0.02 * height)), int(0.16 * height), (0.8, 0.6, 0.5), -1)
    size = (SIZE[1], SIZE[0])
    return cv2.resize(color, size, interpolation=cv2.INTER_AREA), cv2.resize(alpha, size, interpolation=cv2.INTER_AREA)


SUBJECTS = {
    "dark hair, grey coat": ((0.12, 0.09, 0.07), (0.45, 0.46, 0.47)),
    "blond, white coat": ((0.75, 0.62, 0.40), (0.92, 0.93, 0.94)),
    "red hair, navy coat": ((0.50, 0.22, 0.10), (0.08, 0.12, 0.25)),
    "grey hair, yellow coat": ((0.60, 0.60, 0.62), (0.85, 0.75, 0.20)),
}


def shoot(screen: Array, color: Array, alpha: Array, noise: float = 0.012) -> Array:
    grain = np.random.default_rng(3).normal(0, noise, screen.shape).astype(np.float32)
    return np.clip(alpha[..., None] * color + (1 - alpha[..., None]) * screen + grain, 0, 1).astype(np.float32)


def scores(hint: Array, alpha: Array) -> tuple[float, float]:
    """Shares of the solid subject and of the empty screen that the hint calls subject."""
    hint = cv2.resize(hint, alpha.shape[::-1])
    return float((hint[alpha > 0.95] > 0.5).mean()), float((hint[alpha < 0.05] > 0.5).mean())
