"""What the fuzz found, each by itself."""

import io
import json
import subprocess
import sys
from dataclasses import asdict
from fractions import Fraction

import av
import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import save_file

from corridorkey.checkpoint import FORMAT, FORMAT_VERSION, check_tensors
from corridorkey.errors import CheckpointFormatError, FrameReadError, WeightMismatchError
from corridorkey.media import read_hint, read_plate, write_exr
from corridorkey.media.movie import MovieWriter
from corridorkey.media.read import mask_of
from corridorkey.network_weights import read_weights
from corridorkey.printable import printable
from tests.convert.crafted import NETWORK, weights


@pytest.mark.parametrize(
    "claim",
    [
        {"depths": [10**9, 1, 1, 1]},
        {"refiner_dilations": [1] * 10_000},
        {"refiner_dilations": [10**9]},
        {"size": 2**40},
        {"size": 64.0},
        {"pos_grid": 8.0},
        {"sizing": "aspect", "overview": 64.5},
        {"sizing": "aspect", "overview": 2**40},
        {"pos_grid": 10**9},
        {"refiner_gain": float("nan")},
        {"refiner_gain": 10**400},
    ],
    ids=str,
)
def test_a_network_that_no_tensor_bears_out_is_refused_at_once(tmp_path, claim):
    config = json.dumps({**asdict(NETWORK), **claim})
    header = {"format": FORMAT, "format_version": FORMAT_VERSION, "config": config, "licence": "CC0"}
    save_file(weights(), tmp_path / "a.safetensors", header)
    with pytest.raises(CheckpointFormatError, match=r"a\.safetensors: .*config"):
        read_weights(tmp_path / "a.safetensors", size=None, dtype="float32")


def test_names_in_files_are_shown_harmless(tmp_path):
    with pytest.raises(WeightMismatchError) as refused:
        check_tensors("a", {"evil\x1b[2J": np.ones(1)}, {})
    assert str(refused.value) == "a: unexpected evil\\x1b[2J. Fetch or convert the checkpoint again."
    write_exr(tmp_path / "a.exr", {"R\x1b[2J": np.ones((2, 2), np.float32), "G": np.ones((2, 2), np.float32)}, {})
    for read in (read_plate, read_hint):
        with pytest.raises(FrameReadError, match=r"It has G, R\\x1b\[2J|it has G, R\\x1b\[2J"):
            read(tmp_path / "a.exr")
    assert printable("Käse 🎬 \udcff\n\x9b") == "Käse 🎬 \\udcff\\n\\x9b"


def test_a_hint_with_infinities_of_both_signs_is_an_error_and_no_warning(tmp_path):
    planes = {name: np.full((2, 3), value, np.float32) for name, value in (("R", 1), ("G", np.inf), ("B", -np.inf))}
    _, hint = mask_of(tmp_path, planes)
    assert not np.isfinite(hint).any()


def test_a_damaged_tag_that_is_passed_over_is_no_news(tmp_path):
    exif, buffer = Image.Exif(), io.BytesIO()
    exif[270], exif[274] = "a long description", 1
    Image.fromarray(np.full((8, 8, 3), 9, np.uint8)).save(buffer, "JPEG", exif=exif)
    data = bytearray(buffer.getvalue())
    place = data.index(b"\x01\x0e\x00\x02") + 4  # how long the description is
    data[place : place + 4] = b"\x00\x00\xff\xff"
    (tmp_path / "a.jpg").write_bytes(data)
    words = (
        "import sys; from pathlib import Path; from corridorkey.media import read_plate; read_plate(Path(sys.argv[1]))"
    )
    done = subprocess.run([sys.executable, "-c", words, tmp_path / "a.jpg"], capture_output=True, text=True, check=True)
    assert done.stderr == ""


def test_sound_at_a_rate_that_aac_lacks_is_carried(tmp_path):
    with av.open(str(tmp_path / "a.mkv"), "w") as file:
        video, sound = file.add_stream("ffv1", rate=24), file.add_stream("flac", rate=50_000, layout="mono")
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        second = av.AudioFrame.from_ndarray(np.zeros((1, 50_000), np.int16), format="s16", layout="mono")
        second.sample_rate, second.pts = 50_000, 0
        file.mux([*video.encode(av.VideoFrame(64, 48, "yuv420p")), *video.encode()])
        file.mux([*sound.encode(second), *sound.encode()])
    with MovieWriter(tmp_path / "b.mov", "prores4444", (64, 48), Fraction(2), audio_from=tmp_path / "a.mkv") as writer:
        for _ in range(2):
            writer.write(np.ones((48, 64, 4), np.float32))
    with av.open(str(tmp_path / "b.mov")) as file:
        assert file.streams.audio[0].codec_context.sample_rate == 48_000
        assert sum(frame.samples for frame in file.decode(audio=0)) == pytest.approx(48_000, abs=3000)
