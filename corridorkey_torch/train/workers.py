"""Several processes that train one network, each on its part of every batch; alone where none were asked for.

`torchrun` starts them and says in the environment which is which.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import torch
import torch.distributed as dist
from torch import nn

from corridorkey.errors import SettingsError

PATIENCE = timedelta(hours=12)  # of a process whose share is rendered, or that waits while the first one scores


@dataclass(frozen=True, slots=True)
class Workers:
    """This process among the others.

    Attributes:
        rank: 0 is the first, which writes what the run leaves behind.
        count: processes in all.
        device: what this one computes on.
    """

    rank: int = 0
    count: int = 1
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))

    @property
    def first(self) -> bool:
        """Whether this is the one that logs, saves and scores."""
        return self.rank == 0

    def share(self, batch: int) -> range:
        """Which of a batch's samples are this process's.

        Raises:
            SettingsError: the batch cannot be shared out evenly.
        """
        if batch % self.count:
            raise SettingsError(f"a batch of {batch} cannot be shared by {self.count} processes; change one of them")
        return range(self.rank, batch, self.count)

    def together(self, module: nn.Module) -> nn.Module:
        """The module, its gradients averaged over all processes."""
        if self.count == 1:
            return module
        on = [self.device] if self.device.type == "cuda" else None
        return nn.parallel.DistributedDataParallel(module, device_ids=on)

    def mean(self, values: dict[str, float]) -> dict[str, float]:
        """Each value's mean over all processes, which must all come here."""
        if self.count == 1:
            return values
        together = torch.tensor(list(values.values()), dtype=torch.float32, device=self.device)
        dist.all_reduce(together)
        return dict(zip(values, (together / self.count).tolist(), strict=True))

    def wait(self) -> None:
        """Until all processes have come here."""
        if self.count > 1:
            dist.barrier()


@contextmanager
def joined_workers() -> Iterator[Workers]:
    """Meet the others that `torchrun` has started, and part from them afterwards; alone without it.

    The device is CUDA's (or ROCm's) number `LOCAL_RANK`, else a Mac's GPU for a process that is alone, else the CPU.

    Raises:
        SettingsError: there are more processes than GPUs.
    """
    count = int(os.environ.get("WORLD_SIZE", "1"))
    rank, local = int(os.environ.get("RANK", "0")), int(os.environ.get("LOCAL_RANK", "0"))
    device = _device(local, count)
    if count > 1:
        dist.init_process_group("nccl" if device.type == "cuda" else "gloo", timeout=PATIENCE)
    try:
        yield Workers(rank, count, device)
    finally:
        if count > 1:
            dist.destroy_process_group()


def _device(local: int, count: int) -> torch.device:
    if torch.cuda.is_available():
        if local >= (there := torch.cuda.device_count()):
            raise SettingsError(f"process {local} has no GPU of its own: start {there} with --nproc-per-node")
        torch.cuda.set_device(local)
        return torch.device("cuda", local)
    return torch.device("mps" if count == 1 and torch.backends.mps.is_available() else "cpu")
