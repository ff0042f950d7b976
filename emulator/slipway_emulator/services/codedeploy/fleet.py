# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Which hosts a deployment group selects, by tags and Auto Scaling groups."""

from __future__ import annotations

from collections.abc import Iterable

from moto.autoscaling.models import autoscaling_backends
from moto.ec2.models import ec2_backends

from .entities import DeploymentGroup
from .group_settings import Settings
from .state import State

GONE = ("terminated", "shutting-down")
Filters = list[dict[str, str]]


def selected(state: State, group: DeploymentGroup) -> list[str]:
    """Instance ids and on-premises names of the group, each once; stopped instances count, terminated ones do not."""
    return chosen(state, group.settings)


def chosen(state: State, settings: Settings) -> list[str]:
    """The same for settings in the members of a group."""
    scaled = scaling_instances(state, settings.get("autoScalingGroups") or [])
    return list(dict.fromkeys([*_by_tags(state, settings), *scaled, *_on_premises(state, settings)]))


def is_alive(state: State, instance_id: str) -> bool:
    instance = ec2_backends[state.account_id][state.region_name].get_instance_by_id(instance_id)
    return instance is not None and instance._state.name not in GONE


def scaling_instances(state: State, names: Iterable[str]) -> list[str]:
    """Instances in service in these Auto Scaling groups; those still held by a hook get launch deployments instead."""
    groups = autoscaling_backends[state.account_id][state.region_name].autoscaling_groups
    held = [instance for name in names if name in groups for instance in groups[name].instance_states]
    alive = (i for i in held if i.instance._state.name not in GONE)
    return [i.instance.id for i in alive if i.lifecycle_state == "InService"]


def gone(state: State, group: DeploymentGroup) -> list[str]:
    """Auto Scaling groups of the deployment group that no longer exist."""
    known = autoscaling_backends[state.account_id][state.region_name].autoscaling_groups
    return [name for name in group.hooks if name not in known]


def suspend(state: State, group: DeploymentGroup, processes: list[str]) -> None:
    """Hold these processes of the group's Auto Scaling groups still; an empty list would mean all of them."""
    backend = autoscaling_backends[state.account_id][state.region_name]
    for name in group.hooks if processes else []:
        backend.suspend_processes(name, processes)


def resume(state: State, group: DeploymentGroup, processes: list[str]) -> None:
    backend = autoscaling_backends[state.account_id][state.region_name]
    for name in [n for n in group.hooks if processes and n in backend.autoscaling_groups]:
        backend.resume_processes(name, processes)


def target_arn(state: State, target_id: str) -> str:
    if target_id in state.on_premises:
        return state.on_premises[target_id].arn
    return f"arn:{state.partition}:ec2:{state.region_name}:{state.account_id}:instance/{target_id}"


def _sets(settings: Settings, flat: str, grouped: str) -> list[Filters]:
    """Lists of alternatives that must all be met."""
    if settings.get(flat):
        return [settings[flat]]
    return (settings.get(grouped) or {}).get(f"{grouped}List") or []


def _by_tags(state: State, settings: Settings) -> list[str]:
    sets = _sets(settings, "ec2TagFilters", "ec2TagSet")
    if not sets:
        return []
    backend, held = ec2_backends[state.account_id][state.region_name], _held(state)
    alive = [i for i in backend.all_instances() if i._state.name not in GONE]
    return [i.id for i in alive if i.id not in held and meets(backend.tags.get(i.id, {}), sets)]


def _held(state: State) -> set[str]:
    """Instances that an Auto Scaling group is still launching."""
    groups = autoscaling_backends[state.account_id][state.region_name].autoscaling_groups.values()
    members = (member for group in groups for member in group.instance_states)
    return {member.instance.id for member in members if member.lifecycle_state.startswith("Pending")}


def _on_premises(state: State, settings: Settings) -> list[str]:
    sets = _sets(settings, "onPremisesInstanceTagFilters", "onPremisesTagSet")
    registered = [i for i in state.on_premises.values() if i.deregistered is None]
    return [i.name for i in registered if sets and meets(i.tags, sets)]


def meets(tags: dict[str, str], sets: list[Filters]) -> bool:
    """Whether tags meet one filter of every set."""
    return all(any(_fits(tags, one) for one in filters) for filters in sets)


def _fits(tags: dict[str, str], one: dict[str, str]) -> bool:
    key, value = one.get("Key"), one.get("Value") or ""
    kind = one.get("Type") or ("VALUE_ONLY" if not key else "KEY_AND_VALUE" if one.get("Value") else "KEY_ONLY")
    if kind == "VALUE_ONLY":
        return value in tags.values()
    return key in tags and (kind == "KEY_ONLY" or tags[key] == value)
