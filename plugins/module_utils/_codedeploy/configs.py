# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The calls for deployment configurations. Knows nothing of Ansible. Private to this collection."""

from __future__ import annotations

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.calls import SERVICE, names
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape

PREDEFINED_PREFIX = "CodeDeployDefault."  # how the names of AWS's own begin
# One value: the type says which block there is.
ROUTING: Shape = {
    "type": None,
    "timeBasedCanary": {"canaryPercentage": None, "canaryInterval": None},
    "timeBasedLinear": {"linearPercentage": None, "linearInterval": None},
}


def find_deployment_config(aws: Connection, params: Shape) -> Shape | None:
    """The configuration as GetDeploymentConfig returns it, without members that AWS leaves empty."""
    try:
        live = aws.client(SERVICE).get_deployment_config(deploymentConfigName=params["name"])
    except is_boto3_error_code("DeploymentConfigDoesNotExistException"):
        return None
    return {k: v for k, v in live["deploymentConfigInfo"].items() if v not in (None, {})}


def create_deployment_config(aws: Connection, wanted: Shape) -> None:
    aws.client(SERVICE).create_deployment_config(**wanted)


def delete_deployment_config(aws: Connection, live: Shape) -> None:
    aws.client(SERVICE).delete_deployment_config(deploymentConfigName=live["deploymentConfigName"])


def read_deployment_configs(aws: Connection, wanted: list[str] | None, predefined: bool) -> list[Shape]:
    """Configurations by name, unknown ones left out; all, or all but AWS's own, when no names are given."""
    if wanted is None:
        listed = names(aws, "list_deployment_configs", "deploymentConfigsList")
        wanted = [name for name in listed if predefined or not name.startswith(PREDEFINED_PREFIX)]
    read = (find_deployment_config(aws, {"name": name}) for name in wanted)
    return [config for config in read if config]
