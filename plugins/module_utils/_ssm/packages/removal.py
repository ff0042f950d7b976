# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A package removed in one Region, in the order that AWS needs. Private to this collection."""

from __future__ import annotations

import dataclasses

from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._core.waiting import limits
from ansible_collections.slipway.aws.plugins.module_utils._ssm.packages import associations, documents
from ansible_collections.slipway.aws.plugins.module_utils._ssm.packages.associations import Use
from ansible_collections.slipway.aws.plugins.module_utils._ssm.packages.planning import label
from ansible_collections.slipway.aws.plugins.module_utils._ssm.packages.publishing import WAIT


@dataclasses.dataclass
class Removal:
    """What is there to be removed."""

    before: Shape = dataclasses.field(default_factory=dict)  # empty when there is nothing
    accounts: list[str] = dataclasses.field(default_factory=list)
    uses: list[Use] = dataclasses.field(default_factory=list)
    leaving: bool = False  # AWS is deleting it already

    @property
    def changes(self) -> bool:
        return bool(self.before) and not self.leaving


def plan_removal(aws: Connection, params: Shape) -> Removal:
    """Raises Refused while associations install it, unless the task removes them, too."""
    name = params["name"]
    document = documents.describe(aws, name)
    if document is None:
        return Removal()
    if document.get("Status") == documents.DELETING:
        return Removal({"name": name}, leaving=True)
    used = associations.uses(aws, name)
    if used and not params["delete_associations"]:
        labels = ", ".join(use.label for use in used)
        raise Refused(
            f"associations install it on nodes: {labels}. Uninstall it there first, because nodes cannot uninstall a deleted "
            "package. Then set delete_associations=true, or delete the associations"
        )
    versions = documents.list_versions(aws, name)
    accounts = sorted(documents.sharing(aws, name))
    before = {"name": name, "versions": [label(one) for one in versions], "shared_accounts": accounts}
    return Removal({**before, "associations": [use.label for use in used]}, accounts, used)


def remove(aws: Connection, params: Shape, todo: Removal) -> None:
    """Associations, then sharing, then the document: AWS refuses to delete one that is used or shared."""
    for use in todo.uses:
        associations.remove(aws, use)
    if todo.accounts:
        documents.share(aws, params["name"], {}, todo.accounts)
    documents.delete(aws, params["name"])
    if params["wait"]:
        documents.wait_gone(aws, params["name"], None, limits(params, WAIT))
