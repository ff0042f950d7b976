# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An AppSpec for ECS or Lambda as values, for those who need what it says rather than what is wrong with it."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._documents.appspec.reading import read
from ansible_collections.slipway.aws.plugins.module_utils._documents.appspec.spec import AppSpecError
from ansible_collections.slipway.aws.plugins.module_utils._documents.appspec.traffic import (
    LAMBDA,
    platform_of,
    resource,
    traffic_problems,
)
from ansible_collections.slipway.aws.plugins.module_utils._documents.problems import errors
from ansible_collections.slipway.aws.plugins.module_utils._documents.values import Value, plain


@dataclasses.dataclass(frozen=True)
class TrafficSpec:
    """`platform`: ECS or Lambda; `name`: of the resource; `properties`: with keys in PascalCase, without empty ones, ports and
    weights as numbers, versions as text; `hooks`: the function of each event."""

    platform: str
    name: str
    properties: dict[str, t.Any]
    hooks: dict[str, str]


def parse_traffic(text: str | bytes, platform: str | None = None) -> TrafficSpec:
    """What an AppSpec says that is deployed as it is. Raises AppSpecError for whatever CodeDeploy would refuse."""
    wrong = errors(traffic_problems(text, platform, final=True))
    document = read(text).value
    found = resource(document) if document else None
    kind = platform_of(document) if document else None
    if wrong or document is None or found is None or kind is None:
        raise AppSpecError(wrong)
    name, content = found
    block = content.get("Properties")
    said = plain(block) if block else {}
    properties = {key: value for key, value in said.items() if value is not None}
    shaped = {key: str(value) for key, value in properties.items()} if kind == LAMBDA else _numbers(properties)
    return TrafficSpec(kind, name, shaped, _hooks(document.get("Hooks")))


def _numbers(value: t.Any, key: str = "") -> t.Any:
    if isinstance(value, dict):
        return {name: _numbers(item, name) for name, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_numbers(item) for item in value]
    return int(value) if key in ("ContainerPort", "Base", "Weight") else value


def _hooks(hooks: Value | None) -> dict[str, str]:
    """The first function where an event has two."""
    found: dict[str, str] = {}
    for item in hooks.items() if hooks else []:
        for event, function in plain(item).items():
            found.setdefault(event, function)
    return found
