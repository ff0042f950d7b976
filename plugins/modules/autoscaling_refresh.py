#!/usr/bin/python
# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: autoscaling_refresh
short_description: Roll the hosts of an Auto Scaling group onto its launch template
version_added: 1.0.0
description:
  - Have every host of an Auto Scaling group on what the group launches at present, by an instance refresh that is waited for.
    That is the version of its launch template (V($Latest) and V($Default) are resolved), those of a mixed instances policy, or
    its launch configuration.
  - Nothing is started when every host is. A refresh in flight is joined, whoever started it.
  - The task fails unless the refresh succeeds and leaves no host behind. It is loud about a refresh that failed, that somebody
    canceled or rolled back, or that is not over in time.
  - A group that a CodeDeploy deployment group names gives every new host the last revision first, by a launch deployment. A
    host whose launch deployment fails is ended and replaced by one that fails the same way, and the refresh never ends. With
    O(application_name) and O(deployment_group_name) that is noticed, the refresh is canceled, and the revision is named.
  - In check mode nothing is written, and the result tells which hosts would be replaced.
author:
  - Slipway contributors (@slipway-aws)
options:
  name:
    description:
      - The Auto Scaling group.
    type: str
    required: true
    aliases: [auto_scaling_group_name]
  min_healthy_percentage:
    description:
      - Percentage of the desired capacity that stays in service meanwhile, 0 to 100.
      - When not given, as the instance maintenance policy of the group says, or 90 where it has none.
    type: int
  max_healthy_percentage:
    description:
      - Percentage of the desired capacity that may be there meanwhile, 100 to 200, and at most 100 more than
        O(min_healthy_percentage), which it needs. What the group has for it when not given.
    type: int
  instance_warmup:
    description:
      - Seconds that a new host is given before it counts. The group's default when not given.
    type: int
  force:
    description:
      - Whether hosts that are on it already are replaced too. A refresh in flight is joined all the same.
    type: bool
    default: false
  application_name:
    description:
      - The CodeDeploy application deployed to the hosts.
    type: str
  deployment_group_name:
    description:
      - Its deployment group. No refresh is started while one of its deployments is in flight, as hosts that are replaced under
        a deployment fail it; and its launch deployments are watched.
      - Where they may not be read the task warns of it, and rolls the hosts all the same.
    type: str
  log_tail:
    description:
      - Whether to return the last output of scripts that fail in a launch deployment, 2048 characters at most. It may hold what
        the scripts should not have printed.
    type: bool
    default: true
  wait_timeout:
    description:
      - How many seconds to wait at most. When the time is over the task fails, the refresh goes on, and a second run joins it.
      - AWS itself sets a refresh no limit.
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
  - The result that Ansible prints of a failed task is short; see the notes of M(slipway.aws.codedeploy_deployment) for when it is not.
  - With O(force=true) every run that finds no refresh in flight starts one.
  - A loop of failing launch deployments is three of them in a row since the refresh began, of which one came after another had
    failed. Older failures do not count.
seealso:
  - module: slipway.aws.codedeploy_fleet_info
  - module: slipway.aws.codedeploy_deployment
  - module: amazon.aws.autoscaling_group
  - module: amazon.aws.ec2_launch_template
  - name: Instance refresh in Amazon EC2 Auto Scaling
    description: What it does, in the AWS documentation.
    link: https://docs.aws.amazon.com/autoscaling/ec2/userguide/asg-instance-refresh.html
"""

EXAMPLES = r"""
- name: Roll the hosts onto the newest version of the launch template, half of them at a time
  slipway.aws.autoscaling_refresh:
    name: storefront
    min_healthy_percentage: 50
    application_name: storefront
    deployment_group_name: production
  register: rolled

- name: Tell which hosts were replaced, and why
  ansible.builtin.debug:
    msg: "{{ rolled.plan.hosts | join(', ') or 'None' }}: {{ rolled.reason }}"

- name: Replace all hosts, one after the other
  slipway.aws.autoscaling_refresh:
    name: storefront
    min_healthy_percentage: 100
    force: true

- name: Start a refresh and do something else meanwhile
  slipway.aws.autoscaling_refresh:
    name: storefront
    wait: false
"""

RETURN = r"""
instance_refresh:
  description: The refresh that was started or joined. Empty when there is none.
  returned: always
  type: dict
  contains:
    instance_refresh_id:
      description: Its id.
      type: str
      returned: when there is one
      sample: 08b91cf7-8fa6-48af-b6a6-d227f40f1b9b
    auto_scaling_group_name:
      description: The group.
      type: str
      returned: when there is one
      sample: storefront
    status:
      description: V(Successful) when the task waited and did not fail.
      type: str
      returned: when there is one
      sample: Successful
    status_reason:
      description: What it waits for, or why it ended.
      type: str
      returned: when AWS tells
    percentage_complete:
      description: How many percent of the hosts are replaced and have warmed up.
      type: int
      returned: when AWS tells
      sample: 100
    instances_to_update:
      description: How many hosts are still to be replaced.
      type: int
      returned: when AWS tells
      sample: 0
    start_time:
      description: When it began.
      type: str
      returned: when there is one
      sample: "2026-11-23T17:00:00+00:00"
    end_time:
      description: When it ended.
      type: str
      returned: when it is over
    preferences:
      description: How it was asked to go about it.
      type: dict
      returned: when AWS tells
joined:
  description: Whether a refresh was joined that was in flight.
  returned: when it was decided
  type: bool
  sample: false
reason:
  description: Why a refresh is started, joined or not started.
  returned: when it was decided
  type: str
  sample: 2 of 4 hosts are not on version 3 of the launch template storefront
plan:
  description: What is replaced by what.
  returned: when it was decided
  type: dict
  contains:
    hosts:
      description: Ids of the hosts that are replaced, or in check mode would be.
      type: list
      elements: str
      sample: [i-0123456789abcdef0]
    launch_template:
      description: Id, name and version number that hosts should be on.
      type: dict
      returned: for a group with a launch template
      sample: {"launch_template_id": "lt-0123456789abcdef0", "launch_template_name": "storefront", "version": "3"}
    launch_configuration_name:
      description: The launch configuration that hosts should be on.
      type: str
      returned: for a group with a launch configuration
    image_id:
      description: The AMI of new hosts.
      type: str
      returned: when hosts are replaced
      sample: ami-0123456789abcdef0
    min_healthy_percentage:
      description: Percentage of the hosts that stays in service.
      type: int
      returned: when hosts are replaced
      sample: 50
    problem:
      description: Why nothing can be told.
      type: str
      returned: in check mode, when there is no group
launch_failures:
  description: Launch deployments that failed since the refresh began, in a row.
  returned: with O(deployment_group_name), when there were three or the refresh did not succeed
  type: dict
  contains:
    count:
      description: How many failed in a row.
      type: int
      sample: 3
    looping:
      description: Whether there are so many that this will not end by itself.
      type: bool
      sample: true
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
failed_targets:
  description: Where the newest of them failed.
  returned: with RV(launch_failures), when the task fails for them
  type: list
  elements: dict
  contains:
    target_id:
      description: Id of the instance, which is gone by now.
      type: str
      sample: i-0123456789abcdef0
    status:
      description: V(Failed).
      type: str
    lifecycle_event_name:
      description: The event that failed.
      type: str
      sample: ApplicationStart
    script_name:
      description: The script that failed.
      type: str
      sample: scripts/start.sh
    error_code:
      description: Kind of the failure.
      type: str
      sample: ScriptFailed
    message:
      description: What the host agent said.
      type: str
    log_tail:
      description: The last output of the script.
      type: str
      returned: with O(log_tail)
    hint:
      description: The most likely cause, and what mends it.
      type: str
active_deployment_ids:
  description: The deployments in flight.
  returned: when the task fails for them
  type: list
  elements: str
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.slipway.aws.plugins.module_utils._autoscaling.refresh import TIMEOUT, roll
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.launches import Launches
from ansible_collections.slipway.aws.plugins.module_utils._core.client import ROLE_OPTIONS, connect
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import FAILURES, failure, warn
from ansible_collections.slipway.aws.plugins.module_utils._core.waiting import FOLLOW_OPTION, WAIT_OPTIONS

ARGUMENT_SPEC = {
    "name": {"type": "str", "required": True, "aliases": ["auto_scaling_group_name"]},
    "min_healthy_percentage": {"type": "int"},
    "max_healthy_percentage": {"type": "int"},
    "instance_warmup": {"type": "int"},
    "force": {"type": "bool", "default": False},
    "application_name": {"type": "str"},
    "deployment_group_name": {"type": "str"},
    "log_tail": {"type": "bool", "default": True},
    **WAIT_OPTIONS,
    "wait_timeout": {"type": "int", "default": TIMEOUT},
    **FOLLOW_OPTION,
    **ROLE_OPTIONS,
}


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=ARGUMENT_SPEC,
        supports_check_mode=True,
        required_together=[("application_name", "deployment_group_name")],
    )
    problem = None
    try:
        aws, params = connect(module), module.params
        application, group = params["application_name"], params["deployment_group_name"]
        launches = Launches(aws, application, group, params["log_tail"]) if group else None
        result = roll(aws, params, module.check_mode, launches)
    except FAILURES as failed:
        problem = failed
        result = failure(failed, f"Failed to refresh the Auto Scaling group {module.params['name']}")
    for warning in result.pop("warnings", []):
        warn(warning)
    if problem:
        module.fail_json(**result)
    if not module._diff:
        result.pop("diff", None)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
