#!/usr/bin/python
# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: autoscaling_group_settings_info
short_description: Read settings of Auto Scaling groups that their copies lack
version_added: 1.0.0
description:
  - Read the lifecycle hooks, scaling policies, scheduled actions and other settings of Auto Scaling groups, which a copy that a blue/green
    deployment of AWS CodeDeploy makes does not have. M(slipway.aws.autoscaling_group_settings) adds them to another group.
  - Groups that do not exist are left out of the result.
author:
  - Slipway contributors (@slipway-aws)
options:
  names:
    description:
      - Names of the Auto Scaling groups to read. Each takes five requests.
    type: list
    elements: str
    required: true
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - slipway.aws._options.role
  - slipway.aws._attributes.info
notes:
  - Needs the permissions C(autoscaling:DescribeAutoScalingGroups), C(autoscaling:DescribeLifecycleHooks), C(autoscaling:DescribePolicies),
    C(autoscaling:DescribeScheduledActions) and C(autoscaling:DescribeNotificationConfigurations).
seealso:
  - module: slipway.aws.autoscaling_group_settings
"""

EXAMPLES = r"""
- name: Read the settings of the fleet
  slipway.aws.autoscaling_group_settings_info:
    names: [storefront]
  register: before
"""

RETURN = r"""
auto_scaling_groups:
  description: The groups that were found.
  returned: always
  type: list
  elements: dict
  contains:
    auto_scaling_group_name:
      description: Name of the group.
      type: str
      sample: storefront
    settings:
      description: Its settings. A list is empty if the group has none of this kind.
      type: dict
      contains:
        lifecycle_hooks:
          description: Its lifecycle hooks, without those that CodeDeploy manages, each as AWS describes it.
          type: list
          elements: dict
          sample: [{"lifecycle_hook_name": "drain", "lifecycle_transition": "autoscaling:EC2_INSTANCE_TERMINATING"}]
        notification_configurations:
          description: The SNS topics that are notified, with C(topic_arn) and C(notification_types).
          type: list
          elements: dict
        metrics:
          description: The metrics that are collected, with C(metric) and C(granularity).
          type: list
          elements: dict
        group_tags:
          description: Its tags, with C(key), C(value) and C(propagate_at_launch).
          type: list
          elements: dict
        suspended_processes:
          description: The processes that are suspended, with C(process_name) and C(suspension_reason).
          type: list
          elements: dict
        warm_pool:
          description: The configuration of its warm pool, as the only item.
          type: list
          elements: dict
        scheduled_actions:
          description: Its scheduled actions, each as AWS describes it.
          type: list
          elements: dict
        scaling_policies:
          description: Its scaling policies, each as AWS describes it.
          type: list
          elements: dict
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.slipway.aws.plugins.module_utils._autoscaling.calls import read_groups
from ansible_collections.slipway.aws.plugins.module_utils._autoscaling.settings import read
from ansible_collections.slipway.aws.plugins.module_utils._core.client import ROLE_OPTIONS, Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.resource import report
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape

ARGUMENT_SPEC = {"names": {"type": "list", "elements": "str", "required": True}, **ROLE_OPTIONS}


def found(aws: Connection, names: list[str]) -> list[Shape]:
    groups = read_groups(aws, names)
    return [{"autoScalingGroupName": name, "settings": read(aws, group)} for name, group in groups.items()]


def main() -> None:
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    report(module, "auto_scaling_groups", lambda aws: found(aws, module.params["names"]))


if __name__ == "__main__":
    main()
