#!/usr/bin/python
# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: codedeploy_fleet_info
short_description: Read the hosts of an AWS CodeDeploy deployment group
version_added: 1.0.0
description:
  - Resolve a deployment group, or a selection as a deployment group makes it, to EC2 instances, and tell what is known of each
    without touching it. What it is, whether SSM reaches it, what SSM's inventory knows of the CodeDeploy agent, and for a group
    which revision it has.
  - Inventory proves that the agent was installed when it was gathered, never that it runs now.
    M(slipway.aws.codedeploy_preflight) asks the hosts.
  - It tells what is wrong with the Auto Scaling groups of a deployment group. A launch hook of CodeDeploy that is gone, a group that
    is gone or was made again under the same name, suspended processes, hosts in a warm pool.
  - What may not be read, or is not known, is told as unknown and does not fail the task.
  - It costs a few calls for the selection, one more for 50 hosts to ask SSM and one for 40 to ask the inventory.
author:
  - Slipway contributors (@slipway-aws)
options:
  inventory:
    description:
      - Whether to ask the inventory of SSM for the agent.
    type: bool
    default: true
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - slipway.aws._fleet.selection
  - slipway.aws._options.role
  - slipway.aws._attributes.info
seealso:
  - module: slipway.aws.codedeploy_preflight
  - module: slipway.aws.codedeploy_deployment
  - module: slipway.aws.codedeploy_deployment_info
"""

EXAMPLES = r"""
- name: Read what the production hosts have
  slipway.aws.codedeploy_fleet_info:
    application_name: storefront
    deployment_group_name: production
  register: found

- name: Name the hosts that are behind
  ansible.builtin.debug:
    msg: "{{ found.hosts | selectattr('stale') | map(attribute='instance_id') }}"

- name: Read the hosts that a new group would select
  slipway.aws.codedeploy_fleet_info:
    ec2_tag_filters:
      - key: Application
        value: storefront
"""

RETURN = r"""
fleet:
  description: The selection as a whole. Empty when the application or the deployment group does not exist.
  returned: always
  type: dict
  contains:
    application_name:
      description: The application.
      type: str
      returned: for a group
      sample: storefront
    deployment_group_name:
      description: The deployment group.
      type: str
      returned: for a group
      sample: production
    revision:
      description: What the last deployment of the group that succeeded brought.
      type: dict
      returned: for a group
    deployment_id:
      description: That deployment.
      type: str
      returned: for a group
      sample: d-ABCDEF123
    launch_failures:
      description:
        - The launch deployments that failed since the last one that succeeded. A new host of an Auto Scaling group whose launch
          deployment fails is ended and replaced by one that fails the same way.
      type: dict
      returned: for a group
      contains:
        count:
          description: How many failed in a row.
          type: int
          sample: 0
        looping:
          description: Whether there are so many that this will not end by itself; three are enough.
          type: bool
          sample: false
        deployment_ids:
          description: The failed ones, newest first.
          type: list
          elements: str
        revision:
          description: What the newest of them was to bring.
          type: dict
        error_information:
          description: C(code) and C(message) of the newest.
          type: dict
        since:
          description: When the oldest of them was created.
          type: str
    auto_scaling_groups:
      description: The Auto Scaling groups that hosts belong to.
      type: list
      elements: str
      returned: when it exists
    instance_refreshes:
      description: Instance refreshes that run on the Auto Scaling groups that are selected.
      type: list
      elements: dict
      returned: when it exists
      contains:
        auto_scaling_group_name:
          description: The Auto Scaling group.
          type: str
        instance_refresh_id:
          description: The refresh.
          type: str
        status:
          description: Its status.
          type: str
          sample: InProgress
        percentage_complete:
          description: How far it is.
          type: int
        start_time:
          description: When it began.
          type: str
    missing:
      description: Ids of O(instance_ids) that are not there.
      type: list
      elements: str
      returned: when it exists
    problems:
      description: What is wrong with the group or selection as a whole.
      type: list
      elements: dict
      returned: when it exists
      contains:
        cause:
          description: Identifier of the cause, such as V(no_host_left), V(instance_refresh) or V(alarm_on).
          type: str
          sample: no_host_left
        message:
          description: What is wrong, with names.
          type: str
          sample: 6 of 6 hosts must stay healthy, which leaves none to deploy to
        remedy:
          description: What to do about it.
          type: str
        blocks:
          description: Whether a deployment is known to fail by it.
          type: bool
          sample: true
hosts:
  description: The instances, by their id. Stopped ones are among them, as CodeDeploy deploys to them and fails.
  returned: always
  type: list
  elements: dict
  contains:
    instance_id:
      description: Id of the instance.
      type: str
      sample: i-0123456789abcdef0
    name:
      description: Its tag C(Name).
      type: str
    private_ip_address:
      description: Its address.
      type: str
      sample: 10.0.0.4
    image_id:
      description: The AMI it was launched from.
      type: str
      sample: ami-0123456789abcdef0
    state:
      description: Its state in EC2.
      type: str
      sample: running
    launch_time:
      description: When it was launched or last started.
      type: str
    instance_profile:
      description: ARN of its instance profile.
      type: str
    platform:
      description: V(linux) or V(windows).
      type: str
      sample: linux
    auto_scaling_group:
      description: The selected Auto Scaling group it belongs to.
      type: str
    lifecycle_state:
      description: Its state in that group. V(Pending:Wait) is a host that a launch hook holds.
      type: str
      sample: InService
    ssm_ping:
      description: V(Online), V(ConnectionLost), V(unknown) when SSM may not be asked, or null when SSM does not know it.
      type: str
      sample: Online
    ssm_last_ping:
      description: When SSM last heard from the SSM agent of the host.
      type: str
      sample: "2026-11-29T17:30:00+00:00"
    agent:
      description: What inventory knows of the CodeDeploy agent.
      type: dict
      contains:
        status:
          description: V(installed), V(absent), or null when it is not known.
          type: str
          sample: installed
        version:
          description: Its version.
          type: str
          sample: 1.8.1
        source:
          description: V(inventory), or null when nothing is known.
          type: str
          sample: inventory
        captured_at:
          description: When inventory was gathered.
          type: str
        problem:
          description: Why nothing is known.
          type: str
    revision:
      description: What the last deployment that succeeded on it brought; null when there was none.
      type: dict
      returned: for a group
    deployment_id:
      description: That deployment.
      type: str
      returned: for a group
    failed_deployment_id:
      description: A deployment that failed on it since.
      type: str
      returned: for a group
    stale:
      description: Whether it lacks the revision of the group, or a deployment failed on it since; null when the group has none.
      type: bool
      returned: for a group
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.survey import (
    SELECTION_OPTIONS,
    SELECTION_RULES,
    describe,
)
from ansible_collections.slipway.aws.plugins.module_utils._core.client import ROLE_OPTIONS, connect
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import FAILURES, failure, warn
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import to_result

ARGUMENT_SPEC = {
    **SELECTION_OPTIONS,
    "inventory": {"type": "bool", "default": True},
    **ROLE_OPTIONS,
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True, **SELECTION_RULES)
    try:
        told = describe(connect(module), module.params)
    except FAILURES as problem:
        module.fail_json(**failure(problem, "Failed to read the fleet"))
    for warning in told.pop("warnings"):
        warn(warning)
    module.exit_json(changed=False, **to_result(told))


if __name__ == "__main__":
    main()
