# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bring one AWS resource to the asked state: find, plan, apply, settle, result. Private to this collection.

A module gives a `Resource`, a value that names all that differs between one resource and the next; everything else
(check mode, diff, tags, waiting, messages) is here once. `plan` and `apply` take a connection and parameters, never a
module, so that many resources can be converged in one process.

`changed` and `diff` come from the same plan, in check mode and for real, so a prediction cannot drift from what is done.
The diff shows the members a task can set and nothing that only AWS assigns (ids, ARNs, dates). It is returned with
`--diff` only: a registered result stays small. What may be secret (`shapes.SECRET`) is a digest in results, diffs and messages.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.amazon.aws.plugins.module_utils.tagging import compare_aws_tags

from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection, connect
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import (
    AWS_FAILURES,
    FAILURES,
    CannotChange,
    Refused,
    failure,
    retried,
    taken,
)
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import (
    Shape,
    differences,
    given,
    hidden,
    option_name,
    overlay,
    to_result,
)


@dataclass(frozen=True)
class Resource:
    """All that differs between one AWS resource and the next. Ten fields; what does not fit is written by hand."""

    service: str  # botocore's name of the service
    name: str  # result key, and the noun in messages
    find: t.Callable[[Connection, Shape], Shape | None]  # params -> live shape, None when absent
    want: t.Callable[[Shape], Shape]  # params -> shape as `find` returns it; None means "not asked for"
    create: t.Callable[[Connection, Shape], object]  # takes the wanted shape
    delete: t.Callable[[Connection, Shape], object]  # takes the live shape
    update: t.Callable[[Connection, Shape, Shape], object] | None = None  # live, live with the wish laid over it
    retag: t.Callable[[Connection, Shape, Shape, list[str]], object] | None = None  # live, tags to set, to drop
    settle: t.Callable[[Connection, Shape, int], object] | None = None  # params, seconds: wait until usable
    fixed: frozenset[str] = frozenset()  # members no call can change; nested ones as dotted paths

    @property
    def noun(self) -> str:
        """The name in words."""
        return self.name.replace("_", " ")


class Plan(t.NamedTuple):
    """What will be done. `before` and `after` are whole shapes; `members` the dotted paths an update changes."""

    action: str  # none, create, update, delete
    before: Shape
    after: Shape
    members: frozenset[str] = frozenset()


def plan(resource: Resource, params: Shape, live: Shape | None) -> Plan:
    """Decide what to do. Pure. Raises CannotChange, naming the options, when no call leads to the wanted state."""
    if params["state"] == "absent":
        return Plan("delete" if live else "none", live or {}, {})
    wanted = given(resource.want(params))
    if live is None:
        return Plan("create", {}, {**wanted, **_text_tags(wanted)})
    if "tags" in wanted:
        wanted["tags"] = _kept_tags(live, wanted["tags"], params.get("purge_tags", True))
    members = frozenset(differences(live, wanted))
    _refuse_fixed(resource, params, live, wanted, members)
    changing = {key: wanted[key] for key in {path.split(".")[0] for path in members}}
    after = overlay(live, changing) if changing else live
    return Plan("update" if members else "none", live, after, members)


def apply(resource: Resource, aws: Connection, todo: Plan) -> None:
    """Carry the plan out: at most one create, update or delete, and the tag calls."""
    if todo.action == "create":
        resource.create(aws, todo.after)
    elif todo.action == "delete":
        resource.delete(aws, todo.before)
    if todo.action == "update" and resource.update and todo.members - {"tags"}:
        resource.update(aws, todo.before, todo.after)
    if todo.action == "update" and resource.retag and "tags" in todo.members:
        put, drop = compare_aws_tags(todo.before.get("tags") or {}, todo.after["tags"])
        resource.retag(aws, todo.before, put, drop)


def carry_out(resource: Resource, aws: Connection, params: Shape, todo: Plan) -> Plan:
    """Carry the plan out, and return what was done.

    botocore asks again when an answer was lost. A create without a client token then finds its own work there; so what
    is there is read, and only what is not as asked for is somebody else's.
    """
    try:
        apply(resource, aws, todo)
    except AWS_FAILURES as problem:
        if not taken(problem):
            raise
        met = _met(resource, aws, params)
        if met.action == "create":  # it cannot be seen, so nothing can be said of it
            raise
        return todo if retried(problem) else met
    return todo


def _met(resource: Resource, aws: Connection, params: Shape) -> Plan:
    """The plan that is left when the name is taken. Raises Refused when what is there is not as asked for."""
    try:
        left = plan(resource, params, resource.find(aws, params))
        differs = ", ".join(sorted(map(option_name, left.members)))
    except CannotChange as stuck:
        raise Refused(_somebody_elses(resource, str(stuck))) from stuck
    if differs:
        raise Refused(_somebody_elses(resource, f"{differs} differ"))
    return left


def _somebody_elses(resource: Resource, why: str) -> str:
    return (
        f"someone else created a {resource.noun} with this name while the task ran, and it differs from what the task asks for: "
        f"{why.rstrip('.')}. Run the task again to see and change it, or choose another name."
    )


def ensure(module: t.Any, resource: Resource) -> None:
    """Bring one resource to the asked state and leave the module."""
    module.exit_json(**ensured(module, resource)[0])


def ensured(module: t.Any, resource: Resource) -> tuple[dict[str, t.Any], Plan]:
    """Bring one resource to the asked state. What the task registers, and what was done or would be."""
    doing, params = "describe", module.params
    try:
        aws = connect(module)
        live, doing = resource.find(aws, params), "change"
        todo = plan(resource, params, live)
        after = todo.after
        if todo.action != "none" and not module.check_mode:
            doing = todo.action
            todo = carry_out(resource, aws, params, todo)
            after = _settled(resource, aws, params, todo)
    except FAILURES as problem:
        if isinstance(problem, Refused) and doing == "describe":
            doing = "change"  # it was no answer of AWS that stood in the way, but an option
        module.fail_json(
            **failure(problem, f"Failed to {doing} the {resource.noun} {params['name']}", module.argument_spec)
        )
    result = {"changed": todo.action != "none", resource.name: to_result(hidden(after))}
    if module._diff:
        result["diff"] = diff(resource, params, todo)
    return result, todo


def report(module: t.Any, key: str, items: t.Callable[[Connection], t.Iterable[Shape]]) -> None:
    """List resources for an `_info` module and leave it: `{key: [...]}`, never changed."""
    try:
        found = [to_result(item) for item in items(connect(module))]
    except FAILURES as problem:
        module.fail_json(**failure(problem, f"Failed to read the {key.replace('_', ' ')}", module.argument_spec))
    module.exit_json(changed=False, **{key: found})


def diff(resource: Resource, params: Shape, todo: Plan) -> dict[str, t.Any]:
    """Before and after of the members a task can set; what only AWS assigns is not among them."""
    settable = resource.want(params).keys()
    before, after = ({k: v for k, v in shape.items() if k in settable} for shape in (todo.before, todo.after))
    return {"before": to_result(hidden(before)), "after": to_result(hidden(after))}


def _settled(resource: Resource, aws: Connection, params: Shape, todo: Plan) -> Shape:
    if resource.settle and params.get("wait", True):
        resource.settle(aws, params, params.get("wait_timeout") or 0)
    return {} if todo.action == "delete" else resource.find(aws, params) or {}


def _refuse_fixed(resource: Resource, params: Shape, live: Shape, wanted: Shape, members: frozenset[str]) -> None:
    changing = members if resource.update is None else {path for path in members if _is_fixed(resource, path)}
    stuck = sorted(changing - {"tags"})
    if not stuck:
        return
    now, then = hidden(live), hidden(wanted)
    options = ", ".join(f"{option_name(path)} (is {_at(now, path)!r}, asked for {_at(then, path)!r})" for path in stuck)
    raise CannotChange(
        f"AWS cannot change {options} of an existing {resource.noun}. "
        f"Keep the value, choose another name, or remove {params['name']} with state=absent first."
    )


def _is_fixed(resource: Resource, path: str) -> bool:
    parts = path.split(".")
    return any(".".join(parts[: i + 1]) in resource.fixed for i in range(len(parts)))


def _at(shape: t.Any, path: str) -> t.Any:
    for part in path.split("."):
        shape = shape.get(part) if isinstance(shape, dict) else None
    return shape


def _text_tags(wanted: Shape) -> Shape:
    return {"tags": {k: str(v) for k, v in wanted["tags"].items()}} if "tags" in wanted else {}


def _kept_tags(live: Shape, tags: Shape, purge: bool) -> Shape:
    """AWS keeps its own "aws:" tags whatever is asked; numbers in YAML are text in a tag."""
    kept = {k: v for k, v in (live.get("tags") or {}).items() if k.startswith("aws:") or not purge}
    return {**kept, **{k: str(v) for k, v in tags.items()}}
