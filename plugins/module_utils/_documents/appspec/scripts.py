# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the hook scripts of a bundle begin: which of them Linux cannot start."""

from __future__ import annotations

import collections.abc as c
import posixpath

Read = c.Callable[[str], bytes]  # the beginning of a file of the bundle

SHEBANG = 256  # bytes of a file that the kernel looks at
UNIX_LINES = "Save it with Unix line endings (LF), for example by dos2unix, and keep them by `*.sh text eol=lf` in .gitattributes."
# It passes over a carriage return behind its options; the other interpreters refuse them.
FORGIVING = ("perl",)


def cannot_start(beginning: bytes) -> str:
    """Why Linux cannot start a script that begins so; empty when it can. Without a shebang the shell takes it."""
    if not beginning.startswith(b"#!"):
        return ""
    line = beginning[2:SHEBANG].split(b"\n", 1)[0].decode("utf-8", "replace").strip(" \t")
    interpreter, _blank, argument = line.replace("\t", " ").partition(" ")
    name = posixpath.basename(interpreter)
    if "\r" in interpreter:
        return f"Linux looks for an interpreter named {_visible(interpreter)}"
    if "\r" in argument and name == "env":
        return f"env looks for a command named {_visible(argument.strip(' '))}"
    if "\r" in argument and name not in FORGIVING:
        return f"{name} is given the argument {_visible(argument.strip(' '))}"
    return ""


def _visible(text: str) -> str:
    """The first word is enough where one carriage return after the other ends the lines of a whole script."""
    first, mark, _rest = text.partition("\r")
    return f'"{first}{mark and "<CR>"}"'
