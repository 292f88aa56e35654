"""A hub in a thread, switchable faults included; a tiny network in the released ones' place."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from safetensors.numpy import save

from corridorkey.config import GreenFormerConfig
from corridorkey.shapes import tensor_shapes
from corridorkey_convert import convert_file
from parity.synthetic import synthetic_weights

TINY_RELEASED = GreenFormerConfig(
    embed_dim=8, depths=(1, 1, 2, 1), heads=(1, 1, 2, 2), decoder_dim=8, refiner_width=8, pos_grid=16, size=64
)
COMMIT = "c0ffee" + "0" * 34


def released_bytes(seed: int = 1) -> bytes:
    """A weights file as it is released: tensors, and no header of ours."""
    return save(synthetic_weights(tensor_shapes(TINY_RELEASED), seed))


# The project's converter, told of the tiny network.
convert = functools.partial(convert_file, network=TINY_RELEASED)


@dataclasses.dataclass
class Hub:
    """What the stand-in serves, the faults that are switched on, and what it was asked.

    Attributes:
        files: "repo/file" -> content.
        says: "repo/file" -> what is given as its sha256, where that is not the truth.
        status: answered instead of content, for GET alone or for everything.
        drop_after: bytes of each answer after which the connection is closed.
        lengths, ranges, commits: whether it tells lengths, serves ranges, names the commit.
        silent: an answer waits for this.
        redirects: GET is sent on to another path, as to a CDN.
        served: bytes of content sent in all; asked: (method, path, Range) of every request.
    """

    files: dict[str, bytes] = dataclasses.field(default_factory=dict)
    says: dict[str, str] = dataclasses.field(default_factory=dict)
    status: int = 200
    get_status: int = 200
    drop_after: int | None = None
    lengths: bool = True
    ranges: bool = True
    commits: bool = True
    redirects: bool = False
    silent: threading.Event | None = None
    served: int = 0
    asked: list[tuple[str, str, str | None]] = dataclasses.field(default_factory=list)
    url: str = ""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: Hub

    def log_message(self, *_: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self._answer(head=True)

    def do_GET(self) -> None:
        self._answer(head=False)

    def _answer(self, head: bool) -> None:
        hub = self.hub
        self.close_connection = True
        hub.asked.append((self.command, self.path, self.headers.get("Range")))
        if hub.silent:
            hub.silent.wait(30)
        # /owner/repo/resolve/revision/file
        words = self.path.removeprefix("/cdn").strip("/").split("/")
        name = "/".join((*words[:2], *words[4:]))
        status = hub.status if head or hub.status != 200 else hub.get_status
        if status == 200 and name not in hub.files:
            status = 404
        if status != 200:
            self._plain(status, {"X-Error-Code": "EntryNotFound"} if status == 404 else {})
        elif hub.redirects and not self.path.startswith("/cdn"):
            self._plain(302, {"Location": f"/cdn{self.path}"})
        else:
            self._content(hub, name, head)

    def _plain(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for key, value in {**headers, "Content-Length": "0", "Connection": "close"}.items():
            self.send_header(key, value)
        self.end_headers()

    def _content(self, hub: Hub, name: str, head: bool) -> None:
        content = hub.files[name]
        asked = self.headers.get("Range", "").removeprefix("bytes=").removesuffix("-")
        start = int(asked) if asked and hub.ranges else 0
        if start >= len(content):
            self._plain(416, {})
            return
        self.send_response(206 if start else 200)
        self.send_header("X-Linked-Etag", f'"{hub.says.get(name, hashlib.sha256(content).hexdigest())}"')
        self.send_header("Connection", "close")
        if hub.commits:
            self.send_header("X-Repo-Commit", COMMIT)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        if hub.lengths:
            self.send_header("X-Linked-Size", str(len(content)))
            self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        if head:
            return
        body = content[start:][: hub.drop_after]
        hub.served += len(body)
        with suppress(OSError):
            self.wfile.write(body)


def start_hub() -> tuple[Hub, ThreadingHTTPServer]:
    """A hub that listens on this machine only; shut the server down afterwards."""
    hub = Hub()
    handler = type("Handler", (_Handler,), {"hub": hub})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    hub.url = f"http://127.0.0.1:{server.server_address[1]}"
    return hub, server
