# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A task definition with the changes that a task asks for. Pure. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape, given, to_api
from ansible_collections.slipway.aws.plugins.module_utils._ecs.content import settable
from ansible_collections.slipway.aws.plugins.module_utils._text import shown_short

CONTAINER_OPTIONS: dict[str, t.Any] = {
    "name": {"type": "str", "required": True},
    "image": {"type": "str"},
    "environment": {"type": "dict"},
    "secrets": {"type": "dict", "no_log": False},  # the ARNs of secrets, not what they hold
    "remove_variables": {"type": "list", "elements": "str"},
    "command": {"type": "list", "elements": "str"},
    "entry_point": {"type": "list", "elements": "str"},
    "cpu": {"type": "int"},
    "memory": {"type": "int"},
    "memory_reservation": {"type": "int"},
}
PLAIN = ("image", "command", "entry_point", "cpu", "memory", "memory_reservation")
SIZES = ("cpu", "memory", "execution_role_arn", "task_role_arn")


def from_options(definition: Shape, family: str | None) -> Shape:
    """A task definition that a task writes out, in the spelling of the API, as RegisterTaskDefinition takes it."""
    named = {**definition, "family": family or definition.get("family")}
    containers = named.get("containerDefinitions")
    if not named["family"]:
        raise Refused("task_definition has no family. Set family")
    if not isinstance(containers, list) or not all(isinstance(one, dict) and one.get("name") for one in containers):
        raise Refused("task_definition has no containerDefinitions with names. Write it in the spelling of the API")
    return given(settable(named))


def asked_tags(params: Shape) -> dict[str, str]:
    """The tags that a task sets; in a task definition that it writes out they may be a list, as in the API."""
    tags = (params["task_definition"] or {}).get("tags") or {}
    listed = tags if isinstance(tags, dict) else {one["key"]: one.get("value", "") for one in tags}
    return {key: _text(value) for key, value in {**listed, **(params["tags"] or {})}.items()}


def with_changes(base: Shape, params: Shape) -> Shape:
    """The task definition as it has to be. Tags of the base stay, but those that AWS sets itself."""
    changed = to_api({name: params[name] for name in SIZES})
    containers = {one["name"]: one for one in base["containerDefinitions"]}
    for change in params["containers"] or []:
        name = change["name"]
        if name not in containers:
            known = ", ".join(containers)
            raise Refused(
                f"containers has {shown_short(name)}, but the task definition has only {known}. Correct the name"
            )
        containers[name] = _container(containers[name], change)
    kept = {key: value for key, value in (base.get("tags") or {}).items() if not key.startswith("aws:")}
    tags = {**kept, **asked_tags(params)}
    return {**settable(base), **changed, "containerDefinitions": [*containers.values()], "tags": tags}


def _container(container: Shape, change: Shape) -> Shape:
    """Variables are merged. One name is either a variable or a secret: ECS refuses both."""
    plain = {key: _text(value) for key, value in _complete(change, "environment").items()}
    secret = _complete(change, "secrets")
    removed = set(change["remove_variables"] or [])
    twice = sorted({*plain, *secret} & removed | set(plain) & set(secret))
    if twice:
        raise Refused(f"containers sets {', '.join(twice)} of {change['name']} in two ways. Keep one of them")
    merged = {
        "environment": _merged(container.get("environment"), "value", plain, {*secret, *removed}),
        "secrets": _merged(container.get("secrets"), "valueFrom", secret, {*plain, *removed}),
    }
    return {**container, **to_api({name: change[name] for name in PLAIN}), **merged}


def _complete(change: Shape, option: str) -> dict[str, t.Any]:
    values = change[option] or {}
    empty = sorted(name for name, value in values.items() if value is None)
    if empty:
        text = f"{option} of {change['name']} has no value for {', '.join(empty)}"
        raise Refused(f"{text}. Set one, or name the variable in remove_variables")
    return values


def _merged(listed: list[Shape] | None, member: str, asked: dict[str, str], without: set[str]) -> list[Shape]:
    values = {one["name"]: one.get(member, "") for one in listed or []}
    values = {name: value for name, value in {**values, **asked}.items() if name not in without}
    return [{"name": name, member: value} for name, value in values.items()]


def _text(value: t.Any) -> str:
    """As a program reads it from its environment; YAML makes numbers and truth values of plain words."""
    return str(value).lower() if isinstance(value, bool) else str(value)
