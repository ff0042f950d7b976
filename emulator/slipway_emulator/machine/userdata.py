# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""What cloud-init runs of user data."""

from __future__ import annotations

import email
import shlex
from collections.abc import Iterator
from typing import Any

import yaml


def scripts_of(text: str, files: dict[str, str]) -> Iterator[str]:
    """The scripts in the order they run; files that a cloud-config writes are put into `files`."""
    if text.lstrip().lower().startswith(("content-type: multipart", "mime-version:")):
        for part in email.message_from_string(text.lstrip()).walk():
            if not part.is_multipart():
                payload = part.get_payload(decode=True)
                yield from scripts_of(payload.decode(errors="replace") if isinstance(payload, bytes) else "", files)
    elif text.startswith("#cloud-config"):
        yield _cloud_config(text, files)
    elif text.startswith("#!"):
        yield text


def _cloud_config(text: str, files: dict[str, str]) -> str:
    """Its packages and commands as one script."""
    try:
        loaded: Any = yaml.safe_load(text)
    except yaml.YAMLError:
        return ""
    config = loaded if isinstance(loaded, dict) else {}
    for written in config.get("write_files") or []:
        if isinstance(written, dict) and "path" in written:
            files[str(written["path"])] = str(written.get("content") or "")
    commands = [_line(entry) for key in ("bootcmd", "runcmd") for entry in config.get(key) or []]
    packages = [str(name[0] if isinstance(name, list) else name) for name in config.get("packages") or []]
    if packages:
        commands.insert(0, f"install-packages {shlex.join(packages)}")
    return "\n".join(commands)


def _line(entry: Any) -> str:
    return shlex.join(map(str, entry)) if isinstance(entry, list) else str(entry)
