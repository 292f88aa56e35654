"""Training by several processes, as `torchrun` starts them."""

import dataclasses
import os
import re
import subprocess
import sys

import pytest
import torch

from corridorkey_torch import load_greenformer
from tests.conftest import TINY

RECIPE = """
name = "tiny"
steps = 20
warmup = 2
ema = 0.0
save_every = 20
[crops]
batch = 4
crop = 64
[network]
{network}
[[sets]]
frames = 4
size = [96, 96]
seed = 10
[held_out]
frames = 1
size = [64, 96]
seed = 900
"""


def _toml(value):
    return str(value).lower() if isinstance(value, bool) else repr(list(value) if isinstance(value, tuple) else value)


def _trained(folder, processes):
    """The loss that a run of 20 steps logs, and the network it leaves."""
    network = "\n".join(f"{name} = {_toml(value)}" for name, value in dataclasses.asdict(TINY).items())
    folder.mkdir()
    (folder / "tiny.toml").write_text(RECIPE.format(network=network))
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(processes)]
    work = ["-m", "corridorkey", "train", str(folder / "tiny.toml"), "--out", str(folder / "run")]
    single = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run([*torchrun, *work], env=single, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    (line,) = (row for row in (folder / "run" / "log.txt").read_text().splitlines() if "step 20  alpha" in row)
    terms = {name: float(value) for name, value in re.findall(r"(\w+) (\d\.\d{4})", line)}
    return terms, load_greenformer(folder / "run" / "tiny.safetensors").state_dict()


@pytest.mark.slow
def test_two_processes_train_as_one_does(tmp_path):
    """The same batches, shared out; only batch norms and the fg term's mean see halves, and bfloat16 rounds."""
    alone, one = _trained(tmp_path / "one", 1)
    shared, two = _trained(tmp_path / "two", 2)
    print(f"\nloss after 20 steps: one process {alone}\n                     two {shared}")
    assert set(shared) == set(alone) == {"alpha", "squared", "coarse", "laplacian", "fg", "composed"}
    assert sum(shared.values()) == pytest.approx(sum(alone.values()), rel=0.03)
    moved = torch.cat([t.flatten().float() for n, t in one.items() if "weight" in n])
    apart = torch.cat([t.flatten().float() for n, t in two.items() if "weight" in n]) - moved
    assert apart.norm() < 0.05 * moved.norm()
    assert not (tmp_path / "two" / "run" / "log.txt").read_text().count("step 20  alpha") > 1
