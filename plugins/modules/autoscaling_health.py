#!/usr/bin/python
# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: autoscaling_health
short_description: Wait until the hosts of an Auto Scaling group are healthy
version_added: 1.0.0
description:
  - Wait until an Auto Scaling group has as many hosts as it should, and each of them is in service and healthy, in the group and in all of
    its target groups and load balancers. The task fails if this is not so after O(wait_timeout), and names the hosts and the reasons.
  - This is the check after an instance refresh, because AWS calls a refresh successful when hosts are in service.
  - Hosts in standby do not count. The module changes nothing.
author:
  - Slipway contributors (@slipway-aws)
options:
  name:
    description:
      - Name of the Auto Scaling group.
    type: str
    required: true
    aliases: [auto_scaling_group_name]
  managed:
    description:
      - Whether the hosts must also answer to AWS Systems Manager, which a command on them requires.
    type: bool
    default: false
  wait_timeout:
    description:
      - Maximum time to wait, in seconds.
    type: int
    default: 600
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - slipway.aws._options.wait
  - slipway.aws._options.follow
  - slipway.aws._options.role
  - slipway.aws._attributes.act
notes:
  - In check mode and with O(wait=false) the hosts are checked once. In check mode the task does not fail because of their health.
seealso:
  - module: slipway.aws.autoscaling_refresh
  - module: slipway.aws.ssm_run_command
"""

EXAMPLES = r"""
- name: Wait until the new hosts are healthy behind the load balancer, and take commands
  slipway.aws.autoscaling_health:
    name: storefront
    managed: true
  register: healthy

- name: Check the application on every host
  slipway.aws.ssm_run_command:
    document_name: AWS-RunShellScript
    parameters:
      commands: curl -fsS http://localhost/health
    instance_ids: "{{ healthy.hosts | map(attribute='instance_id') | list }}"
"""

RETURN = r"""
hosts:
  description: The hosts of the group, except those that are leaving it or are in standby.
  returned: when the group exists
  type: list
  elements: dict
  contains:
    instance_id:
      description: ID of the instance.
      type: str
      sample: i-0123456789abcdef0
    lifecycle_state:
      description: State of the host in the group.
      type: str
      sample: InService
    health_status:
      description: Health of the host in the group.
      type: str
      sample: Healthy
    launch_template:
      description: ID, name and version of the launch template that the host was launched from.
      type: dict
      returned: for a host that has one
    launch_configuration_name:
      description: Name of the launch configuration that the host was launched from.
      type: str
      returned: for a host that has one
    reasons:
      description: Why the host is not healthy. Empty for a healthy host.
      type: list
      elements: str
unhealthy_hosts:
  description: IDs of the hosts that are not healthy.
  returned: when the group exists
  type: list
  elements: str
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.slipway.aws.plugins.module_utils._autoscaling.health import TIMEOUT, Others, wait
from ansible_collections.slipway.aws.plugins.module_utils._core.client import ROLE_OPTIONS, connect
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import FAILURES, failure
from ansible_collections.slipway.aws.plugins.module_utils._core.waiting import FOLLOW_OPTION, WAIT_OPTIONS
from ansible_collections.slipway.aws.plugins.module_utils._elb.listeners import health
from ansible_collections.slipway.aws.plugins.module_utils._ssm.nodes import managed_nodes

ARGUMENT_SPEC = {
    "name": {"type": "str", "required": True, "aliases": ["auto_scaling_group_name"]},
    "managed": {"type": "bool", "default": False},
    **WAIT_OPTIONS,
    "wait_timeout": {"type": "int", "default": TIMEOUT},
    **FOLLOW_OPTION,
    **ROLE_OPTIONS,
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    params = module.params
    others = Others(health, managed_nodes if params["managed"] else None)
    try:
        result = wait(connect(module), params, module.check_mode, others)
    except FAILURES as problem:
        module.fail_json(**failure(problem, f"Failed to wait for the hosts of the Auto Scaling group {params['name']}"))
    module.exit_json(**result)


if __name__ == "__main__":
    main()
