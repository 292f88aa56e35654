from pathlib import Path

import pytest

from corridorkey.errors import FrameWriteError
from corridorkey.media import FramePair
from corridorkey.resume import Manifest
from corridorkey.resume.made import Made
from corridorkey.resume.recorder import ManifestRecorder, wanted


def test_a_frame_goes_on_record_with_all_that_it_is_made_of(tmp_path: Path):
    plate, hint, garbage, core = (tmp_path / f"{name}.0001.png" for name in ("plate", "hint", "garbage", "core"))
    for path in (plate, hint, garbage, core):
        path.write_bytes(path.name.encode())
    pair = FramePair(1, plate, hint, garbage=garbage, core=core)
    recorder = ManifestRecorder(Manifest(tmp_path), Made({"despill": 1.0}, "small"))
    recorder.begin(pair)
    recorder.done(pair, {})
    (record,) = Manifest(tmp_path).records(["plate.0001"])
    assert record is not None
    assert [record.plate.name, record.hint.name] == [plate.name, hint.name]
    assert [record.garbage.name, record.core.name] == [garbage.name, core.name]
    (frame,) = wanted([pair])
    assert (frame.hint, frame.garbage, frame.core) == (hint, garbage, core)


def test_an_output_that_is_gone_before_it_is_on_record_is_told_as_such(tmp_path: Path):
    plate = tmp_path / "x.0001.png"
    plate.write_bytes(b"plate")
    recorder, pair = ManifestRecorder(Manifest(tmp_path), Made({"despill": 1.0}, "small")), FramePair(1, plate, None)
    recorder.begin(pair)
    with pytest.raises(FrameWriteError, match=r"x\.0001\.exr"):
        recorder.done(pair, {"matte": tmp_path / "Matte" / "x.0001.exr"})
    assert len(Manifest(tmp_path)) == 0
