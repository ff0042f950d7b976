# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A bucket of CodeDeploy's on loopback: it serves the stub installer and remembers what was asked of it."""

from __future__ import annotations

import contextlib
import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

INSTALL = Path(__file__).resolve().with_name("install")
BUILDS = {"/latest/install": "1.8.1-26", "/latestv2/install": "2.1.0-9745926189"}


def body(path: str) -> bytes:
    """The installer at a path; nothing where there is none."""
    build = BUILDS.get(path)
    return INSTALL.read_text().replace("@BUILD@", build).encode() if build else b""


def checksum(track: str) -> str:
    """As the role takes it: the bucket is asked by plain HTTP."""
    path = "/latest/install" if track == "1" else "/latestv2/install"
    return f"sha256:{hashlib.sha256(body(path)).hexdigest()}"


@dataclass
class Bucket:
    """Its address, and the paths that were asked for."""

    address: str
    asked: list[str] = field(default_factory=list)


@contextlib.contextmanager
def serving() -> Iterator[Bucket]:
    bucket = Bucket("")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = urlsplit(self.path).path  # as a proxy it is asked for whole addresses
            bucket.asked.append(path)
            sent = body(path)
            self.send_response(200 if sent else 404)
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: `asked` has it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        bucket.address = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield bucket
        finally:
            server.shutdown()
