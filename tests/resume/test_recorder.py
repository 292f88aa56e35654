from pathlib import Path

import pytest

from corridorkey.errors import FrameWriteError
from corridorkey.media import FramePair
from corridorkey.resume import Manifest
from corridorkey.resume.made import Made
from corridorkey.resume.recorder import ManifestRecorder


def test_an_output_that_is_gone_before_it_is_on_record_is_told_as_such(tmp_path: Path):
    plate = tmp_path / "x.0001.png"
    plate.write_bytes(b"plate")
    recorder, pair = ManifestRecorder(Manifest(tmp_path), Made({"despill": 1.0}, "small")), FramePair(1, plate, None)
    recorder.begin(pair)
    with pytest.raises(FrameWriteError, match=r"x\.0001\.exr"):
        recorder.done(pair, {"matte": tmp_path / "Matte" / "x.0001.exr"})
    assert len(Manifest(tmp_path)) == 0
