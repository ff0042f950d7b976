# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What components and workflows share: versions that are a document. Knows nothing of Ansible. Private.

Neither can be changed. Created again under the same version with other content, the service adds a build version to it;
with the same content it refuses, so what is there is read and compared first.
"""

from __future__ import annotations

import typing as t
from urllib.parse import urlsplit

from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._documents.component.digest import same_document
from ansible_collections.slipway.aws.plugins.module_utils._documents.problems import Problem, errors, sentence
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.nouns import creator
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.versions import (
    same_content,
    with_mark,
    without_mark,
)

FIRST_VERSION = "1.0.0"
LARGEST = 64 * 1024  # bytes of a document in S3, AWS's default quota
NAMED = ("name", "semanticVersion", "description", "changeDescription")
DESCRIPTIONS = ("description", "change_description")


def take_document(aws: Connection, params: Shape) -> None:
    """Put the document of `uri` in the place of `data`; Get never tells where one came from, so only texts can be compared."""
    if params["uri"]:
        params["data"] = s3_text(aws, "uri", params["uri"])


def refuse_bad(noun: str, params: Shape, problems: t.Callable[[str], t.Iterable[Problem]]) -> None:
    """Raise Refused for a document that AWS would refuse."""
    bad = errors(problems(params["data"])) if params["data"] else []
    if bad:
        lines = [sentence(problem, params["uri"] or "data") for problem in bad]
        raise Refused(f"the {noun} document is not valid. {' '.join(lines)}", problems=lines)


def compared(found: Shape, params: Shape, content: t.Callable[[Shape], Shape], options: t.Tuple[str, ...]) -> Shape:
    """The live version. Takes out of params what it already is, so that what is left asks for a new one."""
    # The version as it is asked for: AWS may write 2019.12.02 without its zero.
    live, mark = without_mark({**found, "semanticVersion": params["semantic_version"] or found["version"]})
    if params["data"] and same_document(live.get("data", ""), params["data"]):
        params["data"] = live["data"]
    if same_content(live, content(params), mark):
        params.update(dict.fromkeys(("uri", *options, *DESCRIPTIONS)))
    else:
        live.pop("changeDescription", None)  # it tells of the change before
    return live


def version_creator(kind: str, content: t.Tuple[str, ...]) -> t.Callable[[Connection, Shape], None]:
    """The create function of a kind: new, or with other content of a version that is there, a new build version of it."""

    def create(aws: Connection, wanted: Shape) -> None:
        members = {key: wanted[key] for key in (*NAMED, *content, "uri", "tags") if key in wanted}
        marked = with_mark(members, content)
        if marked.get("uri"):
            del marked["data"]
        creator(kind)(aws, marked)

    return create


def version_updater(kind: str, content: t.Tuple[str, ...]) -> t.Callable[[Connection, Shape, Shape], None]:
    """The update function: a new build version. It is created with its tags, so the old one's stay as they are."""
    create = version_creator(kind, content)

    def update(aws: Connection, live: Shape, wanted: Shape) -> None:
        create(aws, wanted)
        live["arn"] = None

    return update


def s3_text(aws: Connection, option: str, uri: str) -> str:
    """The text of an object in S3."""
    address = urlsplit(uri)
    if address.scheme != "s3" or not address.netloc or not address.path.strip("/"):
        raise Refused(f"{option} {uri!r} is not the address of an S3 object. Use s3://BUCKET/KEY")
    body = aws.client("s3").get_object(Bucket=address.netloc, Key=address.path[1:])["Body"].read(LARGEST + 1)
    if len(body) > LARGEST:
        raise Refused(f"the document at {uri} is larger than {LARGEST} bytes, which is the default limit of AWS")
    try:
        return str(body.decode())
    except UnicodeDecodeError:
        raise Refused(f"the document at {uri} is not UTF-8 text") from None
