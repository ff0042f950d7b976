# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""The one registry of hosts, shared by EC2, Auto Scaling, SSM and CodeDeploy.

A host is what a launched EC2 instance is to the agents: the AMI it came from, what that AMI contained, what runs on it,
and what was deployed to it. Whether it is running is EC2's to say; everything else about it is kept here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .clock import clock
from .contents import Contents

BOOT_SECONDS = 30.0  # from launch until the agents that start at boot answer; an assumption, listed in the docs


@dataclass
class Installation:
    """What one deployment group's last install left on a host."""

    application_name: str
    deployment_group_name: str
    deployment_id: str
    revision: dict[str, Any]  # RevisionLocation as CodeDeploy returns it
    appspec: dict[str, Any]  # parsed AppSpec of that bundle
    members: frozenset[str] = frozenset()  # paths in that bundle
    succeeded: bool = False  # the whole deployment reached its last event on this host


@dataclass
class Host:
    """One instance as its agents see it."""

    instance_id: str
    account_id: str
    region: str
    image_id: str
    contents: Contents  # its own copy: what is installed later changes this host only
    launched_at: float
    instance_profile: str | None = None
    state: str = "running"  # EC2's instance state name
    agent_running: bool = False  # the CodeDeploy agent; set when it starts, stops or dies
    installations: dict[str, Installation] = field(default_factory=dict)  # by deployment group id

    @property
    def agent(self) -> str:
        """The CodeDeploy agent: absent, stopped or running."""
        if self.contents.agent_version is None:
            return "absent"
        return "running" if self.agent_answers() else "stopped"

    def booted(self) -> bool:
        return self.state == "running" and clock.now() >= self.launched_at + BOOT_SECONDS

    def agent_answers(self) -> bool:
        """Whether the CodeDeploy agent polls for commands now."""
        return self.booted() and self.agent_running and self.instance_profile is not None

    def managed(self) -> bool:
        """Whether SSM knows it: booted, and allowed to register by an instance profile."""
        return self.booted() and self.instance_profile is not None

    def as_json(self) -> dict[str, Any]:
        """For the control endpoint."""
        return {
            "instance_id": self.instance_id,
            "account_id": self.account_id,
            "region": self.region,
            "state": self.state,
            "image_id": self.image_id,
            "instance_profile": self.instance_profile,
            "agent": {"status": self.agent, "version": self.contents.agent_version},
            "revisions": {
                f"{i.application_name}/{i.deployment_group_name}": {
                    "deployment_id": i.deployment_id,
                    "revision": i.revision,
                    "succeeded": i.succeeded,
                }
                for i in self.installations.values()
            },
            "launched_at": self.launched_at,
        }


class Hosts:
    """All hosts of all accounts and regions, by instance id (ids are unique in the emulator)."""

    def __init__(self) -> None:
        self._hosts: dict[str, Host] = {}

    def add(self, host: Host) -> None:
        self._hosts[host.instance_id] = host

    def get(self, instance_id: str) -> Host | None:
        return self._hosts.get(instance_id)

    def all(self) -> list[Host]:
        return list(self._hosts.values())

    def of(self, account_id: str, region: str) -> list[Host]:
        return [h for h in self._hosts.values() if (h.account_id, h.region) == (account_id, region)]

    def clear(self) -> None:
        self._hosts.clear()


registry = Hosts()
