"""Lines that install something into this very Python, wherever CorridorKey runs from."""

from __future__ import annotations

import importlib.util
import json
import re
import shlex
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

PYTORCH_INDEX = "https://download.pytorch.org/whl"
TORCH = "torch>=2.6"
_PLAIN = re.compile(r"[\w.:\\/=+~-]+")


@dataclass(frozen=True, slots=True)
class Here:
    """The Python that runs, as an installer must know it.

    Attributes:
        python: its executable.
        root: the folder that holds the package `corridorkey`: a clone, or site-packages.
        system: sys.platform.
        in_venv, has_pip: of this Python.
        uv: path of uv, if it is on PATH.
        source: where pip had CorridorKey from: a URL, or the package's name.
    """

    python: str
    root: Path
    system: str
    in_venv: bool
    has_pip: bool
    uv: str | None
    source: str = "ck-mlx"

    @property
    def is_clone(self) -> bool:
        """Whether CorridorKey runs from a clone, with its ck.py."""
        return (self.root / "ck.py").is_file() and (self.root / "pyproject.toml").is_file()


def here() -> Here:
    """This Python."""
    return Here(
        python=sys.executable,
        root=Path(__file__).resolve().parents[2],
        system=sys.platform,
        in_venv=sys.prefix != sys.base_prefix,
        has_pip=importlib.util.find_spec("pip") is not None,
        uv=shutil.which("uv"),
        source=_source(),
    )


def _source() -> str:
    try:
        text = metadata.distribution("ck-mlx").read_text("direct_url.json")
        return source_of(json.loads(text)) if text else "ck-mlx"
    except (metadata.PackageNotFoundError, ValueError, KeyError, TypeError):
        return "ck-mlx"


def source_of(direct_url: Mapping[str, Any]) -> str:
    """What to give pip, from the record it keeps of a package that came from a URL (PEP 610)."""
    url, vcs = str(direct_url["url"]), direct_url.get("vcs_info")
    return f"{vcs['vcs']}+{url}" if vcs else url


def shown(words: Sequence[str], system: str) -> str:
    """A command as it is typed: in a POSIX shell, or in Windows' command prompt."""
    if system == "win32":
        return " ".join(word if _PLAIN.fullmatch(word) else f'"{word}"' for word in words)
    return shlex.join(words)


def install_line(here: Here, *words: str) -> str:
    """The line that installs into this Python.

    Args:
        here: this Python.
        words: requirements and options that pip and uv both know.
    """
    if here.has_pip:
        return shown([here.python, "-m", "pip", "install", *words], here.system)
    if here.uv:
        renamed = ["--reinstall" if word == "--force-reinstall" else word for word in words]
        return shown(["uv", "pip", "install", "--python", here.python, *renamed], here.system)
    ensured = shown([here.python, "-m", "ensurepip"], here.system)
    return "\n".join([ensured, shown([here.python, "-m", "pip", "install", *words], here.system)])


def uninstall_line(here: Here, package: str) -> str:
    """The line that removes a package from this Python."""
    if here.uv and not here.has_pip:
        return shown(["uv", "pip", "uninstall", "--python", here.python, package], here.system)
    return shown([here.python, "-m", "pip", "uninstall", "--yes", package], here.system)


def framework_line(here: Here, *words: str) -> str:
    """The line that brings a backend's framework.

    Outside a virtual environment a clone's own set-up does: many systems refuse pip there.
    """
    if here.is_clone and not here.in_venv:
        return shown([here.python, str(here.root / "ck.py"), "setup"], here.system)
    return install_line(here, *words)


def torch_line(here: Here, build: str = "", again: bool = False) -> str:
    """The line that installs Torch.

    Args:
        here: this Python.
        build: "cu126", "rocm6.4" or "cpu"; empty takes the package index's own.
        again: whether another build is installed, which pip would leave alone.
    """
    index = ["--index-url", f"{PYTORCH_INDEX}/{build}"] if build else []
    words = [*(["--force-reinstall"] if again else []), TORCH, *index]
    return install_line(here, *words) if again else framework_line(here, *words)


def mlx_line(here: Here, again: bool = False) -> str:
    """The line that installs MLX: for Metal on a Mac, for the CPU on Linux."""
    words = [*(["--force-reinstall"] if again else []), "mlx>=0.32" if here.system == "darwin" else "mlx[cpu]>=0.32"]
    # ck.py's own set-up brings MLX to a Mac only
    return install_line(here, *words) if again or here.system != "darwin" else framework_line(here, *words)


def reinstall_line(here: Here) -> str:
    """The line that puts CorridorKey's own files back."""
    source = ["--editable", str(here.root)] if here.is_clone else [here.source]
    return install_line(here, "--force-reinstall", "--no-deps", *source)
