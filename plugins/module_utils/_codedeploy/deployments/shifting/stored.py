# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An AppSpec of ECS or Lambda that is a file in S3. Only reads. Private to this collection.

The file is read for the plan, and to know whether what it names serves already. What is deployed is the object that was
read: the revision is pinned by its ETag, since AWS reads it again.
"""

from __future__ import annotations

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments import bundles, planning, revisions
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.shifting import appspec
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.shifting.target import Source
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape

KINDS = ("YAML", "JSON")


def read(aws: Connection, source: Source) -> Source:
    """The source with the AppSpec that its object in S3 holds; one that needs no object as it is. Raises Refused."""
    if not source.location:
        return source
    revision = {"revisionType": "S3", "s3Location": source.location}
    words = revisions.in_words(revision)
    held = bundles.read_file(aws, revision)
    planning.refuse(list(held.problems))
    text = _decoded(held.content, words)
    spec = appspec.read(text, words)
    pinned = {**source.location, **({} if source.location.get("version") else {"eTag": held.etag})}
    return source._replace(platform=spec.platform, spec=spec._replace(stored={**revision, "s3Location": pinned}))


def location_of(revision: Shape | None) -> Shape | None:
    """Where an AppSpec of ECS or Lambda is stored, by the options of a task."""
    location = (revision or {}).get("s3_location") if (revision or {}).get("revision_type") == "S3" else None
    if not location or location["bundle_type"] not in KINDS:
        return None
    members = {"bucket": "bucket", "key": "key", "bundle_type": "bundleType", "version": "version", "e_tag": "eTag"}
    return {member: location[name] for name, member in members.items() if location.get(name)}


def _decoded(content: bytes, words: str) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as wrong:
        raise Refused(f"the AppSpec {words} is not text in UTF-8. Correct key, or store the AppSpec again.") from wrong
