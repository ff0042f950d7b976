"""A small shop window: one page, one health check, nothing but Python's standard library."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HERE = Path(__file__).resolve().parent
VERSION = (HERE / "VERSION").read_text(encoding="utf-8").strip()
GOODS = json.loads((HERE / "goods.json").read_text(encoding="utf-8"))


class Window(BaseHTTPRequestHandler):
    """`/` lists the goods, `/health` says which version is live."""

    def do_GET(self) -> None:
        if self.path == "/health":
            self.answer({"status": "ok", "version": VERSION})
        elif self.path == "/":
            self.answer({"goods": GOODS, "version": VERSION})
        else:
            self.send_error(404)

    def answer(self, body: dict[str, object]) -> None:
        payload = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)


if __name__ == "__main__":
    ThreadingHTTPServer(("", 8080), Window).serve_forever()
