#!/usr/bin/python
# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: codedeploy_deployment_group
short_description: Manage an AWS CodeDeploy deployment group
version_added: 1.0.0
description:
  - Create, change, tag and delete a deployment group, the hosts of an application and the rules of deploying to them.
  - An option that is left out stays as it is. An empty value clears, for example O(load_balancer_info={}) or
    O(trigger_configurations=[]).
  - A block whose members depend on each other is one value. When it is given, what is left out of it is removed. The
    options that are such blocks say so.
  - What AWS would refuse is refused before anything is changed, in check mode too.
  - Nothing is sent when nothing differs, because every update of a group with triggers mails their subscribers.
author:
  - Slipway contributors (@slipway-aws)
options:
  application_name:
    description:
      - The application it belongs to.
    type: str
    required: true
  name:
    description:
      - Name of the group, 1 to 100 letters, digits and any of C(+=,.@_-).
    type: str
    required: true
    aliases: [deployment_group_name]
  service_role_arn:
    description:
      - ARN of the role that CodeDeploy acts in. Needed with O(state=present).
      - A role made a moment ago is waited for, about half a minute.
    type: str
  deployment_config_name:
    description:
      - The deployment configuration to use unless a deployment names another. When not given on creation, AWS takes
        V(CodeDeployDefault.OneAtATime) for hosts.
    type: str
  ec2_tag_filters:
    description:
      - EC2 instances that match any of these filters belong to the group.
      - Excludes O(ec2_tag_set); giving one clears the other.
    type: list
    elements: dict
    suboptions: &tag_filter
      key:
        description: Tag key.
        type: str
      value:
        description: Tag value.
        type: str
      type:
        description: What to compare. Follows from what is given when left out.
        type: str
        choices: [KEY_ONLY, VALUE_ONLY, KEY_AND_VALUE]
  ec2_tag_set:
    description:
      - EC2 instances that match one filter of every list belong to the group.
    type: dict
    suboptions:
      ec2_tag_set_list:
        description: Up to 3 lists of filters, each with up to 10 filters like those of O(ec2_tag_filters).
        type: list
        elements: list
  on_premises_instance_tag_filters:
    description:
      - On-premises hosts that match any of these filters belong to the group.
      - Excludes O(on_premises_tag_set); giving one clears the other.
    type: list
    elements: dict
    suboptions: *tag_filter
  on_premises_tag_set:
    description:
      - On-premises hosts that match one filter of every list belong to the group.
    type: dict
    suboptions:
      on_premises_tag_set_list:
        description: Up to 3 lists of filters, each with up to 10 filters.
        type: list
        elements: list
  auto_scaling_groups:
    description:
      - Names of Auto Scaling groups, up to 10. CodeDeploy adds a launch hook to each, so that a new host gets the
        revision before it serves.
    type: list
    elements: str
  repair_launch_hooks:
    description:
      - Whether to put back the launch hook, or termination hook, that CodeDeploy keeps on each Auto Scaling group of the deployment
        group, where it was deleted or the Auto Scaling group was made again under the same name. New instances get no code
        without it, and CodeDeploy itself does not notice. M(slipway.aws.codedeploy_preflight) tells of it.
      - The Auto Scaling group is taken out of the deployment group and added again, which is how CodeDeploy makes a hook. Do not do
        this while a deployment runs.
      - The result and the diff have the Auto Scaling groups that lack a hook as C(lost_launch_hooks).
      - Costs one call for each Auto Scaling group, even if nothing is lost.
    type: bool
    default: false
  termination_hook_enabled:
    description:
      - Whether CodeDeploy also adds a termination hook to the Auto Scaling groups.
    type: bool
  outdated_instances_strategy:
    description:
      - What to do with hosts that were launched during a deployment with the old revision.
    type: str
    choices: [UPDATE, IGNORE]
  deployment_style:
    description:
      - In place or blue/green, with or without taking hosts off the load balancer.
    type: dict
    suboptions:
      deployment_type:
        description: In place, or to a second fleet.
        type: str
        choices: [IN_PLACE, BLUE_GREEN]
      deployment_option:
        description: Whether traffic is taken off a host while it is deployed to.
        type: str
        choices: [WITH_TRAFFIC_CONTROL, WITHOUT_TRAFFIC_CONTROL]
  load_balancer_info:
    description:
      - The load balancer to take hosts off from. V({}) clears it.
      - One value. What is left out of it is removed.
    type: dict
    suboptions:
      elb_info_list:
        description: Classic load balancers.
        type: list
        elements: dict
        suboptions:
          name:
            description: Name of the load balancer.
            type: str
      target_group_info_list:
        description: Target groups.
        type: list
        elements: dict
        suboptions:
          name:
            description: Name of the target group, not its ARN.
            type: str
      target_group_pair_info_list:
        description: For ECS, the two target groups that take turns, and their listeners.
        type: list
        elements: dict
        suboptions:
          target_groups:
            description: Two target groups.
            type: list
            elements: dict
            suboptions:
              name:
                description: Name of the target group.
                type: str
          prod_traffic_route: &route
            description: The listener of the traffic.
            type: dict
            suboptions:
              listener_arns:
                description: ARN of one listener.
                type: list
                elements: str
          test_traffic_route: *route
  blue_green_deployment_configuration:
    description:
      - What happens to the two fleets of a blue/green deployment.
      - Each of its three blocks is one value. A block that is left out stays as it is.
    type: dict
    suboptions:
      terminate_blue_instances_on_deployment_success:
        description: What becomes of the old fleet.
        type: dict
        suboptions:
          action:
            description: Terminate or keep it.
            type: str
            choices: [TERMINATE, KEEP_ALIVE]
          termination_wait_time_in_minutes:
            description: How long to wait before, up to 2880. Needs the action V(TERMINATE).
            type: int
      deployment_ready_option:
        description: What happens when the new fleet is ready.
        type: dict
        suboptions:
          action_on_timeout:
            description: Go on at once, or wait to be continued and stop when nobody does.
            type: str
            choices: [CONTINUE_DEPLOYMENT, STOP_DEPLOYMENT]
          wait_time_in_minutes:
            description: How long to wait. Needs the action V(STOP_DEPLOYMENT).
            type: int
      green_fleet_provisioning_option:
        description: Where the new fleet comes from.
        type: dict
        suboptions:
          action:
            description: Hosts that exist, or a copy of the Auto Scaling group, of which there must be exactly one.
            type: str
            choices: [DISCOVER_EXISTING, COPY_AUTO_SCALING_GROUP]
  ecs_services:
    description:
      - The ECS service of the group, one.
    type: list
    elements: dict
    suboptions:
      service_name:
        description: Name of the service.
        type: str
      cluster_name:
        description: Name of its cluster.
        type: str
  alarm_configuration:
    description:
      - CloudWatch alarms that stop a deployment. V({}) clears them.
    type: dict
    suboptions:
      enabled:
        description: Whether they are looked at. When left out, they are if there are any.
        type: bool
      ignore_poll_alarm_failure:
        description: Whether to go on when CloudWatch cannot be read.
        type: bool
      alarms:
        description: The alarms.
        type: list
        elements: dict
        suboptions:
          name:
            description: Name of the alarm.
            type: str
  auto_rollback_configuration:
    description:
      - When to deploy the last good revision again. V({}) clears it.
    type: dict
    suboptions:
      enabled:
        description: Whether it is done. When left out, it is if there are events.
        type: bool
      events:
        description: What it is done after.
        type: list
        elements: str
        choices: [DEPLOYMENT_FAILURE, DEPLOYMENT_STOP_ON_ALARM, DEPLOYMENT_STOP_ON_REQUEST]
  trigger_configurations:
    description:
      - Notifications by SNS, up to 10. Saving one sends a test message to its topic. V([]) clears them.
    type: list
    elements: dict
    suboptions:
      trigger_name:
        description: Name of the trigger.
        type: str
      trigger_target_arn:
        description: ARN of the SNS topic.
        type: str
      trigger_events:
        description: What is told.
        type: list
        elements: str
        choices:
          - DeploymentStart
          - DeploymentSuccess
          - DeploymentFailure
          - DeploymentStop
          - DeploymentRollback
          - DeploymentReady
          - InstanceStart
          - InstanceSuccess
          - InstanceFailure
          - InstanceReady
  ec2_deployment_options:
    description:
      - What else is done around an in-place deployment.
    type: dict
    suboptions:
      auto_scaling_group_processes_to_suspend:
        description: Processes of the Auto Scaling groups that are suspended while a deployment runs.
        type: list
        elements: str
        choices: [Terminate, AZRebalance, InstanceRefresh, ScheduledActions]
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
  - slipway.aws._options.state
  - slipway.aws._options.role
  - slipway.aws._attributes.noun
seealso:
  - module: slipway.aws.codedeploy_deployment_group_info
  - module: slipway.aws.codedeploy_deployment
  - module: slipway.aws.codedeploy_preflight
  - name: Deployment groups in CodeDeploy
    description: What a deployment group is, in the AWS documentation.
    link: https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-groups.html
"""

EXAMPLES = r"""
- name: Deploy the storefront to tagged hosts, half of them at a time
  slipway.aws.codedeploy_deployment_group:
    application_name: storefront
    name: production
    service_role_arn: arn:aws:iam::123456789012:role/storefront-codedeploy
    deployment_config_name: CodeDeployDefault.HalfAtATime
    ec2_tag_filters:
      - key: Application
        value: storefront
    auto_rollback_configuration:
      events: [DEPLOYMENT_FAILURE]
    tags:
      Team: shop

- name: Take the alarms off the group again
  slipway.aws.codedeploy_deployment_group:
    application_name: storefront
    name: production
    service_role_arn: arn:aws:iam::123456789012:role/storefront-codedeploy
    alarm_configuration: {}

- name: Remove the group
  slipway.aws.codedeploy_deployment_group:
    application_name: storefront
    name: production
    state: absent
"""

RETURN = r"""
deployment_group:
  description:
    - The deployment group. Empty when it is absent. In check mode, as it would become.
  returned: always
  type: dict
  contains:
    alarm_configuration:
      description: Alarms that stop a deployment.
      type: dict
      returned: when it exists
      sample: {"alarms": [], "enabled": false, "ignore_poll_alarm_failure": false}
    application_name:
      description: The application it belongs to.
      type: str
      returned: when it exists
      sample: storefront
    auto_rollback_configuration:
      description: When the last good revision is deployed again.
      type: dict
      returned: when it exists
      sample: {"enabled": true, "events": ["DEPLOYMENT_FAILURE"]}
    auto_scaling_groups:
      description: Names of its Auto Scaling groups.
      type: list
      elements: str
      returned: when it exists
      sample: []
    blue_green_deployment_configuration:
      description: What happens to the two fleets.
      type: dict
      returned: when set
    compute_platform:
      description: V(Server), V(Lambda) or V(ECS).
      type: str
      returned: when it exists
      sample: Server
    deployment_config_name:
      description: The deployment configuration it uses.
      type: str
      returned: when it exists
      sample: CodeDeployDefault.HalfAtATime
    deployment_group_id:
      description: Id that AWS gave it; hosts keep what was deployed to them under this id.
      type: str
      returned: when it exists
      sample: 1a2b3c4d-5678-90ab-cdef-000000000003
    deployment_group_name:
      description: Its name.
      type: str
      returned: when it exists
      sample: production
    deployment_style:
      description: In place or blue/green, with or without traffic control.
      type: dict
      returned: when it exists
      sample: {"deployment_option": "WITHOUT_TRAFFIC_CONTROL", "deployment_type": "IN_PLACE"}
    ec2_deployment_options:
      description: What else is done around an in-place deployment.
      type: dict
      returned: when it exists
      sample: {"auto_scaling_group_processes_to_suspend": []}
    ec2_tag_filters:
      description: Filters that select its EC2 instances.
      type: list
      elements: dict
      returned: when set
      sample: [{"key": "Application", "type": "KEY_AND_VALUE", "value": "storefront"}]
    ec2_tag_set:
      description: Lists of filters that select its EC2 instances.
      type: dict
      returned: when set
    ecs_services:
      description: Its ECS service.
      type: list
      elements: dict
      returned: when set
    last_attempted_deployment:
      description: The last deployment to it.
      type: dict
      returned: when there was one
    last_successful_deployment:
      description: The last deployment to it that succeeded.
      type: dict
      returned: when there was one
    load_balancer_info:
      description: The load balancer hosts are taken off from.
      type: dict
      returned: when set
    on_premises_instance_tag_filters:
      description: Filters that select its on-premises hosts.
      type: list
      elements: dict
      returned: when set
    on_premises_tag_set:
      description: Lists of filters that select its on-premises hosts.
      type: dict
      returned: when set
    outdated_instances_strategy:
      description: What is done with hosts that got the old revision during a deployment.
      type: str
      returned: when it exists
      sample: UPDATE
    service_role_arn:
      description: The role CodeDeploy acts in.
      type: str
      returned: when it exists
      sample: arn:aws:iam::123456789012:role/storefront-codedeploy
    tags:
      description: Its tags.
      type: dict
      returned: when O(tags) is given
      sample: {"Team": "shop"}
    target_revision:
      description: The revision last deployed to it; new hosts of its Auto Scaling groups get it.
      type: dict
      returned: when there was a deployment
    termination_hook_enabled:
      description: Whether its Auto Scaling groups have a termination hook.
      type: bool
      returned: when it exists
      sample: false
    trigger_configurations:
      description: Its notifications.
      type: list
      elements: dict
      returned: when set
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.group_options import GROUP_OPTIONS, want
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.group_rules import find_possible_group
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.groups import (
    create_deployment_group,
    delete_deployment_group,
    update_deployment_group,
)
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.tags import retag
from ansible_collections.slipway.aws.plugins.module_utils._core.client import ROLE_OPTIONS, STATE_OPTION, TAG_OPTIONS
from ansible_collections.slipway.aws.plugins.module_utils._core.resource import Resource, ensure

DEPLOYMENT_GROUP = Resource(
    service="codedeploy",
    name="deployment_group",
    find=find_possible_group,
    want=want,
    create=create_deployment_group,
    delete=delete_deployment_group,
    update=update_deployment_group,
    retag=retag,
)

ARGUMENT_SPEC = {
    "application_name": {"type": "str", "required": True},
    "name": {"type": "str", "required": True, "aliases": ["deployment_group_name"]},
    **GROUP_OPTIONS,
    **STATE_OPTION,
    **TAG_OPTIONS,
    **ROLE_OPTIONS,
}


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=ARGUMENT_SPEC,
        supports_check_mode=True,
        mutually_exclusive=[
            ("ec2_tag_filters", "ec2_tag_set"),
            ("on_premises_instance_tag_filters", "on_premises_tag_set"),
        ],
        required_if=[("state", "present", ("service_role_arn",))],
    )
    ensure(module, DEPLOYMENT_GROUP)


if __name__ == "__main__":
    main()
