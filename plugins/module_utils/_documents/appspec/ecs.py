# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The properties of the resource of an AppSpec for ECS."""

from __future__ import annotations

import re

from ansible_collections.slipway.aws.plugins.module_utils._documents import rules
from ansible_collections.slipway.aws.plugins.module_utils._documents.placeholders import (
    PLACEHOLDER,
    left,
    placeholder,
)
from ansible_collections.slipway.aws.plugins.module_utils._documents.problems import WARNING, Problem
from ansible_collections.slipway.aws.plugins.module_utils._documents.rules import Problems, Rule, Shape, last
from ansible_collections.slipway.aws.plugins.module_utils._documents.values import Value, describe

TYPE = "AWS::ECS::Service"
EVENTS = ("BeforeInstall", "AfterInstall", "AfterAllowTestTraffic", "BeforeAllowTraffic", "AfterAllowTraffic")
TASK_DEFINITION = re.compile(
    r"arn:[a-z-]+:ecs:[a-z0-9-]+:[0-9]+:task-definition/[A-Za-z0-9_-]+(?P<revision>:[1-9][0-9]*)?"
)
HIGHEST_PORT = 65_535
HIGHEST = {"Base": 100_000, "Weight": 1000}  # as ECS takes them
PUBLIC_IP = ("ENABLED", "DISABLED")


def optional(rule: Rule) -> Rule:
    """Nothing given is fine: the console of ECS itself writes `"PlatformVersion": null`."""

    def check(value: Value, path: str, line: int) -> Problems:
        if value.data is not None:
            yield from rule(value, path, line)

    return check


def _task_definition(value: Value, path: str, line: int) -> Problems:
    found = list(rules.text(value, path, line))
    yield from found
    arn = TASK_DEFINITION.fullmatch(str(value.data))
    if not found and not arn:
        what = f"TaskDefinition is {describe(value.data)}, but must be the ARN of a task definition."
        yield Problem(line, path, what, "Write arn:aws:ecs:REGION:ACCOUNT:task-definition/FAMILY:REVISION.")
    elif arn and not arn.group("revision"):
        what = "TaskDefinition names no revision, so what is deployed depends on the time of the deployment."
        yield Problem(line, path, what, "Add the number of the revision to the ARN.", WARNING)


def whole(highest: int, lowest: int) -> Rule:
    """A whole number; as text it is only warned of."""

    def check(value: Value, path: str, line: int) -> Problems:
        text = value.data if isinstance(value.data, str) else ""
        number = int(text) if re.fullmatch(r"[0-9]{1,9}", text) else value.data
        if not isinstance(number, int) or isinstance(number, bool) or not lowest <= number <= highest:
            what = f"{last(path)} is {describe(value.data)}, but must be a number from {lowest} to {highest}."
            yield Problem(line, path, what, "Write such a number without quotes.")
        elif text:
            what = f"{last(path)} is text, but AWS documents a number."
            yield Problem(line, path, what, "Remove the quotes.", WARNING)

    return check


def _public_ip(value: Value, path: str, line: int) -> Problems:
    several = isinstance(value.data, str) and all(choice in value.data for choice in PUBLIC_IP)
    level = WARNING if several else "error"  # a template that lists what to choose from
    yield from rules.one_of(*PUBLIC_IP, level=level)(value, path, line)


def _strategy(value: Value, path: str, line: int) -> Problems:
    found = list(rules.list_of(_PROVIDER)(value, path, line))
    yield from found
    if found:
        return
    bases = [provider for provider in value.items() if _has(provider, "Base")]
    if len(bases) > 1:
        what = f"{len(bases)} capacity providers have a Base, but only one can have it."
        yield Problem(bases[1].line_of("Base"), path, what, "Set Base: 0 for the others.")
    if not any(_has(provider, "Weight") for provider in value.items()):
        yield Problem(line, path, "No capacity provider has a Weight above 0.", "Set Weight: 1 for one of them.")


def _has(provider: Value, key: str) -> bool:
    """Whether the number may be above 0."""
    value = provider.get(key)
    data = value.data if value else None
    return data not in (None, 0, "0")


_text = placeholder(rules.text)
_BALANCED = Shape(
    {"ContainerName": _text, "ContainerPort": placeholder(whole(HIGHEST_PORT, 1))}, ("ContainerName", "ContainerPort")
)


def _balanced(value: Value, path: str, line: int) -> Problems:
    """Templates that leave the container open have 0 for its port, as a number has no other way to be a placeholder."""
    found = list(_BALANCED(value, path, line))
    open_name = any(last(one.path) == "ContainerName" and one.level == PLACEHOLDER for one in found)
    port = value.get("ContainerPort")
    for one in found:
        nought = open_name and port is not None and port.data in (0, "0") and last(one.path) == "ContainerPort"
        yield left("0", one.path, one.line) if nought else one


_PROVIDER = Shape(
    {
        "CapacityProvider": _text,
        **{key: optional(placeholder(whole(highest, 0))) for key, highest in HIGHEST.items()},
    },
    ("CapacityProvider",),
)
_AWSVPC = Shape(
    {
        "Subnets": placeholder(rules.list_of(_text)),
        "SecurityGroups": placeholder(rules.list_of(_text)),
        "AssignPublicIp": placeholder(_public_ip),
    },
    ("Subnets", "SecurityGroups", "AssignPublicIp"),
)
PROPERTIES = Shape(
    {
        "TaskDefinition": placeholder(_task_definition),
        "LoadBalancerInfo": _balanced,
        "PlatformVersion": optional(placeholder(rules.strict_text)),
        "NetworkConfiguration": optional(Shape({"AwsvpcConfiguration": _AWSVPC}, ("AwsvpcConfiguration",))),
        "CapacityProviderStrategy": optional(_strategy),
    },
    ("TaskDefinition", "LoadBalancerInfo"),
)
