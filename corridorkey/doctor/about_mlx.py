"""MLX: whether it loads and where it computes; and whose `corridorkey_mlx` would be imported."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from corridorkey.doctor.child import Answer
from corridorkey.doctor.finding import Finding, State
from corridorkey.doctor.install import Here, mlx_line, reinstall_line, uninstall_line
from corridorkey.doctor.machine import GIB, Machine, mlx_is_made_for

PACKAGE = "corridorkey_mlx"
PEER = "corridorkey-mlx"  # another project's distribution, with a module of the same name


def mlx_missing(machine: Machine, here: Here) -> Finding:
    """The finding where MLX is not installed."""
    if not mlx_is_made_for(machine.system, machine.machine, machine.libc):
        value = "not installed, and it has no wheels for this machine"
        return Finding("mlx", "installed", "note", value, data={"version": None})
    # on Linux it runs on the CPU alone, where Torch is faster
    state: State = "missing" if machine.is_apple_silicon else "note"
    return Finding("mlx", "installed", state, "not installed", mlx_line(here), {"version": None})


def mlx_findings(answer: Answer, machine: Machine, here: Here) -> Iterator[Finding]:
    """MLX's version and device.

    Args:
        answer: of `probes.mlx_facts`.
        machine: decides whether Metal is to be expected.
        here: this Python.
    """
    again = mlx_line(here, again=True)
    if answer.failure:
        yield Finding("mlx", "installed", "broken", f"installed, but does not load: {answer.failure}", again)
        return
    facts = answer.facts
    yield Finding("mlx", "installed", "ok", str(facts["version"]), data={"version": facts["version"]})
    sizes = {"memory": "memory", "working set": "recommended working set"}
    known = [
        f"{facts[n.replace(' ', '_')] / GIB:.1f} GiB {of}" for n, of in sizes.items() if facts[n.replace(" ", "_")]
    ]
    where = ", ".join([str(facts["device"]), str(facts["name"]), *known])
    kept = {name: facts[name] for name in ("device", "metal", "name", "memory", "working_set")}
    if facts["computes"]:
        yield Finding("mlx", "device", "broken", f"{where}: {facts['computes']}", again, kept)
    elif machine.is_apple_silicon and not facts["metal"]:
        value = f"{where}: Metal is not available (a virtual machine?), so it is slow"
        yield Finding("mlx", "device", "note", value, again, kept)
    else:
        yield Finding("mlx", "device", "ok", where if facts["metal"] else f"{where}: no Metal, slow", data=kept)


def whose_package(root: Path, here: Here) -> Finding:
    """Whose `corridorkey_mlx` an import would bring; nothing of it is executed.

    Args:
        root: the folder that holds our packages.
        here: this Python.
    Returns:
        "ok" with data["ours"] True if it is this project's, found where our `corridorkey` is.
    """
    spec = importlib.util.find_spec(PACKAGE)
    places = [] if spec is None else [Path(place).resolve() for place in spec.submodule_search_locations or ()]
    if spec is None or not places:
        return Finding("mlx", PACKAGE, "missing", "not found", reinstall_line(here), {"ours": False, "path": None})
    ours = (root / PACKAGE).resolve()
    path = ours if ours in places and not spec.origin else places[0]
    facts = {"ours": False, "path": str(path)}
    # ours first: what the peer's removal takes along is put back
    remedy = f"{uninstall_line(here, PEER)}\n{reinstall_line(here)}"
    if path != ours:
        return Finding("mlx", PACKAGE, "broken", f"not ours, but another project's: {path}", remedy, facts)
    if spec.origin is None:
        value = f"no network in {path}: this copy of CorridorKey is not whole, or this version keys with Torch only"
        return Finding("mlx", PACKAGE, "note", value, data=facts)
    if not here.is_clone and _is_installed(PEER):
        value = f"ours and the package {PEER} share {path}: one has overwritten the other's files"
        return Finding("mlx", PACKAGE, "broken", value, remedy, facts)
    return Finding("mlx", PACKAGE, "ok", f"ours: {path}", data={"ours": True, "path": str(path)})


def _is_installed(distribution: str) -> bool:
    try:
        metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return False
    return True
