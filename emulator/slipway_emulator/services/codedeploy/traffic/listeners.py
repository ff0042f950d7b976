# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Listeners of an ECS deployment: the production listener shares traffic between two target groups, the test listener does not."""

from __future__ import annotations

import copy
from typing import Any

from moto.core.exceptions import ServiceException
from moto.elbv2.models import elbv2_backends

from slipway_emulator.extensions.elbv2.actions import groups_of

from ..problem import Problem
from ..state import State

Actions = list[dict[str, Any]]


def refused(why: str) -> Problem:
    text = f"The ELB could not be updated due to the following error: {why}"
    return Problem("ELASTIC_LOAD_BALANCING_INVALID", text)


def target_group(backend: Any, name: str) -> Any:
    """The target group of this name; raises Problem where there is none."""
    for group in backend.target_groups.values():
        if group.name == name:
            return group
    raise refused(f"One or more target groups not found: {name}")


class Balancing:
    """Target groups and listeners of one account and region; every call raises Problem for what is not there."""

    def __init__(self, state: State) -> None:
        self.backend = elbv2_backends[state.account_id][state.region_name]

    def group_named(self, name: str) -> Any:
        return target_group(self.backend, name)

    def weights(self, listener_arn: str) -> dict[str, int]:
        """Target groups that the default action of a listener names, with their weights."""
        return {
            arn: weight for action in self._listener(listener_arn).default_actions for arn, weight in _shares(action)
        }

    def share(self, listener_arn: str, shares: dict[str, int]) -> None:
        """Have the default action, and every rule that names one of the groups, forward by these weights."""
        listener = self._listener(listener_arn)
        self._modify(listener_arn, _forwarding(listener.default_actions, shares))
        for rule in listener._non_default_rules.values():
            if any(arn in shares for action in rule.actions for arn in groups_of(action)):
                self.backend.modify_rule(rule.arn, [], _forwarding(rule.actions, shares))

    def actions(self, listener_arn: str) -> Actions:
        """The default actions, to be put back later."""
        return [copy.deepcopy(action.data) for action in self._listener(listener_arn).default_actions]

    def put_back(self, listener_arn: str, actions: Actions) -> None:
        self._listener(listener_arn)
        self._modify(listener_arn, copy.deepcopy(actions))

    def _modify(self, listener_arn: str, actions: Actions) -> None:
        try:
            self.backend.modify_listener(listener_arn, actions=copy.deepcopy(actions), certificates=None)
        except ServiceException as refusal:
            raise refused(str(refusal.message)) from refusal

    def _listener(self, arn: str) -> Any:
        try:
            return self.backend.describe_listeners(None, [arn])[0]
        except ServiceException as missing:
            raise refused(f"{missing.message} {arn}") from missing


def _shares(action: Any) -> list[tuple[str, int]]:
    config = action.data.get("ForwardConfig") or {}
    return [(group["TargetGroupArn"], group["Weight"]) for group in config.get("TargetGroups") or []]


def _forwarding(actions: list[Any], shares: dict[str, int]) -> Actions:
    """The actions with other weights; what goes before the forward, and its stickiness, stay."""
    groups = [{"TargetGroupArn": arn, "Weight": weight} for arn, weight in shares.items()]
    told = [copy.deepcopy(action.data) for action in actions]
    forwards = [action for action in told if action["Type"] == "forward"]
    if not forwards:
        return [{"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}]
    for forward in forwards:
        forward.pop("TargetGroupArn", None)
        forward["ForwardConfig"]["TargetGroups"] = groups
    return told
