"""Which backend works here, and which one `auto` would take and why."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from corridorkey.backend import BACKENDS, choose_backend
from corridorkey.doctor.about_mlx import mlx_findings, mlx_missing, whose_package
from corridorkey.doctor.about_torch import Gpus, torch_findings, torch_missing
from corridorkey.doctor.child import Answer, ask
from corridorkey.doctor.finding import Finding, guarded
from corridorkey.doctor.install import Here
from corridorkey.doctor.machine import Machine
from corridorkey.errors import CorridorKeyError

BACKEND_VARIABLE, DEVICE_VARIABLE = "CORRIDORKEY_BACKEND", "CORRIDORKEY_DEVICE"
Asks = Callable[[str], Answer]


@dataclass(frozen=True, slots=True)
class Backends:
    """What was found out about both.

    Attributes:
        findings: about both frameworks.
        works: those whose framework computes and whose network is ours, as `auto` prefers them.
        facts: what each framework's child said.
    """

    findings: tuple[Finding, ...]
    works: tuple[str, ...]
    facts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def _ask(backend: str) -> Answer:
    return ask(f"corridorkey.doctor.probes:{backend}_facts")


def _ask_device(backend: str) -> Answer:
    return ask("corridorkey.doctor.probes:device_facts", [backend])


def is_installed(module: str) -> bool:
    """Whether an import would find a module; nothing is executed but its parent's __init__."""
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):
        return False


def examine_backends(machine: Machine, here: Here, gpus: Gpus, ask_child: Asks = _ask) -> Backends:
    """Look at MLX and at Torch, each in a child.

    Args:
        machine, here, gpus: what is here.
        ask_child: a backend's name to its child's answer.
    """
    answers = {name: ask_child(name) for name in BACKENDS if is_installed(name)}
    works, findings = [], []

    whose = guarded("mlx", "corridorkey_mlx", lambda: [whose_package(here.root, here)])
    if "mlx" in answers:
        findings += guarded("mlx", "installed", lambda: mlx_findings(answers["mlx"], machine, here))
        findings += whose
    else:
        findings += [mlx_missing(machine, here), *(f for f in whose if f.state == "broken")]
    if _mlx_works(findings):
        works.append("mlx")

    if "torch" in answers:
        found = guarded("torch", "installed", lambda: torch_findings(answers["torch"], gpus, here))
        computes = answers["torch"].facts.get("computes", {})
        if computes.get("cpu", "no answer") == "" and is_installed(BACKENDS["torch"]):
            works.append("torch")
    else:
        found = [torch_missing(gpus, here, is_needed="mlx" not in works)]
    facts = {name: answer.facts for name, answer in answers.items()}
    # as `auto` prefers them
    works.sort(key=lambda name: (name == "mlx") != machine.is_apple_silicon)
    return Backends((*findings, *found), tuple(works), facts)


def _mlx_works(findings: Sequence[Finding]) -> bool:
    well = {finding.name: finding.data for finding in findings if finding.state in ("ok", "note")}
    return "device" in well and bool(well.get("corridorkey_mlx", {}).get("ours"))


def choice_finding(works: Sequence[str], here: Here) -> tuple[str | None, Finding]:
    """The backend that a run without --backend takes, and whether it works.

    Args:
        works: the backends that do.
        here: this Python.
    Returns:
        Its name, or None if it cannot be used; and the finding.
    """
    asked = os.environ.get(BACKEND_VARIABLE)
    facts = {"chosen": None, "variable": asked, "works": list(works)}
    unset = unset_line(BACKEND_VARIABLE, here) if asked else ""
    try:
        chosen = choose_backend()
    except (CorridorKeyError, ImportError, ValueError) as error:
        # where nothing works, the findings above have the line that installs it
        return None, Finding("backend", "choice", "broken", str(error), unset if works else "", facts)
    by_itself = "auto: MLX on Apple Silicon, else Torch, else MLX"
    why = f"{BACKEND_VARIABLE} says so" if asked not in (None, "", "auto") else by_itself
    facts["chosen"] = chosen
    if chosen in works:
        return chosen, Finding("backend", "choice", "ok", f"{chosen} ({why}; --backend overrules)", data=facts)
    value = f"{chosen} would be taken ({why}), but does not work here"
    other = f"Repair {chosen}, or use --backend {works[0]}." if works else ""
    return None, Finding("backend", "choice", "broken", value, unset if unset and works else other, facts)


def device_finding(backend: str, here: Here, ask_child: Asks = _ask_device) -> Finding | None:
    """Whether CORRIDORKEY_DEVICE names a device that a backend can use; None if it is not set.

    Args:
        backend: the one that would be taken; asked itself, in a child.
        here: this Python.
        ask_child: a backend's name to its child's answer.
    """
    asked = os.environ.get(DEVICE_VARIABLE)
    if not asked:
        return None
    answer = ask_child(backend)
    failure = answer.failure or str(answer.facts.get("failure", ""))
    data = {"variable": asked, "backend": backend}
    if failure:
        value = f"{DEVICE_VARIABLE} is {asked!r}: {failure}"
        return Finding("backend", "device", "broken", value, unset_line(DEVICE_VARIABLE, here), data)
    return Finding("backend", "device", "ok", f"{DEVICE_VARIABLE} is {asked!r}: {answer.facts['device']}", data=data)


def unset_line(variable: str, here: Here) -> str:
    """The line that makes a shell forget a variable."""
    return f"set {variable}=" if here.system == "win32" else f"unset {variable}"
