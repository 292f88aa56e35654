"""Small OpenColorIO configs, and $OCIO out of the way."""

from __future__ import annotations

from pathlib import Path

import PyOpenColorIO
import pytest

from corridorkey.ocio import config

HEAD = """ocio_profile_version: 2.1
roles: {{{roles}}}
displays:
  sRGB: [!<View> {{name: Raw, colorspace: data}}]
colorspaces:
  - !<ColorSpace> {{name: data, isdata: true}}
"""
SPACE = (
    "  - !<ColorSpace> {{name: {name}, aliases: [{aliases}], encoding: {encoding}, to_scene_reference: {transform}}}\n"
)
AP0 = "!<MatrixTransform> {matrix: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]}"
ACESCG = "!<BuiltinTransform> {style: ACEScg_to_ACES2065-1}"


def curve(base: float) -> str:
    """A log curve of our own on ACEScg's primaries."""
    log = f"!<LogAffineTransform> {{base: {base}, lin_side_slope: 100, lin_side_offset: 1, direction: inverse}}"
    return f"!<GroupTransform> {{children: [{log}, {ACESCG}]}}"


def write_config(
    path: Path, base: float = 1000, roles: str = "aces_interchange: ap0, default: data", extra: str = ""
) -> Path:
    """A config of a show: ap0, its working space `show linear` and its log space `show log`."""
    spaces = [
        ("ap0", "", "scene-linear", AP0),
        ("show linear", "work", "scene-linear", ACESCG),
        ("show log", "SL", "log", curve(base)),
    ]
    lines = [SPACE.format(name=n, aliases=a, encoding=e, transform=t) for n, a, e, t in spaces]
    path.write_text(HEAD.format(roles=roles) + "".join(lines) + extra)
    return path


def forget() -> None:
    """Let configs be read anew, as another process does."""
    config._read.cache_clear()
    PyOpenColorIO.ClearAllCaches()


@pytest.fixture(autouse=True)
def _no_config_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OCIO", raising=False)
