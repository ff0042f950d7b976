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
from moto.moto_server import werkzeug_app
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler
from werkzeug.serving import make_server
from werkzeug.test import run_wsgi_app

from . import control, gate, http_access, protocol, world
from .clock import clock
from .confinement import confine

OF_MOTO = ("/moto-api", "/latest/meta-data/", "/latest/api/", "/favicon.ico")
UNSIGNED = "Request is missing Authentication Token"


class Application:
    """The WSGI application: `/slipway-emulator/` is ours, everything else AWS's."""

    def __init__(self, bound: str = "127.0.0.1") -> None:
        world.install()
        werkzeug_app.DISABLE_GLOBAL_CORS = True  # moto would let every web page read its answers
        self.bound = bound
        self.aws = DomainDispatcherApplication(_create_app)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        refusal = http_access.refusal(environ, self.bound)
        if environ.get("PATH_INFO", "").startswith(control.PREFIX):
            answer = control.refuse(refusal) if refusal else control.application
            return answer(environ, start_response)
        if refusal:
            return _refuse(environ, start_response, "AccessDenied", refusal)
        environ["wsgi.input"] = io.BytesIO(_body(environ))  # read before the lock, so a slow upload stops nobody
        if not _may_be_unsigned(environ):
            return _refuse(environ, start_response, "MissingAuthenticationToken", UNSIGNED)
        try:
            return _answer(gate.pass_through(Request(environ), lambda: self._ask_moto(environ)), start_response)
        except gate.ConnectionLost:
            environ["werkzeug.socket"].close()
            return []

    def _ask_moto(self, environ: dict[str, Any]) -> gate.Reply:
        path = environ.get("PATH_INFO", "")
        if path.startswith(OF_MOTO) and not _is_reset(environ):
            raise NotImplementedError(path)
        environ["wsgi.input"].seek(0)
        app = self.aws.get_application(environ)
        app.config["PROPAGATE_EXCEPTIONS"] = True
        body, status, headers = run_wsgi_app(app, environ, buffered=True)
        return gate.Reply(int(status.split()[0]), list(headers.items()), b"".join(body))


def _create_app(backend: Any) -> Any:
    """moto's application for a service, if it is one of those that are served."""
    if backend not in (*protocol.MODULES, "moto_api"):
        raise NotImplementedError(str(backend))
    return werkzeug_app.create_backend_app(backend)


def _is_reset(environ: dict[str, Any]) -> bool:
    """What moto's own clients empty a world by."""
    return (environ["REQUEST_METHOD"], environ.get("PATH_INFO")) == ("POST", "/moto-api/reset")


def _may_be_unsigned(environ: dict[str, Any]) -> bool:
    """Public objects are read, and roles assumed by a web identity, without a signature; AWS refuses all else."""
    if environ["REQUEST_METHOD"] in ("GET", "HEAD") or _is_reset(environ) or protocol.is_signed(Request(environ)):
        return True
    return b"Action=AssumeRoleWith" in environ["wsgi.input"].getvalue()


def _refuse(environ: dict[str, Any], start_response: Any, code: str, why: str) -> list[bytes]:
    return _answer(protocol.error(protocol.addressed(Request(environ)), code, why, 403), start_response)


def _answer(reply: gate.Reply, start_response: Any) -> list[bytes]:
    status, headers, body = reply
    start_response(f"{status} {'OK' if status < 400 else 'Error'}", headers)
    return [body]


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
        server = make_server(
            options.host, options.port, Application(options.host), threaded=True, request_handler=QuietHandler
        )
    except OSError as taken:
        print(
            f"Cannot listen on {options.host}:{options.port}: {taken.strerror}. Choose another --port.", file=sys.stderr
        )
        return 1
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    ready = {"ready": True, "url": f"http://{options.host}:{server.port}", "speed": options.speed}
    print(json.dumps(ready), flush=True)
    confine()
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
