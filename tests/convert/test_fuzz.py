"""Whatever is done to a file's bytes, it is read or refused: no other exception, no hang."""

import io
import random
import zipfile
from contextlib import suppress

import pytest
import torch
from safetensors.numpy import save

from corridorkey.errors import CheckpointFormatError, WeightMismatchError
from corridorkey_convert import convert
from tests.convert.crafted import NETWORK, mlx_short, weights, write_zip

INTERESTING = [0, 1, 0x7F, 0x80, 0xFF, *b"()]}.0aubcehijoqrstNRQXBCGJKM\x81\x82\x85\x86\x87\x8a\x8b\x8c\x8d\x93\x94"]


def mutated(data: bytes, rng: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 5, 20))):
        at = rng.randrange(len(changed))
        kind = rng.randrange(6)
        if kind == 0:
            changed[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            changed[at] = rng.choice(INTERESTING)
        elif kind == 2:
            changed[at : at + rng.randrange(1, 9)] = b""
        elif kind == 3:
            changed[at:at] = bytes(rng.choice(INTERESTING) for _ in range(rng.randrange(1, 9)))
        elif kind == 4:
            other = rng.randrange(len(changed))
            changed[at:at] = changed[other : other + rng.randrange(1, 60)]
        else:
            changed[at : at + 4] = rng.choice((b"\xff" * 4, bytes(4), b"\xff\xff\xff\x7f", b"\x00\x00\x00\x80"))
        changed = changed or bytearray(b"x")
    return bytes(changed)


@pytest.fixture(scope="module")
def files():
    """A `.pth` that is the network, one with all kinds of values, and a safetensors file; with their pickles."""
    whole, mixed = io.BytesIO(), io.BytesIO()
    torch.save({"state_dict": {n: torch.from_numpy(a) for n, a in weights().items()}}, whole)
    plain = {"a": [1, 2.5, None, True, "x", (1, 2), {}], "size": torch.Size([2]), "dtype": torch.float16}
    tensors = {"encoder.x": torch.ones(3, 2).T.bfloat16(), "encoder.y": torch.nn.Parameter(torch.ones(2) > 0, False)}
    torch.save({**plain, "model": tensors}, mixed)
    return whole.getvalue(), mixed.getvalue(), save(mlx_short(weights()))


def survive(path) -> None:
    with suppress(CheckpointFormatError, WeightMismatchError):
        convert(path, screen="green", network=NETWORK)


def fuzz(path, files, seeds) -> None:
    pickles, storages = [], []
    for data in files[:2]:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = [name for name in archive.namelist() if name.startswith("archive/data/")]
            pickles.append(archive.read("archive/data.pkl"))
            storages.append({name.removeprefix("archive/data/"): archive.read(name) for name in names})
    for seed in seeds:
        rng = random.Random(seed)
        which = rng.randrange(2)
        survive(write_zip(path, mutated(pickles[which], rng), storages[which]))
        data = rng.choice(files)
        edges = data[: rng.choice((300, 3000))], data[-rng.choice((300, 3000)) :]  # headers are where it hurts
        front = mutated(edges[0], rng) if rng.random() < 0.7 else edges[0]
        back = mutated(edges[1], rng) if rng.random() < 0.5 else edges[1]
        path.write_bytes(front + data[len(edges[0]) : -len(edges[1])] + back)
        survive(path)


def test_the_files_themselves_convert(tmp_path, files):
    for data in (files[0], files[2]):
        (tmp_path / "a").write_bytes(data)
        assert convert(tmp_path / "a", screen="green", network=NETWORK).tensors


def test_changed_bytes_are_read_or_refused(tmp_path, files):
    fuzz(tmp_path / "a.pth", files, range(150))


@pytest.mark.slow
def test_many_changed_bytes_are_read_or_refused(tmp_path, files):
    fuzz(tmp_path / "a.pth", files, range(1000, 2000))
