"""`ck key --outputs rgba`: PNG with alpha."""

import numpy as np

from corridorkey.media import read_exr
from corridorkey.media.image import decode_image
from tests.cli.conftest import write_shot


def test_it_is_keyed_resumed_and_listed(ck, tmp_path):
    write_shot(tmp_path / "s/Input", range(1, 3))
    words = ("key", tmp_path / "s", "--outputs", "processed,rgba", "--png-bits", "8", "--exr-bits", "32")
    assert ck(*words).code == 0
    out = tmp_path / "s/Output"
    channels = read_exr(out / "Processed/shot.0001.exr")[0]
    rgba = decode_image(out / "RGBA/shot.0001.png", (out / "RGBA/shot.0001.png").read_bytes())
    assert np.abs(rgba[..., 3] - channels["A"]).max() <= 0.51 / 255
    assert ck(*words).code == 2
    (out / "RGBA/shot.0002.png").unlink()
    result = ck(*words, "--resume")
    assert result.code == 0, result.err
    assert "1 with files missing (2)" in result.out
    assert " done" in ck("clips", tmp_path / "s", "--no-screen", "--outputs", "rgba").out
