# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""An emulator in a process of its own, for as long as a `with` block lasts."""

from __future__ import annotations

import json
import subprocess
import sys
import typing as t
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from urllib.parse import urlsplit

import processes


@dataclass(frozen=True)
class Emulator:
    """Where it listens, and the process that ends when it does."""

    address: str
    process: subprocess.Popen[bytes]


def control(address: str, name: str, method: str | None = None, **body: t.Any) -> t.Any:
    """Ask one of an emulator's control endpoints."""
    data = json.dumps(body).encode() if body else None
    place = urlsplit(address)
    connection = HTTPConnection(str(place.hostname), place.port, timeout=60)
    headers = {"Content-Type": "application/json"}
    connection.request(method or ("POST" if data else "GET"), f"/slipway-emulator/{name}", data, headers)
    return json.load(connection.getresponse())


class NotReady(Exception):
    """The emulator ended before it listened; its own words are on the screen."""


@contextmanager
def emulator(port: int = 0, speed: float = 1.0) -> Iterator[Emulator]:
    """Port 0 takes a free one; a speed of 60 lets a minute pass in a second."""
    command = [sys.executable, "-m", "slipway_emulator", "--port", str(port), "--speed", str(speed)]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as program:
        try:
            # One line of JSON once it listens, nothing if it could not.
            ready = program.stdout.readline() if program.stdout else b""
            if not ready:
                raise NotReady
            yield Emulator(json.loads(ready)["url"], program)
        finally:
            processes.end(program)
