# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Instance refresh: replaces the instances of a group in waves that keep enough of them healthy."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ...clock import clock
from . import activities, health, maintenance, refresh_rules, refresh_surplus, warm_pool
from .launches import instance_types, template_of
from .refresh_configuration import Launching, adopt
from .shared import ON_THE_WAY, alive, reconcile, suspended

TICK_SECONDS = 10.0
PATIENCE_SECONDS = 3600.0  # how long it waits for instances it may not replace, or that EC2 does not launch
ACTIVE = ("Pending", "InProgress", "Cancelling", "RollbackInProgress", "Baking")


@dataclass
class Undone:
    """The roll back of a refresh, and how far it was until then."""

    reason: str
    since: float
    percentage: int
    left: int


@dataclass
class Refresh:
    """One refresh of one group."""

    refresh_id: str
    group: Any
    strategy: str
    preferences: dict[str, Any]
    desired: dict[str, Any] | None  # DesiredConfiguration
    wanted: Launching | None  # what to launch when it is not the group's own
    original: Launching | None  # what the group launched before
    started: float
    status: str = "Pending"
    reason: str = ""
    ended: float | None = None
    old: set[str] = field(default_factory=set)  # ids still to be replaced when it began
    kept: set[str] = field(default_factory=set)  # ids that matched when it began
    total: int = 0
    paused_until: float | None = None
    checkpoints: list[int] = field(default_factory=list)  # percentages still ahead
    stuck_since: float | None = None
    baked_from: float | None = None
    undone: Undone | None = None

    @property
    def active(self) -> bool:
        return self.status in ACTIVE

    @property
    def reversible(self) -> bool:
        """Whether the group can go back to what it launched before."""
        return self.desired is not None and self.original is not None and not self.original.moves()

    @property
    def since(self) -> float:
        """When what is replaced now began to be: the refresh, or its roll back."""
        return self.undone.since if self.undone else self.started

    def remaining(self) -> list[Any]:
        """Instances of the group that are still to be replaced."""
        states = (s for s in self.group.instance_states if s.instance_id in self.old)
        return [s for s in states if s.lifecycle_state != "Terminating" and not self.ignores(s)]

    def held(self) -> list[Any]:
        """Instances still to be replaced that may not be: protected from scale in, or in Standby."""
        return [s for s in self.remaining() if self._wish(s) == "Wait"]

    def ignores(self, state: Any) -> bool:
        return self._wish(state) == "Ignore"

    def _wish(self, state: Any) -> str:
        if state.lifecycle_state == "Standby":
            return str(self.preferences.get("StandbyInstances", "Wait"))
        return str(self.preferences.get("ScaleInProtectedInstances", "Wait")) if state.protected_from_scale_in else ""

    def done(self) -> int:
        """Replaced and ready; what is not ready yet does not count."""
        return max(0, self.total - len(self.remaining()) - len(self.unready()))

    def _share(self) -> float:
        return 1.0 if self.total == 0 else self.done() / self.total

    def percentage(self) -> int:
        """Of what is replaced; a roll back lets it go down to zero again."""
        if self.undone:
            return int(self.undone.percentage * (1 - self._share()))
        return 100 if self.status == "Successful" else int(100 * self._share())

    def left(self) -> int:
        """Instances that are not updated, and while it is rolled back those that never were."""
        if self.undone:
            return self.undone.left
        return 0 if self.status == "Successful" else self.total - self.done()

    def extra(self) -> int:
        return refresh_surplus.allowed(self.group, self.preferences)

    def goal(self) -> int:
        """How many are to be replaced: all, unless the last checkpoint says less."""
        steps = [] if self.undone else self.preferences.get("CheckpointPercentages") or []
        return math.ceil(self.total * int(steps[-1]) / 100) if steps else self.total

    def unready(self) -> list[Any]:
        """Replacements that are still on their way or warming up; one for every instance that is missing altogether."""
        states = (s for s in self.group.instance_states if s.lifecycle_state != "Standby")
        launched = [s for s in states if s.instance_id not in self.old]
        return [s for s in launched if not self._ready(s)] + [None] * self._missing()

    def _missing(self) -> int:
        return max(0, (self.group.desired_capacity or 0) - len(self.group.active_instances()))

    def _ready(self, state: Any) -> bool:
        since = getattr(state, "in_service_since", None)
        if state.lifecycle_state != "InService" or state.health_status != "Healthy" or since is None:
            return state.lifecycle_state == "Terminating"
        return since < self.since or clock.now() >= since + self.warmup()

    def warmup(self) -> float:
        """Seconds until a new instance counts as ready: by default the group's grace period of health checks."""
        given = self.preferences.get("InstanceWarmup")
        return float(self.group.health_check_grace_period or 0 if given is None else given)


def begin(refresh: Refresh) -> None:
    """Find what is to be replaced and start soon."""
    if refresh.wanted:
        refresh.group.refresh_launching = refresh.wanted
    refresh.old = {s.instance_id for s in _candidates(refresh)}
    refresh.kept = {s.instance_id for s in refresh.group.instance_states} - refresh.old
    refresh.total = len(refresh.old)
    refresh.checkpoints = [int(p) for p in refresh.preferences.get("CheckpointPercentages", [])]
    clock.after(0, partial(tick, refresh))


def _candidates(refresh: Refresh) -> list[Any]:
    states = [s for s in refresh.group.instance_states if s.lifecycle_state != "Terminating" and not refresh.ignores(s)]
    return _outdated(refresh.group, states) if refresh.preferences.get("SkipMatching") else states


def _outdated(group: Any, states: list[Any]) -> list[Any]:
    template, version = template_of(group)
    return [s for s in states if not _matches(s, template, version)]


def _matches(state: Any, template: Any, version: Any) -> bool:
    group = state.auto_scaling_group
    if not template:
        return bool(state.launch_configuration_name == group.launch_configuration_name)
    its, types = state.launch_template or {}, instance_types(group)
    same = (its.get("LaunchTemplateId"), str(its.get("Version"))) == (template.id, str(version.number))
    return same and (not types or state.instance_type in types)


def tick(refresh: Refresh) -> None:
    """Do what can be done now, and look again in a while."""
    if not refresh.active:
        return
    if not alive(refresh.group):
        finish(refresh, "Failed", "The Auto Scaling group was deleted.")
        return
    if refresh.status == "Cancelling":
        finish(refresh, "Cancelled", refresh.reason)
        return
    if ringing := _ringing(refresh):
        fail(refresh, f"The CloudWatch alarm {ringing[0]} is in the ALARM state.")
    elif not suspended(refresh.group, "InstanceRefresh"):
        _advance(refresh)
    else:
        refresh.reason = "The InstanceRefresh process of the Auto Scaling group is suspended."
    if refresh.active:
        clock.after(TICK_SECONDS, partial(tick, refresh))


def _ringing(refresh: Refresh) -> list[str]:
    return [] if refresh.undone else refresh_rules.ringing(refresh.group, refresh.preferences)


def _advance(refresh: Refresh) -> None:
    if refresh.status == "Pending":
        refresh.status = "InProgress"
        warm_pool.renew(refresh.group, _outdated(refresh.group, warm_pool.pool_of(refresh.group)))
    remaining, unready = refresh.remaining(), refresh.unready()
    if not remaining and not unready:
        _end(refresh)
        return
    if _gives_up(refresh) or _held_at_checkpoint(refresh, bool(unready)):
        return
    if refresh.total - len(remaining) >= refresh.goal() and not unready:
        _end(refresh)
        return
    if not _blocked(refresh):
        _next_wave(refresh, remaining, unready)
    refresh.reason = _waiting_for(refresh)


def _next_wave(refresh: Refresh, remaining: list[Any], unready: list[Any]) -> None:
    held = refresh.held()
    free = [s for s in remaining if s not in held]
    free.sort(key=lambda s: (s.lifecycle_state == "InService", s.protected_from_scale_in))
    number = min(_wave(refresh, len(remaining), len(unready)), len(free))
    if refresh_surplus.launched(refresh.group):
        if not unready:
            _replace(refresh, free[: refresh_surplus.settle(refresh.group)])
    elif number and refresh.extra():
        refresh_surplus.launch(refresh.group, number)
    elif number:
        _replace(refresh, free[:number])


def _gives_up(refresh: Refresh) -> bool:
    """Whether it has failed: for an hour there was nothing left that it may replace, or nothing could be launched."""
    reason = _stuck(refresh)
    refresh.stuck_since = (refresh.stuck_since or clock.now()) if reason else None
    if reason and refresh.stuck_since is not None and clock.now() >= refresh.stuck_since + PATIENCE_SECONDS:
        fail(refresh, reason)
        return True
    return False


def _stuck(refresh: Refresh) -> str:
    """Why nothing goes on at present; empty when something does."""
    refused = activities.refused_launch(refresh.group, refresh.since)
    if refused:
        return f"Instances could not be launched: {refused}"
    held = refresh.held()
    if not held or len(held) < len(refresh.remaining()):
        return ""
    example, why = (
        held[0].instance_id,
        "in Standby" if held[0].lifecycle_state == "Standby" else "protected from scale in",
    )
    return f"{len(held)} instance(s) may not be replaced. For example: {example} is {why}."


def _wave(refresh: Refresh, remaining: int, unready: int) -> int:
    """How many may leave now: with the share that must stay healthy, one at a time at the least."""
    desired = refresh.group.desired_capacity or 0
    least = maintenance.share(refresh.group, refresh.preferences, maintenance.LEAST)
    spare = refresh.extra() or max(1, desired - math.ceil(desired * least / 100))
    room = max(0, spare - unready)
    aim = math.ceil(refresh.total * refresh.checkpoints[0] / 100) if refresh.checkpoints else refresh.goal()
    return min(room, remaining, max(0, aim - (refresh.total - remaining)))


def _held_at_checkpoint(refresh: Refresh, unready: bool) -> bool:
    """Whether it rests: a checkpoint is reached once what was replaced so far is ready."""
    if refresh.paused_until is not None:
        if clock.now() < refresh.paused_until:
            return True
        refresh.paused_until = None
    if not refresh.checkpoints or unready or refresh.percentage() < refresh.checkpoints[0]:
        return False
    reached = refresh.checkpoints.pop(0)
    refresh.paused_until = clock.now() + float(refresh.preferences.get("CheckpointDelay", 3600))
    refresh.reason = f"Checkpoint of {reached} percent reached; waiting for the checkpoint delay."
    return True


def _blocked(refresh: Refresh) -> bool:
    return suspended(refresh.group, "Launch") or suspended(refresh.group, "Terminate")


def _replace(refresh: Refresh, chosen: list[Any]) -> None:
    for state in chosen:
        health.retire(refresh.group, state, "an instance was taken out of service in response to an instance refresh.")
    reconcile(refresh.group)


def _waiting_for(refresh: Refresh) -> str:
    if _blocked(refresh):
        return "The Launch or the Terminate process of the Auto Scaling group is suspended."
    given_up = [a for a in refresh.group.__dict__.get("abandoned", []) if a[0] >= refresh.since]
    if given_up:
        _when, instance_id, hook = given_up[-1]
        return (
            f"Waiting for remaining instances to be available. For example: {instance_id} was abandoned by the "
            f"lifecycle hook {hook}; {len(given_up)} instance(s) were abandoned since the refresh started."
        )
    unready = [s for s in refresh.unready() if s is not None]
    if not unready:
        return _stuck(refresh)
    first = unready[0]
    if first.lifecycle_state in ON_THE_WAY:
        where = f"{first.instance_id} is in {first.lifecycle_state}"
        return f"Waiting for remaining instances to be available. For example: {where}."
    return f"Waiting for instances to warm up before continuing. For example: {first.instance_id} is warming up."


def _end(refresh: Refresh) -> None:
    """All replaced and ready: bake if asked, then make the new configuration the group's own."""
    bake = float(refresh.preferences.get("BakeTime", 0))
    if bake and not refresh.undone:
        refresh.status, refresh.baked_from = "Baking", refresh.baked_from or clock.now()
        if clock.now() < refresh.baked_from + bake:
            refresh.reason = "Baking: waiting before the refresh ends."
            return
    finish(refresh, "RollbackSuccessful" if refresh.undone else "Successful", "")


def finish(refresh: Refresh, status: str, reason: str) -> None:
    """End it; only a success changes what the group launches from then on."""
    refresh.status, refresh.reason, refresh.ended = status, reason, clock.now()
    group = refresh.group
    group.__dict__.pop("refresh_launching", None)
    refresh_surplus.give_up(group, refresh.old | refresh.kept)
    if status == "Successful" and refresh.wanted:
        adopt(group, refresh.wanted)


def fail(refresh: Refresh, reason: str) -> None:
    """End it without success, or roll it back if it was started so."""
    if refresh.undone:
        finish(refresh, "RollbackFailed", reason)
    elif refresh.preferences.get("AutoRollback") and refresh.reversible:
        roll_back(refresh, reason)
    else:
        finish(refresh, "Failed", reason)


def roll_back(refresh: Refresh, reason: str) -> None:
    """Replace what the refresh launched by what the group launched before."""
    refresh.undone = Undone(reason, clock.now(), refresh.percentage(), refresh.left())
    untouched = refresh.old | refresh.kept
    refresh_surplus.give_up(refresh.group, untouched)
    refresh.old = {s.instance_id for s in refresh.group.instance_states if s.instance_id not in untouched}
    refresh.total = len(refresh.old)
    refresh.status, refresh.reason, refresh.stuck_since = "RollbackInProgress", reason, None
    refresh.checkpoints, refresh.paused_until = [], None
    refresh.group.refresh_launching = refresh.original
    warm_pool.renew(refresh.group, _outdated(refresh.group, warm_pool.pool_of(refresh.group)))
