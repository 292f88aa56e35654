"""One undisturbed run, that all others are compared with."""

from pathlib import Path

import pytest
from PIL import Image

from corridorkey.media import read_exr
from tests.cli.conftest import write_shot
from tests.faults.harness import FRAMES, Shot, files


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("undisturbed")
    shot = Shot(write_shot(folder / "shot", range(1, FRAMES + 1)), folder / "out", {})
    end = shot.key(pause=0)
    assert end.code == 0, end.err
    for path in shot.out.rglob("*/*"):
        if path.suffix == ".exr":
            read_exr(path)
        else:
            Image.open(path).load()
    whole = files(shot.out)
    assert len(whole) == 4 * FRAMES
    return whole


@pytest.fixture
def shot(tmp_path: Path, undisturbed: dict[str, bytes]) -> Shot:
    return Shot(write_shot(tmp_path / "shot", range(1, FRAMES + 1)), tmp_path / "out", undisturbed)
