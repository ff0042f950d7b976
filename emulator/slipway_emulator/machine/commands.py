# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""What commands of scripts mean for a machine's contents. One that is not known here is taken to succeed."""

from __future__ import annotations

import re
from collections.abc import Callable
from posixpath import basename

from . import conditions, downloads, files, packages
from .running import Shell, Status
from .shell_text import UNKNOWN
from .state import AGENT, STARTING
from .systems import MANAGERS, os_release

Handler = Callable[[Shell, list[str]], Status]

SHELLS = ("bash", "sh", "dash", "ruby")
# Commands that start another one, with the options of theirs that take a value.
PREFIXES = {
    "sudo": "ugpCh",
    "env": "uC",
    "nohup": "",
    "time": "",
    "exec": "",
    "nice": "n",
    "timeout": "ks",
    "command": "",
}
TAKES_DURATION = ("timeout",)
KINDS = ("auto", "rpm", "deb")
EXEC = re.compile(r"ExecStart(Pre)?=.")


def run(shell: Shell, words: list[str]) -> Status:
    """How the command ends."""
    words = _unprefixed(words)
    if not words:
        return Status.OK
    name = basename(words[0])
    if name in SHELLS:
        return _shell(shell, words)
    if name in shell.machine.downloads or (name == "install" and set(words) & set(KINDS)):
        return _installer(shell, words)
    text = shell.machine.files.get(words[0])
    if text is None and "/" in words[0]:
        text = shell.machine.text(files.place(shell, words[0]))
    if text is not None:
        shell.machine.note_traces(text)
        return shell.nested(text)
    handler = HANDLERS.get(name)
    if name == AGENT and len(words) > 1:
        return _service(shell, ["service", AGENT, words[1]])
    return handler(shell, [name, *words[1:]]) if handler else Status.OK


def _unprefixed(words: list[str]) -> list[str]:
    """Without sudo and the like; `command -v` is a question, not a start."""
    while words and basename(words[0]) in PREFIXES and words[1:2] not in (["-v"], ["-V"]):
        name, words = basename(words[0]), words[1:]
        while words and (words[0].startswith("-") or "=" in words[0]):
            takes = len(words[0]) == 2 and words[0][1] in PREFIXES[name]
            words = words[2:] if takes else words[1:]
        if name in TAKES_DURATION:
            words = words[1:]
    return words


def _shell(shell: Shell, words: list[str]) -> Status:
    """bash -c TEXT, bash FILE; options are passed over."""
    rest = words[1:]
    while rest and rest[0].startswith("-"):
        if rest[0].startswith("-") and rest[0].endswith("c") and len(rest) > 1:
            return shell.nested(rest[1])
        rest = rest[1:]
    return run(shell, rest) if rest else Status.OK


def _installer(shell: Shell, words: list[str]) -> Status:
    """`install [-v releases/FILE] auto|rpm|deb`; which installer it is was said by the address it came from."""
    machine = shell.machine
    version = machine.downloads.get(basename(words[0]), downloads.DEFAULT_VERSION)
    if version is None:
        return shell.told(f"{words[0]}: No such file or directory")
    if not set(words[1:]) & set(KINDS):
        return shell.told(f"{words[0]}: one of {', '.join(KINDS)} is expected")
    if "-v" in words[:-1]:
        path = words[words.index("-v") + 1]
        wanted = downloads.package_version(path) if path.startswith("releases/") else None
        if UNKNOWN not in path and wanted is None:
            return shell.told(f"{words[0]}: the version '{path}' does not exist")
        version = wanted or version
    return shell.told(machine.run_installer(version))


def _download(shell: Shell, words: list[str]) -> Status:
    """wget and curl: the name under which a file of CodeDeploy's is kept."""
    named = "oO" if words[0] == "curl" else "O"
    name, rest = None, list(words[1:])
    sources = []
    while rest:
        word = rest.pop(0)
        match = re.fullmatch(r"-[a-zA-Z]*([oOP])|--(output|output-document)", word)
        if match and match.group(1) == "O" and words[0] == "curl":
            continue  # keeps the remote name
        if match and (match.group(2) or str(match.group(1)) in named) and rest:
            name = basename(rest.pop(0))
        elif word.startswith(("--output=", "--output-document=")):
            name = basename(word.partition("=")[2])
        elif re.match(r"(https?|s3)://", word):
            sources.append(word)
    return _fetched(shell, sources, name)


def _fetched(shell: Shell, sources: list[str], name: str | None) -> Status:
    for source in sources:
        if not downloads.about(source):
            if mirrored := downloads.mirrored(source):
                shell.machine.downloads[name or basename(source)] = mirrored
            continue
        version = shell.machine.downloads[name or basename(source)] = downloads.version_at(source)
        if version is None:
            return shell.fail(f"could not download {source}".replace(UNKNOWN, "?"))
    return Status.OK


def _aws(shell: Shell, words: list[str]) -> Status:
    """aws s3 cp SOURCE DESTINATION."""
    if words[1:3] not in (["s3", "cp"], ["s3", "sync"]):
        return Status.OK
    places = [word for word in words[3:] if not word.startswith("-")]
    target = places[1] if len(places) > 1 else "."
    keeps = target in (".", "..") or target.endswith("/")
    return _fetched(shell, places[:1], None if keeps else basename(target))


def _move(shell: Shell, words: list[str]) -> Status:
    places = [word for word in words[1:] if not word.startswith("-")]
    known = shell.machine.downloads
    if len(places) == 2 and basename(places[0]) in known and not places[1].endswith(("/", ".")):
        known[basename(places[1])] = known[basename(places[0])]
    if words[0] == "mv":
        files.copy(shell, words)
        return files.remove(shell, ["rm", *places[:-1]])
    return files.copy(shell, words)


def _systemctl(shell: Shell, words: list[str]) -> Status:
    rest = [word for word in words[1:] if not word.startswith("-")]
    if not rest:
        return Status.OK
    verb, units = rest[0], [unit.removesuffix(".service") for unit in rest[1:]]
    if AGENT not in units:
        return _other_units(shell, verb, units, "--now" in words)
    return _unit(shell, verb, "--now" in words)


def _other_units(shell: Shell, verb: str, units: list[str], now: bool) -> Status:
    known = [shell.machine.contents.services.get(unit) for unit in units]
    if verb == "is-enabled" and set(units) <= shell.machine.contents.enabled:
        return Status.OK
    if verb == "is-active" and known and None not in known:
        return shell.told(None if all(known) else f"{units[0]} is inactive")
    if verb.startswith(("is-", "status", "list-")):
        return Status.MAYBE
    if verb in ("enable", "disable", "mask"):
        shell.machine.enable(units, verb == "enable")
    if verb in STARTING or (now and verb == "enable"):
        return _start_units(shell, units, again=verb not in ("start", "enable"))
    for unit in units:
        shell.machine.change_other_service(unit, verb, now)
    return Status.OK


def _start_units(shell: Shell, units: list[str], again: bool) -> Status:
    """What the unit starts is followed, where its file is known."""
    for unit in units:
        if shell.machine.contents.services.get(unit) and not again:
            continue
        text = shell.machine.text(f"/etc/systemd/system/{unit}.service") or ""
        started = [
            shell.nested(line.partition("=")[2].lstrip("-@+!")) for line in text.splitlines() if EXEC.match(line)
        ]
        failed = Status.FAILED in started
        shell.machine.change_other_service(unit, "stop" if failed else "start", now=False)
        if failed:
            return shell.fail(f"Job for {unit}.service failed: {shell.problem}")
    return Status.OK


def _unit(shell: Shell, verb: str, now: bool = False) -> Status:
    machine = shell.machine
    if verb in ("is-active", "status"):
        return shell.told(None if machine.running else f"{AGENT} is inactive")
    if verb == "is-enabled":
        return shell.told(None if machine.contents.agent_enabled else f"{AGENT} is not enabled")
    if verb in ("list-unit-files", "cat", "show"):
        return shell.told(None if machine.installed else f"{AGENT} is not installed")
    return shell.told(machine.change_service(verb, now))


def _service(shell: Shell, words: list[str]) -> Status:
    if len(words) < 3:
        return Status.OK
    unit = words[1].removesuffix(".service")
    return _unit(shell, words[2]) if unit == AGENT else _other_units(shell, words[2], [unit], now=False)


def _boot_service(shell: Shell, words: list[str]) -> Status:
    """chkconfig NAME on|off, update-rc.d NAME defaults|enable|disable|remove."""
    if AGENT not in words or len(words) < 3:
        return Status.OK
    return _unit(shell, "disable" if words[-1] in ("off", "disable", "remove") else "enable")


def _process(shell: Shell, words: list[str]) -> Status:
    if not any(AGENT in word for word in words):
        return Status.MAYBE
    return shell.told(None if shell.machine.running else "no such process")


def _source(shell: Shell, words: list[str]) -> Status:
    if words[1:2] == ["/etc/os-release"]:
        shell.variables.update(os_release(shell.machine.contents))
    elif words[1:2] and words[1] in shell.machine.files:
        return shell.nested(shell.machine.files[words[1]])
    return Status.OK


def _known_command(shell: Shell, words: list[str]) -> Status:
    """command -v, which, type, hash."""
    asked = [word for word in words[1:] if not word.startswith("-")]
    states = [packages.has_tool(shell.machine, name) for name in asked]
    if False in states:
        return shell.fail(f"{asked[states.index(False)]}: not found")
    return Status.MAYBE if None in states else Status.OK


HANDLERS: dict[str, Handler] = {
    "true": lambda shell, words: Status.OK,
    ":": lambda shell, words: Status.OK,
    "false": lambda shell, words: shell.fail("exit status 1"),
    "wget": _download,
    "curl": _download,
    "aws": _aws,
    "mv": _move,
    "cp": _move,
    "cd": files.change_directory,
    "install": files.copy,
    "rm": files.remove,
    "gunzip": files.gunzip,
    "sha256sum": files.check_sums,
    "tar": files.untar,
    "su": files.change_user,
    "chown": files.change_owner,
    "chgrp": files.change_owner,
    "systemctl": _systemctl,
    "service": _service,
    "chkconfig": _boot_service,
    "update-rc.d": _boot_service,
    "pgrep": _process,
    "pidof": _process,
    ".": _source,
    "source": _source,
    "command": _known_command,
    "which": _known_command,
    "type": _known_command,
    "hash": _known_command,
    "[": conditions.bracket,
    "[[": conditions.bracket,
    "test": conditions.bracket,
    "grep": conditions.grep,
    "getent": lambda shell, words: Status.MAYBE,
    "id": lambda shell, words: Status.MAYBE,
    **dict.fromkeys(MANAGERS, packages.manage),
    "rpm": packages.rpm,
    "dpkg": packages.dpkg,
    "dpkg-query": packages.dpkg,
    "gdebi": packages.dpkg,
    "install-packages": packages.install_named,
}
