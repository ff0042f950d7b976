# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""AppSpecs of ECS and Lambda: written for the user, or read from what the user wrote. Pure. Private to this collection.

AWS knows an AppSpec by the SHA-256 of its text. So what is sent is always the same text for the same content.
"""

from __future__ import annotations

import hashlib
import json
import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._documents.appspec.spec import AppSpecError
from ansible_collections.slipway.aws.plugins.module_utils._documents.appspec.traffic_spec import parse_traffic
from ansible_collections.slipway.aws.plugins.module_utils._documents.problems import sentence

MOST_NAMED = 5  # problems in a message
ECS, LAMBDA = "ECS", "Lambda"
TYPES = {"AWS::ECS::Service": ECS, "AWS::Lambda::Function": LAMBDA}
HOOKS = {
    ECS: ("BeforeInstall", "AfterInstall", "AfterAllowTestTraffic", "BeforeAllowTraffic", "AfterAllowTraffic"),
    LAMBDA: ("BeforeAllowTraffic", "AfterAllowTraffic"),
}


class AppSpec(t.NamedTuple):
    """What an AppSpec says, its keys in the one spelling of AWS's documentation."""

    platform: str
    name: str  # of its resource, which means nothing
    properties: Shape
    hooks: t.Mapping[str, str] = {}  # functions by event
    stored: t.Any = None  # the revision in S3 that holds it; None where it is sent


def of_function(name: str, alias: str, current: str, target: str, hooks: t.Mapping[str, str]) -> AppSpec:
    versions = {"CurrentVersion": current, "TargetVersion": target}
    return AppSpec(LAMBDA, "TargetFunction", {"Name": name, "Alias": alias, **versions}, hooks)


def of_service(properties: Shape, hooks: t.Mapping[str, str]) -> AppSpec:
    return AppSpec(ECS, "TargetService", properties, hooks)


def hooks_in_order(spec: AppSpec) -> list[tuple[str, str]]:
    """Event and function, in the order in which they run."""
    return [(event, spec.hooks[event]) for event in HOOKS[spec.platform] if spec.hooks.get(event)]


def text_of(spec: AppSpec) -> str:
    """The text that is sent: keys in order, and nothing in it that changes from run to run."""
    kind = next(name for name, platform in TYPES.items() if platform == spec.platform)
    content: Shape = {
        "version": 0.0,
        "Resources": [{spec.name: {"Type": kind, "Properties": spec.properties}}],
    }
    hooks = hooks_in_order(spec)
    if hooks:
        content["Hooks"] = [{event: function} for event, function in hooks]
    return json.dumps(content, sort_keys=True)


def revision_of(spec: AppSpec) -> Shape:
    """The revision as a member of CreateDeployment."""
    if spec.stored:
        return dict(spec.stored)
    text = text_of(spec)
    digest = hashlib.sha256(text.encode()).hexdigest()
    return {"revisionType": "AppSpecContent", "appSpecContent": {"content": text, "sha256": digest}}


def read(text: str, words: str = "in revision") -> AppSpec:
    """What an AppSpec says, in YAML or JSON. Raises Refused."""
    try:
        said = parse_traffic(text)
    except AppSpecError as wrong:
        told = " ".join(sentence(one) for one in wrong.problems[:MOST_NAMED])
        raise Refused(f"CodeDeploy would refuse the AppSpec {words}. {told}") from wrong
    return AppSpec(said.platform, said.name, said.properties, said.hooks)
