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
  - Find the hosts that a deployment group selects, or that your own selection would select, and return what is known about each
    of them without accessing the host. This includes the properties of the instance, whether SSM can reach it, what the
    SSM inventory contains about the CodeDeploy agent, and for a deployment group the revision that the instance has.
  - The inventory shows that the agent was installed when the inventory was collected, not that the agent is running now.
    M(slipway.aws.codedeploy_preflight) queries the hosts themselves.
  - The module reports problems with the Auto Scaling groups of a deployment group. These are a launch hook of CodeDeploy that is
    missing, an Auto Scaling group that is missing or was created again under the same name, suspended processes, and hosts in a
    warm pool.
  - Values that the caller may not read, or that are not known, are returned as unknown and do not fail the task.
  - The task takes a few requests for the selection, one more for every 50 hosts to query SSM, and one for every 40 hosts to query
    the inventory.
author:
  - Slipway contributors (@slipway-aws)
options:
  inventory:
    description:
      - Whether to query the SSM inventory for the CodeDeploy agent.
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
- name: Read the hosts of the production deployment group
  slipway.aws.codedeploy_fleet_info:
    application_name: storefront
    deployment_group_name: production
  register: found

- name: Show the hosts that do not have the current revision
  ansible.builtin.debug:
    msg: "{{ found.hosts | selectattr('stale') | map(attribute='instance_id') }}"

- name: Read the hosts that a new deployment group would select
  slipway.aws.codedeploy_fleet_info:
    ec2_tag_filters:
      - key: Application
        value: storefront
"""

RETURN = r"""
fleet:
  description: The selected hosts as a whole. Empty when the application or the deployment group does not exist.
  returned: always
  type: dict
  contains:
    application_name:
      description: Name of the application.
      type: str
      returned: when a deployment group is selected
      sample: storefront
    deployment_group_name:
      description: Name of the deployment group.
      type: str
      returned: when a deployment group is selected
      sample: production
    revision:
      description: The revision of the last deployment of the deployment group that succeeded.
      type: dict
      returned: when a deployment group is selected
    deployment_id:
      description: ID of that deployment.
      type: str
      returned: when a deployment group is selected
      sample: d-ABCDEF123
    launch_failures:
      description:
        - The launch deployments that failed since the last successful one. A new host of an Auto Scaling group whose launch
          deployment fails is terminated and replaced by one that fails in the same way.
      type: dict
      returned: when a deployment group is selected
      contains:
        count:
          description: Number of launch deployments that failed in a row.
          type: int
          sample: 0
        looping:
          description: Whether launch deployments fail in a loop, which does not end by itself. This is assumed from three failures on.
          type: bool
          sample: false
        deployment_ids:
          description: IDs of the failed launch deployments, newest first.
          type: list
          elements: str
        revision:
          description: The revision of the newest failed launch deployment.
          type: dict
        error_information:
          description: C(code) and C(message) of the error of the newest failed launch deployment.
          type: dict
        since:
          description: When the oldest of the failed launch deployments was created.
          type: str
    auto_scaling_groups:
      description: Names of the Auto Scaling groups that the hosts belong to.
      type: list
      elements: str
      returned: unless the deployment group does not exist
    instance_refreshes:
      description: Instance refreshes that are in progress in the selected Auto Scaling groups.
      type: list
      elements: dict
      returned: unless the deployment group does not exist
      contains:
        auto_scaling_group_name:
          description: Name of the Auto Scaling group.
          type: str
        instance_refresh_id:
          description: ID of the instance refresh.
          type: str
        status:
          description: Status of the instance refresh.
          type: str
          sample: InProgress
        percentage_complete:
          description: Percentage of the instance refresh that is complete.
          type: int
        start_time:
          description: When the instance refresh started.
          type: str
    missing:
      description: The O(instance_ids) that do not exist.
      type: list
      elements: str
      returned: unless the deployment group does not exist
    problems:
      description: Problems with the deployment group or the selection as a whole.
      type: list
      elements: dict
      returned: unless the deployment group does not exist
      contains:
        cause:
          description: Identifier of the cause, such as V(no_host_left), V(instance_refresh) or V(alarm_on).
          type: str
          sample: no_host_left
        message:
          description: What is wrong, with the names of what is affected.
          type: str
          sample: 6 of 6 hosts must stay healthy, which leaves none to deploy to
        remedy:
          description: How to fix the problem.
          type: str
        blocks:
          description: Whether a deployment is known to fail because of the problem.
          type: bool
          sample: true
hosts:
  description:
    - The EC2 instances, sorted by ID, and after them the on-premises instances of the deployment group, sorted by name. Stopped
      instances are included, because CodeDeploy deploys to them and fails.
  returned: always
  type: list
  elements: dict
  contains:
    instance_id:
      description: ID of the instance. The name of an on-premises instance.
      type: str
      sample: i-0123456789abcdef0
    on_premises:
      description: Whether it is an on-premises instance. EC2 and SSM know nothing of it, so most of what follows is null.
      type: bool
      sample: false
    name:
      description: Value of the tag C(Name) of the instance.
      type: str
    private_ip_address:
      description: Private IP address of the instance.
      type: str
      sample: 10.0.0.4
    public_ip_address:
      description: Public IP address of the instance. Null if it has none.
      type: str
    subnet_id:
      description: Subnet of the instance.
      type: str
      sample: subnet-0123456789abcdef0
    vpc_id:
      description: VPC of the instance.
      type: str
      sample: vpc-0123456789abcdef0
    image_id:
      description: ID of the AMI that the instance was launched from.
      type: str
      sample: ami-0123456789abcdef0
    state:
      description: State of the instance in EC2. V(registered) for an on-premises instance.
      type: str
      sample: running
    launch_time:
      description: When the instance was launched or last started.
      type: str
    instance_profile:
      description: ARN of the instance profile.
      type: str
    availability_zone:
      description: Availability Zone of the instance.
      type: str
      sample: eu-west-1a
    platform:
      description: Operating system of the instance, V(linux) or V(windows).
      type: str
      sample: linux
    auto_scaling_group:
      description: Name of the selected Auto Scaling group that the instance belongs to.
      type: str
    lifecycle_state:
      description: Lifecycle state of the instance in that Auto Scaling group. In V(Pending:Wait) a launch hook keeps the instance waiting.
      type: str
      sample: InService
    ssm_ping:
      description:
        - V(Online) or V(ConnectionLost). V(unknown) when the caller may not query SSM, null when the instance is not registered
          with SSM.
      type: str
      sample: Online
    ssm_last_ping:
      description: When SSM last heard from the SSM agent of the host.
      type: str
      sample: "2026-11-29T17:30:00+00:00"
    agent:
      description: What the SSM inventory contains about the CodeDeploy agent.
      type: dict
      contains:
        status:
          description: V(installed) or V(absent). Null when it is not known.
          type: str
          sample: installed
        version:
          description: Version of the agent.
          type: str
          sample: 1.8.1
        source:
          description: V(inventory). Null when nothing is known.
          type: str
          sample: inventory
        captured_at:
          description: When the inventory was collected.
          type: str
        problem:
          description: Why nothing is known about the agent.
          type: str
    revision:
      description: The revision of the last deployment that succeeded on the instance. Null when there was none.
      type: dict
      returned: when a deployment group is selected
    deployment_id:
      description: ID of that deployment.
      type: str
      returned: when a deployment group is selected
    failed_deployment_id:
      description: ID of a later deployment that failed on the instance.
      type: str
      returned: when a deployment group is selected
    stale:
      description:
        - Whether the instance does not have the revision of the deployment group, or a later deployment failed on it. Null when the
          group has no revision.
      type: bool
      returned: when a deployment group is selected
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
