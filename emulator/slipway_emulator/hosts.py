# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""The one registry of hosts, shared by EC2, Auto Scaling, SSM and CodeDeploy.

A host is what a launched EC2 instance is to the agents: the AMI it came from, what that AMI contained, what runs on it,
and what was deployed to it. Whether it is running is EC2's to say; everything else about it is kept here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from .clock import clock
from .contents import Contents
from .faults import faults
from .machine import Machine
from .signals import booted
from .unpacked import Unpacked

BOOT_SECONDS = 30.0  # from launch until the agents that start at boot answer; an assumption, listed in the docs
GATHER_SECONDS = 1800.0  # the shortest interval of AWS-GatherSoftwareInventory

HOST = ("instance_id", "image_id", "account_id", "region", "auto_scaling_group")
faults.declare("agent-absent", "the CodeDeploy agent is not on the host; with `times`, it is removed once", HOST)
faults.declare("agent-stopped", "the CodeDeploy agent is not running; with `times`, it is stopped once", HOST)
faults.declare("ssm-offline", "the SSM agent lost its connection: ConnectionLost, commands are not delivered", HOST)
faults.declare("ssm-unmanaged", "the SSM agent never registered: SSM does not know the host", HOST)
faults.declare("inventory-off", "no inventory is gathered from the host", HOST)


@dataclass
class Installation:
    """What one deployment group's last install left on a host."""

    application_name: str
    deployment_group_name: str
    deployment_id: str
    revision: dict[str, Any]  # RevisionLocation as CodeDeploy returns it
    appspec: dict[str, Any]  # parsed AppSpec of that bundle
    unpacked: Unpacked = field(default_factory=Unpacked)  # that bundle on the disk
    succeeded: bool = False  # the whole deployment reached its last event on this host


@dataclass(frozen=True)
class Inventory:
    """What was found on a host when inventory was last gathered."""

    captured_at: float
    contents: Contents


@dataclass
class Host:
    """One instance as its agents see it."""

    instance_id: str
    account_id: str
    region: str
    image_id: str
    contents: Contents  # its own copy: what is installed later changes this host only
    launched_at: float
    instance_profile: str | None = None  # ARN or name
    state: str = "running"  # EC2's instance state name
    agent_running: bool = False  # the CodeDeploy agent's process; set when it starts, stops or dies
    installations: dict[str, Installation] = field(default_factory=dict)  # by deployment group id
    auto_scaling_group: str | None = None
    started_at: float | None = None  # the last start or reboot; None: never since the launch
    inventory: Inventory | None = None
    boot_problem: str | None = None  # why user data failed
    iam_arn: str | None = None  # of an on-premises instance: whom the agent signs as, in place of an instance profile
    busy: dict[str, tuple[str, float]] = field(default_factory=dict)  # packages at work: ARN -> action and since when

    @property
    def agent(self) -> str:
        """The CodeDeploy agent: absent, stopped or running."""
        self._suffer("agent-absent")
        if self.contents.agent_version is None or self._fault("agent-absent"):
            return "absent"
        return "running" if self.agent_answers() else "stopped"

    def booted(self) -> bool:
        return self.state == "running" and clock.now() >= self.boot_time()

    def boot_time(self) -> float:
        """When the agents that start at boot answer, after the last start."""
        return (self.launched_at if self.started_at is None else self.started_at) + BOOT_SECONDS

    def agent_answers(self) -> bool:
        """Whether the CodeDeploy agent polls for commands now."""
        self._suffer("agent-absent")
        self._suffer("agent-stopped")
        if self._fault("agent-absent") or self._fault("agent-stopped"):
            return False
        return self.booted() and self.agent_running and (self.instance_profile or self.iam_arn) is not None

    def managed(self) -> bool:
        """Whether SSM knows it: booted, and allowed to register by an instance profile."""
        return self.booted() and self.instance_profile is not None and not self._fault("ssm-unmanaged")

    def online(self) -> bool:
        """Whether the SSM agent takes commands now."""
        return self.managed() and not self._fault("ssm-offline")

    def boot(self, first_boot: Callable[[], None] = lambda: None) -> None:
        """Start the machine: what is enabled runs `BOOT_SECONDS` later, then user data does its work once."""
        self.agent_running = False
        due = self.boot_time()

        def up() -> None:
            if self.state == "running" and self.boot_time() == due:
                self.agent_running = self.contents.agent_version is not None and self.contents.agent_enabled
                if self.contents.enabled:
                    self.act(_start_enabled)
                first_boot()
                booted.send(None, host=self)

        clock.at(due, up)

    def start(self) -> None:
        """EC2 started or rebooted it."""
        self.gather()
        self.state, self.started_at = "running", clock.now()
        self.boot()

    def halt(self, state: str) -> None:
        """EC2 stopped or terminated it."""
        self.gather()
        self.state, self.agent_running = state, False

    def change(self, contents: Contents) -> None:
        """Something was installed or removed; inventory sees it only when it is gathered next."""
        self.gather()
        self.contents = contents

    def act(self, work: Callable[[Machine], str | None]) -> str | None:
        """Let `work` happen on the host: what it installs, starts and stops; the answer is why it failed, or None."""
        machine = Machine(self.contents)
        machine.running = self.agent_running
        problem = work(machine)
        if machine.contents != self.contents:
            self.change(machine.contents)
        self.agent_running = machine.running
        return problem

    def gather(self) -> None:
        """Note what the last due gathering of inventory found, before the present changes it."""
        due = clock.now() - (clock.now() - self.boot_time()) % GATHER_SECONDS
        stale = self.inventory is None or self.inventory.captured_at < due
        if stale and self.online() and not self._fault("inventory-off"):
            self.inventory = Inventory(due, self.contents)

    def gather_now(self) -> None:
        """Gather inventory because somebody asked for it."""
        if self.online() and not self._fault("inventory-off"):
            self.inventory = Inventory(clock.now(), self.contents)

    def facts(self) -> dict[str, str]:
        """What a rule of a fault can be narrowed to."""
        return {name: str(getattr(self, name) or "") for name in HOST}

    def _fault(self, kind: str) -> bool:
        return faults.find(kind, **self.facts()) is not None

    def _suffer(self, kind: str) -> None:
        """A rule with `times` strikes once and leaves something that can be repaired; without, it lasts."""
        rule = faults.find(kind, **self.facts())
        if rule is None or rule["times"] is None or not self.booted():
            return
        if kind == "agent-absent":
            self.change(replace(self.contents, agent_version=None, agent_enabled=False))
        faults.take(kind, **self.facts())
        self.agent_running = False

    def as_json(self) -> dict[str, Any]:
        """For the control endpoint."""
        return {
            "instance_id": self.instance_id,
            "account_id": self.account_id,
            "region": self.region,
            "state": self.state,
            "image_id": self.image_id,
            "instance_profile": self.instance_profile,
            "auto_scaling_group": self.auto_scaling_group,
            "platform": f"{self.contents.platform_name} {self.contents.platform_version}",
            "managed": self.managed(),
            "agent": {"status": self.agent, "version": self.contents.agent_version},
            "boot_problem": self.boot_problem,
            "bundles": dict(self.contents.bundles),
            "services": dict(self.contents.services),
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


def _start_enabled(machine: Machine) -> None:
    machine.start_enabled()


class Hosts:
    """All hosts of all accounts and regions, by instance id (ids are unique in the emulator)."""

    def __init__(self) -> None:
        self._hosts: dict[str, Host] = {}
        self._regions: dict[tuple[str, str], dict[str, Host]] = {}

    def add(self, host: Host) -> None:
        self._hosts[host.instance_id] = host
        self._regions.setdefault((host.account_id, host.region), {})[host.instance_id] = host

    def add_on_premises(self, arn: str, host: Host) -> None:
        """One that CodeDeploy alone knows, by an ARN, since its name is taken in one region only."""
        self._hosts[arn] = host

    def get(self, instance_id: str) -> Host | None:
        """By instance id, or the ARN of an on-premises instance."""
        return self._hosts.get(instance_id)

    def all(self) -> list[Host]:
        return list(self._hosts.values())

    def of(self, account_id: str, region: str) -> list[Host]:
        """The hosts of a region in the order they came; none ever leaves, so a place in it stays what it is."""
        return list(self._regions.get((account_id, region), {}).values())

    def named(self, account_id: str, region: str, ids: Iterable[str]) -> list[Host]:
        """Those of these ids that are hosts of the region, each once."""
        here = self._regions.get((account_id, region), {})
        return [here[i] for i in dict.fromkeys(ids) if i in here]

    def clear(self) -> None:
        self._hosts.clear()
        self._regions.clear()


registry = Hosts()
