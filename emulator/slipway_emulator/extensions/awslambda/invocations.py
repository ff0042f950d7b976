# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Invocations: the function, version or alias must be there; the answer is the fault's, or what was sent."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from moto.awslambda.models import LambdaFunction
from moto.awslambda.responses import LambdaResponse
from moto.awslambda_simple.models import LambdaSimpleBackend
from moto.moto_api._internal import mock_random

from slipway_emulator.clock import clock
from slipway_emulator.faults import faults

from .._patching import put, wrap

FUNCTION = ("function_name", "version", "account_id", "region")
faults.declare(
    "function-raises", "a Lambda function ends with an error", FUNCTION, type="Exception", message="the fault raised it"
)
faults.declare("function-returns", "a Lambda function returns this value", FUNCTION, value=None)


def extend() -> None:
    wrap(LambdaResponse, "invoke", _with_qualifier)
    wrap(LambdaSimpleBackend, "invoke", _invoke)
    put(LambdaFunction, invoke=_run)


def _with_qualifier(original: Callable[..., Any], response: Any) -> Any:
    """moto looks for the qualifier under a name that no client uses."""
    response.querystring.setdefault("qualifier", response.querystring.get("Qualifier"))
    if response.querystring["qualifier"] is None:
        del response.querystring["qualifier"]
    return original(response)


def _invoke(
    original: Callable[..., Any],
    backend: Any,
    function_name: str,
    qualifier: str | None,
    body: Any,
    headers: Any,
    response_headers: Any,
) -> Any:
    function = _executed(backend, backend.get_function(function_name, qualifier), function_name, qualifier)
    response_headers["X-Amz-Executed-Version"] = str(function.version)
    answer = run(function, body, response_headers)
    return original(backend, function_name, qualifier, body, headers, response_headers) if answer is None else answer


def _executed(backend: Any, function: Any, function_name: str, qualifier: str | None) -> Any:
    """The version that an alias with weights takes this time."""
    qualifier = qualifier or function_name.rpartition(":")[2]
    aliases = {alias.name: alias for alias in backend.list_aliases(function.function_name)}
    weights = aliases[qualifier].weights() if qualifier in aliases else {}
    for version, weight in weights.items():
        if mock_random.random() < weight:
            return backend.get_function(function.function_name, version)
    return function


def _run(self: Any, body: Any, _request_headers: Any, response_headers: Any) -> bytes:
    """For events of other services, which invoke the function itself."""
    answer = run(self, body, response_headers)
    return b"null" if answer is None else answer


def run(function: Any, payload: Any, response_headers: dict[str, Any]) -> bytes | None:
    """The invocation on record, and the answer of a fault, None where there is none."""
    facts = {
        "function_name": function.function_name,
        "version": str(function.version),
        "account_id": function.account_id,
        "region": function.region,
    }
    raised = faults.take("function-raises", **facts)
    if raised is not None:
        response_headers["x-amz-function-error"] = "Unhandled"
        log(function, f"[ERROR] {raised['type']}: {raised['message']}")
        return json.dumps({"errorMessage": raised["message"], "errorType": raised["type"]}).encode()
    returned = faults.take("function-returns", **facts)
    return None if returned is None else json.dumps(returned["value"]).encode()


def log(function: Any, text: str) -> None:
    """Lines in the log group of the function, at the emulator's time."""
    function.logs_backend.ensure_log_group(function.logs_group_name)
    group = function.logs_backend.groups[function.logs_group_name]
    stream = f"{clock.datetime():%Y/%m/%d}/[{function.version}]{mock_random.uuid4().hex}"
    group.create_log_stream(stream)
    lines = [{"timestamp": int(clock.now() * 1000), "message": line} for line in text.splitlines()]
    group.put_log_events(stream, lines)
