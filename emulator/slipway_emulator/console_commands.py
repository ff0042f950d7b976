# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""The commands a host understands: those that ask for the CodeDeploy agent or change its service, and a few of the shell."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from slipway_emulator.numerals import is_number

from .contents import Contents
from .hosts import Host
from .machine.packages import has_cloudwatch, is_of_cloudwatch
from .machine.state import STARTING

AGENT_HOME = "/opt/codedeploy-agent"
VERSION_FILE = f"{AGENT_HOME}/.version"
UNIT = "codedeploy-agent.service"
SYSTEM_UNITS = ("amazon-ssm-agent", "systemd-", "dbus", "sshd", "ssh", "cron", "chronyd", "rsyslog", "NetworkManager")
_SERVICE = re.compile(r"^codedeploy-agent(\.service)?\Z")


@dataclass
class Outcome:
    """What a command leaves besides what it changed."""

    stdout: str = ""
    stderr: str = ""
    code: int = 0


@dataclass
class Session:
    """A shell on a host."""

    host: Host
    code: int = 0
    ended: bool = False
    strict: bool = False  # set -e
    services: dict[str, bool] = field(default_factory=dict)  # that scripts started (True) or stopped
    texts: dict[str, str | None] = field(default_factory=dict)  # files by their absolute path; None: removed
    beside: Mapping[str, str] = field(default_factory=dict)  # files in the folder of the script

    @classmethod
    def on(cls, host: Host, beside: Mapping[str, str] | None = None) -> Session:
        """A new one, with what earlier scripts left on the host."""
        contents = host.contents
        return cls(host, services=dict(contents.services), texts=dict(contents.texts), beside=beside or {})

    def inner(self) -> Session:
        """One within this, on the same files."""
        return replace(self, code=0, ended=False, strict=False)

    def text(self, path: str) -> str | None:
        """The text of a file; None where nothing is known of it or it was removed."""
        if not path.startswith("/"):
            return self.beside.get(path.removeprefix("./"))
        return self.texts[path] if path in self.texts else self.host.contents.files.get(path)

    @property
    def installed(self) -> bool:
        return self.host.agent != "absent"


def version_line(contents: Contents) -> str:
    """The agent's version file."""
    kind = "deb" if contents.platform_name.startswith(("Ubuntu", "Debian")) else "rpm"
    return f"agent_version: OFFICIAL_{contents.agent_version}_{kind}"


def _start(session: Session) -> Outcome:
    if not session.installed:
        return Outcome("", f"Failed to start {UNIT}: Unit {UNIT} not found.\n", 5)
    session.host.agent_running = True
    return Outcome()


def _stop(session: Session) -> Outcome:
    if not session.installed:
        return Outcome("", f"Failed to stop {UNIT}: Unit {UNIT} not loaded.\n", 5)
    session.host.agent_running = False
    return Outcome()


def _is_active(session: Session, quiet: bool) -> Outcome:
    state = session.host.agent
    text = "active\n" if state == "running" else "inactive\n"
    return Outcome("" if quiet else text, "", {"running": 0, "stopped": 3}.get(state, 4))


def _is_enabled(session: Session, quiet: bool) -> Outcome:
    if not session.installed:
        text = f"Failed to get unit file state for {UNIT}: No such file or directory\n"
        return Outcome("", "" if quiet else text, 1)
    enabled = session.host.contents.agent_enabled
    text = "enabled\n" if enabled else "disabled\n"
    return Outcome("" if quiet else text, "", 0 if enabled else 1)


def _status(session: Session) -> Outcome:
    state = session.host.agent
    if state == "running":
        return Outcome("The AWS CodeDeploy agent is running as PID 3523\n", "", 0)
    if state == "stopped":
        return Outcome("No AWS CodeDeploy agent running\n", "", 3)
    return Outcome("", f"Unit {UNIT} could not be found.\n", 4)


def _enable(session: Session, now: bool) -> Outcome:
    """Enabling itself is the business of `machine`; what it says and starts is here."""
    if not session.installed:
        return Outcome("", f"Failed to enable unit: Unit file {UNIT} does not exist.\n", 1)
    return _start(session) if now else Outcome()


def _systemctl(session: Session, words: list[str]) -> Outcome:
    flags = [w for w in words if w.startswith("-")]
    plain = [w for w in words if not w.startswith("-")]
    if len(plain) >= 2 and not _SERVICE.match(plain[1]):
        return _other(session, plain[0], plain[1].removesuffix(".service"), flags)
    if len(plain) < 2:
        return Outcome()
    return _verb(session, plain[0], quiet="--quiet" in flags or "-q" in flags, now="--now" in flags)


def _service(session: Session, words: list[str]) -> Outcome:
    if len(words) < 2:
        return Outcome()
    if not _SERVICE.match(words[0]):
        return _other(session, words[1], words[0], [])
    return _verb(session, words[1], quiet=False, now=False)


def _other(session: Session, verb: str, unit: str, flags: list[str]) -> Outcome:
    """Any other unit: what scripts started or stopped is known, and that the system's own units run."""
    if verb in STARTING or (verb == "enable" and "--now" in flags):
        session.services[unit] = True
    elif verb in ("stop", "kill") or (verb in ("disable", "mask") and "--now" in flags):
        session.services[unit] = False
    elif verb in ("is-active", "status"):
        runs = session.services.get(unit, unit.startswith(SYSTEM_UNITS))
        text = "" if {"--quiet", "-q"} & set(flags) else "active\n" if runs else "inactive\n"
        return Outcome(text, "", 0 if runs else 3)
    return Outcome()


def _verb(session: Session, verb: str, quiet: bool, now: bool) -> Outcome:
    if verb in ("start", "restart", "try-restart", "reload-or-restart"):
        return _start(session)
    if verb in ("stop", "kill"):
        return _stop(session)
    if verb == "is-active":
        return _is_active(session, quiet)
    if verb == "is-enabled":
        return _is_enabled(session, quiet)
    if verb == "status":
        return _status(session)
    if verb == "enable":
        return _enable(session, now)
    return _stop(session) if verb in ("disable", "mask") and now else Outcome()


def _cat(session: Session, words: list[str]) -> Outcome:
    if VERSION_FILE not in words:
        return _known_texts(session, words)
    if session.installed:
        return Outcome(f"{version_line(session.host.contents)}\n")
    return Outcome("", f"cat: {VERSION_FILE}: No such file or directory\n", 1)


def _known_texts(session: Session, words: list[str]) -> Outcome:
    """What is known of the files; nothing for those of which nothing is."""
    for path in words:
        if session.texts.get(path, "") is None:
            return Outcome("", f"cat: {path}: No such file or directory\n", 1)
    return Outcome("".join(session.text(path) or "" for path in words))


def _echo(_session: Session, words: list[str]) -> Outcome:
    newline = "" if words[:1] == ["-n"] else "\n"
    return Outcome(" ".join(words if newline else words[1:]) + newline)


def _printf(_session: Session, words: list[str]) -> Outcome:
    if not words:
        return Outcome()
    text, values = words[0].replace("\\n", "\n"), iter(words[1:])
    return Outcome(re.sub(r"%[sd]", lambda _match: next(values, ""), text))


def _exit(session: Session, words: list[str]) -> Outcome:
    session.ended = True
    return Outcome(code=int(words[0]) % 256 if words and is_number(words[0]) else session.code)


def _set(session: Session, words: list[str]) -> Outcome:
    session.strict = session.strict or any(re.match(r"^-[a-z]*e", w) for w in words)
    return Outcome()


def _false(_session: Session, _words: list[str]) -> Outcome:
    return Outcome(code=1)


def _test(session: Session, words: list[str]) -> Outcome:
    words = [w for w in words if w not in ("]", "]]")]
    if words[:1] == ["!"]:
        return Outcome(code=int(_test(session, words[1:]).code == 0))
    return Outcome(code=int(not _holds(session, words)))


def _holds(session: Session, words: list[str]) -> bool:
    """A condition nothing is known of holds, as an unknown command succeeds."""
    if len(words) == 2 and words[0] in ("-e", "-d", "-f", "-x", "-s", "-r"):
        if words[1] in session.texts:
            return session.texts[words[1]] is not None
        if is_of_cloudwatch(words[1]):
            return has_cloudwatch(session.host.contents, words[1])
        return session.installed or not words[1].startswith((AGENT_HOME, "/etc/codedeploy-agent"))
    if words[:1] in (["-z"], ["-n"]) and len(words) <= 2:
        return (not "".join(words[1:])) == (words[0] == "-z")
    if len(words) == 3 and words[1] in ("=", "==", "-eq", "!=", "-ne"):
        return (words[0] == words[2]) == (words[1] in ("=", "==", "-eq"))
    return True


COMMANDS: dict[str, Callable[[Session, list[str]], Outcome]] = {
    "systemctl": _systemctl,
    "service": _service,
    "cat": _cat,
    "echo": _echo,
    "printf": _printf,
    "exit": _exit,
    "set": _set,
    "false": _false,
    "test": _test,
    "[": _test,
    "[[": _test,
}
