# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which associations of State Manager install a package, and which of its versions they pin. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code

from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.paging import items
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape

SERVICE = "ssm"
INSTALLER = "AWS-ConfigureAWSPackage"
INSTALL, UNINSTALL = "Install", "Uninstall"  # its actions
DEFAULT = ("", "latest")  # as a version: whatever the default version is


class Use(t.NamedTuple):
    """An association that installs the package; `version` is empty when it follows the default version."""

    id: str
    label: str
    version: str


def uses(aws: Connection, name: str) -> list[Use]:
    """The associations that have the package in their parameters. A list tells no parameters, so each is described."""
    found = items(
        aws,
        SERVICE,
        "list_associations",
        "Associations",
        AssociationFilterList=[{"key": "Name", "value": INSTALLER}],
        MaxResults=50,
    )
    told = (_use(aws, one["AssociationId"], name) for one in found)
    return [one for one in told if one is not None]


def installs(association: Shape, names: t.Collection[str]) -> bool:
    """Whether an association of the document that installs packages is about one of these and does not remove it."""
    parameters = _parameters(association)
    return parameters.get("action") != UNINSTALL and any(is_about(parameters.get("name", ""), one) for one in names)


def is_about(package: str, name: str) -> bool:
    """Whether a command or an association names this package, by its name or its ARN."""
    return package == name or package.endswith(f":document/{name}")


def _parameters(association: Shape) -> dict[str, str]:
    """Each has one value."""
    return {key: (values or [""])[0] for key, values in (association.get("Parameters") or {}).items()}


def _use(aws: Connection, association: str, name: str) -> Use | None:
    try:
        told = aws.client(SERVICE).describe_association(AssociationId=association)["AssociationDescription"]
    except is_boto3_error_code("AssociationDoesNotExist"):
        return None
    parameters = _parameters(told)
    if not is_about(parameters.get("name", ""), name):
        return None
    version = parameters.get("version", "")
    pinned = "" if version.lower() in DEFAULT else version
    return Use(association, told.get("AssociationName") or association, pinned)


def remove(aws: Connection, use: Use) -> None:
    """What it installed stays on the nodes."""
    try:
        aws.client(SERVICE).delete_association(AssociationId=use.id)
    except is_boto3_error_code("AssociationDoesNotExist"):
        pass
