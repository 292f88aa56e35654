"""QuickTime files changed atom by atom: what no muxer here would write."""

import struct

_FOLDERS = {b"moov", b"trak", b"mdia", b"minf", b"dinf", b"stbl"}


def replace_atom(data: bytes, name: bytes, make) -> bytes:
    """Every atom `name` (a payload behind 4 bytes of length and 4 of name) through `make(payload)`."""
    out, at = b"", 0
    while at + 8 <= len(data):
        size, kind = struct.unpack(">I4s", data[at : at + 8])
        head = 8
        if size == 1:
            size, head = struct.unpack(">Q", data[at + 8 : at + 16])[0], 16
        payload = data[at + head : at + size]
        if kind == name:
            payload = make(payload)
        elif kind in _FOLDERS:
            payload = replace_atom(payload, name, make)
        out += (
            struct.pack(">I4s", len(payload) + 8, kind) + payload if kind in {*_FOLDERS, name} else data[at : at + size]
        )
        at += size
    return out


def elsewhere(path: str) -> bytes:
    """A `dref` payload (QuickTime File Format: data reference atoms): the pictures are in the file `path`."""
    name = path.rsplit("/", 1)[-1].encode()[:63]
    alias = bytes(10) + bytes([4]) + b"disk".ljust(27, b"\0") + bytes(12) + bytes([len(name)]) + name.ljust(63, b"\0")
    alias += bytes(16) + struct.pack(">hh", 1, 1) + bytes(16)
    full = path.encode() + b"\0" * (len(path) % 2)
    alias += struct.pack(">hH", 2, len(path)) + full + struct.pack(">hH", -1, 0)
    entry = struct.pack(">I4sI", 12 + len(alias), b"alis", 0) + alias
    return struct.pack(">II", 0, 1) + entry
