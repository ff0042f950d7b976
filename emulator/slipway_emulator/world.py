# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Put the emulator into moto: our services for its outlines, our corrections onto its classes, the gate around it.

`install()` changes this process's moto once; `world()` is the in-process emulator for tests.
"""

from __future__ import annotations

import importlib
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import moto
from botocore.exceptions import ReadTimeoutError
from moto import backend_index
from moto.core.base_backend import BackendDict, BaseBackend, backend_lock
from moto.core.botocore_stubber import BotocoreStubber
from moto.core.model_instances import reset_model_data
from moto.core.request import Request, normalize_request

from . import gate
from .clock import clock
from .contents import images
from .faults import faults
from .hosts import registry
from .ledger import ledger

SERVICES = Path(__file__).with_name("services")
NEW_URLS = {"imagebuilder": r"https?://imagebuilder\.(.+)\.amazonaws\.com"}
EXTENSIONS = (
    "iam",
    "ec2",
    "autoscaling",
    "ssm",
    "s3",
    "cloudwatch",
    "sns",
    "ram",
    "resourcegroups",
    "awslambda",
    "elb",
    "elbv2",
    "ecs",
    "shortcuts",
)
_installed = False


def install() -> None:
    """Extend moto in this process; a second call does nothing."""
    global _installed
    if _installed:
        return
    _installed = True
    moto.__path__.insert(0, str(SERVICES))
    for service in sorted(path.name for path in SERVICES.iterdir() if (path / "models.py").exists()):
        _replace(service)
    for name, pattern in NEW_URLS.items():
        backend_index.backend_url_patterns.append((name, re.compile(pattern)))
    for extension in EXTENSIONS:
        importlib.import_module(f"slipway_emulator.extensions.{extension}").extend()
    _wrap_reset()
    _wrap_stubber()


def reset() -> None:
    """An empty world: no resources, no faults, an empty ledger, the clock at the present with nothing due."""
    BackendDict.reset()


@contextmanager
def world(speed: float = 0.0) -> Iterator[None]:
    """The emulator in this process: boto3 clients made inside talk to it. The clock stands unless a speed is given."""
    install()
    with moto.mock_aws():
        clock.reset(speed=speed)
        yield
    clock.reset(speed=1.0)


def _replace(service: str) -> None:
    """Ours must win: a service imported before stays moto's, silently."""
    module = importlib.import_module(f"moto.{service}")
    if not str(module.__file__).startswith(str(SERVICES)):
        raise RuntimeError(f"moto.{service} was imported before the emulator; import slipway_emulator first")


def _wrap_reset() -> None:
    def reset_all() -> None:
        with clock.lock:
            clock.reset()
            faults.remove()
            ledger.clear()
            registry.clear()
            images.clear()
            with backend_lock:
                _drop_backends()

    BackendDict.reset = staticmethod(reset_all)  # type: ignore[method-assign]  # moto offers no hook


def _drop_backends() -> None:
    """moto makes every backend anew only to drop it; that is left to those that have something to close."""
    instances: list[Any] = vars(BackendDict)["_instances"]
    for of_accounts in instances:
        for of_regions in of_accounts.values():
            for backend in list(of_regions.values()):
                if type(backend).reset is not BaseBackend.reset:
                    backend.reset()
            of_regions.clear()  # a cache of moto's keeps it
        of_accounts.clear()
    instances.clear()
    reset_model_data()  # moto keeps every object it ever made in a list, for its dashboard


def _wrap_stubber() -> None:
    original = BotocoreStubber.process_request

    def process(self: BotocoreStubber, request: Any) -> Any:
        sent = normalize_request(request)
        body = sent.get_data()

        def once_more() -> Request:
            """Reading the parameters uses up a request."""
            return Request({**sent.environ, "wsgi.input": io.BytesIO(body)})

        def answer() -> gate.Reply:
            answered = original(self, once_more())  # type: ignore[arg-type]  # moto takes a normalized request as well
            if answered is None:
                raise _Elsewhere
            status, answer_headers, payload = answered
            return gate.Reply(int(status), [(str(k), str(v)) for k, v in answer_headers.items()], _bytes(payload))

        try:
            reply = gate.pass_through(once_more(), answer)
        except _Elsewhere:
            return None
        except gate.ConnectionLost as lost:
            raise ReadTimeoutError(endpoint_url=request.url, error=lost) from lost
        return reply.status, dict(reply.headers), reply.body

    BotocoreStubber.process_request = process  # type: ignore[method-assign]  # moto offers no hook


def _bytes(body: Any) -> bytes:
    return body.encode() if isinstance(body, str) else bytes(body or b"")


class _Elsewhere(BaseException):
    """Not a request for any service here; a BaseException so that the gate's safety net lets it pass."""


__all__ = ["install", "reset", "world"]
