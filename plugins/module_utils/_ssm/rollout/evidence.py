# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the history of Run Command proves of a package on nodes. Only reads. Private to this collection.

SSM keeps commands for 30 days, and tells their parameters and how they ended on each node. Whoever sent a command, the last
one about a package is what its node has.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import re
import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import warn
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._ssm import commands
from ansible_collections.slipway.aws.plugins.module_utils._ssm.packages.associations import (
    DEFAULT,
    INSTALL,
    INSTALLER,
    UNINSTALL,
    is_about,
)
from ansible_collections.slipway.aws.plugins.module_utils._ssm.run_command import outcome
from ansible_collections.slipway.aws.plugins.module_utils._text import shown_line, some

KEPT = datetime.timedelta(days=30)  # for which SSM keeps commands
MOST_PAGES = 20  # of commands that checks are looked for in
MOST_REQUESTS = 100  # for how commands ended, besides those for the last ones of all nodes
INSTALLED = re.compile(
    r"^(?:Successfully installed (\S+) (\S{1,128})|(\S+) (\S{1,128}) is already installed)\s*$", re.MULTILINE
)
UNINSTALLED = "Successfully uninstalled"
SUCCESS = "Success"


class Last(t.NamedTuple):
    """The last command about a package, or the last check, on one node."""

    action: str  # Install, Uninstall, or empty for a check
    version: str | None  # None: the default version, and the agent did not tell which that was
    at: datetime.datetime  # when the command was sent
    ended: str  # details of the status
    row: Shape  # how it ended, as `outcome` tells it; without its output where it succeeded
    idle: bool = False  # whether it found nothing to uninstall, as the node had another version

    @property
    def succeeded(self) -> bool:
        return self.ended == SUCCESS

    @property
    def unfinished(self) -> bool:
        return self.ended in outcome.UNFINISHED

    def told(self) -> Shape:
        """Why it failed, in words, with the end of its output and an advice."""
        told = outcome.told_of(self.row, True)
        return {name: told[name] for name in ("reason", "outputTail", "hint")}


def about_packages(aws: Connection) -> list[Shape]:
    """All commands that install or uninstall a package, newest first."""
    return commands.commands_of(aws, INSTALLER, aws.now() - KEPT)


def package_of(command: Shape) -> str:
    """The package of such a command, by its name or ARN."""
    return _parameter(command, "name")


def last_actions(aws: Connection, history: list[Shape], name: str, ids: t.Collection[str]) -> dict[str, Last]:
    """The last command about the package on each of the nodes; those without one are left out."""
    ours = [one for one in history if is_about(package_of(one), name)]
    return _last(aws, ours, set(ids))


def last_checks(
    aws: Connection, document: str, comment: str, since: datetime.datetime, ids: t.Collection[str]
) -> dict[str, Last]:
    """The last check with this comment on each of the nodes."""
    found = commands.latest_commands(aws, document, since, MOST_PAGES)
    ours = (
        one
        for one in found
        if (one.get("Comment") or "").startswith(f"{comment} ") and one["RequestedDateTime"] >= since
    )
    return _last(aws, ours, set(ids))


def comment_of(name: str, version: str | None, script: list[str]) -> str:
    """What the commands of a check have in common, so that they are found again. A changed check is another one."""
    content = json.dumps([name, version, script])
    return f"slipway check {hashlib.sha256(content.encode()).hexdigest()[:16]}"


def _last(aws: Connection, newest_first: t.Iterable[Shape], open_ids: set[str]) -> dict[str, Last]:
    found: dict[str, Last] = {}
    left = MOST_REQUESTS + 4 * len(open_ids) // commands.PAGE
    for command in newest_first:
        named = command.get("InstanceIds")
        if not open_ids or (named and open_ids.isdisjoint(named)):
            continue
        if left <= 0:
            _tell_limit(command, open_ids)
            break
        left -= min(_pages(command), len(open_ids))
        for invocation in _invocations(aws, command, open_ids):
            if invocation["InstanceId"] in open_ids:
                found[invocation["InstanceId"]] = _evidence(command, invocation)
                open_ids.discard(invocation["InstanceId"])
    return found


def _pages(command: Shape) -> int:
    """How many requests it takes to read how a command ended everywhere."""
    return max(1, -(-int(command.get("TargetCount") or 0) // commands.PAGE))


def _invocations(aws: Connection, command: Shape, ids: set[str]) -> t.Iterator[Shape]:
    """How a command ended on these nodes at least: few of many are asked for one by one."""
    asked: list[str | None] = [*sorted(ids)] if len(ids) < _pages(command) else [None]
    return (row for one in asked for row in commands.invocations(aws, command["CommandId"], instance_id=one))


def _tell_limit(command: Shape, ids: set[str]) -> None:
    warn(
        f"There are more commands than are read. What commands did to {some(sorted(ids), 3)} before {command['RequestedDateTime']:%Y-%m-%d %H:%M} "
        "UTC is not known."
    )


def _evidence(command: Shape, invocation: Shape) -> Last:
    row = outcome.row_of(invocation)
    action, version, ended = _parameter(command, "action"), _parameter(command, "version"), row["statusDetails"]
    pinned = version if version.lower() not in DEFAULT else None
    idle = action == UNINSTALL and pinned is not None and UNINSTALLED not in row["output"]
    known = pinned or (_version_in(row["output"], package_of(command)) if action == INSTALL else None)
    kept = {**row, "output": ""} if ended == SUCCESS else row  # those of a fleet are more than a process should hold
    return Last(action, known, command["RequestedDateTime"], ended, kept, idle)


def _version_in(output: str, package: str) -> str | None:
    """The version that the agent tells in its trace, among what scripts print."""
    told = [(one[1] or one[3], one[2] or one[4]) for one in INSTALLED.finditer(output)]
    return next(
        (shown_line(version) for name, version in reversed(told) if _last_part(name) == _last_part(package)), None
    )


def _last_part(name: str) -> str:
    return name.rpartition("/")[2]


def _parameter(command: Shape, name: str) -> str:
    values = (command.get("Parameters") or {}).get(name) or [""]
    return shown_line(str(values[0]))  # whoever sent it
