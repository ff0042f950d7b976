#!/usr/bin/python
# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: codedeploy_deployment_config_info
short_description: Read AWS CodeDeploy deployment configurations
version_added: 1.0.0
description:
  - Read AWS CodeDeploy deployment configurations. Configurations that do not exist are left out of the result.
author:
  - Slipway contributors (@slipway-aws)
options:
  names:
    description:
      - Names of the configurations to read. If not set, all configurations are read.
    type: list
    elements: str
  predefined:
    description:
      - Whether to include the predefined configurations of AWS when O(names) is not set.
    type: bool
    default: true
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - slipway.aws._options.role
  - slipway.aws._attributes.info
seealso:
  - module: slipway.aws.codedeploy_deployment_config
"""

EXAMPLES = r"""
- name: Read the custom configurations
  slipway.aws.codedeploy_deployment_config_info:
    predefined: false
  register: custom
"""

RETURN = r"""
deployment_configs:
  description:
    - The configurations that were found, each in the form of RV(slipway.aws.codedeploy_deployment_config#module:deployment_config).
  returned: always
  type: list
  elements: dict
  contains:
    deployment_config_name:
      description: Name of the configuration.
      type: str
      sample: CodeDeployDefault.HalfAtATime
    compute_platform:
      description: Compute platform of the configuration, V(Server), V(Lambda) or V(ECS).
      type: str
      sample: Server
    minimum_healthy_hosts:
      description: How many hosts must stay healthy. AWS returns the type V(MOST_CONCURRENCY) for one host at a time.
      type: dict
      returned: for configurations of the compute platform V(Server)
      sample: {"type": "FLEET_PERCENT", "value": 50}
    traffic_routing_config:
      description: How traffic is shifted.
      type: dict
      returned: for configurations of the compute platforms V(Lambda) and V(ECS)
"""


from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.configs import read_deployment_configs
from ansible_collections.slipway.aws.plugins.module_utils._core.client import ROLE_OPTIONS, Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.resource import report
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape

ARGUMENT_SPEC = {
    "names": {"type": "list", "elements": "str"},
    "predefined": {"type": "bool", "default": True},
    **ROLE_OPTIONS,
}


def found(aws: Connection, params: Shape) -> list[Shape]:
    return read_deployment_configs(aws, params["names"], params["predefined"])


def main() -> None:
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    report(module, "deployment_configs", lambda aws: found(aws, module.params))


if __name__ == "__main__":
    main()
