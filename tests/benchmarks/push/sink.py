# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""As much of S3 and CodeDeploy as a push needs, keeping nothing but what was registered: what is measured is the pusher.

Run as a program it prints its port and serves until it is ended.
"""

from __future__ import annotations

import hashlib
import http.server
import json
import sys
from typing import Any
from urllib.parse import parse_qs, urlsplit

GET_REVISION = "GetApplicationRevision"
REGISTER = "RegisterApplicationRevision"
UNKNOWN = {"__type": "RevisionDoesNotExistException", "message": "sink"}
BEGUN = "<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>"
ENDED = "<CompleteMultipartUploadResult><ETag>&quot;e-1&quot;</ETag></CompleteMultipartUploadResult>"


class Sink(http.server.BaseHTTPRequestHandler):
    """Answers every request, and counts what came."""

    protocol_version = "HTTP/1.1"
    stored: set[str] = set()
    registered: dict[str, str] = {}  # description by key
    received = {"bytes": 0, "requests": 0}

    def do_HEAD(self) -> None:
        self.received["requests"] += 1
        path = urlsplit(self.path).path
        self._answer(200 if path in self.stored or path.count("/") == 1 else 404)

    def do_PUT(self) -> None:
        self._drain()
        self._store()
        self._answer(200)

    def do_POST(self) -> None:
        asked = parse_qs(urlsplit(self.path).query, keep_blank_values=True)
        body = self._drain()
        if "X-Amz-Target" in self.headers:
            self._codedeploy(self.headers["X-Amz-Target"].rpartition(".")[2], json.loads(body))
        elif "uploads" in asked:
            self._store()
            self._answer(200, BEGUN)
        else:
            self._answer(200, ENDED)

    def do_GET(self) -> None:
        self._answer(200, json.dumps(self.received))

    def do_DELETE(self) -> None:
        self.stored.clear()
        self.registered.clear()
        self.received.update(bytes=0, requests=0)
        self._answer(204)

    def _store(self) -> None:
        target = urlsplit(self.path)
        if "partNumber" not in target.query:
            self.stored.add(target.path)

    def _codedeploy(self, operation: str, asked: dict[str, Any]) -> None:
        key = asked.get("revision", {}).get("s3Location", {}).get("key", "")
        if operation == REGISTER:
            self.registered[key] = asked.get("description", "")
        if operation == GET_REVISION and key not in self.registered:
            self._answer(400, json.dumps(UNKNOWN))
        elif operation == GET_REVISION:
            self._answer(200, json.dumps({"revisionInfo": {"description": self.registered[key]}}))
        else:
            self._answer(200, json.dumps({"application": {"applicationName": "bench"}}))

    def _drain(self) -> bytes:
        """Take the body, keeping only what is small; botocore sends large ones in chunks with a checksum behind."""
        self.received["requests"] += 1
        if self.headers.get("Expect") == "100-continue":
            self.send_response_only(100)
            self.end_headers()
        if self.headers.get("Transfer-Encoding") == "chunked":
            while size := int(self.rfile.readline(), 16):
                self._skip(size)
                self.rfile.readline()
            while self.rfile.readline().strip():
                pass
            return b""
        length = int(self.headers.get("Content-Length", 0))
        if "X-Amz-Target" in self.headers:
            return self.rfile.read(length)
        self._skip(length)
        return b""

    def _skip(self, left: int) -> None:
        self.received["bytes"] += left
        while left:
            left -= len(self.rfile.read(min(left, 1 << 20)))

    def _answer(self, status: int, body: str = "", headers: dict[str, str] | None = None) -> None:
        self.send_response_only(status)
        etag = hashlib.md5(self.path.encode(), usedforsecurity=False).hexdigest()
        for name, value in {"ETag": f'"{etag}"', "Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body.encode())


def main() -> None:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Sink)
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
