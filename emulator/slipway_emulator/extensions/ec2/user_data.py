# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""User data as cloud-init reads it: what of it is a script that runs at the first boot."""

from __future__ import annotations

import base64
import binascii
import email
import gzip
import shlex
from typing import Any

import yaml


def scripts(user_data: Any) -> list[str]:
    """Shell scripts in base64 user data: a script, cloud-config's packages and runcmd, or a MIME archive of these."""
    text = _decode(user_data)
    if text.startswith("Content-Type: multipart/") or text.startswith("MIME-Version:"):
        parts = email.message_from_string(text).walk()
        payloads = [part.get_payload(decode=True) for part in parts if not part.is_multipart()]
        return [script for p in payloads if isinstance(p, bytes) for script in _part(p.decode(errors="replace"))]
    return _part(text)


def _decode(user_data: Any) -> str:
    if not user_data:
        return ""
    try:
        raw = base64.b64decode(str(user_data))
        raw = gzip.decompress(raw) if raw.startswith(b"\x1f\x8b") else raw
    except (binascii.Error, ValueError, OSError):
        return ""
    return raw.decode(errors="replace")


def _part(text: str) -> list[str]:
    if text.startswith("#cloud-config"):
        return _cloud_config(text)
    return [text] if text.startswith(("#!", "<script>", "<powershell>")) else []


def _cloud_config(text: str) -> list[str]:
    try:
        config = yaml.safe_load(text)
    except yaml.YAMLError:
        return []
    if not isinstance(config, dict):
        return []
    packages = [p[0] if isinstance(p, list) else p for p in config.get("packages") or []]
    lines = [f"dnf install -y {' '.join(map(str, packages))}"] if packages else []
    for command in config.get("runcmd") or []:
        lines.append(shlex.join(map(str, command)) if isinstance(command, list) else str(command))
    return ["\n".join(lines)] if lines else []
