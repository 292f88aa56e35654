"""One command from a fresh clone: sets CorridorKey up in .venv, once, and hands over to it.

Uses the standard library alone and parses on Python 3.6, to say there what to install.
"""

import collections
import contextlib
import functools
import hashlib
import io
import json
import os
import platform
import shlex
import shutil
import signal
import subprocess
import sys
import time
from typing import Any, Callable, Deque, Dict, Iterator, List, NamedTuple, Optional, Sequence, Set, Tuple

USAGE = """\
usage: python3 ck.py demo            render a short shot and key it
       python3 ck.py key SHOT ...    key your own; every word is passed to `ck`
       python3 ck.py test ...        run all tests; more words are passed to pytest
       python3 ck.py setup [--dev]   only set up .venv (--dev: with the tools of the tests)
(on Windows: py ck.py ...)"""

ROOT = os.path.dirname(os.path.abspath(__file__))
OLDEST_PYTHON = (3, 11)
OLDEST_GLIBC_OF_MLX = (2, 35)
CPU_TORCH = "torch==2.13.0"
CPU_INDEX = "https://download.pytorch.org/whl/cpu"
FAILURE, USAGE_ERROR, MISSING, INTERRUPTED = 1, 2, 4, 130

# by package manager: the line that installs a Python with its venv; {root} is "sudo " for a user
INSTALL = {
    "apt-get": "{root}apt-get update && {root}apt-get install -y python{version}-venv",
    "dnf": "{root}dnf install -y python{version}",
    "pacman": "{root}pacman -S --needed python",
    "brew": "brew install python@{version}",
    "winget": "winget install Python.Python.{version}",
}

Command = List[str]
say = functools.partial(print, flush=True)


class Stop(Exception):
    """Ends the set-up with an exit code and a message."""


class Step(NamedTuple):
    """One thing to do, by the first way whose commands all succeed; `remedy` is what to install if none does."""

    title: str
    ways: List[List[Command]]
    remedy: str = ""


def shown(command: Sequence[str]) -> str:
    return subprocess.list2cmdline(command) if sys.platform == "win32" else shlex.join(command)


def install_line() -> str:
    """The exact line to type, for the package manager that is here."""
    sudo = "" if sys.platform == "win32" or os.geteuid() == 0 else "sudo "
    version = ".".join(map(str, max(OLDEST_PYTHON, sys.version_info[:2])))
    found = (line.format(root=sudo, version=version) for manager, line in INSTALL.items() if shutil.which(manager))
    return next(found, "get Python 3.12 from https://www.python.org/downloads/")


def clean_environment() -> Dict[str, str]:
    """This environment, less what would lead another Python or its pip astray."""
    astray = {"PYTHONHOME", "PYTHONPATH", "PYTHONSAFEPATH", "PIP_USER", "PIP_TARGET", "PIP_PREFIX"}
    env = {name: value for name, value in os.environ.items() if name not in astray}
    # the editable install leaves the clone's path in a UTF-8 file, which Windows would read as cp1252
    env["PYTHONUTF8"] = "1"
    return env


def run(command: Command, cwd: str, hold: Sequence[int] = ()) -> Tuple[int, List[str]]:
    """Run a command, its newest line on the terminal; returns its exit status and its last 20 lines."""
    tail: Deque[str] = collections.deque(maxlen=20)
    width = shutil.get_terminal_size().columns - 1 if sys.stdout.isatty() else 0
    to = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    with subprocess.Popen(command, cwd=cwd, env=clean_environment(), pass_fds=hold, **to) as child:  # type: ignore
        for line in child.stdout:
            tail.append(line.decode("utf-8", "replace").rstrip())
            if width:
                print("\r" + ("      " + tail[-1])[:width].ljust(width), end="", flush=True)
    if width:
        print("\r" + " " * width, end="\r", flush=True)
    return child.returncode, list(tail)


def python_of(root: str) -> str:
    inside = ("Scripts", "python.exe") if sys.platform == "win32" else ("bin", "python")
    return os.path.join(root, ".venv", *inside)


def has(root: str, module: str) -> bool:
    """Whether the Python in .venv is of the version that runs this, and finds a module."""
    right_python = f"sys.version_info[:2] == {sys.version_info[:2]}"
    code = f"import sys, importlib.util as u; sys.exit(not ({right_python} and u.find_spec('{module}')))"
    return os.path.exists(python_of(root)) and run([python_of(root), "-c", code], root)[0] == 0


def is_apple_silicon() -> bool:
    return (sys.platform, platform.machine()) == ("darwin", "arm64")


def extras_here(with_tools: bool) -> Set[str]:
    """What to install with the package: the backend that keys here; for the tests both, where both are made for it."""
    if not with_tools:
        return {"color", "hub", "video", "mlx" if is_apple_silicon() else "torch"}
    libc, version = platform.libc_ver()
    recent_glibc = libc == "glibc" and tuple(map(int, version.split("."))) >= OLDEST_GLIBC_OF_MLX
    has_mlx = is_apple_silicon() or (sys.platform == "linux" and recent_glibc)
    return {"color", "dev", "evaluate", "hub", "render", "torch", "video"} | ({"mlx"} if has_mlx else set())


def venv_step(root: str) -> Step:
    # the Python below the venv that may run this, which may be the very one to make anew
    base = getattr(sys, "_base_executable", None) or sys.executable
    venv = os.path.join(root, ".venv")
    ways = [
        [[base, "-m", "venv", venv]],
        [[base, "-m", "venv", "--without-pip", venv], [base, "-m", "pip", "--python", venv, "install", "pip"]],
    ]
    if shutil.which("uv"):
        ways.append([["uv", "venv", "--seed", "--python", base, venv]])
    return Step("make .venv", ways, install_line())


def install_steps(root: str, extras: Set[str]) -> List[Step]:
    install = [python_of(root), "-m", "pip", "install", "--no-input"]
    named = ",".join(sorted(extras))
    steps = [Step(f"install CorridorKey with {named}", [[[*install, "--editable", f".[{named}]"]]])]
    nvidia = os.path.exists("/proc/driver/nvidia") or shutil.which("nvidia-smi")
    if sys.platform == "linux" and "torch" in extras and not nvidia and not has(root, "torch"):
        # PyPI's build for Linux brings gigabytes of CUDA: it is for where the index of CPU builds is out of reach
        from_index = [*install, CPU_TORCH, "--index-url", CPU_INDEX, "--timeout", "10", "--retries", "1"]
        title = "install PyTorch for the CPU (or, where its index can't be reached, the build with CUDA: gigabytes)"
        steps.insert(0, Step(title, [[from_index], [[*install, CPU_TORCH]]]))
    return steps


def take(step: Step, cwd: str, hold: Sequence[int] = (), clear: Callable[[], None] = lambda: None) -> None:
    """Take a step by the first way that works; `clear` clears the ground for each."""
    say("  " + step.title)
    failures: List[str] = []
    for way in step.ways:
        if failures:
            say("      failed; another way:")
        clear()
        for command in way:
            say("      $ " + shown(command))
            status, tail = run(command, cwd, hold)
            if status:
                failures.append("\n".join([f"exit status {status}: {shown(command)}", *tail]))
                break
        else:
            return
    reason = "\n\n".join([f"could not {step.title}", *failures])
    if not step.remedy:
        raise Stop(FAILURE, reason)
    raise Stop(MISSING, f"{reason}\n\nInstall what is missing, then run this again:\n\n    {step.remedy}\n")


def stamp_path(root: str) -> str:
    return os.path.join(root, ".venv", "ck-stamp.json")


def stamp_of(root: str, extras: Set[str]) -> Dict[str, Any]:
    """What the set-up depends on; `home` is what a .venv can't outlive: its Python, path and platform."""
    home = [sys.implementation.cache_tag, os.path.realpath(root), platform.system(), platform.machine()]
    with open(os.path.join(root, "pyproject.toml"), "rb") as file:
        return {"pyproject": hashlib.sha256(file.read()).hexdigest(), "home": home, "extras": sorted(extras)}


def read_stamp(root: str) -> Dict[str, Any]:
    with contextlib.suppress(OSError, ValueError), open(stamp_path(root), encoding="utf-8") as file:
        return {"extras": [], **json.load(file)}
    return {"extras": []}


def is_done(root: str, extras: Set[str]) -> bool:
    stamp = read_stamp(root)
    have = set(stamp["extras"])
    return extras <= have and stamp == stamp_of(root, have) and os.path.exists(python_of(root))


def try_lock(fd: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(fd, 1 << 20, os.SEEK_SET)  # beyond the text, which others read
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


def text_of(fd: int) -> str:
    os.lseek(fd, 0, os.SEEK_SET)
    return os.read(fd, 200).decode("utf-8", "replace")


@contextlib.contextmanager
def locked(root: str) -> Iterator[Tuple[int, bool]]:
    """Hold `.venv.lock`; yields its descriptor and whether the last holder never reached its end.

    The system takes the lock from a holder that dies; its name stays in the file until one succeeds.
    """
    fd = os.open(os.path.join(root, ".venv.lock"), os.O_RDWR | os.O_CREAT, 0o644)
    try:
        if not try_lock(fd):
            say(f"waiting: {text_of(fd) or 'another ck.py'} is setting up .venv")
            while not try_lock(fd):
                time.sleep(0.2)
        unfinished = text_of(fd) != ""
        os.ftruncate(fd, 0)
        os.lseek(fd, 0, os.SEEK_SET)
        os.write(fd, f"process {os.getpid()} (since {time.strftime('%H:%M:%S')})".encode())
        yield fd, unfinished
        os.ftruncate(fd, 0)
    finally:
        os.close(fd)


def remove_venv(root: str) -> None:
    venv = os.path.join(root, ".venv")
    if os.path.islink(venv):
        os.unlink(venv)
    elif os.path.exists(venv):
        shutil.rmtree(venv)


def set_up(root: str, extras: Set[str], steps: Callable[[str, Set[str]], List[Step]] = install_steps) -> None:
    """Make .venv and install the package into it, unless the stamp says that this is done."""
    if is_done(root, extras):
        return
    with locked(root) as (fd, unfinished):
        if is_done(root, extras):
            return
        start = time.monotonic()
        say(f"setting up {os.path.join(root, '.venv')} (once; Python {platform.python_version()})")
        # a command that outlives a killed ck.py goes on holding the lock
        hold = () if sys.platform == "win32" else (fd,)
        stamp = read_stamp(root)
        home = stamp_of(root, extras)["home"]
        if unfinished or stamp.get("home", home) != home or not has(root, "pip"):
            take(venv_step(root), root, hold, clear=lambda: remove_venv(root))
        else:
            extras = extras.union(stamp["extras"])
            with contextlib.suppress(FileNotFoundError):
                os.remove(stamp_path(root))
        for step in steps(root, extras):
            take(step, root, hold)
        with open(stamp_path(root), "w", encoding="utf-8") as file:
            json.dump(stamp_of(root, extras), file)
        say(f"set up in {time.monotonic() - start:.0f} s")


def call(command: Command, cwd: Optional[str] = None) -> int:
    """Run a command to its end; a Ctrl-C is the command's own to answer."""
    before = signal.signal(signal.SIGINT, lambda *_: None)  # unlike SIG_IGN, the command does not inherit it
    try:
        with subprocess.Popen(command, cwd=cwd, env=clean_environment()) as child:
            status = child.wait()
    finally:
        signal.signal(signal.SIGINT, before)
    return status if status >= 0 else 128 - status


def hand_over(words: Sequence[str]) -> int:
    # -P: nothing in the user's folder may stand in for one of our modules
    command = [python_of(ROOT), "-P", "-m", "corridorkey.cli.main", *words]
    if sys.platform != "win32":
        os.execve(command[0], command, clean_environment())
    return call(command)


def run_tests(words: Sequence[str]) -> int:
    parity = call([python_of(ROOT), "-m", "parity"], ROOT)
    tests = call([python_of(ROOT), "-m", "pytest", *words], ROOT)  # last, so that its summary closes the run
    if parity:
        print(f"ck.py: python -m parity failed ({parity}), see above", file=sys.stderr)
    return tests or parity


def main(words: Sequence[str]) -> int:
    if sys.version_info < OLDEST_PYTHON:
        here = f"CorridorKey needs Python 3.11 or newer; this is {platform.python_version()} ({sys.executable})."
        print(f"{here}\nInstall one, then run this again with it:\n\n    {install_line()}\n", file=sys.stderr)
        return MISSING
    if (sys.platform, platform.machine()) == ("darwin", "x86_64"):
        # also what a Python for Intel says on Apple Silicon, under Rosetta
        here = f"CorridorKey needs a Python for Apple Silicon (arm64); this one is for Intel ({sys.executable})."
        why = "Neither MLX nor current PyTorch exists for it. Install one from https://www.python.org/downloads/."
        print(f"{here}\n{why}", file=sys.stderr)
        return MISSING
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a path may hold what the terminal can't show
    if not words:
        print(USAGE)
        return USAGE_ERROR
    is_test, is_setup = words[0] == "test", words[0] == "setup"
    try:
        set_up(ROOT, extras_here(with_tools=is_test or (is_setup and "--dev" in words)))
        return run_tests(words[1:]) if is_test else 0 if is_setup else hand_over(words)
    except Stop as stop:
        print(f"ck.py: {stop.args[1]}", file=sys.stderr)
        return int(stop.args[0])
    except OSError as error:
        print(f"ck.py: {error}", file=sys.stderr)
        return FAILURE
    except KeyboardInterrupt:
        print("\nck.py: stopped; run it again to start afresh", file=sys.stderr)
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
