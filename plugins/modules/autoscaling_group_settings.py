#!/usr/bin/python
# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: autoscaling_group_settings
short_description: Give an Auto Scaling group settings of another one
version_added: 1.0.0
description:
  - Add lifecycle hooks, scaling policies, scheduled actions and other settings to an Auto Scaling group that lacks them, for example to
    the copy that a blue/green deployment of AWS CodeDeploy makes of a group. Such a copy has none of them.
  - Settings that the group has already, under the same name, are not changed, and nothing is removed.
  - The settings are read from the other group by M(slipway.aws.autoscaling_group_settings_info), while that group exists. A blue/green
    deployment can delete it.
author:
  - Slipway contributors (@slipway-aws)
options:
  name:
    description:
      - Name of the Auto Scaling group that gets the settings.
    type: str
    required: true
    aliases: [auto_scaling_group_name]
  settings:
    description:
      - The settings, in the form of RV(slipway.aws.autoscaling_group_settings_info#module:auto_scaling_groups[].settings). Kinds that
        are not given are left alone.
    type: dict
    required: true
    suboptions:
      lifecycle_hooks:
        description: Lifecycle hooks, by RV(ignore:lifecycle_hook_name). Those of CodeDeploy itself are not among them.
        type: list
        elements: dict
      notification_configurations:
        description: Notification configurations, by RV(ignore:topic_arn).
        type: list
        elements: dict
      metrics:
        description: Metrics of the group that are collected, by RV(ignore:metric).
        type: list
        elements: dict
      group_tags:
        description: Tags of the group, by RV(ignore:key).
        type: list
        elements: dict
      suspended_processes:
        description: Processes that are suspended, by RV(ignore:process_name).
        type: list
        elements: dict
      warm_pool:
        description: The warm pool, if the group has one.
        type: list
        elements: dict
      scheduled_actions:
        description: Scheduled actions, by RV(ignore:scheduled_action_name). An action whose time has passed is left out.
        type: list
        elements: dict
      scaling_policies:
        description: Scaling policies, by RV(ignore:policy_name).
        type: list
        elements: dict
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - slipway.aws._options.role
  - slipway.aws._attributes.noun
notes:
  - AWS makes the alarms of target tracking policies. An alarm that calls a simple or step scaling policy names the policy of one group by its
    ARN, so it does not call the policy that this module adds. A warning names the alarm and the ARN to set in it.
  - Needs the permissions C(autoscaling:DescribeAutoScalingGroups), C(autoscaling:DescribeLifecycleHooks), C(autoscaling:DescribePolicies),
    C(autoscaling:DescribeScheduledActions) and C(autoscaling:DescribeNotificationConfigurations), and for what is added
    C(autoscaling:PutLifecycleHook), C(autoscaling:PutScalingPolicy), C(autoscaling:PutScheduledUpdateGroupAction),
    C(autoscaling:PutNotificationConfiguration), C(autoscaling:PutWarmPool), C(autoscaling:EnableMetricsCollection),
    C(autoscaling:SuspendProcesses) and C(autoscaling:CreateOrUpdateTags). A lifecycle hook with a role also needs C(iam:PassRole) for it.
seealso:
  - module: slipway.aws.autoscaling_group_settings_info
  - module: slipway.aws.codedeploy_deployment
  - name: Create an environment for a blue/green deployment
    description: The AWS documentation about copies of Auto Scaling groups.
    link: https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-groups-create-blue-green.html
"""

EXAMPLES = r"""
- name: Read the settings of the fleet before a deployment replaces it by a copy
  slipway.aws.autoscaling_group_settings_info:
    names: [storefront]
  register: before

- name: Add what the copy lacks
  slipway.aws.autoscaling_group_settings:
    name: CodeDeploy_production_d-ABCDEF123
    settings: "{{ before.auto_scaling_groups[0].settings }}"

- name: Add a scaling policy, unless the group has one of this name
  slipway.aws.autoscaling_group_settings:
    name: storefront
    settings:
      scaling_policies:
        - policy_name: cpu
          policy_type: TargetTrackingScaling
          target_tracking_configuration:
            predefined_metric_specification:
              predefined_metric_type: ASGAverageCPUUtilization
            target_value: 50
"""

RETURN = r"""
added:
  description:
    - Names of what was added, by kind. In check mode, of what would be. Kinds of which nothing was added are left out.
  returned: success
  type: dict
  sample: {"lifecycle_hooks": ["drain"], "scaling_policies": ["cpu"]}
missing:
  description:
    - The settings that the group lacked, which may exist nowhere else any more. Run the module again with them as O(settings).
  returned: on failure
  type: dict
settings:
  description:
    - The settings that the group has afterwards, in the form of RV(slipway.aws.autoscaling_group_settings_info#module:auto_scaling_groups[].settings).
  returned: success
  type: dict
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.slipway.aws.plugins.module_utils._autoscaling import settings
from ansible_collections.slipway.aws.plugins.module_utils._core.client import ROLE_OPTIONS, connect
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import FAILURES, failure, warn
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import option_name, to_result

ARGUMENT_SPEC = {
    "name": {"type": "str", "required": True, "aliases": ["auto_scaling_group_name"]},
    "settings": {
        "type": "dict",
        "required": True,
        "options": {option_name(kind): {"type": "list", "elements": "dict"} for kind in settings.NAMED},
    },
    **ROLE_OPTIONS,
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    name, doing = module.params["name"], "read"
    lacking = settings.from_options(module.params["settings"])
    try:
        aws = connect(module)
        live = settings.read_named(aws, name)
        lacking = settings.missing(lacking, live)
        for kind, found in ({} if module.check_mode else lacking).items():
            doing = f"add {', '.join(settings.names(kind, found))} ({option_name(kind)}) to"
            for said in settings.add(aws, name, kind, found):
                warn(said)
    except FAILURES as problem:
        told = failure(problem, f"Failed to {doing} the Auto Scaling group {name}", ARGUMENT_SPEC)
        module.fail_json(**told, missing=to_result(lacking))
    after = {kind: [*found, *lacking.get(kind, [])] for kind, found in live.items()}
    added = {kind: settings.names(kind, found) for kind, found in lacking.items()}
    result = {"changed": bool(lacking), "added": to_result(added), "settings": to_result(after)}
    if module._diff:
        result["diff"] = {"before": to_result(live), "after": to_result(after)}
    module.exit_json(**result)


if __name__ == "__main__":
    main()
