import io
from fractions import Fraction

import numpy as np
import OpenEXR
import pytest

from corridorkey.errors import FrameReadError, FrameWriteError
from corridorkey.media.exr import decode_exr, encode_exr, read_exr, rgb_of, write_exr
from tests.media.crafted import exr_header

ZIP = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}


@pytest.fixture
def ramp():
    return np.linspace(-1, 3, 5 * 8, dtype=np.float32).reshape(5, 8)


def raw(path, channels, header=None):
    """A file as some other program writes it."""
    with OpenEXR.File({**ZIP, **(header or {})}, channels) as file:
        file.write(str(path))
    return path


@pytest.mark.parametrize("compression", ["none", "zips", "zip", "piz"])
def test_float_comes_back_bit_for_bit(tmp_path, ramp, compression):
    write_exr(tmp_path / "a.exr", {"R": ramp, "G": -ramp, "B": ramp * 1e30}, {}, 32, compression)
    channels, _ = read_exr(tmp_path / "a.exr")
    assert np.array_equal(rgb_of(tmp_path, channels), np.dstack([ramp, -ramp, ramp * 1e30]))


def test_half_is_the_nearest_half(tmp_path, ramp):
    write_exr(tmp_path / "a.exr", {"Y": ramp}, {})
    assert np.array_equal(read_exr(tmp_path / "a.exr")[0]["Y"], ramp.astype(np.float16).astype(np.float32))
    with OpenEXR.File(str(tmp_path / "a.exr"), separate_channels=True) as file:
        assert file.channels()["Y"].pixels.dtype == np.float16
        assert file.header()["compression"] == OpenEXR.ZIP_COMPRESSION


def test_half_overflow_is_clamped(tmp_path):
    write_exr(tmp_path / "a.exr", {"Y": np.array([[1e9, -1e9, 65519, 65504]], np.float32)}, {})
    assert read_exr(tmp_path / "a.exr")[0]["Y"].tolist() == [[65504, -65504, 65504, 65504]]


def test_arrays_that_are_not_contiguous_keep_their_pixels(tmp_path):
    big = np.arange(10 * 12 * 4, dtype=np.float32).reshape(10, 12, 4)
    views = {"R": big[::2, 3:9, 2], "G": big[::2, 3:9, 0][::-1], "B": big[2:8, 1:6, 1].T, "A": big[::2, 8:2:-1, 3]}
    write_exr(tmp_path / "a.exr", views, {}, 32)
    channels, _ = read_exr(tmp_path / "a.exr")
    assert all(np.array_equal(channels[name], view) for name, view in views.items())


@pytest.mark.parametrize("bits", [16, 32])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_nan_and_infinity_are_not_written(tmp_path, ramp, bits, value):
    ramp[2, 3] = value
    with pytest.raises(FrameWriteError, match="channel Y holds NaN or infinity"):
        write_exr(tmp_path / "a.exr", {"Y": ramp}, {}, bits)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((4, 5, 1), np.float32),
        np.zeros(4, np.float32),
        np.zeros((4, 5), np.uint8),
        np.zeros((0, 5), np.float32),
    ],
)
def test_what_is_not_a_float_plane_is_refused(tmp_path, pixels):
    with pytest.raises(FrameWriteError, match=r"must be float \(H, W\)"):
        write_exr(tmp_path / "a.exr", {"Y": pixels}, {})


def test_channels_of_two_sizes_and_unknown_bits_are_refused(tmp_path, ramp):
    with pytest.raises(FrameWriteError, match="channels of 2 sizes"):
        write_exr(tmp_path / "a.exr", {"R": ramp, "G": ramp[1:]}, {})
    with pytest.raises(FrameWriteError, match="use none, zips, zip, piz, dwaa at 16 or 32"):
        write_exr(tmp_path / "a.exr", {"Y": ramp}, {}, 8)
    with pytest.raises(FrameWriteError, match="lzw at 16 bits"):
        write_exr(tmp_path / "a.exr", {"Y": ramp}, {}, 16, "lzw")


def test_a_header_travels_from_file_to_file(tmp_path, ramp):
    code = OpenEXR.TimeCode(1, 2, 3, 4, *[0] * 14)
    header = {
        "displayWindow": ((0, 0), (99, 49)),
        "dataWindow": ((-3, 7), (4, 11)),
        "pixelAspectRatio": 2.0,
        "framesPerSecond": Fraction(24000, 1001),
        "timeCode": code,
        "owner": "häé",
        "camera": ["a", "b"],
        "keyCode": OpenEXR.KeyCode(1, 2, 3, 4, 5, 4, 64),
        "take": 3,
        "worldToCamera": np.eye(4, dtype=np.float32),
    }
    raw(tmp_path / "a.exr", {"Z": ramp}, {**header, "compression": OpenEXR.PIZ_COMPRESSION})
    _, first = read_exr(tmp_path / "a.exr")
    write_exr(tmp_path / "b.exr", {"Y": ramp}, first)
    _, second = read_exr(tmp_path / "b.exr")
    for name in header.keys() - {"timeCode", "keyCode", "worldToCamera"}:
        assert second[name] == header[name], name
    assert str(second["timeCode"]) == str(code)
    assert str(second["keyCode"]) == "(1, 2, 3, 4, 5, 4, 64)"
    assert np.array_equal(second["worldToCamera"], header["worldToCamera"])
    with OpenEXR.File(str(tmp_path / "b.exr")) as file:
        assert file.header()["compression"] == OpenEXR.ZIP_COMPRESSION
        assert list(file.channels()) == ["Y"]


def test_what_describes_other_pixels_is_not_carried(tmp_path, ramp):
    other = {"view": "left", "multiView": ["left", "right"]}
    other["preview"] = OpenEXR.PreviewImage(np.zeros((2, 2, 4), np.uint8))
    raw(tmp_path / "a.exr", {"Y": ramp}, {**other, "owner": "me"})
    with OpenEXR.File(str(tmp_path / "a.exr")) as file:
        assert file.header().keys() >= other.keys()
    _, header = read_exr(tmp_path / "a.exr")
    assert header["owner"] == "me"
    assert not header.keys() & other.keys()
    write_exr(tmp_path / "b.exr", {"Y": ramp}, {**other, "owner": "me"})
    with OpenEXR.File(str(tmp_path / "b.exr")) as file:
        assert not file.header().keys() & other.keys()


def test_windows_of_another_size_are_left_out(tmp_path, ramp):
    write_exr(tmp_path / "a.exr", {"Y": ramp}, {"dataWindow": ((0, 0), (9, 9)), "displayWindow": ((0, 0), (9, 9))})
    _, header = read_exr(tmp_path / "a.exr")
    assert header["dataWindow"] == header["displayWindow"] == ((0, 0), (7, 4))


def test_attributes_that_no_exr_can_hold_are_left_out(tmp_path, ramp):
    none = {"a": None, "b": {"c": 1}, "d": np.float32(1), "e": [], "f": (), "g": np.zeros(0, np.float32)}
    write_exr(tmp_path / "a.exr", {"Y": ramp}, {**none, "owner": "me"})
    _, header = read_exr(tmp_path / "a.exr")
    assert header["owner"] == "me"
    assert not none.keys() & header.keys()


def test_an_empty_list_in_a_plates_header_stops_nothing(tmp_path, ramp):
    data = encode_exr(tmp_path, {"Y": ramp}, {"cameras": ["abcd", "efghij"], "owner": "me"})
    whole = b"stringvector\0\x12\0\0\0\4\0\0\0abcd\6\0\0\0efghij"
    assert whole in data
    # Another attribute takes the room, so that nothing behind it moves.
    empty = data.replace(whole, b"stringvector\0" + bytes(4) + b"x\0string\0\5\0\0\0hello")
    channels, header = decode_exr(tmp_path, empty)
    _, carried = decode_exr(tmp_path, encode_exr(tmp_path, channels, header))
    assert (carried["owner"], carried["x"]) == ("me", "hello")
    assert "cameras" not in carried


def test_tiles_half_float_and_uint_are_read(tmp_path, ramp):
    positive = np.abs(ramp)
    tiles = {"type": OpenEXR.tiledimage, "tiles": OpenEXR.TileDescription()}
    kinds = {"R": positive.astype(np.float16), "G": positive, "B": positive.astype(np.uint32)}
    channels, header = read_exr(raw(tmp_path / "a.exr", dict(kinds), tiles))
    assert all(np.array_equal(channels[name], plane.astype(np.float32)) for name, plane in kinds.items())
    assert all(plane.dtype == np.float32 for plane in channels.values())
    write_exr(tmp_path / "b.exr", {"Y": ramp}, header)
    assert np.array_equal(read_exr(tmp_path / "b.exr")[0]["Y"], ramp.astype(np.float16))


def test_the_first_part_with_rgb_is_the_picture(tmp_path, ramp):
    parts = [
        OpenEXR.Part(dict(ZIP), {"Z": ramp}, "depth"),
        OpenEXR.Part({**ZIP, "owner": "me"}, {"R": ramp + 1, "G": ramp + 1, "B": ramp + 1}, "beauty"),
    ]
    with OpenEXR.File(parts) as file:
        file.write(str(tmp_path / "a.exr"))
    channels, header = read_exr(tmp_path / "a.exr")
    assert np.array_equal(channels["G"], ramp + 1)
    assert header["owner"] == "me"
    assert "name" not in header


def test_y_alone_is_grey(tmp_path, ramp):
    assert np.array_equal(rgb_of(tmp_path, {"Y": ramp, "A": ramp * 0}), np.dstack([ramp] * 3))


def test_rgb_at_the_root_wins_over_layers(tmp_path, ramp):
    planes = {"R": ramp, "G": ramp, "B": ramp, "fg.R": ramp + 9, "fg.G": ramp + 9, "fg.B": ramp + 9}
    channels, _ = read_exr(raw(tmp_path / "a.exr", planes))
    assert np.array_equal(rgb_of(tmp_path, channels), np.dstack([ramp] * 3))


def test_layers_without_a_root_picture_are_listed(tmp_path, ramp):
    with pytest.raises(FrameReadError, match=r"it has fg\.B, fg\.G, fg\.R\. Save the layer"):
        rgb_of(tmp_path, {"fg.R": ramp, "fg.G": ramp, "fg.B": ramp})


def test_luminance_and_chroma_are_refused(tmp_path, ramp):
    with pytest.raises(FrameReadError, match="luminance and chroma"):
        rgb_of(tmp_path, {"Y": ramp, "RY": ramp, "BY": ramp})


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (exr_header(60_000, 60_000), "60000 × 60000 pixels; at most 32768 along a side and 256 megapixels"),
        (exr_header(32_768, 32_768), "32768 × 32768 pixels; at most"),
        (exr_header(64, 64, sampling=2), "subsampled"),
        (exr_header(64, 64, deep=True), "deep data; flatten it"),
        (exr_header(-5, 4), "not an EXR, or its header is damaged"),
        (exr_header(64, 64).replace(b"Y\0", b"\xff\0"), "not UTF-8"),
        (b"\x76\x2f\x31\x01", "not an EXR, or its header is damaged"),
        (b"plain text", "not an EXR"),
        (b"", "the file is empty"),
    ],
)
def test_bad_headers_are_refused_before_any_pixel_is_decoded(tmp_path, monkeypatch, data, message):
    opened = []

    def header_only(stream, **options):
        opened.append(options)
        return real(stream, **options)

    real = OpenEXR.File
    monkeypatch.setattr(OpenEXR, "File", header_only)
    (tmp_path / "bad.exr").write_bytes(data)
    with pytest.raises(FrameReadError, match=message) as caught:
        read_exr(tmp_path / "bad.exr")
    assert "bad.exr" in str(caught.value)
    assert all(options == {"header_only": True} for options in opened)


@pytest.mark.parametrize("keep", [0.05, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_an_error(tmp_path, keep):
    noise = np.random.default_rng(0).random((64, 64), dtype=np.float32)
    write_exr(tmp_path / "a.exr", {"R": noise, "G": noise, "B": noise}, {})
    data = (tmp_path / "a.exr").read_bytes()
    (tmp_path / "a.exr").write_bytes(data[: int(len(data) * keep)])
    with pytest.raises(FrameReadError, match=r"a\.exr: (truncated or )?(damaged|not an EXR)"):
        read_exr(tmp_path / "a.exr")


def test_scrambled_pixels_are_an_error(tmp_path):
    noise = np.random.default_rng(0).random((64, 64), dtype=np.float32)
    write_exr(tmp_path / "a.exr", {"Y": noise}, {})
    data = bytearray((tmp_path / "a.exr").read_bytes())
    middle = len(data) // 2
    data[middle : middle + 200] = b"\xff" * 200
    (tmp_path / "a.exr").write_bytes(data)
    with pytest.raises(FrameReadError, match="damaged"):
        read_exr(tmp_path / "a.exr")


def test_a_missing_file_and_a_folder_are_errors(tmp_path):
    with pytest.raises(FrameReadError, match=r"none\.exr: cannot be read: No such file"):
        read_exr(tmp_path / "none.exr")
    with pytest.raises(FrameReadError, match="cannot be read"):
        read_exr(tmp_path)


def test_the_callers_arrays_and_header_are_left_alone(tmp_path, ramp):
    channels, header, before = {"Y": ramp}, {"owner": "me"}, ramp.copy()
    write_exr(tmp_path / "a.exr", channels, header)
    assert header == {"owner": "me"}
    assert channels["Y"] is ramp
    assert np.array_equal(ramp, before)


def test_another_reader_agrees(tmp_path, ramp):
    """OpenEXR's coalescing reader, which this project does not use."""
    write_exr(tmp_path / "a.exr", {"R": ramp, "G": ramp + 1, "B": ramp + 2, "A": ramp + 3}, {}, 32)
    with OpenEXR.File(io.BytesIO((tmp_path / "a.exr").read_bytes())) as file:
        assert np.array_equal(file.channels()["RGBA"].pixels, np.dstack([ramp, ramp + 1, ramp + 2, ramp + 3]))
