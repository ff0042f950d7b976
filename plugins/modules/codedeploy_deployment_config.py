#!/usr/bin/python
# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: codedeploy_deployment_config
short_description: Manage an AWS CodeDeploy deployment configuration
version_added: 1.0.0
description:
  - Create and delete a deployment configuration. A deployment configuration determines how many hosts a deployment updates at once,
    or how it shifts traffic.
  - A deployment configuration cannot be changed. If the task sets other values than those of an existing configuration, it fails
    and names them. Create a configuration with a new name instead, and use that name in the deployment groups.
author:
  - Slipway contributors (@slipway-aws)
options:
  name:
    description:
      - Name of the configuration. 1 to 100 characters, which can be letters, digits and any of C(+=,.@_-). Names that start with
        C(CodeDeployDefault.) are reserved for AWS.
    type: str
    required: true
    aliases: [deployment_config_name]
  compute_platform:
    description:
      - The compute platform of the deployments that use the configuration. If not set, AWS uses V(Server).
    type: str
    choices: [Server, Lambda, ECS]
  minimum_healthy_hosts:
    description:
      - How many hosts must stay healthy while a deployment runs. For V(Server) only.
    type: dict
    suboptions:
      type:
        description: Whether O(minimum_healthy_hosts.value) is a number of hosts or a percentage. A percentage is rounded up to whole hosts.
        type: str
        choices: [HOST_COUNT, FLEET_PERCENT]
        required: true
      value:
        description: A number of hosts, 0 or more, or a percentage from 0 to 99.
        type: int
        required: true
  traffic_routing_config:
    description:
      - How traffic is shifted. For V(Lambda) and V(ECS) only.
    type: dict
    suboptions:
      type:
        description: How traffic is shifted.
        type: str
        choices: [TimeBasedCanary, TimeBasedLinear, AllAtOnce]
        required: true
      time_based_canary:
        description: Shift traffic in two steps.
        type: dict
        suboptions:
          canary_percentage:
            description: Percentage of the traffic to shift in the first step, up to 99.
            type: int
          canary_interval:
            description: Number of minutes between the two steps.
            type: int
      time_based_linear:
        description: Shift traffic in equal steps.
        type: dict
        suboptions:
          linear_percentage:
            description: Percentage of the traffic to shift in each step, up to 99.
            type: int
          linear_interval:
            description: Number of minutes between two steps.
            type: int
  zonal_config:
    description:
      - Deploy to one Availability Zone after the other. For V(Server) only.
    type: dict
    suboptions:
      first_zone_monitor_duration_in_seconds:
        description: Number of seconds to wait after the deployment to the first Availability Zone.
        type: int
      monitor_duration_in_seconds:
        description: Number of seconds to wait after the deployment to each other Availability Zone.
        type: int
      minimum_healthy_hosts_per_zone:
        description: How many hosts of an Availability Zone must stay healthy.
        type: dict
        suboptions:
          type:
            description: Whether the value is a number of hosts or a percentage.
            type: str
            choices: [HOST_COUNT, FLEET_PERCENT]
            required: true
          value:
            description: The number or percentage.
            type: int
            required: true
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - slipway.aws._options.state
  - slipway.aws._options.role
  - slipway.aws._attributes.noun
seealso:
  - module: slipway.aws.codedeploy_deployment_config_info
  - module: slipway.aws.codedeploy_deployment_group
  - name: Deployment configurations in CodeDeploy
    description: The AWS documentation about deployment configurations and the predefined ones.
    link: https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html
"""

EXAMPLES = r"""
- name: Create a configuration that keeps three quarters of the hosts in service during a deployment
  slipway.aws.codedeploy_deployment_config:
    name: three-quarters-healthy
    minimum_healthy_hosts:
      type: FLEET_PERCENT
      value: 75

- name: Delete a configuration that no deployment group uses any more
  slipway.aws.codedeploy_deployment_config:
    name: three-quarters-healthy
    state: absent
"""

RETURN = r"""
deployment_config:
  description:
    - The deployment configuration. Empty when the configuration does not exist. In check mode, its expected state.
  returned: always
  type: dict
  contains:
    compute_platform:
      description: Compute platform of the configuration, V(Server), V(Lambda) or V(ECS).
      type: str
      returned: when the configuration exists
      sample: Server
    create_time:
      description: When the configuration was created.
      type: str
      returned: when the configuration exists
      sample: "2026-11-23T17:00:00+00:00"
    deployment_config_id:
      description: ID that AWS assigned to the configuration.
      type: str
      returned: when the configuration exists
      sample: 1a2b3c4d-5678-90ab-cdef-000000000002
    deployment_config_name:
      description: Name of the configuration.
      type: str
      returned: when the configuration exists
      sample: three-quarters-healthy
    minimum_healthy_hosts:
      description: How many hosts must stay healthy.
      type: dict
      returned: for configurations of the compute platform V(Server)
      sample: {"type": "FLEET_PERCENT", "value": 75}
    traffic_routing_config:
      description: How traffic is shifted.
      type: dict
      returned: for configurations of the compute platforms V(Lambda) and V(ECS)
    zonal_config:
      description: How deployments proceed from one Availability Zone to the next.
      type: dict
      returned: when the configuration has it
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.config_rules import find_possible_config
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.configs import (
    ROUTING,
    create_deployment_config,
    delete_deployment_config,
)
from ansible_collections.slipway.aws.plugins.module_utils._core.client import ROLE_OPTIONS, STATE_OPTION
from ansible_collections.slipway.aws.plugins.module_utils._core.resource import Resource, ensure
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape, chosen, to_api


def want(params: Shape) -> Shape:
    return {
        "deploymentConfigName": params["name"],
        "computePlatform": params["compute_platform"],
        "minimumHealthyHosts": to_api(params["minimum_healthy_hosts"]),
        "trafficRoutingConfig": chosen(to_api(params["traffic_routing_config"]), ROUTING),
        "zonalConfig": to_api(params["zonal_config"]),
    }


DEPLOYMENT_CONFIG = Resource(
    service="codedeploy",
    name="deployment_config",
    find=find_possible_config,
    want=want,
    create=create_deployment_config,
    delete=delete_deployment_config,
)

HOSTS = {
    "type": "dict",
    "options": {
        "type": {"type": "str", "choices": ["HOST_COUNT", "FLEET_PERCENT"], "required": True},
        "value": {"type": "int", "required": True},
    },
}
ARGUMENT_SPEC = {
    "name": {"type": "str", "required": True, "aliases": ["deployment_config_name"]},
    "compute_platform": {"type": "str", "choices": ["Server", "Lambda", "ECS"]},
    "minimum_healthy_hosts": HOSTS,
    "traffic_routing_config": {
        "type": "dict",
        "options": {
            "type": {"type": "str", "choices": ["TimeBasedCanary", "TimeBasedLinear", "AllAtOnce"], "required": True},
            "time_based_canary": {
                "type": "dict",
                "options": {"canary_percentage": {"type": "int"}, "canary_interval": {"type": "int"}},
            },
            "time_based_linear": {
                "type": "dict",
                "options": {"linear_percentage": {"type": "int"}, "linear_interval": {"type": "int"}},
            },
        },
    },
    "zonal_config": {
        "type": "dict",
        "options": {
            "first_zone_monitor_duration_in_seconds": {"type": "int"},
            "monitor_duration_in_seconds": {"type": "int"},
            "minimum_healthy_hosts_per_zone": HOSTS,
        },
    },
    **STATE_OPTION,
    **ROLE_OPTIONS,
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    ensure(module, DEPLOYMENT_CONFIG)


if __name__ == "__main__":
    main()
