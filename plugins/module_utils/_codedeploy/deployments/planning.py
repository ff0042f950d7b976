# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Decides what a deployment task has to do, from what AWS says now. Only reads. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._autoscaling.calls import refreshes
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy import causes, waves
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments import (
    ages,
    bundles,
    calls,
    history,
    notes,
    obstacles,
    revisions,
)
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.blue_green import foretelling, style
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.fleet import resolve, selection_of_group
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import (
    DENIED,
    FAILURES,
    Refused,
    code,
)
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape

CREATE, JOIN, NONE, WAIT, STOP = "create", "join", "none", "wait", "stop"
REPAIR = "repair"  # an alias, which needs no deployment


class Wish(t.NamedTuple):
    """What the task asks for. `asked` are the members of CreateDeployment."""

    application: str
    group: str
    asked: Shape
    force: bool = False
    when_active: str = "fail"  # fail, wait, stop
    ignored: tuple[str, ...] = ()  # causes of problems that do not stop it
    source: t.Any = None  # of a deployment that moves traffic: what the revision is written from
    allow_older: bool = True
    found: Shape | None = None  # the deployment from which the revision was taken, where the task does not name it
    why: str | None = None  # the reason of a task that found it so
    rollback_of: str | None = None
    tells: t.Mapping[str, t.Any] = {}  # what its result has beside
    until: str = "finished"  # how far a deployment to hosts has to be

    @property
    def revision(self) -> Shape | None:
        return self.asked.get("revision")

    @property
    def place(self) -> str:
        return f"{self.application}/{self.group}"


class Decision(t.NamedTuple):
    """What has to be done, and what it rests on."""

    action: str  # create, join, none, wait, stop, repair
    group: calls.Group
    reason: str
    deployment: Shape | None = None  # the one to join, to wait for or to stop; with none: the one that is live
    hosts: list[Shape] | None = None  # what the group selects now; None when it was not asked or may not be asked
    warnings: tuple[str, ...] = ()
    target: t.Any = None  # of a deployment that moves traffic: what it leads to

    @property
    def revision(self) -> Shape | None:
        """What is sent, where it is written for the user; else the wish has it."""
        return self.target.revision if self.target else None


def decide(aws: Connection, wish: Wish) -> Decision:
    """What the task has to do. Raises Refused where it must not go on."""
    group = calls.read_group(aws, wish.application, wish.group)
    active = calls.active_deployments(aws, wish.application, wish.group)
    if active:
        return about_active(wish, group, active[0])
    hosts, warnings = _hosts(aws, group.shape)
    reason = _reason(aws, wish, group.shape, hosts)
    if isinstance(reason, history.Live):
        return Decision(NONE, group, "it is live on every host", reason.deployment, hosts, warnings)
    style.refuse_unfit(wish.asked, group.shape, wish.place)
    if hosts == [] and not wish.asked.get("targetInstances"):
        refuse([causes.problem("no_instances", "the deployment group selects no instance that is in service", True)])
    warnings += refuse_refresh(aws, wish, group.shape, hosts or [])
    if wish.revision and not wish.allow_older:
        warnings += ages.refuse_older(aws, group.shape, wish.revision)
    return Decision(CREATE, group, reason, None, hosts, warnings)


def about_active(wish: Wish, group: calls.Group, active: Shape) -> Decision:
    """What to do about a deployment in flight: join it when it brings what is asked for, else as `when_active` says."""
    name, brings = active["deploymentId"], revisions.in_words(active.get("revision"))
    if revisions.same_revision(active.get("revision"), wish.revision):
        if wish.until != "finished" and style.has_moved(active):
            reason = f"it has all traffic, and {name} waits to end the blue hosts"
            return Decision(NONE, group, reason, active)
        return Decision(JOIN, group, f"{name} is already deploying it", active)
    if wish.when_active == "fail":
        ends = (
            " It only waits to end the blue hosts; state continued ends that wait." if style.has_moved(active) else ""
        )
        raise Refused(
            f"the deployment {name} of {brings} (by {active.get('creator')}) is still {active['status']}.{ends} "
            "Wait until it has finished, or set when_active to wait or stop.",
            active_deployment_id=name,
        )
    return Decision(wish.when_active, group, f"{name} of {brings} is still {active['status']}", active)


def refuse_refresh(aws: Connection, wish: Wish, group: Shape, hosts: list[Shape]) -> tuple[str, ...]:
    """Refuse while an instance refresh replaces the hosts that would be deployed to, unless the deployment suspends it."""
    names = {one["name"] for one in group.get("autoScalingGroups") or []}
    names |= {one["autoScalingGroup"] for one in hosts if one["autoScalingGroup"]}
    if "InstanceRefresh" in suspended(wish.asked, group):
        return ()
    try:
        running = refreshes(aws, sorted(names))
    except FAILURES as denied:
        if code(denied) not in DENIED:
            raise
        return (
            "It could not be determined whether an instance refresh is in progress: autoscaling:DescribeInstanceRefreshes is denied.",
        )
    if running:
        found = [causes.problem("instance_refresh", refresh_in_words(one), True) for one in running]
        refuse(found, instance_refreshes=running)
    return ()


def refresh_in_words(one: Shape) -> str:
    """`the instance refresh 1a2b of the Auto Scaling group shop is InProgress (40 %)`."""
    name, refresh = one["autoScalingGroupName"], one["instanceRefreshId"]
    return f"the instance refresh {refresh} of the Auto Scaling group {name} is {one['status']} ({one['percentageComplete'] or 0} %)"


def suspended(asked: Shape, group: Shape) -> list[str]:
    """The processes of Auto Scaling that the deployment holds still."""
    options = asked.get("ec2DeploymentOptions") or group.get("ec2DeploymentOptions") or {}
    return list(options.get("autoScalingGroupProcessesToSuspend") or [])


def foretell(aws: Connection, wish: Wish, decision: Decision) -> Shape:
    """What a deployment would do: hosts with what they have now, waves, the minimum of healthy hosts, what stands against it."""
    group, name = decision.group.shape, config_name(wish.asked, decision.group.shape)
    config = calls.host_config(aws, name)
    minimum, zonal = config.get("minimumHealthyHosts") or {}, config.get("zonalConfig") or {}
    selected = _hosts(aws, group)[0] if decision.hosts is None else decision.hosts
    blue_green = style.is_blue_green(group) and decision.action == CREATE
    green = foretelling.green_hosts(aws, wish.asked, group, selected) if blue_green else None
    listed = _listed(group, green) if blue_green else selected
    hosts = None if listed is None else _with_conditions(aws, wish, group, listed)
    foretold = waves.plan(minimum, {one["instanceId"]: one["condition"] for one in hosts or []})
    in_zones = waves.in_zones(minimum, zonal, {h["instanceId"]: h["condition"] for h in hosts or []}, _zones(hosts))
    bundle = bundles.look(aws, wish.revision, foretold=wish.found is None, before=wish.found)
    hooks = [{"lifecycleEventName": event, "scripts": scripts} for event, scripts in (bundle.hooks or {}).items()]
    return {
        "deploymentConfigName": name,
        "minimumHealthyHosts": foretold.minimum,
        "hosts": hosts or [],
        "waves": [wave for zone in in_zones for wave in zone.waves] if zonal else foretold.waves,
        "zones": [_zone(one) for one in in_zones] if zonal else [],
        "hooks": None if bundle.hooks is None else hooks,
        "problems": _obstacles(
            aws, wish, obstacles.Target(group, green if blue_green else hosts, minimum, bundle, zonal)
        ),
        **(foretelling.members(aws, group, selected, green, minimum) if blue_green else {}),
    }


def _zones(hosts: list[Shape] | None) -> dict[str, str]:
    return {one["instanceId"]: one["availabilityZone"] for one in hosts or []}


def _zone(one: waves.Zone) -> Shape:
    return {"availabilityZone": one.name, "waves": one.waves, "monitorSeconds": one.monitor_seconds}


def _listed(group: Shape, green: list[Shape] | None) -> list[Shape] | None:
    """The hosts of a plan that are there already: those of a copy are not."""
    return [] if style.provisioning(group) == style.COPY else green


def refuse_blocked(aws: Connection, wish: Wish, decision: Decision) -> Wish:
    """Refuse a deployment that is known to fail, before it is created. The wish as it is sent, with a note on the bundle."""
    group, hosts = decision.group.shape, decision.hosts
    if style.is_blue_green(group):
        hosts = foretelling.green_hosts(aws, wish.asked, group, hosts)
    if hosts and wish.asked.get("updateOutdatedInstancesOnly"):
        hosts = _with_conditions(aws, wish, group, hosts)
    minimum, zonal = obstacles.readable_config(aws, config_name(wish.asked, group))
    bundle = bundles.look(aws, wish.revision, before=wish.found)
    refuse(_obstacles(aws, wish, obstacles.Target(group, hosts, minimum, bundle, zonal)))
    note = notes.Note(bundle=bundle.stored_at, rollback_of=wish.rollback_of)
    described = notes.described(wish.asked.get("description"), note)
    return wish._replace(asked={**wish.asked, **({"description": described} if described else {})})


def _obstacles(aws: Connection, wish: Wish, target: obstacles.Target) -> list[Shape]:
    return causes.ignoring(obstacles.find(aws, wish.asked, target), wish.ignored)


def refuse(problems: list[Shape], **details: t.Any) -> None:
    """Refuse when one of the problems blocks."""
    blocking = causes.blocking(problems)
    if blocking:
        text = " ".join([*causes.in_words(blocking), causes.way_through(blocking)]).rstrip()
        raise Refused(f"{text[0].lower()}{text[1:]}", problems=problems, **details)


def config_name(asked: Shape, group: Shape) -> str:
    return asked.get("deploymentConfigName") or group.get("deploymentConfigName") or calls.DEFAULT_CONFIG


def _with_conditions(aws: Connection, wish: Wish, group: Shape, hosts: list[Shape]) -> list[Shape]:
    """The hosts that would be deployed to, with what each has now."""
    left = history.left_on(aws, history.past(aws, group, whole=True), [one["instanceId"] for one in hosts])
    found = [{**one, "condition": _known(one["instanceId"], left, wish.revision)} for one in hosts]
    if wish.asked.get("updateOutdatedInstancesOnly"):
        return [one for one in found if one["condition"] != waves.CURRENT]
    return found


def _known(host: str, left: history.Left, revision: Shape | None) -> str:
    if host in left.failed:
        return waves.UNHEALTHY
    if host not in left.succeeded:
        return waves.UNKNOWN
    has = left.succeeded[host].get("revision")
    return waves.CURRENT if revisions.same_revision(has, revision) else waves.OLD


def _hosts(aws: Connection, group: Shape) -> tuple[list[Shape] | None, tuple[str, ...]]:
    try:
        return resolve(aws, selection_of_group(group)).targets, ()
    except FAILURES as denied:
        if code(denied) not in DENIED:
            raise
        return None, (f"The hosts of the group could not be read, so the revision is deployed in any case: {denied}",)


def _reason(aws: Connection, wish: Wish, group: Shape, hosts: list[Shape] | None) -> str | history.Live:
    """Why a deployment is needed, or the live one."""
    if wish.force:
        return "force is set"
    if wish.revision is None:
        return "a restart was requested"
    if hosts is None:
        return "it is not known which hosts have it"
    if not hosts:
        return "the deployment group selects no host yet"
    found = history.live(aws, group, wish.revision, [one["instanceId"] for one in hosts])
    return (wish.why or found.reason) if found.reason else found
