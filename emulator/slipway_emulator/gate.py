# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Every request passes here, in-process or over HTTP: the clock is brought up to date, faults act, the ledger notes.

Nothing but AWS-style answers leaves: an operation that is not built, or a fault of ours, is an error with a code and a
sentence in the service's own protocol.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable

from boto3 import Session
from moto.core.request import Request
from werkzeug.http import http_date

from . import protocol
from .clock import clock
from .faults import faults
from .ledger import Call, ledger
from .protocol import Asked, Reply

log = logging.getLogger(__name__)

NO_ADDRESS = (
    b"Not yet implemented",
    b"<!doctype html>",
    b"<!DOCTYPE HTML",
)  # moto knows none such, in process and served
_aws = Session()
REGIONS = {region for name in _aws.get_available_partitions() for region in _aws.get_available_regions("ec2", name)}
CALL = ("service", "operation", "region", "access_key")
faults.declare(
    "throttle", "the call is throttled", CALL, code="ThrottlingException", message="Rate exceeded", status=400
)
faults.declare("server-error", "the service fails", CALL, code="InternalFailure", message="Internal error", status=500)
faults.declare("denied", "the caller lacks the right", CALL, code="AccessDeniedException", message="", status=403)
faults.declare("lost-reply", "the call is carried out, its answer lost", CALL)
faults.declare("no-reply", "the call is lost on its way and not carried out", CALL)


class ConnectionLost(ConnectionError):
    """What a client sees when a reply never comes."""


def pass_through(request: Request, answer: Callable[[], Reply]) -> Reply:
    """Answer one request; raises ConnectionLost where a fault takes the reply away."""
    with clock.lock:
        clock.catch_up()
        asked = protocol.read(request)
        if asked.service and asked.service not in protocol.SERVED:
            answer = _not_served
        if not asked.operation:
            return _dated(_safely(asked, answer))
        reply = _refusal(asked)
        lost = reply is None and faults.take("no-reply", **_facts(asked))
        reply = reply or (Reply(0, [], b"") if lost else _safely(asked, answer))
        lost = lost or (reply.status < 400 and faults.take("lost-reply", **_facts(asked)))
        _note(asked, request, reply)
        if lost:
            raise ConnectionLost(f"the reply to {asked.operation} was lost")
        return _dated(reply)


def _not_served() -> Reply:
    raise NotImplementedError


def _facts(asked: Asked) -> dict[str, str]:
    return {name: getattr(asked, name) for name in CALL}


def _refusal(asked: Asked) -> Reply | None:
    if asked.region and asked.region not in REGIONS:
        code = "InvalidSignatureException" if "json" in asked.protocol else "SignatureDoesNotMatch"
        return protocol.error(asked, code, "Credential should be scoped to a valid region.", 400)
    for kind in ("throttle", "server-error", "denied"):
        rule = faults.take(kind, **_facts(asked))
        if rule:
            message = rule["message"] or f"User is not authorized to perform: {asked.service}:{asked.operation}"
            return protocol.error(asked, rule["code"], message, rule["status"])
    return None


def _safely(asked: Asked, answer: Callable[[], Reply]) -> Reply:
    """A missing handler or a crash becomes an error that clients understand and do not retry for ever."""
    try:
        reply = answer()
        if reply.status == 404 and reply.body.startswith(NO_ADDRESS):
            raise NotImplementedError
        return reply
    except NotImplementedError as missing:
        text = f"{asked.service or 'this service'} {asked.operation} is not built in this emulator. {missing}".strip()
        return protocol.error(asked, "UnsupportedOperation", text, 501)
    except Exception as crash:  # noqa: BLE001  # the boundary: whatever a handler raises must leave as an AWS error
        log.error("%s %s failed:\n%s", asked.service, asked.operation, traceback.format_exc())
        text = f"The emulator failed in {asked.operation}: {type(crash).__name__}: {crash}"
        return protocol.error(asked, "InternalFailure", text, 500)


def _note(asked: Asked, request: Request, reply: Reply) -> None:
    ledger.note(
        Call(
            service=asked.service,
            operation=asked.operation,
            region=asked.region,
            access_key=asked.access_key,
            user_agent=request.headers.get("User-Agent", ""),
            parameters=asked.parameters,
            time=clock.now(),
            status=reply.status,
            error=_error_code(reply),
        )
    )


def _error_code(reply: Reply) -> str | None:
    headers = {name.lower(): value for name, value in reply.headers}
    return headers.get("x-amzn-errortype", str(reply.status)) if reply.status >= 400 else None


def _dated(reply: Reply) -> Reply:
    """Clients read the service's clock from the Date header, so it must be ours."""
    kept = [(name, value) for name, value in reply.headers if name.lower() != "date"]
    return Reply(reply.status, [*kept, ("Date", http_date(clock.now()))], reply.body)
