# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A package in all Regions that a task names: one that fails does not keep the others from theirs. Private to this collection."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._bundle.store import NoBucket
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import FAILURES, Refused, failure, warn
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._ssm.packages import documents, planning, publishing, storing
from ansible_collections.slipway.aws.plugins.module_utils._ssm.packages.build import Package, build
from ansible_collections.slipway.aws.plugins.module_utils._ssm.packages.planning import Todo
from ansible_collections.slipway.aws.plugins.module_utils._ssm.packages.removal import Removal, plan_removal, remove
from ansible_collections.slipway.aws.plugins.module_utils._ssm.packages.telling import after, before, told


@dataclasses.dataclass
class Region:
    """One Region on its way. `problem` is why it was given up."""

    aws: Connection
    todo: Todo | Removal | None = None
    problem: Exception | None = None
    package: Shape = dataclasses.field(default_factory=dict)
    diff: tuple[Shape, Shape] = ({}, {})
    written: bool = False  # whether AWS was asked to change anything
    pruned: list[str] = dataclasses.field(default_factory=list)

    @property
    def changes(self) -> bool:
        return self.todo is not None and self.todo.changes

    @property
    def changed(self) -> bool:
        return self.changes if self.problem is None else self.written

    def attempt(self, act: t.Callable[[Region], None]) -> None:
        """Do this unless the Region was given up; a failure gives it up."""
        if self.problem is None:
            try:
                act(self)
            except FAILURES as problem:
                self.problem = problem


class Outcome(t.NamedTuple):
    """What is returned: of each Region, and why the task fails."""

    regions: list[Region]
    uploaded: list[str]
    warnings: tuple[str, ...]


def converge(aws: Connection, params: Shape, check: bool, with_diff: bool) -> Outcome:
    """Bring the package to the asked state everywhere. Raises what concerns all Regions."""
    planning.check_options(params)
    regions = [Region(aws.in_region(name) if name != aws.region else aws) for name in _names(aws, params)]
    if params["state"] == "absent":
        return _removed(regions, params, check)
    package = build(params) if params["src"] is not None or params["packages"] is not None else None
    for region in regions:
        region.attempt(lambda one: _plan(one, params, package, with_diff))
    uploaded = [] if package is None else _store(aws, params, package, regions, check)
    if not check:
        for region in regions:
            region.attempt(lambda one: _begin(one, params, package))
        for region in regions:
            region.attempt(lambda one: publishing.finish(one.aws, params, _todo(one), package))
    for region in regions:
        region.attempt(lambda one: _tell(one, params, package, check))
    return Outcome(regions, uploaded, package.warnings if package else ())


def _names(aws: Connection, params: Shape) -> list[str]:
    return list(dict.fromkeys(params["regions"] or [aws.region]))


def _todo(region: Region) -> Todo:
    return t.cast(Todo, region.todo)


def _plan(region: Region, params: Shape, package: Package | None, with_diff: bool) -> None:
    todo = planning.plan(region.aws, params, package)
    region.todo, region.pruned = todo, [planning.label(one) for one in todo.prune]
    if package is not None and todo.publish:
        package.measured()
    if with_diff:
        manifest = _manifest_before(region.aws, params["name"], todo)
        region.diff = before(params, todo, manifest), after(params, todo, package, manifest)


def _manifest_before(aws: Connection, name: str, todo: Todo) -> Shape:
    """Of the newest version, which the new one is compared with."""
    newest = todo.live.versions[0]["DocumentVersion"] if todo.publish and todo.live.versions else None
    return documents.manifest_of(documents.get(aws, name, newest)) if newest else {}


def _store(aws: Connection, params: Shape, package: Package, regions: list[Region], check: bool) -> list[str]:
    """Upload once for each bucket that a Region takes the files from; a Region whose bucket fails is given up."""
    stored: list[str] = []
    waiting = [one for one in regions if one.problem is None and _todo(one).publish]
    for bucket in dict.fromkeys(_bucket(one, params) for one in waiting):
        served = [one for one in waiting if _bucket(one, params) == bucket]
        owner = aws if bucket == params["bucket"] else served[0].aws
        try:
            stored += _store_in(owner, params, package, bucket, check)
        except FAILURES as problem:
            for one in served:
                one.problem = problem
    return list(dict.fromkeys(stored))


def _store_in(aws: Connection, params: Shape, package: Package, bucket: str, check: bool) -> list[str]:
    """In check mode a bucket that is missing may be what a task before is going to make."""
    try:
        storing.look_at_bucket(aws, bucket)
    except NoBucket as problem:
        if not check:
            raise
        warn(str(problem))
    return [] if check else storing.store_all(aws, params, package, bucket)


def _bucket(region: Region, params: Shape) -> str:
    return str((params["region_buckets"] or {}).get(region.aws.region) or params["bucket"])


def _begin(region: Region, params: Shape, package: Package | None) -> None:
    bucket = _bucket(region, params)
    region.written = region.changes
    attached = storing.attachments(region.aws, params, package, bucket) if package else []
    publishing.begin(region.aws, params, _todo(region), package, attached)


def _tell(region: Region, params: Shape, package: Package | None, check: bool) -> None:
    """One look after a change, none where nothing changed, or nothing may."""
    todo = _todo(region)
    live = planning.look(region.aws, params) if todo.changes and not check else todo.live
    if todo.await_version and not todo.changes and not check:
        live = planning.look(region.aws, params)
    region.package = told(params, live, package, todo, check)


def _removed(regions: list[Region], params: Shape, check: bool) -> Outcome:
    def plan(region: Region) -> None:
        region.todo = plan_removal(region.aws, params)
        region.diff = region.todo.before, {}

    for region in regions:
        region.attempt(plan)
    for region in regions:
        if region.changes and not check:
            region.written = True
            region.attempt(lambda one: remove(one.aws, params, t.cast(Removal, one.todo)))
    return Outcome(regions, [], ())


def results(outcome: Outcome) -> Shape:
    """Of the first Region, and of each."""
    each = [
        {
            "region": one.aws.region,
            "changed": one.changed,
            "failed": one.problem is not None,
            "package": one.package,
            "pruned": one.pruned,
            **({"msg": failure(one.problem, "Failed")["msg"].removeprefix("Failed: ")} if one.problem else {}),
        }
        for one in outcome.regions
    ]
    return {
        "changed": any(one.changed for one in outcome.regions),
        "package": each[0]["package"],
        "regions": each,
        "uploaded": outcome.uploaded,
    }


def diff(outcome: Outcome) -> Shape:
    """Before and after of the Region, or of each where there are several."""
    if len(outcome.regions) == 1:
        then, now = outcome.regions[0].diff
        return {"before": then, "after": now}
    each = {one.aws.region: one.diff for one in outcome.regions}
    return {
        "before": {name: two[0] for name, two in each.items()},
        "after": {name: two[1] for name, two in each.items()},
    }


def refuse(outcome: Outcome, what: str, spec: t.Mapping[str, t.Any]) -> Shape | None:
    """Arguments for fail_json when a Region was given up; None when all are done."""
    failed = [region for region in outcome.regions if region.problem is not None]
    if not failed:
        return None
    told_of = [failure(t.cast(Exception, one.problem), what, spec) for one in failed]
    if len(outcome.regions) == 1:
        return told_of[0]
    lines = [f"{one.aws.region}: {told['msg'].removeprefix(what + ': ')}" for one, told in zip(failed, told_of)]
    done = [region.aws.region for region in outcome.regions if region.problem is None]
    rest = f"Done: {', '.join(done)}." if done else "No Region is done."
    return failure(Refused(f"{' '.join(lines)} {rest} Run the task again for the rest"), what)
