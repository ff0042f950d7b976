# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Package managers: which a system has, and what installing and removing does."""

from __future__ import annotations

from posixpath import basename

from ..contents import Contents
from . import downloads
from .running import Shell, Status
from .shell_text import UNKNOWN
from .state import AGENT, State
from .systems import PACKAGE_TOOLS, system_of

INSTALLING = ("install", "reinstall", "localinstall", "in")
REMOVING = ("remove", "erase", "purge", "autoremove", "rm")
ASKING = ("list", "info")
CLOUDWATCH = "amazon-cloudwatch-agent"
ALWAYS_THERE = ("systemctl", "bash", "sh", "curl", "sudo", "service")


def has_tool(machine: State, name: str) -> bool | None:
    """Whether a command is there; None when the contents do not tell."""
    if name in PACKAGE_TOOLS:
        older = (
            machine.contents.platform_name.startswith("Amazon Linux") and machine.contents.platform_version != "2023"
        )
        return name in system_of(machine.contents)[2] and not (older and name == "dnf")
    if name == "ruby":
        return machine.has_ruby()
    if name == AGENT:
        return machine.installed
    return True if name in ALWAYS_THERE or name in machine.contents.packages else None


def is_of_cloudwatch(path: str) -> bool:
    """Whether a path is in the folder of the CloudWatch agent."""
    return path.startswith(f"/opt/aws/{CLOUDWATCH}/")


def has_cloudwatch(contents: Contents, path: str) -> bool:
    """Whether its package brought this path: it brings no configuration, without which the agent does not run."""
    return CLOUDWATCH in contents.packages and not path.startswith(f"/opt/aws/{CLOUDWATCH}/etc/")


def manage(shell: Shell, words: list[str]) -> Status:
    """dnf, yum, apt and the like."""
    if has_tool(shell.machine, words[0]) is False:
        return shell.fail(f"{words[0]}: command not found")
    rest = [part for word in words[1:] if not word.startswith("-") for part in word.split()]
    verb, names = (rest[0], rest[1:]) if rest else ("", [])
    if verb in INSTALLING:
        return install_named(shell, ["install", *names])
    if verb in REMOVING:
        return _remove(shell, names)
    return _asked(shell, names) if verb in ASKING else shell.told(None)


def install_named(shell: Shell, words: list[str]) -> Status:
    """Names of a repository, files or addresses; the agent is recognised in each."""
    machine = shell.machine
    names = [name for name in words[1:] if name]
    machine.add_packages([_plain(name) for name in names if AGENT not in name and UNKNOWN not in name])
    for name in names:
        if AGENT in name:
            return _agent_package(shell, name)
    return shell.told(None)


def _agent_package(shell: Shell, name: str, resolves: bool = True) -> Status:
    """A package manager brings Ruby along as a dependency, dpkg and rpm do not."""
    if downloads.about(name):
        version = downloads.version_at(name)
        if version is None:
            return shell.fail(f"could not download {name}".replace(UNKNOWN, "?"))
    else:
        version = shell.machine.downloads.get(basename(name)) or downloads.package_version(name)
    if resolves:
        shell.machine.add_packages(["ruby"])
    return shell.told(shell.machine.run_installer(version or downloads.DEFAULT_VERSION))


def _plain(name: str) -> str:
    """A package's name without version pin or path."""
    return basename(name).partition("=")[0]


def _remove(shell: Shell, names: list[str]) -> Status:
    if AGENT in names:
        shell.machine.remove_agent()
    shell.machine.remove_packages(names)
    return shell.told(None)


def _asked(shell: Shell, names: list[str]) -> Status:
    if AGENT not in names:
        return _maybe(shell, names)
    return shell.told(None if shell.machine.installed else f"package {AGENT} is not installed")


def _maybe(shell: Shell, names: list[str]) -> Status:
    known = any(name in shell.machine.contents.packages for name in names)
    return shell.told(None) if known else Status.MAYBE


def rpm(shell: Shell, words: list[str]) -> Status:
    """rpm -q NAME, -i and -U FILE, -e NAME."""
    return _by_letter(shell, words, asks="q", installs="iUF", removes="e")


def dpkg(shell: Shell, words: list[str]) -> Status:
    """dpkg -s NAME, -i FILE, -r and -P NAME; gdebi FILE."""
    if words[0] == "gdebi":
        return _agent_package(shell, words[-1]) if AGENT in words[-1] else shell.told(None)
    if words[0] == "dpkg-query":
        return _asked(shell, words[1:])
    return _by_letter(shell, words, asks="slL", installs="i", removes="rP")


def _by_letter(shell: Shell, words: list[str], *, asks: str, installs: str, removes: str) -> Status:
    if has_tool(shell.machine, words[0]) is False:
        return shell.fail(f"{words[0]}: command not found")
    letters = {"--install": "i", "--remove": "r", "--purge": "P", "--erase": "e", "--status": "s", "--query": "q"}
    options = "".join(letters.get(word, word) for word in words[1:] if word.startswith("-"))
    names = [word for word in words[1:] if not word.startswith("-")]
    if any(letter in options for letter in asks):
        return _asked(shell, names)
    if any(letter in options for letter in removes):
        return _remove(shell, names)
    agents = [name for name in names if AGENT in name] if any(letter in options for letter in installs) else []
    return _agent_package(shell, agents[0], resolves=False) if agents else shell.told(None)
