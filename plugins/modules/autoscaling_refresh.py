#!/usr/bin/python
# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: autoscaling_refresh
short_description: Refresh the instances of an Auto Scaling group, release an AMI to them, or roll them back
version_added: 1.0.0
description:
  - Ensure that every host of an Auto Scaling group was launched from the current launch template or launch configuration of the
    group. If not, the module starts an instance refresh and waits for it. For a group with a launch template, the version of the
    template counts (V($Latest) and V($Default) are resolved). For a group with a mixed instances policy, the versions of all its
    launch templates count.
  - With O(image_id), the hosts get this AMI. The module creates a version of the launch template that differs from the current one in
    the AMI only, unless there is one, and starts an instance refresh with this version as its desired configuration. The group keeps
    its version until the refresh has succeeded.
  - If every host is up to date, no refresh is started. If a refresh is in progress, the task joins it, no matter who started it. A
    refresh that brings another version than O(image_id) or O(desired_configuration) is not joined, and the task fails.
  - The task fails unless the refresh succeeds and all hosts are up to date. It fails when the refresh failed, was canceled or
    rolled back by someone, or has not finished in time.
  - If a CodeDeploy deployment group includes the Auto Scaling group, CodeDeploy deploys the last revision to every new host first,
    in a launch deployment. A host whose launch deployment fails is terminated and replaced by one that fails in the same way, and
    the refresh never ends. If O(application_name) and O(deployment_group_name) are set, the module detects this, ends the
    refresh and reports the revision.
  - In check mode nothing is changed. The result shows which hosts would be replaced, and from which AMI to which.
author:
  - Slipway contributors (@slipway-aws)
options:
  state:
    description:
      - V(refreshed) brings all hosts up to date.
      - V(cancelled) cancels the instance refresh that is in progress. Hosts that were replaced stay as they are. If none is in progress,
        nothing is done.
      - V(rolled_back) returns all hosts to the version of the launch template that served last. A refresh in progress is rolled back. After
        a refresh that has ended, a new refresh brings the version that served before. The instance refreshes of the group tell which one
        that was, or the description of the version, or else it is the newest earlier version with another AMI.
        The task fails if it is not known. If the last refresh was rolled back already, nothing is done.
      - V(checked) removes the tag that O(mark_unchecked) has set.
    type: str
    choices: [refreshed, cancelled, rolled_back, checked]
    default: refreshed
  name:
    description:
      - Name of the Auto Scaling group.
    type: str
    required: true
    aliases: [auto_scaling_group_name]
  image_id:
    description:
      - ID of the AMI that all hosts are to be launched from, or C(resolve:ssm:NAME) for the one that a parameter of Systems Manager names
        now.
      - A group that launches V($Latest) or V($Default) is set to the number of this version first. Otherwise it would launch the new AMI
        before the refresh starts, and AWS could not roll back.
      - The task fails before anything is changed if the group has a launch configuration, or a mixed instances policy with
        launch templates of single instance types.
    type: str
  desired_configuration:
    description:
      - What all hosts are to be launched from, if this is a version that exists. The group gets it when the refresh has succeeded.
      - In a group with a mixed instances policy, the launch template of the policy is replaced, and the rest is kept.
    type: dict
    suboptions:
      launch_template:
        description: A launch template.
        type: dict
        required: true
        suboptions:
          launch_template_id:
            description: ID of the launch template.
            type: str
          launch_template_name:
            description: Name of the launch template, instead of its ID.
            type: str
          version:
            description: Number of the version, V($Latest) or V($Default). If not set, the default version.
            type: str
  min_healthy_percentage:
    description:
      - Percentage of the desired capacity that must stay in service during the refresh, from 0 to 100.
      - If not set, the value of the instance maintenance policy of the group is used, or 90 if the group has none.
    type: int
  max_healthy_percentage:
    description:
      - Maximum size of the group during the refresh, as a percentage of the desired capacity, from 100 to 200. It requires
        O(min_healthy_percentage) and can be at most 100 more than it. If not set, the value of the group is used.
    type: int
  instance_warmup:
    description:
      - Number of seconds until a new host counts as ready. If not set, the default of the group is used.
    type: int
  checkpoint_percentages:
    description:
      - Percentages of the hosts after which the refresh waits for O(checkpoint_delay), in ascending order. V(100) is added at the end,
        because AWS would stop at the last checkpoint.
    type: list
    elements: int
  checkpoint_delay:
    description:
      - Number of seconds to wait at each of the O(checkpoint_percentages), up to 172800. AWS waits for an hour if it is not set.
    type: int
  bake_time:
    description:
      - Number of seconds to wait after the last host was replaced, up to 172800. Until then alarms can still fail the refresh.
    type: int
  alarm_specification:
    description:
      - CloudWatch alarms that fail the refresh. The task fails before anything is changed if one of them does not exist or is on.
    type: dict
    suboptions:
      alarms:
        description: Names of at most 10 alarms.
        type: list
        elements: str
  auto_rollback:
    description:
      - Whether to return all hosts to the version before if the refresh fails or an alarm goes off. Requires O(image_id)
        or O(desired_configuration). The task fails after a rollback, and reports what was tried, the reason, and the AMI that serves.
    type: bool
  scale_in_protected_instances:
    description:
      - What to do with hosts that are protected from scale in. AWS waits for an hour by default, and then fails the refresh.
    type: str
    choices: [Refresh, Ignore, Wait]
  standby_instances:
    description:
      - What to do with hosts in standby. AWS waits for an hour by default, and then fails the refresh.
    type: str
    choices: [Terminate, Ignore, Wait]
  max_unhealthy_hosts:
    description:
      - How many hosts may be terminated because of failed health checks before the refresh is ended. It is rolled back if
        O(auto_rollback) is set and canceled otherwise. If not set, AWS replaces hosts that fail their health checks again and again.
    type: int
  mark_unchecked:
    description:
      - Whether to set the tag C(slipway:unchecked) of the group to the version that the hosts are brought to, before a refresh is started. For a
        play that checks the hosts after the refresh and then removes the tag with O(state=checked). If such a play was killed, its next
        run learns from RV(unchecked) that the check is still to pass.
    type: bool
    default: false
  force:
    description:
      - Whether to replace hosts that are already up to date as well. A refresh in progress is joined nevertheless.
    type: bool
    default: false
  application_name:
    description:
      - Name of the CodeDeploy application that is deployed to the hosts.
    type: str
  deployment_group_name:
    description:
      - Name of the deployment group of O(application_name). No refresh is started while a deployment of this group is in progress,
        because a deployment fails on hosts that are replaced. During the refresh the launch deployments of the group are watched.
      - If the caller may not read the deployments, the task shows a warning and replaces the hosts nevertheless.
    type: str
  log_tail:
    description:
      - Whether to return the last output of scripts that fail in a launch deployment, at most 2048 characters. The output may
        contain secrets if the scripts print them.
    type: bool
    default: true
  wait_until:
    description:
      - V(checkpoint) ends the task when the first of the O(checkpoint_percentages) is reached, while the refresh waits there. Another
        task can then check the new hosts, and O(state=rolled_back) returns only these to what they were before.
    type: str
    choices: [finished, checkpoint]
    default: finished
  wait_timeout:
    description:
      - Maximum time to wait, in seconds. After that time the task fails, the refresh continues, and running the task again joins
        it.
      - AWS itself does not limit the duration of a refresh.
    type: int
    default: 3600
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - slipway.aws._options.wait
  - slipway.aws._options.follow
  - slipway.aws._options.role
  - slipway.aws._attributes.act
notes:
  - The result that Ansible prints for a failed task is short. The notes of M(slipway.aws.codedeploy_deployment) say when it is
    complete.
  - With O(force=true), every run starts a refresh unless one is in progress.
  - Launch deployments fail in a loop when three of them failed in a row since the refresh started, and one of these was created
    after another one had failed. Earlier failures do not count.
seealso:
  - module: slipway.aws.codedeploy_fleet_info
  - module: slipway.aws.codedeploy_deployment
  - module: amazon.aws.autoscaling_group
  - module: amazon.aws.ec2_launch_template
  - name: Instance refresh in Amazon EC2 Auto Scaling
    description: The AWS documentation about instance refreshes.
    link: https://docs.aws.amazon.com/autoscaling/ec2/userguide/asg-instance-refresh.html
"""

EXAMPLES = r"""
- name: Replace hosts that do not use the newest version of the launch template, half of them at a time
  slipway.aws.autoscaling_refresh:
    name: storefront
    min_healthy_percentage: 50
    application_name: storefront
    deployment_group_name: production
  register: refreshed

- name: Show which hosts were replaced, and why
  ansible.builtin.debug:
    msg: "{{ refreshed.plan.hosts | join(', ') or 'None' }}: {{ refreshed.reason }}"

- name: Replace all hosts, one after the other
  slipway.aws.autoscaling_refresh:
    name: storefront
    min_healthy_percentage: 100
    force: true

- name: Release an AMI, first to a tenth of the hosts, and return to the one before if an alarm goes off
  slipway.aws.autoscaling_refresh:
    name: storefront
    image_id: ami-0123456789abcdef0
    min_healthy_percentage: 90
    checkpoint_percentages: [10, 50]
    checkpoint_delay: 600
    bake_time: 600
    alarm_specification:
      alarms: [storefront-errors]
    auto_rollback: true
    max_unhealthy_hosts: 3

- name: Bring a version of the launch template that exists
  slipway.aws.autoscaling_refresh:
    name: storefront
    desired_configuration:
      launch_template:
        launch_template_name: storefront
        version: "3"

- name: Return all hosts to the AMI that served before
  slipway.aws.autoscaling_refresh:
    name: storefront
    state: rolled_back

- name: Cancel the refresh in progress
  slipway.aws.autoscaling_refresh:
    name: storefront
    state: cancelled

- name: Start a refresh without waiting for it
  slipway.aws.autoscaling_refresh:
    name: storefront
    wait: false
"""

RETURN = r"""
instance_refresh:
  description: The instance refresh that was started or joined. Empty when there is none.
  returned: always
  type: dict
  contains:
    instance_refresh_id:
      description: ID of the instance refresh.
      type: str
      returned: when there is a refresh
      sample: 08b91cf7-8fa6-48af-b6a6-d227f40f1b9b
    auto_scaling_group_name:
      description: Name of the Auto Scaling group.
      type: str
      returned: when there is a refresh
      sample: storefront
    status:
      description: Status of the refresh. V(Successful) when the task waited and did not fail.
      type: str
      returned: when there is a refresh
      sample: Successful
    status_reason:
      description: What the refresh is waiting for, or why it ended.
      type: str
      returned: when AWS returns it
    percentage_complete:
      description: Percentage of the hosts that were replaced and have warmed up.
      type: int
      returned: when AWS returns it
      sample: 100
    instances_to_update:
      description: Number of hosts that are still to be replaced.
      type: int
      returned: when AWS returns it
      sample: 0
    start_time:
      description: When the refresh started.
      type: str
      returned: when there is a refresh
      sample: "2026-11-23T17:00:00+00:00"
    end_time:
      description: When the refresh ended.
      type: str
      returned: when the refresh has ended
    preferences:
      description: Preferences that the refresh was started with.
      type: dict
      returned: when AWS returns it
joined:
  description: Whether the task joined a refresh that was already in progress.
  returned: when the hosts of the group could be checked
  type: bool
  sample: false
unchecked:
  description: Whether the tag C(slipway:unchecked) of the group names the version of the launch template that the hosts are brought to.
  returned: when the hosts of the group could be checked
  type: bool
  sample: false
reason:
  description: Why a refresh is started, joined or not started.
  returned: when the hosts of the group could be checked
  type: str
  sample: 2 of 4 hosts are not on version 3 of the launch template storefront
plan:
  description: Which hosts are replaced, and what new hosts are launched from.
  returned: when the hosts of the group could be checked
  type: dict
  contains:
    hosts:
      description: IDs of the hosts that are replaced, or would be replaced in check mode.
      type: list
      elements: str
      sample: [i-0123456789abcdef0]
    launch_template:
      description: ID, name and version number of the launch template that hosts should use. In check mode, a version that would be created has no number yet.
      type: dict
      returned: for a group with a launch template
      sample: {"launch_template_id": "lt-0123456789abcdef0", "launch_template_name": "storefront", "version": "3"}
    launch_configuration_name:
      description: Name of the launch configuration that hosts should use.
      type: str
      returned: for a group with a launch configuration
    image_id:
      description: ID of the AMI of new hosts.
      type: str
      returned: when hosts are replaced
      sample: ami-0123456789abcdef0
    previous_launch_template:
      description: The launch template that the group launches before, in the form of RV(plan.launch_template).
      type: dict
      returned: when the group gets another version
    previous_image_id:
      description: ID of the AMI that the group launches before.
      type: str
      returned: when the group gets another version
      sample: ami-0fedcba9876543210
    hosts_at_a_time:
      description: Number of hosts that are replaced at the same time.
      type: int
      returned: when hosts are replaced
      sample: 1
    checkpoint_percentages:
      description: Percentages of the hosts after which the refresh waits.
      type: list
      elements: int
      returned: when O(checkpoint_percentages) is set and hosts are replaced
    min_healthy_percentage:
      description: Percentage of the desired capacity that stays in service.
      type: int
      returned: when hosts are replaced
      sample: 50
    max_healthy_percentage:
      description: Maximum size of the group, as a percentage of the desired capacity. If it is above 100, new hosts are launched before others end.
      type: int
      returned: when hosts are replaced
      sample: 100
    problem:
      description: Why the plan is not known.
      type: str
      returned: in check mode, when the Auto Scaling group does not exist
rolled_back_to:
  description: What all hosts are launched from after the refresh was rolled back.
  returned: when the task fails because the refresh was rolled back
  type: dict
  contains:
    launch_template:
      description: The launch template, in the form of RV(plan.launch_template).
      type: dict
    image_id:
      description: ID of the AMI.
      type: str
      sample: ami-0fedcba9876543210
launch_failures:
  description: Launch deployments that failed in a row since the refresh started.
  returned: when O(deployment_group_name) is set, and three of them failed or the refresh did not succeed
  type: dict
  contains:
    count:
      description: Number of launch deployments that failed in a row.
      type: int
      sample: 3
    looping:
      description: Whether launch deployments fail in a loop, which does not end by itself.
      type: bool
      sample: true
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
failed_targets:
  description: Hosts on which the newest launch deployment failed.
  returned: with RV(launch_failures), when the task fails because of them
  type: list
  elements: dict
  contains:
    target_id:
      description: ID of the instance, which has been terminated since.
      type: str
      sample: i-0123456789abcdef0
    status:
      description: Status of the target, always V(Failed).
      type: str
    lifecycle_event_name:
      description: The lifecycle event that failed.
      type: str
      sample: ApplicationStart
    script_name:
      description: The script that failed.
      type: str
      sample: scripts/start.sh
    error_code:
      description: Error code of the failure.
      type: str
      sample: ScriptFailed
    message:
      description: Message of the CodeDeploy agent.
      type: str
    log_tail:
      description: Last output of the script.
      type: str
      returned: when O(log_tail=true)
    hint:
      description: The most likely cause, and how to fix it.
      type: str
active_deployment_ids:
  description: IDs of the deployments in progress that prevent the refresh.
  returned: when the task fails because of them
  type: list
  elements: str
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.slipway.aws.plugins.module_utils._autoscaling.refresh_back import run
from ansible_collections.slipway.aws.plugins.module_utils._autoscaling.refresh_options import ARGUMENT_SPEC
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.launches import Launches
from ansible_collections.slipway.aws.plugins.module_utils._core.client import connect
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import FAILURES, failure, warn

FAILED = {
    "refreshed": "Failed to refresh the Auto Scaling group",
    "cancelled": "Failed to cancel the instance refresh of the Auto Scaling group",
    "rolled_back": "Failed to roll back the Auto Scaling group",
    "checked": "Failed to mark as checked the Auto Scaling group",
}


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=ARGUMENT_SPEC,
        supports_check_mode=True,
        mutually_exclusive=[("image_id", "desired_configuration")],
        required_together=[("application_name", "deployment_group_name")],
    )
    problem = None
    try:
        aws, params = connect(module), module.params
        application, group = params["application_name"], params["deployment_group_name"]
        launches = Launches(aws, application, group, params["log_tail"]) if group else None
        result = run(aws, params, module.check_mode, launches)
    except FAILURES as failed:
        problem = failed
        result = failure(failed, f"{FAILED[module.params['state']]} {module.params['name']}")
    for warning in result.pop("warnings", []):
        warn(warning)
    if problem:
        module.fail_json(**result)
    if not module._diff:
        result.pop("diff", None)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
