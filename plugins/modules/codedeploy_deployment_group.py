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
  - Create, update, tag and delete a deployment group. A deployment group selects the hosts of an application, or names its ECS service,
    and holds the settings of deployments to them. A deployment group for Lambda only holds settings. The AppSpec file of a deployment
    names the function.
  - Settings whose options are not set are not changed. An empty value removes a setting, for example O(load_balancer_info={}) or
    O(trigger_configurations=[]).
  - An option whose suboptions depend on each other is one value. When it is set, the suboptions that are not set are removed from
    the deployment group. The documentation of these options says so.
  - Combinations that AWS would refuse are refused before anything is changed, in check mode as well.
  - If nothing differs, no update is sent, because every update of a deployment group with triggers notifies their subscribers.
author:
  - Slipway contributors (@slipway-aws)
options:
  application_name:
    description:
      - Name of the application that the deployment group belongs to.
    type: str
    required: true
  name:
    description:
      - Name of the deployment group. 1 to 100 characters, which can be letters, digits and any of C(+=,.@_-).
    type: str
    required: true
    aliases: [deployment_group_name]
  service_role_arn:
    description:
      - ARN of the service role of CodeDeploy. Required when O(state=present).
      - CodeDeploy may not accept a role yet that was created just before. The task retries for about half a minute.
    type: str
  deployment_config_name:
    description:
      - Name of the deployment configuration that is used unless a deployment specifies another one. If not set for a new deployment
        group, AWS uses V(CodeDeployDefault.OneAtATime) for hosts, V(CodeDeployDefault.ECSAllAtOnce) or V(CodeDeployDefault.LambdaAllAtOnce).
    type: str
  ec2_tag_filters:
    description:
      - EC2 instances that match any of these filters belong to the deployment group.
      - Mutually exclusive with O(ec2_tag_set), unless one of them is empty. Setting one removes the other from the deployment group.
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
        description: What to compare. If not set, it depends on which of the key and the value are specified.
        type: str
        choices: [KEY_ONLY, VALUE_ONLY, KEY_AND_VALUE]
  ec2_tag_set:
    description:
      - EC2 instances that match at least one filter of every list belong to the deployment group.
    type: dict
    suboptions:
      ec2_tag_set_list:
        description: Up to 3 lists of filters, each with up to 10 filters in the form of O(ec2_tag_filters).
        type: list
        elements: list
  on_premises_instance_tag_filters:
    description:
      - On-premises hosts that match any of these filters belong to the deployment group.
      - Mutually exclusive with O(on_premises_tag_set), unless one of them is empty. Setting one removes the other from the deployment
        group.
    type: list
    elements: dict
    suboptions: *tag_filter
  on_premises_tag_set:
    description:
      - On-premises hosts that match at least one filter of every list belong to the deployment group.
    type: dict
    suboptions:
      on_premises_tag_set_list:
        description: Up to 3 lists of filters, each with up to 10 filters in the form of O(on_premises_instance_tag_filters).
        type: list
        elements: list
  auto_scaling_groups:
    description:
      - Names of up to 10 Auto Scaling groups. CodeDeploy adds a launch lifecycle hook to each of them, so that a new host gets the
        revision before it is put in service.
      - A blue/green deployment that copies the Auto Scaling group puts the copy in its place; see O(keep_copied_group).
    type: list
    elements: str
  keep_copied_group:
    description:
      - Whether to keep the Auto Scaling group that a blue/green deployment made as a copy, when O(auto_scaling_groups) names
        another one. CodeDeploy calls the copy C(CodeDeploy_GROUP_DEPLOYMENT) and puts it in place of the one it copied, so a task
        that still names the first one changes nothing. RV(deployment_group.fleet) then returns what it is called now.
      - Set this to V(false) to have exactly the groups of O(auto_scaling_groups) in the deployment group.
    type: bool
    default: true
  repair_launch_hooks:
    description:
      - Whether to restore the launch hook or termination hook that CodeDeploy keeps on each Auto Scaling group of the deployment
        group, if the hook was deleted or the Auto Scaling group was created again under the same name. Without the hook no revision
        is deployed to new instances, and CodeDeploy does not detect this. M(slipway.aws.codedeploy_preflight) reports it.
      - The Auto Scaling group is removed from the deployment group and added again, which makes CodeDeploy create the hook. Do not
        use this option while a deployment is in progress.
      - The result and the diff list the Auto Scaling groups whose hook is missing as C(lost_launch_hooks).
      - This takes one request for each Auto Scaling group, even if no hook is missing.
    type: bool
    default: false
  termination_hook_enabled:
    description:
      - Whether CodeDeploy also adds a termination hook to the Auto Scaling groups of the deployment group.
    type: bool
  outdated_instances_strategy:
    description:
      - What to do with hosts that were launched during a deployment and got the old revision.
    type: str
    choices: [UPDATE, IGNORE]
  deployment_style:
    description:
      - The type of deployments, in place or blue/green, and whether hosts are deregistered from the load balancer.
      - ECS and Lambda support only V(BLUE_GREEN) and V(WITH_TRAFFIC_CONTROL). A new deployment group for them gets both if this option
        is not set.
    type: dict
    suboptions:
      deployment_type:
        description: Whether to deploy to the existing hosts, or to replacement hosts.
        type: str
        choices: [IN_PLACE, BLUE_GREEN]
      deployment_option:
        description: Whether a host is deregistered from the load balancer while it is deployed to.
        type: str
        choices: [WITH_TRAFFIC_CONTROL, WITHOUT_TRAFFIC_CONTROL]
  load_balancer_info:
    description:
      - The load balancers or target groups from which hosts are deregistered while they are deployed to. V({}) removes them from
        the deployment group.
      - This option is one value. Suboptions that are not set are removed from the deployment group.
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
        description:
          - For ECS, which requires exactly one, the pair of target groups between which traffic is shifted, and their listeners.
          - The order of the two target groups has no meaning, because their roles change with every deployment.
            M(slipway.aws.codedeploy_deployment_group_info) returns which of them is live.
        type: list
        elements: dict
        suboptions:
          target_groups:
            description: The two target groups of the pair, which must differ. One of them is that of the service.
            type: list
            elements: dict
            suboptions:
              name:
                description: Name of the target group.
                type: str
          prod_traffic_route:
            description: The listener that receives the traffic.
            type: dict
            suboptions:
              listener_arns:
                description: ARN of the listener. Only one is allowed.
                type: list
                elements: str
          test_traffic_route:
            description: A second listener of the same load balancer, which receives the traffic of tests before production traffic moves.
            type: dict
            suboptions:
              listener_arns:
                description: ARN of the listener. Only one is allowed. An empty list stands for no second listener.
                type: list
                elements: str
  blue_green_deployment_configuration:
    description:
      - How a blue/green deployment provides the replacement hosts and what it does with the original ones. With ECS, these are the
        replacement tasks and the original ones.
      - Required for a new deployment group for ECS. Not supported for Lambda.
      - Each of its three suboptions is one value. A suboption that is not set is not changed.
    type: dict
    suboptions:
      terminate_blue_instances_on_deployment_success:
        description: What to do with the original hosts after a successful deployment.
        type: dict
        suboptions:
          action:
            description: Whether to terminate the original hosts or keep them running. ECS supports only V(TERMINATE).
            type: str
            choices: [TERMINATE, KEEP_ALIVE]
          termination_wait_time_in_minutes:
            description: Number of minutes to wait before the original hosts are terminated, up to 2880. Requires the action V(TERMINATE).
            type: int
      deployment_ready_option:
        description: When to shift traffic to the replacement hosts.
        type: dict
        suboptions:
          action_on_timeout:
            description:
              - Whether to shift traffic as soon as the replacement hosts are ready, or to wait until the deployment is continued
                and stop it if it is not continued in time.
            type: str
            choices: [CONTINUE_DEPLOYMENT, STOP_DEPLOYMENT]
          wait_time_in_minutes:
            description: Number of minutes to wait. Requires the action V(STOP_DEPLOYMENT); with the other one only 0 is allowed.
            type: int
      green_fleet_provisioning_option:
        description: How the replacement hosts are provided. Not supported for ECS.
        type: dict
        suboptions:
          action:
            description: Whether to use existing hosts, or a copy of the Auto Scaling group. A copy requires exactly one Auto Scaling group.
            type: str
            choices: [DISCOVER_EXISTING, COPY_AUTO_SCALING_GROUP]
  ecs_services:
    description:
      - The ECS service of the deployment group. Only one is allowed, and a service can belong to only one deployment group. The
        deployment controller of the service must be C(CODE_DEPLOY).
    type: list
    elements: dict
    suboptions:
      service_name:
        description: Name of the service.
        type: str
      cluster_name:
        description: Name of the cluster of the service.
        type: str
  alarm_configuration:
    description:
      - CloudWatch alarms that stop a deployment. V({}) removes them from the deployment group.
    type: dict
    suboptions:
      enabled:
        description: Whether alarms stop a deployment. If not set, they do when there are any.
        type: bool
      ignore_poll_alarm_failure:
        description: Whether the deployment continues when the state of the alarms cannot be read from CloudWatch.
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
      - When to roll back to the last successfully deployed revision. V({}) removes this setting.
    type: dict
    suboptions:
      enabled:
        description: Whether automatic rollback is enabled. If not set, it is enabled when there are events.
        type: bool
      events:
        description: The events that start a rollback.
        type: list
        elements: str
        choices: [DEPLOYMENT_FAILURE, DEPLOYMENT_STOP_ON_ALARM, DEPLOYMENT_STOP_ON_REQUEST]
  trigger_configurations:
    description:
      - Up to 10 triggers, which send notifications to SNS topics. When a trigger is saved, a test message is sent to its topic.
        V([]) removes all triggers.
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
        description: The events that send a notification.
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
      - Further settings of in-place deployments.
    type: dict
    suboptions:
      auto_scaling_group_processes_to_suspend:
        description: Processes of the Auto Scaling groups to suspend during a deployment.
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
    description: The AWS documentation about deployment groups.
    link: https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-groups.html
"""

EXAMPLES = r"""
- name: Create a deployment group that selects hosts by tag and deploys to half of them at a time
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

- name: Create a deployment group for an ECS service, which tests the new tasks and keeps the old ones for an hour
  slipway.aws.codedeploy_deployment_group:
    application_name: storefront-ecs
    name: production
    service_role_arn: arn:aws:iam::123456789012:role/storefront-codedeploy
    deployment_config_name: CodeDeployDefault.ECSCanary10Percent5Minutes
    ecs_services:
      - cluster_name: shop
        service_name: storefront
    load_balancer_info:
      target_group_pair_info_list:
        - target_groups:
            - name: storefront-blue
            - name: storefront-green
          prod_traffic_route:
            listener_arns: ["arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2"]
          test_traffic_route:
            listener_arns: ["arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shop/50dc6c495c0c9188/8e6d7b1f3f1b2a4c"]
    blue_green_deployment_configuration:
      deployment_ready_option:
        action_on_timeout: CONTINUE_DEPLOYMENT
      terminate_blue_instances_on_deployment_success:
        action: TERMINATE
        termination_wait_time_in_minutes: 60
    auto_rollback_configuration:
      events: [DEPLOYMENT_FAILURE, DEPLOYMENT_STOP_ON_ALARM]
    alarm_configuration:
      alarms:
        - name: storefront-errors

- name: Create a deployment group for Lambda functions
  slipway.aws.codedeploy_deployment_group:
    application_name: storefront-lambda
    name: production
    service_role_arn: arn:aws:iam::123456789012:role/storefront-codedeploy
    deployment_config_name: CodeDeployDefault.LambdaLinear10PercentEvery1Minute
    auto_rollback_configuration:
      events: [DEPLOYMENT_FAILURE]

- name: Remove the alarms from the deployment group
  slipway.aws.codedeploy_deployment_group:
    application_name: storefront
    name: production
    service_role_arn: arn:aws:iam::123456789012:role/storefront-codedeploy
    alarm_configuration: {}

- name: Delete the deployment group
  slipway.aws.codedeploy_deployment_group:
    application_name: storefront
    name: production
    state: absent
"""

RETURN = r"""
deployment_group:
  description:
    - The deployment group. Empty when the group does not exist. In check mode, its expected state.
  returned: always
  type: dict
  contains:
    alarm_configuration:
      description: Alarms that stop a deployment.
      type: dict
      returned: when the group exists
      sample: {"alarms": [], "enabled": false, "ignore_poll_alarm_failure": false}
    application_name:
      description: Name of the application that the group belongs to.
      type: str
      returned: when the group exists
      sample: storefront
    auto_rollback_configuration:
      description: When deployments are rolled back to the last successfully deployed revision.
      type: dict
      returned: when the group exists
      sample: {"enabled": true, "events": ["DEPLOYMENT_FAILURE"]}
    auto_scaling_groups:
      description: Names of the Auto Scaling groups.
      type: list
      elements: str
      returned: when the group exists
      sample: []
    blue_green_deployment_configuration:
      description: Settings of blue/green deployments.
      type: dict
      returned: when the group has it
    compute_platform:
      description: Compute platform of the application, V(Server), V(Lambda) or V(ECS).
      type: str
      returned: when the group exists
      sample: Server
    deployment_config_name:
      description: Name of the deployment configuration of the group.
      type: str
      returned: when the group exists
      sample: CodeDeployDefault.HalfAtATime
    deployment_group_id:
      description: ID that AWS assigned to the group. Hosts store the revisions that were deployed to them under this ID.
      type: str
      returned: when the group exists
      sample: 1a2b3c4d-5678-90ab-cdef-000000000003
    deployment_group_name:
      description: Name of the group.
      type: str
      returned: when the group exists
      sample: production
    deployment_style:
      description: Type of the deployments, and whether they control traffic.
      type: dict
      returned: when the group exists
      sample: {"deployment_option": "WITHOUT_TRAFFIC_CONTROL", "deployment_type": "IN_PLACE"}
    ec2_deployment_options:
      description: Further settings of in-place deployments.
      type: dict
      returned: when the group exists
      sample: {"auto_scaling_group_processes_to_suspend": []}
    ec2_tag_filters:
      description: Tag filters that select EC2 instances.
      type: list
      elements: dict
      returned: when the group has it
      sample: [{"key": "Application", "type": "KEY_AND_VALUE", "value": "storefront"}]
    ec2_tag_set:
      description: Lists of tag filters that select EC2 instances.
      type: dict
      returned: when the group has it
    ecs_services:
      description: The ECS service.
      type: list
      elements: dict
      returned: when the group has it
    fleet:
      description:
        - The Auto Scaling group that is a copy of the one in O(auto_scaling_groups), as C(auto_scaling_group). C(named) is the
          one of the option, and C(copied_by) the ID of the deployment that made the copy.
      type: dict
      returned: when a blue/green deployment replaced the Auto Scaling group by a copy
      sample: {"named": "storefront", "auto_scaling_group": "CodeDeploy_production_d-ABCDEF123", "copied_by": "d-ABCDEF123"}
    last_attempted_deployment:
      description: The last deployment to the group.
      type: dict
      returned: when there was a deployment
    last_successful_deployment:
      description: The last deployment to the group that succeeded.
      type: dict
      returned: when a deployment has succeeded
    load_balancer_info:
      description: The load balancers or target groups from which hosts are deregistered while they are deployed to.
      type: dict
      returned: when the group has it
    on_premises_instance_tag_filters:
      description: Tag filters that select on-premises hosts.
      type: list
      elements: dict
      returned: when the group has it
    on_premises_tag_set:
      description: Lists of tag filters that select on-premises hosts.
      type: dict
      returned: when the group has it
    outdated_instances_strategy:
      description: What is done with hosts that were launched during a deployment and got the old revision.
      type: str
      returned: when the group exists
      sample: UPDATE
    service_role_arn:
      description: ARN of the service role of CodeDeploy.
      type: str
      returned: when the group exists
      sample: arn:aws:iam::123456789012:role/storefront-codedeploy
    tags:
      description: Tags of the group.
      type: dict
      returned: when O(tags) is set
      sample: {"Team": "shop"}
    target_revision:
      description: The revision that was last deployed to the group. New hosts of its Auto Scaling groups get this revision.
      type: dict
      returned: when there was a deployment
    termination_hook_enabled:
      description: Whether the Auto Scaling groups have a termination hook.
      type: bool
      returned: when the group exists
      sample: false
    trigger_configurations:
      description: Triggers of the group, which send notifications.
      type: list
      elements: dict
      returned: when the group has it
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
        required_if=[("state", "present", ("service_role_arn",))],
    )
    ensure(module, DEPLOYMENT_GROUP)


if __name__ == "__main__":
    main()
