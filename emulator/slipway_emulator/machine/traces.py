# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""What scripts may have made on a machine: accounts and programs by name, told from their text without running them."""

from __future__ import annotations

import re
from functools import lru_cache

_MAKING = (
    r"useradd|adduser|groupadd|addgroup|newusers|systemd-sysusers|usermod|install|localinstall|ln|cp|mv|tee|touch|mkdir|venv"
    r"|virtualenv|tar|unzip|rpm|dpkg|gdebi|make|npm|pip3?|gem|pyenv|alternatives"
)
_MAKES = re.compile(rf"(?:^|[\s;&|(`/])(?:{_MAKING})\s|>\s*/(?!dev/)", re.MULTILINE)
# Who is named here has to be there already.
_NAMES = re.compile(r"\s*(?:sudo\s+|timeout\s+(?:-\S+\s+|[\d.]+\s+){1,4})?(?:chown|chgrp|su)\s")
_WORD = re.compile(r"[^\s\"'`;|&(){}<>=,$]+")


@lru_cache(maxsize=256)
def made_by(script: str) -> frozenset[str]:
    """All words of a script that makes something: the name may stand in a variable. Comments and the shebang do not count."""
    lines = (line for line in script.splitlines() if not line.lstrip().startswith("#"))
    code = "\n".join(line for line in lines if not _NAMES.match(line))
    return frozenset(_WORD.findall(code)) if _MAKES.search(code) else frozenset()


def joined(known: frozenset[str], new: frozenset[str]) -> frozenset[str]:
    """Both, as one of the two where that is enough: hosts of one image share what it has."""
    if new <= known:
        return known
    return new if known <= new else known | new
