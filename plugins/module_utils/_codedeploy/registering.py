# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The revisions that an application has registered: register, find, list. Private to this collection."""

from __future__ import annotations

import json

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.calls import SERVICE
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.revision_content import (
    fingerprint_in,
    marked,
    without_mark,
)
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused
from ansible_collections.slipway.aws.plugins.module_utils._core.paging import items
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape, given

BATCH = 25  # revisions in one BatchGetApplicationRevisions


class NoApplication(Refused):
    """The application does not exist; a revision belongs to one."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no application {name} in this region. Create it with codedeploy_application first.")


def register_revision(aws: Connection, params: Shape, location: Shape, fingerprint: str = "") -> None:
    """Declares no "already exists": a repeated registration changes nothing but the description."""
    text = marked(params["description"], fingerprint) if fingerprint else params["description"]
    description = {"description": text} if text is not None else {}
    aws.client(SERVICE).register_application_revision(
        applicationName=params["application_name"], revision=location, **description
    )


def find_revision(aws: Connection, params: Shape, location: Shape) -> Shape | None:
    """One revision with what is known of it, by exactly this location; None when the application does not know it."""
    try:
        found = aws.client(SERVICE).get_application_revision(
            applicationName=params["application_name"], revision=location
        )
    except is_boto3_error_code("RevisionDoesNotExistException"):
        return None
    except is_boto3_error_code("ApplicationDoesNotExistException"):
        raise NoApplication(params["application_name"]) from None
    return {"revision": found.get("revision", location), **found.get("revisionInfo", {})}


def look_up_revision(aws: Connection, params: Shape, location: Shape) -> Shape | None:
    """The same for who only reads: an unknown application has no revisions."""
    try:
        found = find_revision(aws, params, location)
    except NoApplication:
        return None
    return found and _described(found)


def list_revisions(aws: Connection, params: Shape) -> list[Shape]:
    """Revisions by the filters of ListApplicationRevisions, in its order; none of an unknown application."""
    names = {"sort_by": "sortBy", "sort_order": "sortOrder", "s3_bucket": "s3Bucket", "s3_key_prefix": "s3KeyPrefix"}
    asked = given({member: params[option] for option, member in {**names, "deployed": "deployed"}.items()})
    asked["applicationName"] = params["application_name"]
    try:
        locations = items(aws, SERVICE, "list_application_revisions", "revisions", params["limit"], **asked)
    except is_boto3_error_code("ApplicationDoesNotExistException"):
        return []
    return read_revisions(aws, params, locations) if params["details"] else [{"revision": one} for one in locations]


def read_revisions(aws: Connection, params: Shape, locations: list[Shape]) -> list[Shape]:
    """What is known of each location, 25 a call, in the order asked."""
    known: dict[str, Shape] = {}
    for start in range(0, len(locations), BATCH):
        answer = aws.client(SERVICE).batch_get_application_revisions(
            applicationName=params["application_name"], revisions=locations[start : start + BATCH]
        )
        for one in answer.get("revisions", []):
            known[_identity(one["revisionLocation"])] = one.get("genericRevisionInfo", {})
    return [{"revision": one, **_described(known.get(_identity(one), {}))} for one in locations]


def _described(found: Shape) -> Shape:
    """With the fingerprint of a bundle of ours beside the description that the user gave it."""
    told = fingerprint_in(found.get("description"))
    return {**found, "description": without_mark(found["description"]), "fingerprint": told} if told else found


def _identity(location: Shape) -> str:
    return json.dumps(location, sort_keys=True)
