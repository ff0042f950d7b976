# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Nothing leaves the machine: a served emulator opens no connection but to loopback, and starts no program.

moto calls what a request names (topics call subscribers, functions need Docker). What cannot happen here is refused by an
audit hook of the interpreter, below every library.
"""

from __future__ import annotations

import socket
import sys
from typing import Any

from .http_access import LOCAL_NAME, is_loopback

PROGRAMS = (
    "subprocess.Popen",
    "os.system",
    "os.exec",
    "os.posix_spawn",
    "os.spawn",
    "os.fork",
    "os.forkpty",
    "pty.spawn",
)
LOOK_UPS = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr")


class Confined(NotImplementedError):
    """What was asked would leave the emulator."""


def confine() -> None:
    """From now on, and for as long as the process lives."""
    sys.addaudithook(_refuse)


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event in PROGRAMS:
        raise Confined("The emulator starts no programs.")
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        _check_address(arguments[0], arguments[1])
    elif event in LOOK_UPS:
        _check_name(arguments[0])


def _check_address(opened: Any, address: Any) -> None:
    """The socket of a connection has no address to check: it was checked when it was opened."""
    if address is None:
        return
    if opened.family not in (socket.AF_INET, socket.AF_INET6):
        raise Confined("The emulator opens no sockets of other programs.")
    _check_name(address[0])


def _check_name(host: Any) -> None:
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host or "")
    if name and not LOCAL_NAME.fullmatch(name) and not is_loopback(name):
        raise Confined(f"The emulator calls nobody outside this machine: {name[:100]}.")
