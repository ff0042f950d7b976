# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Over HTTP: moto's own dispatcher behind the gate, and the control endpoints beside it."""

from __future__ import annotations

import argparse
import io
import json
import signal
import sys
from collections.abc import Iterable
from typing import Any

from moto.core.request import Request
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server
from werkzeug.test import run_wsgi_app

from . import control, gate, world
from .clock import clock


class Application:
    """The WSGI application: `/slipway-emulator/` is ours, everything else AWS's."""

    def __init__(self) -> None:
        world.install()
        self.aws = DomainDispatcherApplication(create_backend_app)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        environ["wsgi.input"] = io.BytesIO(_body(environ))  # read before the lock, so a slow upload stops nobody
        if environ.get("PATH_INFO", "").startswith(control.PREFIX):
            return control.application(environ, start_response)
        try:
            reply = gate.pass_through(Request(environ), lambda: self._ask_moto(environ))
        except gate.ConnectionLost:
            environ["werkzeug.socket"].close()
            return []
        status, headers, body = reply
        start_response(f"{status} {'OK' if status < 400 else 'Error'}", headers)
        return [body]

    def _ask_moto(self, environ: dict[str, Any]) -> gate.Reply:
        environ["wsgi.input"].seek(0)
        app = self.aws.get_application(environ)
        app.config["PROPAGATE_EXCEPTIONS"] = True
        body, status, headers = run_wsgi_app(app, environ, buffered=True)
        return gate.Reply(int(status.split()[0]), list(headers.items()), b"".join(body))


def _body(environ: dict[str, Any]) -> bytes:
    if environ.get("HTTP_TRANSFER_ENCODING", "").lower() == "chunked":
        return bytes(environ["wsgi.input"].read())
    return bytes(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)))


class QuietHandler(MotoRequestHandler):
    """The ledger has every request; the terminal need not. The Date header is the emulated clock's, not this one's."""

    def send_response(self, code: int, message: str | None = None) -> None:
        self.send_response_only(code, message)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


def main(argv: list[str] | None = None) -> int:
    """`python -m slipway_emulator --port N [--speed F]`: serve until SIGTERM or Ctrl-C."""
    options = _parser().parse_args(argv)
    clock.set_speed(options.speed)
    try:
        server = make_server(options.host, options.port, Application(), threaded=True, request_handler=QuietHandler)
    except OSError as taken:
        print(
            f"Cannot listen on {options.host}:{options.port}: {taken.strerror}. Choose another --port.", file=sys.stderr
        )
        return 1
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    ready = {"ready": True, "url": f"http://{options.host}:{server.port}", "speed": options.speed}
    print(json.dumps(ready), flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        return 0
    finally:
        server.server_close()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="slipway_emulator", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: loopback only)")
    parser.add_argument("--port", type=int, default=5577, help="port; 0 takes a free one, told in the ready line")
    parser.add_argument(
        "--speed", type=float, default=1.0, help="emulated seconds in a real second; 0: stepped by hand"
    )
    return parser
