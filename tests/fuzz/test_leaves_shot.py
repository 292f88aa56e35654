"""No path from a file leads out of the shot: nothing outside is opened, written, swept or deleted."""

import json
import os
import zlib
from pathlib import Path

import numpy as np
import OpenEXR
import pytest

from corridorkey.config import KeySettings
from corridorkey.media import find_sequence, read_plate, write_frame
from corridorkey.parts import STALE, sweep
from corridorkey.resume import Manifest, plan_run
from corridorkey.resume.manifest import NAME
from corridorkey.types import KeyedFrame
from tests.fuzz.canary import Canary
from tests.resume.shot import FOLDERS, MADE, key, wanted, write_plates

AWAY = ("../../precious.exr", "../precious.exr", "{}/precious.exr", "Matte/../../precious.exr", "..\\..\\precious.exr")


@pytest.fixture
def around(tmp_path):
    """Everything outside the shot: what it was, and what it is."""
    for folder in (tmp_path, tmp_path / "show"):
        folder.mkdir(exist_ok=True)
        (folder / "precious.exr").write_bytes(b"precious")

    def outside() -> dict[str, bytes]:
        files = (
            path for path in tmp_path.rglob("*") if path.is_file() and "shot" not in path.relative_to(tmp_path).parts
        )
        return {str(path): path.read_bytes() for path in files}

    before = outside()
    yield tmp_path / "show" / "shot"
    assert outside() == before


def rewritten(out: Path, change) -> None:
    """A manifest whose frames' lines are changed and checked as ours are."""
    lines = [json.loads(line) for line in (out / NAME).read_text(encoding="utf-8").splitlines()]
    for line in lines:
        line.pop("check")
        if "frame" in line:
            change(line)
    raw = [json.dumps(line, separators=(",", ":"))[:-1].encode() for line in lines]
    (out / NAME).write_bytes(b"".join(line + b',"check":"%08x"}\n' % zlib.crc32(line) for line in raw))


@pytest.mark.parametrize("away", AWAY)
@pytest.mark.parametrize("what", ["outputs", "plate", "stem"])
def test_a_manifest_names_files_for_people_only(tmp_path, around, away, what):
    plates = write_plates(around / "Input", range(1001, 1004))
    key(around / "out", wanted(plates))
    with Canary(around / "pipe.exr") as canary:

        def change(line):
            path = away.format(tmp_path)
            if what == "outputs":
                targets = dict(zip(FOLDERS, (path, str(canary.path)) * 2, strict=True))
                line["outputs"] = {name: [target, 8, "0" * 32] for name, target in targets.items()}
            elif what == "plate":
                line["plate"][0] = path
            else:
                line["stem"] = path.removesuffix(".exr")

        rewritten(around / "out", change)
        manifest = Manifest(around / "out")
        assert len(manifest) >= 1
        for verify in (False, True):
            plan_run(around / "out", wanted(plates), tuple(FOLDERS), FOLDERS, MADE, manifest, "resume", verify=verify)
        key(around / "out", wanted(plates), "resume")
        key(around / "out", wanted(plates), "overwrite")
        assert not canary.is_disturbed
    assert len(list((around / "out" / "Matte").iterdir())) == 3


@pytest.mark.parametrize("away", AWAY)
def test_what_a_plate_says_of_itself_leads_nowhere(tmp_path, around, away):
    path, out = away.format(tmp_path), around / "out"
    texts = {"ck:plate": path, "ck:settings": path, "ck:" + path: path, "owner": path, "comments": "file://" + path}
    header = texts | {"type": OpenEXR.scanlineimage, "compression": OpenEXR.ZIP_COMPRESSION, "view": path}
    plane = np.full((4, 6), 0.5, np.float32)
    around.mkdir()
    with OpenEXR.File([OpenEXR.Part(header, {name: plane.copy() for name in "RGB"}, path)]) as file:
        file.write(str(around / "plate.exr"))
    plate = read_plate(around / "plate.exr")
    rgb = np.stack([plane] * 3, axis=2)
    frame = KeyedFrame(rgb[..., :1], rgb, np.concatenate([rgb, rgb[..., :1]], axis=2), rgb)
    written = write_frame(frame, out, around / "plate.exr", KeySettings(), plate.header)
    assert sorted(out.rglob("*.*")) == sorted(written)
    assert all(path.resolve().is_relative_to(out.resolve()) for path in written)


@pytest.mark.skipif(os.name == "nt", reason="such names cannot be there")
@pytest.mark.parametrize(
    "stem", ["\x1b[2J", "line\nbreak", "\\..\\..\\precious", "a\x7f\x08", "~", "$HOME", "-o", "%2e%2e%2f"]
)
def test_odd_names_stay_where_they_are(around, stem):
    plates = write_plates(around / "Input", head=f"{stem}.")
    key(around / "out", wanted(plates))
    assert {path.parent.parent for path in (around / "out").rglob("*.exr")} == {around / "out"}
    assert sorted(path.name for path in (around / "out" / "Matte").iterdir()) == sorted(
        p.name for p in plates.iterdir()
    )
    assert find_sequence(plates).frames == tuple(range(1001, 1005))


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="no links there")
def test_a_sweep_follows_no_link(tmp_path, around):
    around.mkdir()
    links = [around / f".{name}.0123abcd.part" for name in ("file", "folder", "nothing")]
    for link, target in zip(links, (tmp_path / "precious.exr", tmp_path / "show", tmp_path / "none"), strict=True):
        link.symlink_to(target)
        os.utime(link, (0, 0), follow_symlinks=False)
    assert STALE > 0
    sweep([around])
    assert (tmp_path / "precious.exr").exists()
    assert not [link for link in links if link.is_symlink()]
