# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task of a module whose component brings a bundle with it: describe, bundle, compare, store, create. Private."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._core.client import (
    ROLE_OPTIONS,
    STATE_OPTION,
    TAG_OPTIONS,
    Connection,
    connect,
)
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import FAILURES, Refused, failure, warn
from ansible_collections.slipway.aws.plugins.module_utils._core.resource import Plan, carry_out, diff, plan
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape, to_result
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.bundled.bundles import (
    Bundle,
    Content,
    document_of,
    find_bundle,
    look_at_bucket,
    store_bundle,
)
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.components import (
    COMPONENT,
    IMAGEBUILDER_COMPONENT,
    find_component,
)
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.removal import withdraw

NAME = re.compile(r"[-_A-Za-z0-9][-_A-Za-z0-9 ]{1,126}[-_A-Za-z0-9]")  # it stands in paths and scripts
BUNDLE_OPTIONS: dict[str, t.Any] = {
    "name": {"type": "str", "required": True, "aliases": ["component_name"]},
    "semantic_version": {"type": "str", "aliases": ["version"]},
    "src": {"type": "path"},
    "exclude": {"type": "list", "elements": "str", "default": [".git"]},
    "ignore_file": {"type": "str"},
    "symlinks": {"type": "str", "choices": ["keep", "follow", "fail"], "default": "keep"},
    "bucket": {"type": "str"},
    "key_prefix": {"type": "str", "no_log": False},
    "server_side_encryption": {"type": "str", "choices": ["AES256", "aws:kms", "aws:kms:dsse"]},
    "sse_kms_key_id": {"type": "str", "no_log": False},
    "expected_bucket_owner": {"type": "str"},
    "description": {"type": "str"},
    "change_description": {"type": "str"},
    "supported_os_versions": {"type": "list", "elements": "str"},
    "kms_key_id": {"type": "str"},
    **STATE_OPTION,
    **TAG_OPTIONS,
    **ROLE_OPTIONS,
}
BUNDLE_RULES: dict[str, t.Any] = {
    "required_if": [("state", "present", ("src", "bucket"))],
    "required_by": {"sse_kms_key_id": ("server_side_encryption",)},
}


def ensure_bundled(module: t.Any, described: t.Callable[[Shape], Content]) -> None:
    """Ensure that the component of this content exists, with its bundle, and leave the module."""
    params = module.params
    if params["state"] == "absent":
        withdraw(module, COMPONENT)
    try:
        aws = connect(module)
        content, bundle = _content(aws, params, described)
        todo = plan(IMAGEBUILDER_COMPONENT, params, find_component(aws, params))
        missing = _missing_bucket(aws, bundle, module.check_mode)
        uploaded, after = not bundle.is_stored, todo.after
        if not module.check_mode:
            uploaded = uploaded and store_bundle(
                aws, params, bundle
            )  # a component without its bundle fails every build
            todo, after = _carried_out(aws, params, todo)
    except FAILURES as problem:
        module.fail_json(**failure(problem, f"Failed to ensure the component {params['name']}", module.argument_spec))
    for text in (*content.warnings, *missing):
        warn(text)
    shown = {"diff": _with_bundle(diff(IMAGEBUILDER_COMPONENT, params, todo), bundle)} if module._diff else {}
    module.exit_json(
        changed=todo.action != "none" or uploaded,
        component=to_result(after),
        bundle=bundle.told(uploaded),
        **content.told,
        **shown,
    )


def _content(aws: Connection, params: Shape, described: t.Callable[[Shape], Content]) -> tuple[Content, Bundle]:
    """What the component is made from. Puts its document in params."""
    if not NAME.fullmatch(params["name"]):
        raise Refused("name must have 3 to 128 letters, digits, spaces, hyphens and underscores")
    content = described(params)
    bundle = find_bundle(aws, params, content.tree)
    params.update(platform="Linux", uri=None, data=document_of(params, content, bundle))
    return content, bundle


def _missing_bucket(aws: Connection, bundle: Bundle, forecast: bool) -> list[str]:
    """In check mode a task before may be going to create it."""
    if bundle.is_stored:
        return []
    try:
        look_at_bucket(aws, bundle)
    except Refused as missing:
        if not forecast:
            raise
        return [str(missing)]
    return []


def _carried_out(aws: Connection, params: Shape, todo: Plan) -> tuple[Plan, Shape]:
    """What was done, and the component as it is then."""
    if todo.action == "none":
        return todo, todo.after
    done = carry_out(IMAGEBUILDER_COMPONENT, aws, params, todo)
    return done, find_component(aws, params) or {}


def _with_bundle(shown: Shape, bundle: Bundle) -> Shape:
    """A bundle that has to be stored again is a change, though the component is as it was."""
    here = {"bundle": bundle.place.uri}
    before = {**shown["before"], **(here if bundle.is_stored else {})}
    return {"before": before, "after": {**shown["after"], **here}}
