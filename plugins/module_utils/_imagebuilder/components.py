# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The calls for components. Knows nothing of Ansible. Private to this collection.

A component cannot be changed. Created again under the same version with other content, the service adds a build version
to it; with the same content it refuses, so what is there is read and compared first.
"""

from __future__ import annotations

import typing as t
from urllib.parse import urlsplit

from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape, Unordered
from ansible_collections.slipway.aws.plugins.module_utils._documents.component.digest import same_document
from ansible_collections.slipway.aws.plugins.module_utils._documents.component.problems import (
    component_document_problems,
)
from ansible_collections.slipway.aws.plugins.module_utils._documents.problems import errors, sentence
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.arns import NEWEST, check_version, own_arn
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.nouns import SERVICE, read
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.shapes import asked, spoken
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.versions import (
    same_content,
    with_mark,
    without_mark,
)

COMPONENT = "component"
FIRST_VERSION = "1.0.0"
LARGEST = 64 * 1024  # bytes of a document in S3, AWS's default quota
CONTENT = ("data", "platform", "supportedOsVersions", "kmsKeyId")
MEMBERS = ("name", "semanticVersion", "description", "changeDescription", *CONTENT, "uri", "tags")


def content(params: Shape) -> Shape:
    """What makes a new version when it changes. Descriptions do not: the service compares the content alone."""
    wanted = asked(params, "data", "platform", "supported_os_versions", "kms_key_id")
    if wanted["supportedOsVersions"] is not None:
        wanted["supportedOsVersions"] = Unordered(wanted["supportedOsVersions"])
    return wanted


def find_component(aws: Connection, params: Shape) -> t.Optional[Shape]:
    """The newest build of the version, or of all versions; None when there is none.

    Takes out of params what this version already is, so that what is left asks for a new one.
    """
    check_version(params["semantic_version"], wildcards=False)
    live = read(aws, COMPONENT, own_arn(aws, COMPONENT, params["name"], params["semantic_version"] or NEWEST))
    if params["uri"]:
        params["data"] = _object(aws, params["uri"])
    platform = params["platform"] or (live or {}).get("platform")
    if live is None:
        _need_all(params)
        params["semantic_version"] = params["semantic_version"] or FIRST_VERSION
    if params["data"]:
        _refuse_bad(params["data"], platform, params["uri"] or "data")
    return live and _compared(live, params)


def _compared(found: Shape, params: Shape) -> Shape:
    live, mark = without_mark({**found, "semanticVersion": found["version"]})
    if params["data"] and same_document(live.get("data", ""), params["data"]):
        params["data"] = live["data"]
    if same_content(live, content(params), mark):
        settled = (
            "data",
            "uri",
            "platform",
            "supported_os_versions",
            "kms_key_id",
            "description",
            "change_description",
        )
        params.update(dict.fromkeys(settled))
    else:
        live.pop("changeDescription", None)  # it tells of the change before
    return live


def create_component(aws: Connection, wanted: Shape) -> None:
    """A new component, or with other content of a version that is there, a new build version of it."""
    members = {key: wanted[key] for key in MEMBERS if key in wanted}
    marked = with_mark(members, CONTENT)
    if marked.get("uri"):
        del marked["data"]
    aws.client(SERVICE).create_component(**spoken(marked))


def update_component(aws: Connection, live: Shape, wanted: Shape) -> None:
    """A new build version with the new content; it is created with its tags, so the old one's stay as they are."""
    create_component(aws, wanted)
    live["arn"] = None


def _need_all(params: Shape) -> None:
    if not params["platform"] or not (params["data"] or params["uri"]):
        raise Refused("the component does not exist, and a new component requires platform, and data or uri")


def _object(aws: Connection, uri: str) -> str:
    """The document in S3; Get never tells where a component came from, so only its text can be compared."""
    address = urlsplit(uri)
    if address.scheme != "s3" or not address.netloc or not address.path.strip("/"):
        raise Refused(f"uri {uri!r} is not the address of an S3 object. Use s3://BUCKET/KEY")
    body = aws.client("s3").get_object(Bucket=address.netloc, Key=address.path[1:])["Body"].read(LARGEST + 1)
    if len(body) > LARGEST:
        raise Refused(f"the document at {uri} is larger than {LARGEST} bytes, which is the default limit of AWS")
    try:
        return str(body.decode())
    except UnicodeDecodeError:
        raise Refused(f"the document at {uri} is not UTF-8 text") from None


def _refuse_bad(text: str, platform: t.Optional[str], source: str) -> None:
    bad = errors(component_document_problems(text, platform))
    if bad:
        lines = [sentence(problem, source) for problem in bad]
        raise Refused(f"the component document is not valid. {' '.join(lines)}", problems=lines)
