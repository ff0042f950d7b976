# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The calls for workflows. Knows nothing of Ansible. Private to this collection.

The type belongs to the ARN: workflows of two types may have the same name.
"""

from __future__ import annotations

import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._documents.workflow.problems import (
    workflow_document_problems,
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
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.nouns import read
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.shapes import asked

WORKFLOW = "workflow"
OPTIONS = ("data", "kms_key_id")
CONTENT = ("data", "kmsKeyId")

create_workflow = version_creator(WORKFLOW, (*CONTENT, "type"))
update_workflow = version_updater(WORKFLOW, (*CONTENT, "type"))


def content(params: Shape) -> Shape:
    """What makes a new version when it changes, as for components."""
    return asked(params, *OPTIONS)


def place(params: Shape) -> str:
    """How the ARNs of a workflow go on after the account."""
    return f"{WORKFLOW}/{params['type'].lower()}"


def find_workflow(aws: Connection, params: Shape) -> t.Optional[Shape]:
    """The newest build of the version, or of all versions; None when there is none.

    Takes out of params what this version already is, so that what is left asks for a new one.
    """
    check_version(params["semantic_version"], wildcards=False)
    live = read(aws, WORKFLOW, own_arn(aws, place(params), params["name"], params["semantic_version"] or NEWEST))
    take_document(aws, params)
    if live is None:
        if not params["data"]:
            raise Refused("the workflow does not exist, and a new workflow requires data or uri")
        params["semantic_version"] = params["semantic_version"] or FIRST_VERSION
    refuse_bad("workflow", params, lambda text: workflow_document_problems(text, params["type"]))
    return live and compared(live, params, content, OPTIONS)
