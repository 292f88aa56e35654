import hashlib
import json
from pathlib import Path

import numpy as np
import OpenEXR
import pytest
from PIL import Image

from corridorkey import __version__
from corridorkey.config import KeySettings
from corridorkey.media import output_paths, read_exr, write_frame
from corridorkey.media.provenance import provenance_of, stamp_of, stamped
from corridorkey.types import KeyedFrame

NAMES = {"ck:backend", "ck:checkpoint", "ck:dtype", "ck:plate", "ck:screen", "ck:settings", "ck:version"}
PLATE = Path("/shots/of a client/sh010.1001.exr")


@pytest.fixture
def frame():
    rng = np.random.default_rng(1)
    return KeyedFrame(*(rng.random((6, 9, channels), dtype=np.float32) for channels in (1, 3, 4, 3)))


def origin(settings=None, checkpoint="/home/me/weights/small.safetensors", screen="blue"):
    return provenance_of(
        settings or KeySettings(),
        screen=screen,
        checkpoint=Path(checkpoint),
        sha256="ab" * 32,
        backend="mlx",
        dtype="float16",
    )


def stamps(folder, plate=PLATE):
    """What each output says, by another way than it was written."""
    found = {}
    for name, path in output_paths(folder, plate, KeySettings().outputs).items():
        if path.suffix == ".png":
            with Image.open(path) as picture:
                found[name] = {key: str(value) for key, value in picture.info.items() if key.startswith("ck:")}
        else:
            with OpenEXR.File(str(path), header_only=True) as file:
                found[name] = {key: value for key, value in file.header().items() if key.startswith("ck:")}
    return found


def test_every_output_says_how_it_was_made(tmp_path, frame):
    settings = KeySettings(despill=0.5)
    write_frame(frame, tmp_path, PLATE, settings, {}, origin(settings))
    found = stamps(tmp_path)
    assert all(stamp == found["matte"] for stamp in found.values())
    assert found["matte"].keys() == NAMES
    assert found["matte"]["ck:checkpoint"] == f"small.safetensors sha256:{'ab' * 32}"
    assert found["matte"]["ck:plate"] == "sh010.1001.exr"
    assert found["matte"]["ck:screen"] == "blue"
    assert found["matte"]["ck:version"] == __version__
    knobs = json.loads(found["matte"]["ck:settings"])
    assert KeySettings(**knobs) == settings


def test_no_folder_of_this_machine_is_told(tmp_path, frame):
    write_frame(frame, tmp_path, PLATE, KeySettings(), {}, origin())
    for path in tmp_path.rglob("*.*"):
        data = path.read_bytes()
        assert not any(word in data for word in (b"shots", b"client", b"weights", b"home", tmp_path.name.encode()))


def test_a_second_run_gives_the_same_bytes(tmp_path, frame):
    digests = []
    for run in ("a", "b"):
        provenance = origin() if run == "a" else dict(reversed(origin().items()))
        paths = write_frame(frame, tmp_path / run, PLATE, KeySettings(), {"owner": "me"}, provenance)
        digests.append([hashlib.sha256(path.read_bytes()).hexdigest() for path in paths])
    assert digests[0] == digests[1]


def test_the_other_outputs_do_not_change_a_file(tmp_path, frame):
    for outputs in (("matte",), ("matte", "comp")):
        settings = KeySettings(outputs=outputs)
        write_frame(frame, tmp_path / str(len(outputs)), PLATE, settings, {}, origin(settings))
    matte = output_paths(Path(), PLATE, ["matte"])["matte"]
    assert (tmp_path / "1" / matte).read_bytes() == (tmp_path / "2" / matte).read_bytes()


def test_settings_are_written_one_way(tmp_path):
    text = origin()["ck:settings"]
    assert text == json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"))
    assert "outputs" not in json.loads(text)


def test_an_earlier_keys_stamp_is_replaced_not_mixed(tmp_path, frame):
    write_frame(frame, tmp_path, PLATE, KeySettings(), {"ck:note": "old"}, {**origin(), "ck:extra": "of the first run"})
    _, header = read_exr(output_paths(tmp_path, PLATE, ["processed"])["processed"])
    assert header["ck:extra"] == "of the first run"
    assert "ck:note" not in header
    again = tmp_path / "again"
    write_frame(frame, again, Path("second.exr"), KeySettings(), header, origin(screen="green"))
    for stamp in stamps(again, Path("second.exr")).values():
        assert stamp.keys() == NAMES
        assert (stamp["ck:plate"], stamp["ck:screen"]) == ("second.exr", "green")


def test_without_provenance_an_earlier_stamp_is_not_passed_off_as_this_ones(tmp_path, frame):
    write_frame(frame, tmp_path, PLATE, KeySettings(), dict(origin()))
    assert all(stamp.keys() == {"ck:plate", "ck:version"} for stamp in stamps(tmp_path).values())


@pytest.mark.parametrize(
    ("name", "told"),
    [("größe.1.exr", "größe.1.exr"), ("a\x1b[1m\n.exr", r"a\x1b[1m\n.exr"), ("\udce4.exr", r"\udce4.exr")],
)
def test_names_that_are_no_plain_text_are_escaped(name, told):
    assert stamp_of(stamped({"owner": "me"}, Path("/x") / name)) == {"ck:plate": told, "ck:version": __version__}
    assert origin(checkpoint=f"/x/{name}")["ck:checkpoint"].startswith(f"{told} sha256:")
