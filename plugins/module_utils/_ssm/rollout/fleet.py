# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A package on the selected nodes: what each has, and what a play has to do. Only reads. Private to this collection."""

from __future__ import annotations

import collections
import datetime
import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused, if_readable
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape, to_result
from ansible_collections.slipway.aws.plugins.module_utils._ssm import census, commands, nodes
from ansible_collections.slipway.aws.plugins.module_utils._ssm.packages import documents, reading
from ansible_collections.slipway.aws.plugins.module_utils._ssm.packages.planning import Live, label
from ansible_collections.slipway.aws.plugins.module_utils._ssm.rollout import evidence, judging, waves
from ansible_collections.slipway.aws.plugins.module_utils._ssm.rollout.evidence import Last
from ansible_collections.slipway.aws.plugins.module_utils._ssm.rollout.judging import Known, Wish
from ansible_collections.slipway.aws.plugins.module_utils._text import shown_line

CHECKS = {  # option with the script, by platform type, and the document that runs it
    "Linux": ("check", commands.SHELL_DOCUMENT),
    "Windows": ("windows_check", commands.POWERSHELL_DOCUMENT),
}


def census_of_all(aws: Connection, params: Shape) -> list[Shape]:
    """Every package that the account publishes or that a command was about, with the versions on the selected nodes."""
    known, _ids = census.selected(aws, params)
    history = evidence.about_packages(aws)
    published = {one["Name"]: one for one in documents.listed(aws, reading.OWN)}
    names = dict.fromkeys([*published, *(name for name in map(evidence.package_of, history) if name)])
    return [_counted(aws, name, name in published, history, known) for name in names]


def _counted(aws: Connection, name: str, published: bool, history: list[Shape], known: dict[str, Shape]) -> Shape:
    last = evidence.last_actions(aws, history, name, known)
    installed = [action for action in last.values() if action.succeeded and action.action == evidence.INSTALL]
    versions = collections.Counter(action.version or "default" for action in installed)
    live = Live({}, documents.list_versions(aws, name)) if published else None
    return {
        "name": shown_line(name),
        "published": published,
        "default_version": label(live.default) if live and live.default else None,
        "published_versions": [label(one) for one in live.versions] if live else [],
        "installed_versions": dict(sorted(versions.items())),
        "installed_count": len(installed),
        "failed_count": sum(1 for action in last.values() if not action.succeeded and not action.unfinished),
    }


def read(aws: Connection, params: Shape) -> Shape:
    """What the module returns of one package."""
    wish = _wish(aws, params)
    known, ids = census.selected(aws, params)
    running = _running(aws, params)
    found = _known(aws, params, wish, known, running)
    judged = {one: {"instanceId": one, **_named(known[one]), **judging.judge(wish, found[one])} for one in known}
    judged.update({one: _missing(one) for one in [*(ids or []), *running] if one not in known})
    return _told(params, wish, judged, found)


def _wish(aws: Connection, params: Shape) -> Wish:
    manifest, version = params["manifest"], params["version"]
    if manifest is None:
        manifest, version, since = _published(aws, params["name"], version)
    else:
        version = version or manifest.get("version")
        rows = documents.list_versions(aws, params["name"])
        # No node can have what a check run only foretells.
        since = next((one["CreatedDate"] for one in rows if label(one) == version), aws.now())
    return Wish(params["removed"], version, manifest, params["force"], params["recheck"], since)


def _published(
    aws: Connection, name: str, version: str | None
) -> tuple[Shape | None, str | None, datetime.datetime | None]:
    """Manifest, name and date of a version. Of packages that AWS offers they cannot all be read."""
    live = Live({}, documents.list_versions(aws, name))
    chosen = live.version(version) if version else live.default
    if live.versions and version and chosen is None:
        versions = ", ".join(label(one) for one in live.versions[:10])
        raise Refused(f"it has no version {version}. Correct version; there are: {versions}")
    if chosen is None:
        return None, version, None
    manifest = documents.manifest_of(documents.get(aws, name, chosen["DocumentVersion"]))
    return manifest, label(chosen), chosen.get("CreatedDate")


def _running(aws: Connection, params: Shape) -> dict[str, str]:
    """Architectures of the instances that run and have the tags: SSM does not tell which of them it does not manage."""
    if not params["tag_filters"]:
        return {}
    filters = [
        {"Name": "tag-key", "Values": [key]} if value is None else {"Name": f"tag:{key}", "Values": _texts(value)}
        for key, value in params["tag_filters"].items()
    ]
    return if_readable(lambda: nodes.instances_of(aws, filters)) or {}


def _texts(value: t.Any) -> list[str]:
    return [str(one) for one in (value if isinstance(value, list) else [value])]


def _known(
    aws: Connection, params: Shape, wish: Wish, known: dict[str, Shape], architectures: dict[str, str]
) -> dict[str, Known]:
    """Everything that the nodes are judged by; what takes more requests only of nodes that it matters for."""
    actions = evidence.last_actions(aws, evidence.about_packages(aws), params["name"], known)
    found = {
        one: Known(node, architectures.get(one), actions.get(one), None, None, _has_check(params, node))
        for one, node in known.items()
    }
    online = [one for one in known if known[one].get("PingStatus") == "Online"]
    unproved = [one for one in online if not judging.has_it(wish, found[one])]
    rows = _inventory(aws, params["name"], unproved)
    found.update({one: found[one]._replace(row=row) for one, row in rows.items()})
    asked = [one for one in unproved if one.startswith("i-") and one not in architectures]
    unsure = [one for one in asked if judging.depends_on_architecture(wish, found[one])]
    told = (if_readable(lambda: nodes.architectures_of(aws, unsure)) if unsure else None) or {}
    found.update({one: found[one]._replace(architecture=told[one]) for one in unsure if one in told})
    checks = _last_checks(aws, params, wish, {one: found[one] for one in online})
    found.update({one: found[one]._replace(checked=check) for one, check in checks.items()})
    return found


def _inventory(aws: Connection, name: str, ids: list[str]) -> dict[str, Shape]:
    """Only where an association gathers it: a question to 40 nodes each would find nothing otherwise."""
    if not ids or if_readable(lambda: nodes.gathers_inventory(aws)) is False:
        return {}
    rows = if_readable(lambda: nodes.inventory_of(aws, ids, (name,))) or {}
    return {one: {**row, "version": row["version"] and shown_line(row["version"])} for one, row in rows.items()}


def _has_check(params: Shape, node: Shape) -> bool:
    option, _document = CHECKS.get(str(node.get("PlatformType")), ("", ""))
    return bool(option) and bool(params[option])


def _last_checks(aws: Connection, params: Shape, wish: Wish, found: dict[str, Known]) -> dict[str, Last]:
    """The last check of each node that has the package, if it came after the command that installed it."""
    checks: dict[str, Last] = {}
    for platform, (option, document) in CHECKS.items():
        prepared = [
            one
            for one, known in found.items()
            if known.node.get("PlatformType") == platform and judging.has_it(wish, known)
        ]
        if wish.absent or not params[option] or not prepared:
            continue
        comment = evidence.comment_of(params["name"], wish.version, params[option])
        after = {one: action.at if (action := found[one].action) else aws.now() - evidence.KEPT for one in prepared}
        last = evidence.last_checks(aws, document, comment, min(after.values()), prepared)
        checks.update({one: check for one, check in last.items() if check.at >= after[one]})
    return checks


def _named(node: Shape) -> Shape:
    return {"name": shown_line(str(node.get("ComputerName") or "")) or None}


def _missing(instance_id: str) -> Shape:
    nothing = {"name": None, "version": None, "file": None, "failedBefore": False, "outputTail": ""}
    told = {"state": judging.MISSING, "reason": census.MISSING, "hint": judging.HINTS[judging.MISSING]}
    return {"instanceId": instance_id, **nothing, **told}


def _told(params: Shape, wish: Wish, judged: dict[str, Shape], found: dict[str, Known]) -> Shape:
    states = collections.Counter(one["state"] for one in judged.values())
    versions = collections.Counter(one["version"] for one in judged.values() if one["version"])
    due = [(one["instanceId"], one["file"]) for one in judged.values() if one["state"] == judging.DUE]
    gated = _is_gated(params, wish, found)
    parted = waves.split(due, params["canary"] if gated and not states[judging.UNCHECKED] else "0")
    return {
        "version": wish.version,
        "nodes": [to_result(one) for one in judged.values()],
        "states": dict(sorted(states.items())),
        "versions": dict(sorted(versions.items())),
        "gated": gated,
        "canary": parted.canary,
        "rest": parted.rest,
        "checks": _checks(params, wish, judged, found, parted),
        "failed_nodes": [
            to_result(_failed(one)) for one in sorted(judged.values(), key=_rank) if one["state"] != judging.PROVED
        ],
    }


def _is_gated(params: Shape, wish: Wish, found: dict[str, Known]) -> bool:
    """Whether some nodes have to take the version before all others do: none of them has proved it yet."""
    if wish.absent or not waves.some_first(params["canary"]):
        return False
    return not any(judging.is_tried(wish, known) for known in found.values())


def _rank(one: Shape) -> bool:
    """Nodes on which something failed come first: theirs is an advice of their own."""
    return bool(one["hint"] == judging.HINTS.get(one["state"]))


def _failed(one: Shape) -> Shape:
    return {name: one[name] for name in ("instanceId", "name", "state", "reason", "outputTail", "hint")}


def _checks(
    params: Shape, wish: Wish, judged: dict[str, Shape], found: dict[str, Known], parted: waves.Waves
) -> list[Shape]:
    """The commands that check nodes: those that have the package and are not proved, and those that will get it."""
    told = []
    for platform, (option, document) in CHECKS.items():
        here = {one for one, known in found.items() if known.node.get("PlatformType") == platform}
        lists = {
            "instance_ids": [one for one in judged if one in here and judged[one]["state"] == judging.UNCHECKED],
            "canary": [one for one in parted.canary if one in here],
            "rest": [one for one in parted.rest if one in here],
        }
        if params[option] and any(lists.values()):
            comment = evidence.comment_of(params["name"], wish.version, params[option])
            told.append({"document_name": document, "commands": params[option], "comment": comment, **lists})
    return told
