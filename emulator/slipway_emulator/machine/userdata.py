# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""What the first boot runs of user data: cloud-init on Linux, the launch agent of EC2 on Windows."""

from __future__ import annotations

import email
import re
import shlex
from collections.abc import Iterator
from typing import Any

import yaml

from slipway_emulator import yaml_reader


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


def windows_scripts_of(text: str) -> Iterator[str]:
    """The batch script, then the PowerShell script; anything outside of their tags is not run."""
    for tag in ("script", "powershell"):
        match = re.search(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL | re.IGNORECASE)
        if match:
            yield _as_powershell(match[1]) if tag == "script" else match[1]


def _as_powershell(batch: str) -> str:
    """Of a batch script, lines without variables or jumps: what they call is the same in both."""
    lines = (line.strip().removeprefix("@") for line in batch.splitlines())
    return "\n".join(
        re.sub(r"^(call|start)\s+(/\w+\s+)*", "", line) for line in lines if not set(line) & set("%$;|&()")
    )


def _cloud_config(text: str, files: dict[str, str]) -> str:
    """Its packages and commands as one script."""
    try:
        loaded: Any = yaml_reader.load(text)
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
