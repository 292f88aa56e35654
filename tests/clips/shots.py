"""Clip folders as the ancestor has them, with the smallest pictures that do."""

from pathlib import Path

import av
from PIL import Image

from tests.cli.conftest import SIZE, plate, write_shot

__all__ = ["movie", "outputs", "pictures", "shot", "write_shot"]


def pictures(folder: Path, frames=range(1, 4), name: str = "p.{:04d}.png") -> Path:
    """Black pictures of 4×4."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in frames:
        Image.new("RGB", (4, 4)).save(folder / name.format(number))
    return folder


def shot(folder: Path, frames=range(1, 4), hints=None) -> Path:
    """A shot with an Input folder, and hints for some frames."""
    pictures(folder / "Input", frames)
    if hints is not None:
        pictures(folder / "AlphaHint", hints, "mask_{:04d}.png")
    return folder


def movie(path: Path, frames: int) -> Path:
    """A movie of the green-screen plate; its frames count from 0."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=24)
        stream.height, stream.width = SIZE
        stream.pix_fmt = "yuv420p"
        for number in range(frames):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(plate(number), format="rgb24")))
        container.mux(stream.encode())
    return path


def outputs(folder: Path, frames, *names: str, stem: str = "p") -> None:
    """Files where the outputs of frames p.0001 … go; `names` as Matte, FG, Processed, Comp."""
    for name in names or ("Matte", "FG", "Processed", "Comp"):
        (folder / name).mkdir(parents=True, exist_ok=True)
        for number in frames:
            (folder / name / f"{stem}.{number:04d}.{'png' if name == 'Comp' else 'exr'}").touch()
