# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Conditions of scripts: decided where the machine's contents decide them, open otherwise."""

from __future__ import annotations

import re
from collections.abc import Callable
from fnmatch import fnmatchcase

from slipway_emulator.numerals import is_number

from . import packages
from .running import Shell, Status
from .shell_text import UNKNOWN
from .state import State
from .systems import os_release

NUMBERS: dict[str, Callable[[int, int], bool]] = {
    "-eq": lambda a, b: a == b,
    "-ne": lambda a, b: a != b,
    "-lt": lambda a, b: a < b,
    "-le": lambda a, b: a <= b,
    "-gt": lambda a, b: a > b,
    "-ge": lambda a, b: a >= b,
}
FILE_TESTS = ("-e", "-f", "-d", "-x", "-r", "-s", "-h", "-L")

REPEATED = re.compile(r"[*+{]")
REPEATED_GROUP = re.compile(r"\)[*+{]")


def bracket(shell: Shell, words: list[str]) -> Status:
    """test, [ and [[."""
    asked = words[1:-1] if words[0] in ("[", "[[") and words[-1:] in (["]"], ["]]"]) else words[1:]
    answer = _any(shell.machine, asked)
    if answer is None:
        return Status.MAYBE
    return Status.OK if answer else shell.fail(f"the condition {' '.join(asked)} is false")


def _any(machine: State, words: list[str]) -> bool | None:
    answers = [_all(machine, part) for part in _split(words, ("||", "-o"))]
    return True if True in answers else None if None in answers else False


def _all(machine: State, words: list[str]) -> bool | None:
    answers = [_one(machine, part) for part in _split(words, ("&&", "-a"))]
    return False if False in answers else None if None in answers else True


def _split(words: list[str], separators: tuple[str, str]) -> list[list[str]]:
    parts: list[list[str]] = [[]]
    for word in words:
        if word in separators:
            parts.append([])
        else:
            parts[-1].append(word)
    return parts


def _one(machine: State, words: list[str]) -> bool | None:
    if words[:1] == ["!"]:
        answer = _one(machine, words[1:])
        return None if answer is None else not answer
    if any(UNKNOWN in word for word in words):
        return None
    if len(words) == 2:
        return _unary(machine, *words)
    if len(words) == 3:
        return _binary(*words)
    return bool(words[0]) if len(words) == 1 else False if not words else None


def _unary(machine: State, operator: str, word: str) -> bool | None:
    if operator in ("-z", "-n"):
        return (word == "") == (operator == "-z")
    return exists(machine, word) if operator in FILE_TESTS else None


def _binary(left: str, operator: str, right: str) -> bool | None:
    if operator in ("=", "=="):
        return fnmatchcase(left, right)
    if operator == "!=":
        return not fnmatchcase(left, right)
    if operator == "=~":
        return _matches(right, left)
    if operator in NUMBERS and is_number(left) and is_number(right):
        return NUMBERS[operator](int(left), int(right))
    return None


def _matches(pattern: str, text: str) -> bool | None:
    """Not decided where Python would try ways without end: a script brings the pattern and the text."""
    if REPEATED_GROUP.search(pattern) or len(REPEATED.findall(pattern)) > 2 or len(text) > 1000:
        return None
    try:
        return bool(re.search(pattern, text))
    except re.error:
        return None


def exists(machine: State, path: str) -> bool | None:
    """Whether a path is there, as far as the contents tell."""
    if "codedeploy-agent" in path:
        return machine.installed
    if path in machine.files or path in machine.contents.files:
        return True
    if path in machine.contents.texts:
        return machine.contents.texts[path] is not None
    if packages.is_of_cloudwatch(path):
        return packages.has_cloudwatch(machine.contents, path)
    families = {"/etc/debian_version": True, "/etc/redhat-release": False, "/etc/system-release": False}
    if path in families:
        return machine.debian is families[path]
    if re.fullmatch(r"(/usr)?(/local)?/s?bin/[\w.-]+", path):
        return packages.has_tool(machine, path.rpartition("/")[2])
    return None


def grep(shell: Shell, words: list[str]) -> Status:
    """What it reads is not known, but for the name of the system."""
    places = [word for word in words[1:] if not word.startswith("-")]
    if len(places) < 2 or places[1] not in ("/etc/os-release", "/etc/system-release"):
        return Status.MAYBE
    lines = [f'{name}="{value}"' for name, value in os_release(shell.machine.contents).items()]
    text = "\n".join(lines).lower().replace('"', "")
    return Status.OK if places[0].lower().replace('"', "").strip("^$") in text else shell.fail("no such line")
