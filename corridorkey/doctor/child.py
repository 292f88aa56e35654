"""Ask a Python of its own: a broken wheel may abort or hang the process that imports it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

IMPORT_TIMEOUT = 120.0  # seconds; a first import from a cold disk takes tens of them

# What a framework prints must not get between us and the answer: its stdout becomes stderr.
_CODE = """\
import json, os, sys
sys.path[:] = json.loads(sys.argv[1])
answer = os.dup(1)
os.dup2(2, 1)
import importlib
module, function = sys.argv[2].split(":")
facts = getattr(importlib.import_module(module), function)(*json.loads(sys.argv[3]))
with open(answer, "w", encoding="utf-8") as file:
    json.dump(facts, file)
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a child said.

    Attributes:
        facts: its answer; empty if it failed.
        failure: how it ended, if not well, in one line; empty if well.
    """

    facts: Mapping[str, Any] = field(default_factory=dict)
    failure: str = ""


def ask(
    function: str,
    arguments: Sequence[object] = (),
    timeout: float = IMPORT_TIMEOUT,
    without: Sequence[str] = (),
) -> Answer:
    """Call a function in another process of this Python, with the same import path.

    Args:
        function: "module:name"; returns a dict of JSON types.
        arguments: JSON types.
        timeout: seconds after which the child is killed.
        without: environment variables that it does not get.
    """
    words = ["-c", _CODE, json.dumps(sys.path), function, json.dumps(list(arguments))]
    env = {name: value for name, value in os.environ.items() if name not in without}
    try:
        # -B: an examination leaves no byte code behind; -P: no file of the user's folder stands in for a module
        done = subprocess.run(
            [sys.executable, "-B", "-P", *words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout,
            env=env,
        )
    except subprocess.TimeoutExpired:
        return Answer(failure=f"did not answer within {timeout:.0f} s")
    except OSError as error:
        return Answer(failure=f"{sys.executable} cannot be started: {error.strerror or error}")
    return read_answer(done.returncode, done.stdout, done.stderr)


def read_answer(status: int, out: bytes, err: bytes) -> Answer:
    """What a child that has ended said.

    Args:
        status: as subprocess returns it; negative for a signal.
        out, err: what it wrote.
    """
    lines = [line.strip() for line in err.decode("utf-8", "replace").splitlines() if line.strip()]
    last = f": {lines[-1][:300]}" if lines else ""
    if status < 0:
        return Answer(failure=f"died of {signal_name(-status)}{last}")
    if status:
        # Windows shows a crash as an NTSTATUS
        code = f"0x{status:08X}" if status > 0xFFFF else str(status)
        return Answer(failure=lines[-1][:300] if lines and status == 1 else f"ended with status {code}{last}")
    try:
        facts = json.loads(out)
    except ValueError:
        return Answer(failure=f"gave no answer{last}")
    return Answer(facts) if isinstance(facts, dict) else Answer(failure=f"gave no answer{last}")


def signal_name(number: int) -> str:
    """SIGABRT for 6, and so on."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
