# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is to be done on a node: pure. Private to this collection."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._documents.package import matching, platforms
from ansible_collections.slipway.aws.plugins.module_utils._ssm import needs
from ansible_collections.slipway.aws.plugins.module_utils._ssm.rollout.evidence import INSTALL, UNINSTALL, Last
from ansible_collections.slipway.aws.plugins.module_utils._text import is_older, shown_line

PROVED, UNCHECKED, DUE, IN_PROGRESS = "proved", "unchecked", "due", "in progress"
UNREACHABLE, OUTDATED, UNMATCHED, MISSING = "unreachable", "outdated", "unmatched", "missing"
HINTS = {
    UNREACHABLE: f"Check that the node and its SSM agent run and that the agent reaches {needs.ENDPOINTS}, then run the play again.",
    OUTDATED: "Update its SSM agent with the document AWS-UpdateSSMAgent, then run the play again.",
    UNMATCHED: "Add its platform, version and architecture to the package and publish a new version, or select other nodes.",
    MISSING: f"Start it and its SSM agent, attach an instance profile whose role has {needs.ROLE}, and let the agent reach {needs.ENDPOINTS}.",
    UNCHECKED: "Run the play again, it checks the node.",
    DUE: "Run the play again.",
    IN_PROGRESS: "Wait until the command has ended, then run the play again.",
}


class Wish(t.NamedTuple):
    """What every node is to have."""

    absent: bool
    version: str | None  # None: any version will do
    manifest: Shape | None  # None: not known, so every node may have a file
    force: bool = False  # install it even where it is proved
    recheck: bool = False  # check it even where the last check succeeded
    since: datetime.datetime | None = None  # when the version was published; earlier it was another one by that name


class Known(t.NamedTuple):
    """What is known of a node."""

    node: Shape  # as SSM describes it
    architecture: str | None
    action: Last | None
    row: Shape | None  # of its inventory
    checked: Last | None  # the last check after the installation
    has_check: bool  # whether the task has one for this platform


def judge(wish: Wish, known: Known) -> Shape:
    """State, version and, where it is not proved, the reason."""
    state, more = _state(wish, known)
    nothing = {"file": None, "failedBefore": False, "reason": None, "outputTail": "", "hint": HINTS.get(state)}
    return {"state": state, "version": version_of(known), **nothing, **more}


def is_tried(wish: Wish, known: Known) -> bool:
    """Whether the version has been installed on it and, where there is a check, has passed it."""
    return has_it(wish, known) and (not known.has_check or (known.checked is not None and known.checked.succeeded))


def _state(wish: Wish, known: Known) -> tuple[str, Shape]:
    last = known.action
    if known.node.get("PingStatus") != "Online":
        return UNREACHABLE, {"reason": f"its SSM agent does not answer{_since(known.node)}"}
    if last and last.unfinished:
        return IN_PROGRESS, {"reason": f"the command {last.row['commandId']} is in progress on it"}
    if wish.absent:
        return _to_remove(wish, known)
    if has_it(wish, known) and not wish.force:
        return _checked(wish, known)
    return _to_install(wish, known)


def has_it(wish: Wish, known: Known) -> bool:
    """Its last command installed this version, or inventory that is newer lists it."""
    last, since = known.action, wish.since
    if last and last.action == INSTALL and last.succeeded and wish.version in (None, last.version):
        return since is None or last.at >= since
    row = _newer_row(known)
    found = captured(row)
    is_old = since is not None and found is not None and found < since
    return bool(row.get("version")) and wish.version in (None, row["version"]) and not is_old


def _newer_row(known: Known) -> Shape:
    """What inventory found after the last command; empty where it did not look."""
    row, last = known.row or {}, known.action
    return row if last is None or (captured(row) or last.at) > last.at else {}


def captured(row: Shape) -> datetime.datetime | None:
    """When inventory was gathered; AWS writes the time as text."""
    try:
        return datetime.datetime.fromisoformat(str(row.get("capturedAt")).replace("Z", "+00:00"))
    except ValueError:
        return None


def version_of(known: Known) -> str | None:
    """The version that the node has, as far as it is known."""
    last, row = known.action, _newer_row(known)
    if row.get("version") or last is None or not last.succeeded:
        return row.get("version")
    return last.version if last.action == INSTALL else None


def _checked(wish: Wish, known: Known) -> tuple[str, Shape]:
    check = known.checked
    if not known.has_check or (check and check.succeeded and not wish.recheck):
        return PROVED, {}
    if check is None or check.succeeded or check.unfinished:
        return UNCHECKED, {"reason": "it has the package, and the check has not run on it"}
    told = check.told()
    return UNCHECKED, {**told, "reason": f"it has the package, and the check failed: {told['reason']}"}


def _to_remove(wish: Wish, known: Known) -> tuple[str, Shape]:
    last = known.action
    if last and last.action == UNINSTALL and last.succeeded and not last.idle:
        return PROVED, {}
    if last is None and not version_of(known) and not _may_have_it(wish, known):
        return PROVED, {}
    if last and last.action == UNINSTALL and not last.succeeded:
        return DUE, {**last.told(), "failedBefore": True}
    return DUE, {"reason": "the package was not uninstalled from it"}


def _may_have_it(wish: Wish, known: Known) -> bool:
    """Whether something that left no evidence may have installed it: of a package that is gone nobody can have."""
    fits = wish.manifest is not None and _may_fit(_files(wish, known), known.architecture)
    return wish.force or (fits and not _is_outdated(known))


def _is_outdated(known: Known) -> bool:
    version = known.node.get("AgentVersion")
    return bool(version) and is_older(str(version), needs.AGENT)


def _to_install(wish: Wish, known: Known) -> tuple[str, Shape]:
    files, last = _files(wish, known), known.action
    if _is_outdated(known):
        told = f"its SSM agent {shown_line(str(known.node['AgentVersion']))} is older than {needs.AGENT}, which packages need"
        return OUTDATED, {"reason": told}
    if not _may_fit(files, known.architecture):
        return UNMATCHED, {"reason": f"the package has no file for {system_of(known.node, known.architecture)}"}
    file = matching.file_for(files or {}, known.architecture or "")
    if last and last.action == INSTALL and not last.succeeded and last.version in (None, wish.version):
        return DUE, {**last.told(), "failedBefore": True, "file": file}
    here = version_of(known)
    return DUE, {"reason": f"it has version {here}" if here else "it is not known to have the package", "file": file}


def _files(wish: Wish, known: Known) -> dict[str, str] | None:
    """The files for its platform and version, by architecture; None where that cannot be known."""
    key = platforms.platform_of(str(known.node.get("PlatformType")), str(known.node.get("PlatformName")))
    if wish.manifest is None or key is None:
        return None
    return matching.files_for(wish.manifest, key, str(known.node.get("PlatformVersion")))


def depends_on_architecture(wish: Wish, known: Known) -> bool:
    """Whether the answer is another one on another architecture."""
    files = _files(wish, known)
    return bool(files) and platforms.ANY not in (files or {})


def _may_fit(files: dict[str, str] | None, architecture: str | None) -> bool:
    """What is not known is left to the node to find out."""
    if files is None:
        return True
    return architecture in files or platforms.ANY in files if architecture else bool(files)


def system_of(node: Shape, architecture: str | None) -> str:
    """`Ubuntu 24.04 (arm64)`."""
    name = " ".join(str(node.get(key) or "") for key in ("PlatformName", "PlatformVersion")).strip()
    return shown_line(f"{name or 'its platform'}{f' ({architecture})' if architecture else ''}")


def _since(node: Shape) -> str:
    last = node.get("LastPingDateTime")
    return f" since {last:%Y-%m-%d %H:%M} UTC" if isinstance(last, datetime.datetime) else ""
