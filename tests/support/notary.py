# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stands between a play and the emulator and notes the session tokens, which the emulator's ledger leaves out."""

from __future__ import annotations

import http.client
import threading
import typing as t
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

HOP = {"connection", "transfer-encoding", "content-length", "date", "server"}


class Notary:
    """Hands every request on as it is; `tokens` are those that came, None where a request had none."""

    def __init__(self, address: str) -> None:
        self.tokens: set[str | None] = set()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(urlsplit(address).netloc, self.tokens))
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Notary:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_problem: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def _handler(behind: str, tokens: set[str | None]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass_on(self) -> None:
            tokens.add(self.headers.get("X-Amz-Security-Token"))
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            connection = http.client.HTTPConnection(behind)
            connection.request(self.command, self.path, body, dict(self.headers.items()))
            answer = connection.getresponse()
            said = answer.read()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in HOP:
                    self.send_header(name, value)
            self.send_header("Content-Length", answer.getheader("Content-Length") or str(len(said)))
            self.end_headers()
            self.wfile.write(said)
            connection.close()

        def log_message(self, format: str, *args: t.Any) -> None:
            """Say nothing."""

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = _pass_on

    return Handler
