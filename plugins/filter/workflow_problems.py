# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter `slipway.aws.workflow_problems`; its documentation is in workflow_problems.yml."""

from __future__ import annotations

import collections.abc as c
import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.slipway.aws.plugins.module_utils._documents.problems import errors
from ansible_collections.slipway.aws.plugins.module_utils._documents.workflow.actions import EVERYWHERE
from ansible_collections.slipway.aws.plugins.module_utils._documents.workflow.problems import (
    workflow_document_problems,
)


def workflow_problems(text: t.Any, type: t.Any = None, warnings: bool = False) -> list[dict[str, t.Any]]:
    """The problems of a workflow document as maps; see the documentation of the filter."""
    if not isinstance(text, (str, bytes)):
        kind = "a map. Give the text itself, for example from the file lookup" if isinstance(text, c.Mapping) else text
        raise AnsibleFilterError(f"workflow_problems takes the text of a workflow document, not {kind}.")
    if type is not None and type not in EVERYWHERE:
        raise AnsibleFilterError(f"workflow_problems takes type={' or type='.join(EVERYWHERE)}, not {type!r}.")
    found = workflow_document_problems(text, type)
    return [problem._asdict() for problem in (found if warnings else errors(found))]


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, c.Callable[..., t.Any]]:
        return {"workflow_problems": workflow_problems}
