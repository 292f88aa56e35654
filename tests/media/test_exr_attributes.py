"""Every kind of attribute, byte for byte: plates put together by hand, outputs taken apart by hand."""

import struct

import numpy as np
import OpenEXR
import pytest

from corridorkey.errors import FrameReadError
from corridorkey.media.exr import decode_exr, encode_exr
from corridorkey.media.read import read_plate
from tests.media.crafted import exr_header

GREY = np.full((3, 4), 0.5, np.float32)
KINDS = {
    "int": struct.pack("<i", -7),
    "float": struct.pack("<f", 1.1),
    "double": struct.pack("<d", 1.1),
    "box2i": struct.pack("<4i", 1, 2, -3, 4),
    "box2f": struct.pack("<4f", 1, 2, 3, 4.5),
    "v2i": struct.pack("<2i", 1, 2),
    "v2f": struct.pack("<2f", 1, 2.5),
    "v2d": struct.pack("<2d", 1, 2.1),
    "v3i": struct.pack("<3i", 1, 2, 3),
    "v3f": struct.pack("<3f", 1, 2, 3.5),
    "v3d": struct.pack("<3d", 1, 2, 3.1),
    "m33f": struct.pack("<9f", *range(9)),
    "m33d": struct.pack("<9d", *range(9)),
    "m44f": struct.pack("<16f", *range(16)),
    "m44d": struct.pack("<16d", *range(16)),
    "string": "größe".encode(),
    "stringvector": struct.pack("<I", 1) + b"a" + struct.pack("<I", 2) + b"bc",
    "floatvector": struct.pack("<3f", 1, 2, 2.5),
    "rational": struct.pack("<iI", -24000, 1001),
    "timecode": struct.pack("<II", 0x01020304, 5),
    "keycode": struct.pack("<7i", 1, 2, 3, 4, 5, 4, 64),
    "chromaticities": struct.pack("<8f", *(0.1 * i for i in range(8))),
    "envmap": b"\1",
    "a house's own": b"\1\2\3\4\5",
}


def attribute(name, kind, value):
    return name.encode() + b"\0" + kind.encode() + b"\0" + struct.pack("<I", len(value)) + value


def plate(*attributes, flags=0):
    """A grey, uncompressed 4 × 3 plate with these attributes: name, kind, bytes."""
    window = struct.pack("<4i", 0, 0, 3, 2)
    channels = b"".join(name + b"\0" + struct.pack("<IBxxxII", 2, 0, 1, 1) for name in (b"B", b"G", b"R"))
    data = b"\x76\x2f\x31\x01" + struct.pack("<I", 2 | flags) + attribute("channels", "chlist", channels + b"\0")
    data += attribute("compression", "compression", b"\0") + attribute("dataWindow", "box2i", window)
    data += attribute("displayWindow", "box2i", window) + attribute("lineOrder", "lineOrder", b"\0")
    data += attribute("pixelAspectRatio", "float", struct.pack("<f", 1)) + attribute(
        "screenWindowCenter", "v2f", bytes(8)
    )
    data += attribute("screenWindowWidth", "float", struct.pack("<f", 1))
    data += b"".join(attribute(*given) for given in attributes) + b"\0"
    lines = [struct.pack("<ii", y, 48) + np.tile(GREY[y], 3).tobytes() for y in range(3)]
    data += b"".join(struct.pack("<Q", len(data) + 24 + 56 * y) for y in range(3))
    return data + b"".join(lines)


def attributes_of(data):
    found, at = {}, 8
    while data[at]:
        name, kind, _ = data[at:].split(b"\0", 2)
        at += len(name) + len(kind) + 2
        (size,) = struct.unpack_from("<I", data, at)
        found[name.decode()] = kind.decode(), data[at + 4 : at + 4 + size]
        at += 4 + size
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_attribute_is_carried_on_byte_for_byte(tmp_path, kind):
    _, header = decode_exr(tmp_path, plate(("mine", kind, KINDS[kind])))
    assert attributes_of(encode_exr(tmp_path, {"Y": GREY}, header))["mine"] == (kind, KINDS[kind])


def test_all_of_them_at_once_and_twice_over(tmp_path):
    data = plate(*((f"mine {kind}", kind, value) for kind, value in KINDS.items()))
    for _ in range(2):
        _, header = decode_exr(tmp_path, data)
        data = encode_exr(tmp_path, {"Y": GREY}, header)
    found = attributes_of(data)
    assert {kind: found[f"mine {kind}"] for kind in KINDS} == {kind: (kind, value) for kind, value in KINDS.items()}


@pytest.mark.parametrize("name", ["x" * 32, "x" * 255])
def test_long_names_are_carried_on(tmp_path, name):
    _, header = decode_exr(tmp_path, plate((name, "int", KINDS["int"]), flags=0x400))
    written = encode_exr(tmp_path, {"Y": GREY}, header)
    assert attributes_of(written)[name] == ("int", KINDS["int"])
    assert written[5] & 4  # the flag without which older readers refuse such a name


def test_what_no_file_can_be_given_is_left_out_and_told_once(tmp_path, caplog):
    caplog.set_level("INFO")
    odd = [("none", "stringvector", b""), ("no\x1b[1mthing", "floatvector", b""), ("owner", "string", b"me")]
    channels, header = decode_exr(tmp_path, plate(*odd))
    assert header["owner"] == "me"
    assert not header.keys() & {"none", "no\x1b[1mthing"}
    assert [record.message for record in caplog.records] == [
        f"{tmp_path}: attributes that cannot be carried on are left out: 'no\\x1b[1mthing', 'none'"
    ]
    assert all(np.array_equal(pixels, GREY) for pixels in channels.values())


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("string", b"h\xe4\xe9"),
        ("stringvector", struct.pack("<I", 1) + b"\xe4" + struct.pack("<I", 200) + b"a" * 200),
        ("rational", struct.pack("<iI", 24, 0)),
        ("rational", bytes(8)),
        ("keycode", struct.pack("<7i", *[-1] * 7)),
        ("deepImageState", b"\1"),
    ],
)
def test_a_value_that_openexr_refuses_is_left_out_and_told_once(tmp_path, caplog, kind, value):
    caplog.set_level("INFO")
    long = struct.pack("<I", 200) + b"a" * 200
    data = plate(("first", "int", KINDS["int"]), ("odd", kind, value), ("others", "stringvector", long))
    path = tmp_path / "plate.exr"
    channels, header = decode_exr(path, data)
    assert all(np.array_equal(channels[name], GREY) for name in "RGB")
    assert header["first"] == -7
    assert header["others"] == ["a" * 200]
    assert "odd" not in header
    told = f"{path}: attributes that cannot be carried on are left out: 'odd'"
    assert [record.message for record in caplog.records] == [told]


def test_deep_data_is_called_by_its_name(tmp_path):
    plain = exr_header(64, 64, deep=True)
    state = attribute("deepImageState", "deepImageState", b"\1")
    with pytest.raises(FrameReadError, match="deep data; flatten it first"):
        decode_exr(tmp_path, plain.replace(b"displayWindow\0", state + b"displayWindow\0", 1))


def test_in_a_later_part_too(tmp_path):
    with OpenEXR.File(
        [
            OpenEXR.Part({"type": OpenEXR.scanlineimage}, {"Z": GREY}, "depth"),
            OpenEXR.Part({"type": OpenEXR.scanlineimage, "owner": "häé"}, dict.fromkeys("RGB", GREY), "rgba"),
        ]
    ) as file:
        file.write(str(tmp_path / "a.exr"))
    whole = (tmp_path / "a.exr").read_bytes()
    channels, header = decode_exr(tmp_path, whole.replace("häé".encode(), b"h\xe4\xe9ab"))
    assert np.array_equal(channels["G"], GREY)
    assert "owner" not in header
    assert decode_exr(tmp_path, whole)[1]["owner"] == "häé"


@pytest.mark.parametrize(
    ("kind", "value"), [("floatvector", bytes(12)), ("floatvector", bytes(32)), ("string", b"P3"), ("v2f", bytes(8))]
)
def test_chromaticities_of_another_kind_are_left_out(tmp_path, kind, value):
    (tmp_path / "a.exr").write_bytes(plate(("chromaticities", kind, value)))
    read = read_plate(tmp_path / "a.exr")
    assert "chromaticities" not in read.header
    assert np.array_equal(read.rgb[..., 0], GREY)


@pytest.mark.parametrize(
    ("name", "kind", "value"),
    [
        ("framesPerSecond", "float", struct.pack("<f", 24)),
        ("timeCode", "string", b"01:02:03:04"),
        ("keyCode", "int", KINDS["int"]),
        ("colorInteropID", "int", struct.pack("<i", 0)),
        ("software", "int", KINDS["int"]),
        ("comments", "string", b""),
    ],
)
def test_an_attribute_of_an_unusual_kind_stops_nothing(tmp_path, name, kind, value):
    _, header = decode_exr(tmp_path, plate((name, kind, value)))
    assert attributes_of(encode_exr(tmp_path, {"Y": GREY}, header))[name] == (kind, value)


def test_a_plate_without_any_is_read(tmp_path):
    assert attributes_of(encode_exr(tmp_path, *decode_exr(tmp_path, plate()))).keys() >= {"dataWindow", "displayWindow"}


def test_a_header_cut_short_is_an_error(tmp_path):
    with pytest.raises(FrameReadError, match="damaged"):
        decode_exr(tmp_path, plate(("mine", "m44d", KINDS["m44d"]))[:300])
