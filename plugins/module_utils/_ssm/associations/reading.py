# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Associations with what is known beside them: tags, runs, nodes. Only reads. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._ssm.associations import calls, census
from ansible_collections.slipway.aws.plugins.module_utils._ssm.packages.associations import INSTALLER, installs


def read_associations(aws: Connection, params: Shape) -> t.Iterator[Shape]:
    """The associations that fit the options of a task, each as Describe returns it; those that are gone by then left out."""
    packages = params["package_names"]
    narrowed = {calls.FILTERS["document_name"]: INSTALLER} if packages is not None else {}
    wanted = {calls.FILTERS[option]: params[option] for option in calls.FILTERS if params[option]}
    for one in calls.list_associations(aws, {**narrowed, **wanted}):
        live = calls.describe(aws, one["AssociationId"])
        if live is not None and (packages is None or installs(live, packages)):
            yield {**calls.with_tags(aws, params, live), **_beside(aws, params, live)}


def _beside(aws: Connection, params: Shape, live: Shape) -> Shape:
    runs = {"Executions": calls.executions(aws, live["AssociationId"])} if params["include_executions"] else {}
    return {**runs, **({"InstanceIds": _nodes(aws, live)} if params["include_nodes"] else {})}


def _nodes(aws: Connection, live: Shape) -> list[str] | None:
    found = census.expected(aws, live)
    return None if found is None else sorted(found)
