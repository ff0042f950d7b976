# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""As much of S3 and CodeDeploy as a push needs, keeping nothing but the fingerprints: what is measured is the pusher.

Run as a program it prints its port and serves until it is ended.
"""

from __future__ import annotations

import hashlib
import http.server
import json
import sys
from urllib.parse import parse_qs, urlsplit

FINGERPRINT = "x-amz-meta-slipway-fingerprint"
BEGUN = "<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>"
ENDED = "<CompleteMultipartUploadResult><ETag>&quot;e-1&quot;</ETag></CompleteMultipartUploadResult>"


class Sink(http.server.BaseHTTPRequestHandler):
    """Answers every request, and counts what came."""

    protocol_version = "HTTP/1.1"
    stored: dict[str, str] = {}
    received = {"bytes": 0, "requests": 0}

    def do_HEAD(self) -> None:
        self.received["requests"] += 1
        path = urlsplit(self.path).path
        found = path in self.stored or path.count("/") == 1
        headers = {FINGERPRINT: self.stored[path]} if self.stored.get(path) else {}
        self._answer(200 if found else 404, headers=headers)

    def do_PUT(self) -> None:
        self._drain()
        self._store()
        self._answer(200)

    def do_POST(self) -> None:
        asked = parse_qs(urlsplit(self.path).query, keep_blank_values=True)
        self._drain()
        if "X-Amz-Target" in self.headers:
            self._answer(200, json.dumps({"application": {"applicationName": "bench"}}))
        elif "uploads" in asked:
            self._store()
            self._answer(200, BEGUN)
        else:
            self._answer(200, ENDED)

    def do_GET(self) -> None:
        self._answer(200, json.dumps(self.received))

    def do_DELETE(self) -> None:
        self.stored.clear()
        self.received.update(bytes=0, requests=0)
        self._answer(204)

    def _store(self) -> None:
        target = urlsplit(self.path)
        if "partNumber" not in target.query:
            self.stored[target.path] = self.headers.get(FINGERPRINT, "")

    def _drain(self) -> None:
        """Take the body without keeping it; botocore sends large ones in chunks with a checksum behind."""
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
        else:
            self._skip(int(self.headers.get("Content-Length", 0)))

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
