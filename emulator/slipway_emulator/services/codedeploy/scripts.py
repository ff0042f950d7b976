# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""How a hook ends that cannot start on a Linux host: what the kernel, `su` and the shell say, as the agent 1.8 reports it."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import Any

from slipway_emulator.contents import Contents
from slipway_emulator.machine.software import has_account, has_command, has_program, may_log_in
from slipway_emulator.machine.systems import is_debian
from slipway_emulator.unpacked import Unpacked

SHEBANG_LIMIT = 256  # bytes the kernel looks at
NOT_STARTED = {"ENOENT": ("No such file or directory", 127), "EACCES": ("Permission denied", 126)}
NO_USER = "user {} does not exist or the user entry does not contain all the required fields"
LOCKED = "This account is currently not available."


@dataclass(frozen=True)
class Failure:
    """What the agent's message says after the name of the script, and what the log holds."""

    ending: str
    log: tuple[str, ...] = ()


def failure_to_start(script: dict[str, Any], unpacked: Unpacked, folder: str, contents: Contents) -> Failure | None:
    """Why the script cannot even begin on this host; None when it runs."""
    user = script["runas"]
    if user is not None:
        refused = _refused_by_su(user, contents)
        if refused:
            return refused
    # the agent hands over one line of text, which is parted at blanks
    started = script["location"].split()[0]
    path = posixpath.join(folder, started.lstrip("/"))
    error = _exec_error(started, unpacked, contents)
    if error:
        return _by_shell(error, path) if user is not None else _by_agent(error, path)
    return _refused_by_interpreter(unpacked.script(started), path, contents)


def _refused_by_su(user: str, contents: Contents) -> Failure | None:
    """An empty name is lost among the words: su takes root then."""
    if not user or may_log_in(contents, user):
        return None
    said = f"[stdout]{LOCKED}" if has_account(contents, user) else f"[stderr]su: {NO_USER.format(user)}"
    return Failure("failed with exit code 1", (said,))


def _exec_error(location: str, unpacked: Unpacked, contents: Contents) -> str | None:
    """The error of execve; a file without a shebang is none, since Ruby and the shells hand it to sh."""
    if unpacked.is_directory(location):
        return "EACCES"
    if not unpacked.exists(location):
        return "ENOENT"
    interpreter, _argument = shebang(unpacked.script(location))
    return "ENOENT" if interpreter and not has_program(contents, interpreter) else None


def shebang(text: bytes) -> tuple[str, str]:
    """Interpreter and argument as the kernel takes them: a carriage return belongs to the word before it."""
    if not text.startswith(b"#!"):
        return "", ""
    line = text[2:SHEBANG_LIMIT].split(b"\n", 1)[0].decode("utf-8", "replace").strip(" \t")
    interpreter, _blank, argument = line.replace("\t", " ").partition(" ")
    return interpreter, argument.strip(" ")


def _by_agent(error: str, path: str) -> Failure:
    return Failure(f"failed with error Errno::{error} with message {NOT_STARTED[error][0]} - {path}")


def _by_shell(error: str, path: str) -> Failure:
    """With runas it is the user's shell that fails to start the script."""
    text = "Is a directory" if error == "EACCES" else "cannot execute: required file not found"
    return Failure(f"failed with exit code {NOT_STARTED[error][1]}", (f"[stderr]-bash: {path}: {text}",))


def _refused_by_interpreter(text: bytes, path: str, contents: Contents) -> Failure | None:
    """The interpreter starts and refuses its argument: env a command it does not find, shells an option with a CR."""
    interpreter, argument = shebang(text)
    name = posixpath.basename(interpreter)
    if name == "env" and argument and not argument.startswith("-") and "=" not in argument:
        return None if has_command(contents, argument) else _not_found_by_env(argument)
    if not argument.endswith("\r") or name == "perl":
        return None
    said = "Illegal option -\\r" if name == "sh" and is_debian(contents) else "invalid option"
    return Failure("failed with exit code 2", (f"[stderr]{interpreter}: {path}: {said}",))


def _not_found_by_env(command: str) -> Failure:
    shown = command.replace("\r", "\\r")
    return Failure(
        "failed with exit code 127", (f"[stderr]/usr/bin/env: \u2018{shown}\u2019: No such file or directory",)
    )
