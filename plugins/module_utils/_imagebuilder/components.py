# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The calls for components. Knows nothing of Ansible. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused
from ansible_collections.slipway.aws.plugins.module_utils._core.resource import Resource
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape, Unordered
from ansible_collections.slipway.aws.plugins.module_utils._documents.component.problems import (
    component_document_problems,
)
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.arns import NEWEST, check_version, own_arn
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.documents import (
    FIRST_VERSION,
    compared,
    refuse_bad,
    take_document,
    version_creator,
    version_updater,
)
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.nouns import deleter, read, retag
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.shapes import asked

COMPONENT = "component"
OPTIONS = ("data", "platform", "supported_os_versions", "kms_key_id")
CONTENT = ("data", "platform", "supportedOsVersions", "kmsKeyId")

create_component = version_creator(COMPONENT, CONTENT)
update_component = version_updater(COMPONENT, CONTENT)


def content(params: Shape) -> Shape:
    """What makes a new version when it changes. Descriptions do not: the service compares the content alone."""
    wanted = asked(params, *OPTIONS)
    if wanted["supportedOsVersions"] is not None:
        wanted["supportedOsVersions"] = Unordered(wanted["supportedOsVersions"])
    return wanted


def find_component(aws: Connection, params: Shape) -> t.Optional[Shape]:
    """The newest build of the version, or of all versions; None when there is none.

    Takes out of params what this version already is, so that what is left asks for a new one.
    """
    check_version(params["semantic_version"], wildcards=False)
    live = read(aws, COMPONENT, own_arn(aws, COMPONENT, params["name"], params["semantic_version"] or NEWEST))
    take_document(aws, params)
    platform = params["platform"] or (live or {}).get("platform")
    if live is None:
        if not params["platform"] or not params["data"]:
            raise Refused("the component does not exist, and a new component requires platform, and data or uri")
        params["semantic_version"] = params["semantic_version"] or FIRST_VERSION
    refuse_bad("component", params, lambda text: component_document_problems(text, platform))
    return live and compared(live, params, content, OPTIONS)


def want(params: Shape) -> Shape:
    named = asked(params, "name", "semantic_version", "uri", "description", "change_description")
    return {**named, **content(params), "tags": params["tags"]}


IMAGEBUILDER_COMPONENT = Resource(
    service="imagebuilder",
    name="component",
    find=find_component,
    want=want,
    create=create_component,
    update=update_component,
    delete=deleter(COMPONENT),
    retag=retag,
    fixed=frozenset({"name", "platform"}),
)
