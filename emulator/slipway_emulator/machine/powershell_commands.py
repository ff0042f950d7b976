# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""The commands of PowerShell scripts that are followed: those that print, and those about the CodeDeploy agent."""

from __future__ import annotations

import ntpath
import re
from collections.abc import Callable
from typing import Any, Protocol

from . import downloads
from .state import State

UNKNOWN = object()  # what a command gives that is not understood
SERVICE = "codedeployagent"
HOME = r"C:\ProgramData\Amazon\CodeDeploy"
ENVIRONMENT = {"env:programdata": r"C:\ProgramData", "env:temp": r"C:\Windows\TEMP", "env:systemdrive": "C:"}
NOT_FOLLOWED = ("foreach", "for", "while", "do", "function", "switch", "param", "return", "throw", "filter", "class")
SWITCHES = ("wait", "passthru", "nonewwindow", "force", "usebasicparsing")  # parameters without a value
WITH_VALUE = ("-executionpolicy", "-file", "-version")  # options of powershell.exe itself
QUIET = ("silentlycontinue", "ignore")


class Shell(Protocol):
    """What a command sees of the script that runs it."""

    machine: State

    def agent(self) -> str:
        """The state of the agent's service."""

    def error(self, text: str, quiet: bool = False) -> Any:
        """An error that does not end the script, unless it asked for that."""

    def value(self, text: str) -> Any:
        """What an expression or a command gives; UNKNOWN where that is not understood."""


Call = Callable[[Shell, list[Any], dict[str, Any]], Any]


def call(shell: Shell, words: list[Any]) -> Any:
    """What a command gives; it is not executed where its name or one of its words is not understood."""
    words = words[1:] if words[:1] == ["&"] else words
    if not words or UNKNOWN in words:
        return UNKNOWN
    name = ntpath.basename(str(words[0])).lower().removesuffix(".exe")
    if name.endswith(".msi"):
        return _install(shell, [str(words[0])])
    if name == "powershell":
        return _nested(shell, words[1:])
    handler = COMMANDS.get(name)
    return handler(shell, *_split(words[1:])) if handler else UNKNOWN


def _split(words: list[Any]) -> tuple[list[Any], dict[str, Any]]:
    """Plain words, and parameters by their name; a parameter without a value is there."""
    plain: list[Any] = []
    named: dict[str, Any] = {}
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if isinstance(word, str) and re.match(r"-[A-Za-z]", word):
            follows = rest and not (isinstance(rest[0], str) and re.match(r"-[A-Za-z]", rest[0]))
            name = word[1:].lower()
            named[name] = rest.pop(0) if follows and name not in SWITCHES else True
        else:
            plain.append(word)
    return plain, named


def _print(shell: Shell, plain: list[Any], named: dict[str, Any]) -> Any:
    shown = plain or [named.get("inputobject") or named.get("object") or ""]
    return " ".join("" if one is None else str(one) for one in shown)


def _service(plain: list[Any], named: dict[str, Any]) -> str:
    return str(named.get("name") or (plain[0] if plain else "")).lower()


def _get_service(shell: Shell, plain: list[Any], named: dict[str, Any]) -> Any:
    name = _service(plain, named)
    if name != SERVICE:
        return UNKNOWN
    state = shell.agent()
    if state == "absent":
        quiet = str(named.get("erroraction") or named.get("ea") or "").lower() in QUIET
        return shell.error(f"Get-Service : Cannot find any service with service name '{name}'.", quiet)
    return {"name": SERVICE, "status": state.capitalize()}


def _change(verb: str) -> Call:
    def change(shell: Shell, plain: list[Any], named: dict[str, Any]) -> Any:
        name = _service(plain, named)
        if name != SERVICE:
            return UNKNOWN
        if not shell.machine.installed:
            return shell.error(f"Cannot find any service with service name '{name}'.")
        shell.machine.change_service(verb, now=False)
        return None

    return change


def _set_service(shell: Shell, plain: list[Any], named: dict[str, Any]) -> Any:
    kind, status = str(named.get("startuptype") or "").lower(), str(named.get("status") or "").lower()
    given = None
    if kind:
        given = _change("enable" if kind.startswith("automatic") else "disable")(shell, plain, named)
    if status in ("running", "stopped"):
        given = _change("start" if status == "running" else "stop")(shell, plain, named)
    return given


def _net(shell: Shell, plain: list[Any], named: dict[str, Any]) -> Any:
    """`net start NAME`, `sc stop NAME`."""
    if len(plain) < 2 or str(plain[0]).lower() not in ("start", "stop"):
        return UNKNOWN
    return _change(str(plain[0]).lower())(shell, plain[1:], {})


def _test_path(shell: Shell, plain: list[Any], named: dict[str, Any]) -> Any:
    path = str(named.get("path") or named.get("literalpath") or (plain[0] if plain else ""))
    return shell.agent() != "absent" if _ours(path) else UNKNOWN


def _get_content(shell: Shell, plain: list[Any], named: dict[str, Any]) -> Any:
    path = str(named.get("path") or (plain[0] if plain else ""))
    if path.lower() != rf"{HOME}\.version".lower():
        return UNKNOWN
    if shell.agent() == "absent":
        return shell.error(f"Get-Content : Cannot find path '{path}' because it does not exist.")
    return f"OFFICIAL_{shell.machine.contents.agent_version}_msi"


def _ours(path: str) -> bool:
    return path.lower().startswith(HOME.lower())


def _join_path(shell: Shell, plain: list[Any], named: dict[str, Any]) -> Any:
    parts = [named.get("path"), *plain, named.get("childpath")]
    return ntpath.join(*(str(part) for part in parts if part is not None))


def _read_object(shell: Shell, plain: list[Any], named: dict[str, Any]) -> Any:
    file = named.get("file") or named.get("localfile")
    return _fetch(shell, f"s3://{named.get('bucketname')}/{named.get('key')}", file)


def _web_request(shell: Shell, plain: list[Any], named: dict[str, Any]) -> Any:
    return _fetch(shell, str(named.get("uri") or (plain[0] if plain else "")), named.get("outfile"))


def _aws(shell: Shell, plain: list[Any], named: dict[str, Any]) -> Any:
    if plain[:2] != ["s3", "cp"] or len(plain) < 4:
        return UNKNOWN
    return _fetch(shell, str(plain[2]), plain[3])


def _fetch(shell: Shell, source: str, target: Any) -> Any:
    """What is downloaded from a bucket of CodeDeploy's is kept under the name of its file."""
    if not downloads.about(source):
        return UNKNOWN
    name = ntpath.basename(str(target or "")).lower()
    name = source.rpartition("/")[2].lower() if name in ("", ".") else name
    version = shell.machine.downloads[name] = downloads.version_at(source)
    return shell.error(f"could not download {source}") if version is None else None


def _install(shell: Shell, files: list[str]) -> Any:
    """An .msi that was downloaded before; what another one installs is not known."""
    for file in files:
        name = ntpath.basename(file.strip("\"'")).lower()
        if shell.machine.downloads.get(name):
            shell.machine.install_agent(str(shell.machine.downloads[name]))
            return None
        if name in shell.machine.downloads:
            return shell.error(f"{file} could not be opened")
    return UNKNOWN


def _msiexec(shell: Shell, plain: list[Any], named: dict[str, Any]) -> Any:
    words = " ".join(str(word) for word in [*plain, *(one for one in named.values() if one is not True)])
    return _install(shell, re.findall(r"[^\s\"']+\.msi", words, re.IGNORECASE))


def _start_process(shell: Shell, plain: list[Any], named: dict[str, Any]) -> Any:
    """Of a program with arguments, msiexec or a package itself."""
    program = str(named.pop("filepath", None) or (plain.pop(0) if plain else ""))
    if program.lower().endswith(".msi"):
        return _install(shell, [program])
    return _msiexec(shell, plain, named) if "msiexec" in program.lower() else UNKNOWN


def _nested(shell: Shell, words: list[Any]) -> Any:
    """PowerShell within PowerShell, or within a batch file: what comes after its own options."""
    while words and str(words[0]).startswith("-"):
        words = words[2:] if str(words[0]).lower() in WITH_VALUE else words[1:]
    return shell.value(" ".join(str(word) for word in words)) if words else UNKNOWN


COMMANDS: dict[str, Call] = {
    **dict.fromkeys(("write-output", "write-host", "echo"), _print),
    "get-service": _get_service,
    "start-service": _change("start"),
    "restart-service": _change("restart"),
    "stop-service": _change("stop"),
    "set-service": _set_service,
    **dict.fromkeys(("net", "sc"), _net),
    "test-path": _test_path,
    "get-content": _get_content,
    "join-path": _join_path,
    **dict.fromkeys(("read-s3object", "copy-s3object"), _read_object),
    **dict.fromkeys(("invoke-webrequest", "iwr"), _web_request),
    "aws": _aws,
    "msiexec": _msiexec,
    "start-process": _start_process,
}
