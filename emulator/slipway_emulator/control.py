# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Control endpoints under `/slipway-emulator/`, JSON in and out: health, clock, hosts, faults, ledger, reset."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from moto.core.base_backend import BackendDict
from werkzeug.exceptions import BadRequest, HTTPException, MethodNotAllowed, NotFound, UnsupportedMediaType
from werkzeug.wrappers import Request, Response

from slipway_emulator.numerals import is_number

from . import __version__, hosts
from .clock import clock
from .faults import UnknownFault, faults
from .ledger import ledger

PREFIX = "/slipway-emulator/"


@Request.application
def application(request: Request) -> Response:
    """Answer one control request; errors are `{"error": sentence}` with a 4xx status."""
    name = request.path.removeprefix(PREFIX).strip("/")
    try:
        with clock.lock:
            clock.catch_up()
            return _json(_endpoint(name, request.method)(request))
    except HTTPException as refused:
        return _json({"error": refused.description}, refused.code or 400)


def refuse(why: str) -> Response:
    """The answer to one who may not ask."""
    return _json({"error": why}, 403)


def _endpoint(name: str, method: str) -> Callable[[Request], Any]:
    methods = ENDPOINTS.get(name)
    if methods is None:
        raise NotFound(f"there is no {name!r} here; there are: {', '.join(ENDPOINTS)}")
    if method not in methods:
        raise MethodNotAllowed(list(methods), f"{name} takes {', '.join(methods)}")
    return methods[method]


def _health(_request: Request) -> Any:
    return {"status": "ok", "version": __version__}


def _clock(_request: Request) -> Any:
    return {
        "now": clock.now(),
        "time": clock.datetime().isoformat(),
        "speed": clock.speed,
        "next_due": clock.next_due(),
    }


def _set_clock(request: Request) -> Any:
    wish = _object(request)
    if not wish or set(wish) - {"advance", "speed"} or not all(_number(v) for v in wish.values()):
        raise BadRequest('give {"advance": seconds} or {"speed": factor}, numbers from 0 up')
    if "speed" in wish:
        clock.set_speed(wish["speed"])
    if "advance" in wish:
        clock.advance(wish["advance"])
    return _clock(request)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


def _add_fault(request: Request) -> Any:
    try:
        return faults.add(_object(request))
    except UnknownFault as unknown:
        raise BadRequest(str(unknown)) from unknown


def _remove_faults(request: Request) -> Any:
    wanted = request.args.get("id")
    faults.remove(int(wanted) if wanted and is_number(wanted) else None)
    return {"faults": faults.as_json()}


def _list_faults(_request: Request) -> Any:
    kinds = {k.name: {"what": k.what, "facts": k.facts, "effects": k.effects} for k in faults.kinds.values()}
    return {"faults": faults.as_json(), "kinds": kinds}


def _read_ledger(request: Request) -> Any:
    wanted = request.args.getlist("service")
    return {"calls": [call for call in ledger.as_json() if not wanted or call["service"] in wanted]}


def _clear_ledger(_request: Request) -> Any:
    ledger.clear()
    return {"calls": []}


def _reset(request: Request) -> Any:
    _object(request)
    BackendDict.reset()
    return {"status": "ok"}


def _list_hosts(_request: Request) -> Any:
    return {"hosts": [host.as_json() for host in hosts.registry.all()]}


ENDPOINTS: dict[str, dict[str, Callable[[Request], Any]]] = {
    "health": {"GET": _health},
    "clock": {"GET": _clock, "POST": _set_clock},
    "hosts": {"GET": _list_hosts},
    "faults": {"GET": _list_faults, "POST": _add_fault, "DELETE": _remove_faults},
    "reset": {"POST": _reset},
    "ledger": {"GET": _read_ledger, "DELETE": _clear_ledger},
}


def _object(request: Request) -> dict[str, Any]:
    if request.mimetype != "application/json":
        raise UnsupportedMediaType("send JSON, with the header Content-Type: application/json")
    data = request.get_json(silent=True)
    if not isinstance(data, dict):
        raise BadRequest("the body must be a JSON object")
    return data


def _json(data: Any, status: int = 200) -> Response:
    return Response(json.dumps(data, default=str), status=status, mimetype="application/json")
