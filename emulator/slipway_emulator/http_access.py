# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Who may ask over HTTP: programs on this machine. A web page that its user has open in a browser may not.

A page reaches loopback by a name of its own that it lets resolve to 127.0.0.1 (the Host header tells), or by asking
another origin than its own (the browser tells). There is no authentication, so both are refused whatever they ask.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Mapping

# What clients sign for: endpoints of services, and buckets by virtual host. Nobody else can make these names resolve here.
AWS_NAME = re.compile(r"([a-z0-9_-]+\.)+(amazonaws\.com(\.cn)?|api\.aws)", re.IGNORECASE)
LOCAL_NAME = re.compile(r"([a-z0-9_-]+\.)*localhost", re.IGNORECASE)
_HOST = re.compile(r"(\[[^\]]+\]|[^:\[\]]+)(:[0-9]{1,5})?")


def refusal(environ: Mapping[str, str], bound: str) -> str | None:
    """Why this request is not answered, or None. `bound` is the address that the server listens on."""
    host = environ.get("HTTP_HOST", "")
    if not _is_ours(host, bound):
        return f"The emulator does not answer to the host name {host[:100]!r}: use 127.0.0.1 or localhost in the endpoint URL."
    if "HTTP_ORIGIN" in environ or environ.get("HTTP_SEC_FETCH_SITE", "none") != "none":
        return "The emulator does not answer to web pages: use a program on this machine."
    return None


def _is_ours(host: str, bound: str) -> bool:
    found = _HOST.fullmatch(host)
    if found is None:
        return False
    name = found[1].strip("[]").removesuffix(".")
    if LOCAL_NAME.fullmatch(name) or AWS_NAME.fullmatch(name) or name.lower() == bound.lower():
        return True
    return is_loopback(name) or (
        _is_wildcard(bound) and (_address(name) is not None or name.lower() == socket.gethostname().lower())
    )


def is_loopback(name: str) -> bool:
    """Whether it is an address of the loopback interface; a name is none."""
    address = _address(name)
    mapped = getattr(address, "ipv4_mapped", None)
    return address is not None and (mapped or address).is_loopback


def _is_wildcard(bound: str) -> bool:
    address = _address(bound)
    return address is not None and address.is_unspecified


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None
