# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Whether a script only looks: every command in it is known to change nothing. In doubt it does not."""

from __future__ import annotations

import re

_PARTS = re.compile(r"[;|&\n(){}`]+")
_KEYWORDS = re.compile(
    r"^(?:(?:if|elif|elseif|else|then|fi|do|done|while|until|try|catch|!|sudo|command)\b\s*|!\s*)+", re.I
)
_ASSIGNED = re.compile(r"^\$?[A-Za-z_]\w*\s*=\s*")
_EXPRESSION = re.compile(
    r"""^(?:\Z|[$'"\d#]|-\w|\.\w+(?:\s|\Z))"""
)  # a value, an operator of PowerShell, a comment, nothing
_TO_FILE = re.compile(r"(?<![-=])>{1,2}\s*(?!/dev/null|&\d)")
_SHELL = "echo printf cat test [ [[ true false : exit return grep egrep head tail cut tr wc ls stat id hostname uname ps pgrep"
_POWERSHELL = (
    "write-output write-host get-service get-content get-process get-item test-path join-path select-object out-null"
)
_COMMANDS = frozenset(f"{_SHELL} {_POWERSHELL}".split())
_ASKING = {
    "systemctl": re.compile(r"systemctl\s+(?:-\S+\s+)*(?:is-\w+|status|show|list-\S+|cat)\b"),
    "service": re.compile(r"service\s+\S+\s+status\b"),
    "sc": re.compile(r"sc(?:\.exe)?\s+query\b", re.I),
}


def only_looks(script: str) -> bool:
    """Whether nothing in the script can change the host it runs on."""
    return not _TO_FILE.search(script) and all(_harmless(part.strip()) for part in _PARTS.split(_text(script)))


def _text(script: str) -> str:
    """The script without duplicated streams, whose & parts no commands."""
    return re.sub(r"\d?>&\d|&>\s*/dev/null", "", script)


def _harmless(part: str) -> bool:
    command = _ASSIGNED.sub("", _KEYWORDS.sub("", part)).strip()
    name = command.split()[0].lower().removesuffix(".exe") if command else ""
    if name in _ASKING:
        return bool(_ASKING[name].match(command))
    return name in _COMMANDS or bool(_EXPRESSION.match(command))
