"""The released network at its full size: what converting it costs."""

import hashlib
import subprocess
import sys

import numpy as np
import pytest
import torch

from corridorkey.config import GreenFormerConfig
from corridorkey.shapes import tensor_shapes
from parity.synthetic import synthetic_weights

MEMORY = 1.5e9  # bytes

# Linux counts the parent's memory at the fork into ru_maxrss, but not into VmHWM.
CHILD = """
import re, resource, sys, time
from pathlib import Path
from corridorkey_convert import convert_file
started = time.monotonic()
convert_file(Path(sys.argv[1]), Path(sys.argv[2]), screen="green")
status = Path("/proc/self/status")
if status.exists():
    peak = 1024 * int(re.search(r"VmHWM:\\s*(\\d+) kB", status.read_text())[1])
else:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(time.monotonic() - started, peak)
"""


def digest(tensors) -> str:
    whole = hashlib.sha256()
    for name in sorted(tensors):
        whole.update(f"{name} {tensors[name].dtype} {tensors[name].shape}".encode())
        whole.update(np.asarray(tensors[name], order="C").data)
    return whole.hexdigest()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows tells no peak memory through the standard library")
def test_the_released_size_converts_in_bounded_memory(tmp_path):
    from corridorkey.checkpoint import read_checkpoint

    tensors = synthetic_weights(tensor_shapes(GreenFormerConfig()))
    wanted = digest(tensors)
    state = {f"_orig_mod.{name}": torch.from_numpy(array) for name, array in tensors.items()}
    torch.save({"state_dict": state}, tmp_path / "full.pth")
    size = (tmp_path / "full.pth").stat().st_size
    del tensors, state
    words = [sys.executable, "-c", CHILD, str(tmp_path / "full.pth"), str(tmp_path / "out")]
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    seconds, peak = map(float, done.stdout.split())
    print(f"{size / 1e6:.0f} MB converted in {seconds:.1f} s, peak {peak / 1e6:.0f} MB")
    assert size > 390e6
    assert peak < MEMORY
    got, info = read_checkpoint(tmp_path / "out")
    assert digest(got) == wanted
    assert info.config == GreenFormerConfig()
