# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Which programs and accounts are on a host: those of its system, of its packages, and what scripts may have made."""

from __future__ import annotations

import posixpath

from ..contents import Contents
from .systems import is_debian

SYSTEM_FOLDERS = ("/bin", "/sbin", "/usr/bin", "/usr/sbin")
LOCAL_FOLDERS = ("/usr/local/bin", "/usr/local/sbin")
PROGRAMS = frozenset(("sh", "bash", "env", "sed", "awk", "perl", "python3", "true", "false", "cat"))
ROOT = "root"
SERVICE_ACCOUNTS = frozenset(("bin", "daemon", "sys", "mail", "games", "nobody", "sshd", "sync"))
RED_HAT_ACCOUNTS = frozenset(("adm", "lp", "shutdown", "halt", "operator", "ftp", "dbus", "chrony", "systemd-network"))
DEBIAN_ACCOUNTS = frozenset(("www-data", "backup", "man", "news", "proxy", "messagebus", "_apt", "systemd-network"))
GROUPS = frozenset(
    (
        "adm",
        "tty",
        "disk",
        "wheel",
        "sudo",
        "users",
        "nogroup",
        "kmem",
        "systemd-journal",
        "shadow",
        "utmp",
        "staff",
        "audio",
        "video",
    )
)
LOGINS = {
    "Amazon Linux": "ec2-user",
    "Red Hat": "ec2-user",
    "SLES": "ec2-user",
    "SUSE": "ec2-user",
    "Debian": "admin",
    "Ubuntu": "ubuntu",
}
ACCOUNT_OF_PACKAGE = {"apache": "httpd", "www-data": "apache2", "mysql": "mariadb"}


def has_program(contents: Contents, path: str) -> bool:
    """Whether a program is at a path, which a shebang names."""
    folder, name = posixpath.split(path)
    if folder in SYSTEM_FOLDERS and (name in PROGRAMS or _is_old_python(contents, name) or _is_agents(contents, name)):
        return True
    if folder in (*SYSTEM_FOLDERS, *LOCAL_FOLDERS) and _packaged(contents, name):
        return True
    return any(word.startswith(name) or _leads_to(word, path) for word in contents.made)


def has_command(contents: Contents, name: str) -> bool:
    """Whether a command is found by its name, as env looks for it."""
    return has_program(contents, name if "/" in name else f"/usr/bin/{name}")


def has_account(contents: Contents, name: str) -> bool:
    """Whether there is a user of that name."""
    return name == ROOT or may_log_in(contents, name) or name in _locked(contents)


def may_log_in(contents: Contents, name: str) -> bool:
    """Whether `su` gets a shell as that user; the accounts of the system's services have none."""
    if name == ROOT or name == _login(contents) or name in contents.made:
        return True
    return name not in _locked(contents) and bool(name) and _packaged(contents, ACCOUNT_OF_PACKAGE.get(name, name))


def has_group(contents: Contents, name: str) -> bool:
    """Whether there is a group of that name; every user has one of its own."""
    return name in GROUPS or has_account(contents, name)


def _login(contents: Contents) -> str:
    return next((user for system, user in LOGINS.items() if contents.platform_name.startswith(system)), "ec2-user")


def _locked(contents: Contents) -> frozenset[str]:
    return SERVICE_ACCOUNTS | (DEBIAN_ACCOUNTS if is_debian(contents) else RED_HAT_ACCOUNTS)


def _packaged(contents: Contents, name: str) -> bool:
    """nodejs brings node, python3.12 brings python3.12, postgresql-server postgres."""
    return any(package.startswith(name) for package in contents.packages)


def _is_old_python(contents: Contents, name: str) -> bool:
    """Amazon Linux 2 is the last with a `python`."""
    old = contents.platform_name.startswith("Amazon Linux") and contents.platform_version == "2"
    return old and name in ("python", "python2", "python2.7")


def _is_agents(contents: Contents, name: str) -> bool:
    """The agent 1.x is a Ruby program."""
    return name == "ruby" and (contents.agent_version or "").startswith("1.")


def _leads_to(word: str, path: str) -> bool:
    """A file or a folder that a script named."""
    folder = word.rstrip("/")
    return folder.count("/") > 1 and (path == folder or path.startswith(f"{folder}/"))
