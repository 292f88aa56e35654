"""A file and an address that nobody has any business with, and who was there nevertheless."""

from __future__ import annotations

import os
import select
import socket
import threading
from pathlib import Path
from types import TracebackType
from typing import Self


class Canary:
    """A named pipe, which knows when it is opened, and a server that nobody should call. A context manager.

    Attributes:
        path: the pipe. Where there are no named pipes, nothing is there.
        url: of a movie on the server.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._opened, self._left = threading.Event(), threading.Event()
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}/canary.ts"

    def __enter__(self) -> Self:
        if hasattr(os, "mkfifo"):
            os.mkfifo(self.path)
            self._waiting = threading.Thread(target=self._wait, daemon=True)
            self._waiting.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._left.set()
        if hasattr(os, "mkfifo"):
            while self._waiting.is_alive():  # it waits for a reader: here is one
                os.close(os.open(self.path, os.O_RDONLY | os.O_NONBLOCK))
                self._waiting.join(0.01)
        self._server.close()

    @property
    def is_disturbed(self) -> bool:
        """Whether the pipe was opened, or the server called."""
        return self._opened.is_set() or bool(select.select([self._server], [], [], 0)[0])

    def _wait(self) -> None:
        while True:
            os.close(os.open(self.path, os.O_WRONLY))  # until somebody opens it to read
            if self._left.is_set():
                return
            self._opened.set()
