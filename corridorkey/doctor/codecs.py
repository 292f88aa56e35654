"""Which pictures can be read and written: each kind goes out and back, in memory."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

from corridorkey.doctor.backends import is_installed
from corridorkey.doctor.finding import Finding, described
from corridorkey.doctor.install import Here, install_line

EXR, OPENCV, PILLOW = "OpenEXR>=3.4.14", "opencv-python-headless>=4.10", "pillow>=11"
_IN_MEMORY = Path("round-trip")  # named in errors; no such file is made


def codec_findings(here: Here) -> Iterator[Finding]:
    """EXR, PNG, TIFF and JPEG by the project's own media functions; and what movies will need."""
    trips: dict[str, tuple[str, Callable[[], float], float]] = {
        "EXR 16 bit": (EXR, lambda: _exr(16), 1e-3),
        "EXR 32 bit": (EXR, lambda: _exr(32), 0.0),
        "PNG 16 bit": (OPENCV, lambda: _opencv(".png", "uint16"), 1e-4),
        "TIFF 16 bit": (OPENCV, lambda: _opencv(".tiff", "uint16"), 1e-4),
        "TIFF 32 bit": (OPENCV, lambda: _opencv(".tiff", "float32"), 0.0),
        "PNG 8 bit": (PILLOW, lambda: _pillow("PNG"), 0.003),
        "JPEG": (PILLOW, lambda: _pillow("JPEG"), 0.05),
    }
    for name, (requirement, trip, most) in trips.items():
        yield trip_finding(name, requirement, trip, most, here)
    yield video_finding(here, is_installed("av"))


def trip_finding(name: str, requirement: str, trip: Callable[[], float], most: float, here: Here) -> Finding:
    """A picture that went out and came back.

    Args:
        name: of the kind.
        requirement: the package that writes and reads it.
        trip: does it, and returns the largest difference.
        most: difference that this kind may make.
        here: this Python.
    """
    package = requirement.partition(">")[0]
    facts: dict[str, Any] = {"package": package, "version": None}
    remedy = install_line(here, "--force-reinstall", requirement)
    try:
        facts["version"] = metadata.version(package)
        facts["difference"] = trip()
    except Exception as error:  # a decoder may fail in any way; that is what is looked for
        return Finding("codecs", name, "broken", f"fails: {described(error)}", remedy, facts)
    if not facts["difference"] <= most:
        value = f"comes back changed by {facts['difference']:.4f} ({package} {facts['version']})"
        return Finding("codecs", name, "broken", value, remedy, facts)
    return Finding("codecs", name, "ok", f"written and read back ({package} {facts['version']})", data=facts)


def video_finding(here: Here, has_av: bool) -> Finding:
    """PyAV, which movies will need; this version reads and writes pictures."""
    value = "movies come in a later version; until then, make a picture sequence of them"
    if has_av:
        return Finding("codecs", "video", "note", f"PyAV is installed; {value}", data={"av": True})
    return Finding(
        "codecs", "video", "note", f"PyAV is not installed; {value}", install_line(here, "av>=14"), {"av": False}
    )


def _picture() -> Any:
    import numpy as np

    ramp = np.linspace(0, 1, 16, dtype=np.float32)
    return np.ascontiguousarray(np.broadcast_to(ramp[:, None, None], (16, 24, 3)))


def _exr(bits: int) -> float:
    from corridorkey.media.exr import decode_exr, encode_exr

    picture = _picture()
    planes = {name: picture[..., index].copy() for index, name in enumerate("RGB")}
    channels, _ = decode_exr(_IN_MEMORY, encode_exr(_IN_MEMORY, planes, {}, bits))
    return max(float(abs(channels[name] - planes[name]).max()) for name in planes)


def _opencv(suffix: str, dtype: str) -> float:
    import cv2
    import numpy as np

    from corridorkey.media.image import decode_image

    picture = _picture()
    levels = picture if dtype == "float32" else np.rint(picture * 65535).astype(dtype)
    done, data = cv2.imencode(suffix, levels)
    if not done:
        raise ValueError("OpenCV writes none")
    return float(abs(decode_image(_IN_MEMORY, data.tobytes()) - picture).max())


def _pillow(kind: str) -> float:
    import numpy as np
    from PIL import Image

    from corridorkey.media.image import decode_image

    picture, buffer = _picture(), io.BytesIO()
    Image.fromarray(np.rint(picture * 255).astype(np.uint8)).save(buffer, kind, quality=95)
    return float(abs(decode_image(_IN_MEMORY, buffer.getvalue()) - picture).max())
