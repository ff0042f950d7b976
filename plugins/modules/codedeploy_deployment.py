#!/usr/bin/python
# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: codedeploy_deployment
short_description: Deploy a revision with AWS CodeDeploy, or stop a deployment
version_added: 1.0.0
description:
  - Have a revision on every host of a deployment group, in place on EC2 instances. Waits until the deployment and, when
    it fails, its rollback are over, and shows progress meanwhile.
  - A revision that is live is not deployed again. It is live when the last deployment of the group succeeded, failed on no
    host, and every host that the group selects now got the revision, in that deployment or by one that Auto Scaling or
    CodeDeploy made for hosts that came later.
  - A deployment of the same revision that is in flight is joined.
  - What is known to make a deployment fail is refused before it is created, in check mode too. An alarm that is on or missing, a
    configuration that lets no host go, more hosts than AWS takes, a bundle that is gone, changed or made for another system.
    O(ignore_problems) goes past what is wrongly taken for impossible.
  - In check mode nothing is written, and the result tells which hosts would be deployed to, in which waves, from which
    revision to which.
author:
  - Slipway contributors (@slipway-aws)
options:
  state:
    description:
      - V(deployed) has the revision deployed.
      - V(stopped) has the deployment O(deployment_id), or the one in flight in the group, stopped. Scripts that run are not
        killed; no further ones are started. There is nothing to do when it is over.
    type: str
    choices: [deployed, stopped]
    default: deployed
  application_name:
    description:
      - Name of the application. Needed but for stopping a deployment by its id.
    type: str
  deployment_group_name:
    description:
      - Name of the deployment group. Needed but for stopping a deployment by its id.
    type: str
  description:
    description:
      - A comment on the deployment, 256 characters at most.
    type: str
  deployment_mode:
    description:
      - V(RESTART) restarts the application from the revision that the hosts have, in every run. It takes no O(revision) and
        needs a host agent of 2.1.0 or newer.
      - When not given, AWS makes it V(STANDARD).
    type: str
    choices: [STANDARD, RESTART]
  ignore_application_stop_failures:
    description:
      - Whether a host goes on when the scripts of the revision it had fail (C(ApplicationStop) and the two around blocking
        traffic). Helps past a revision whose own stop script is broken.
    type: bool
  file_exists_behavior:
    description:
      - What to do with a file that is on the host already and does not come from this group. V(DISALLOW) fails, V(OVERWRITE)
        replaces it, V(RETAIN) keeps it. C(file_exists_behavior) in C(appspec.yml) wins over it.
      - When not given, AWS makes it V(DISALLOW).
    type: str
    choices: [DISALLOW, OVERWRITE, RETAIN]
  auto_rollback_configuration:
    description:
      - When to roll back. When not given, as the group says.
    type: dict
    suboptions:
      enabled:
        description: Whether to roll back at all.
        type: bool
      events:
        description: After what; needed when it is enabled.
        type: list
        elements: str
        choices: [DEPLOYMENT_FAILURE, DEPLOYMENT_STOP_ON_ALARM, DEPLOYMENT_STOP_ON_REQUEST]
  update_outdated_instances_only:
    description:
      - Whether to deploy only to hosts that do not have the revision.
    type: bool
  force:
    description:
      - Deploy even if the revision is live. Then every run is a change.
    type: bool
    default: false
  when_active:
    description:
      - What to do when a deployment of another revision is in flight in the group, which takes one at a time.
      - V(fail) refuses. V(wait) waits until it and its rollback are over. V(stop) stops it, without a rollback.
    type: str
    choices: [fail, wait, stop]
    default: fail
  fail_on_failed_targets:
    description:
      - AWS calls a deployment a success when enough hosts succeeded; with C(CodeDeployDefault.AllAtOnce) one is enough.
      - Whether the task fails then when a host failed. Otherwise a warning tells which ones; the revision is not taken for
        live, so the next run deploys it again.
    type: bool
    default: false
  log_tail:
    description:
      - Whether to return and show the last output of failed scripts, 2048 characters at most. It may hold what the scripts
        should not have printed.
    type: bool
    default: true
  appspec:
    description:
      - Path of the AppSpec file of the revision on the controller. A relative one is found as M(slipway.aws.codedeploy_revision)
        finds its O(slipway.aws.codedeploy_revision#module:src).
      - Only the plan that check mode shows makes use of it, to name the scripts of a bundle that is yet to be pushed.
    type: str
  deployment_id:
    description:
      - The deployment to stop, for O(state=stopped). When not given, the one in flight in the group.
    type: str
  auto_rollback_enabled:
    description:
      - Whether a stopped deployment is rolled back, for O(state=stopped). When not given, as the deployment or its group says.
    type: bool
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - slipway.aws._deployment.foreseen
  - slipway.aws._options.wait
  - slipway.aws._options.follow
  - slipway.aws._options.role
  - slipway.aws._attributes.act
notes:
  - When the task fails, the report is shown as lines, and the result that Ansible prints after it is short. Of RV(deployment) and
    RV(rollback) it has ids and status, of RV(failed_targets) ten at most with host, event, script and code.
    M(slipway.aws.codedeploy_deployment_info) tells the rest. A task with C(failed_when=false) or C(no_log), one that runs
    asynchronously or with C(-vvv), and one under a stdout callback for programs such as C(ansible.posix.json), shows no report and
    has everything in its result; M(slipway.aws.show_failure) shows such a result later.
  - In check mode the plan is shown as lines, or with C(--diff) as part of the differences. A task with C(changed_when=false) shows none.
  - O(revision) is needed to deploy, unless O(deployment_mode=RESTART). An object in S3 without version and ETag is the same
    revision as long as its key is the same, whatever lies there; a warning says so. Name one of them, or deploy with O(force).
  - When O(wait_timeout) is not given, it waits as long as AWS lets a deployment run, 12 hours.
  - A deployment is refused while an instance refresh runs on an Auto Scaling group of the deployment group.
  - To tell what is live, the caller needs C(ec2:DescribeInstances) and C(autoscaling:DescribeAutoScalingGroups). Without
    them, or with on-premises instances in the group, every run deploys, and a warning says so.
  - To tell what would make it fail, the caller needs C(cloudwatch:DescribeAlarms) for a group with alarms, C(s3:GetObject) for the
    bundle and C(codedeploy:GetDeploymentConfig). What may not be read does not stop it.
  - CodeDeploy has no call that tells whether the agent of a host is alive. A host without one fails after about five minutes.
    M(slipway.aws.codedeploy_preflight) finds out beforehand.
seealso:
  - module: slipway.aws.codedeploy_deployment_info
  - module: slipway.aws.codedeploy_preflight
  - module: slipway.aws.codedeploy_revision
  - name: Deployments in CodeDeploy
    description: How a deployment goes, in the AWS documentation.
    link: https://docs.aws.amazon.com/codedeploy/latest/userguide/deployments.html
"""

EXAMPLES = r"""
- name: Push the storefront
  slipway.aws.codedeploy_revision:
    application_name: storefront
    src: storefront
    bucket: example-releases
  register: pushed

- name: Deploy it, half of the hosts at a time
  slipway.aws.codedeploy_deployment:
    application_name: storefront
    deployment_group_name: production
    revision: "{{ pushed.revision }}"
    deployment_config_name: CodeDeployDefault.HalfAtATime
    auto_rollback_configuration:
      enabled: true
      events: [DEPLOYMENT_FAILURE]
    fail_on_failed_targets: true
    wait_timeout: 3600

- name: Deploy a fix past whatever is under way
  slipway.aws.codedeploy_deployment:
    application_name: storefront
    deployment_group_name: production
    revision:
      revision_type: S3
      s3_location:
        bucket: example-releases
        key: storefront-1.4.3.zip
        bundle_type: zip
        e_tag: 9e107d9d372bb6826bd81d3542a419d6
    when_active: stop
    override_alarm_configuration:
      enabled: false

- name: Stop what is under way and go back to the revision before
  slipway.aws.codedeploy_deployment:
    state: stopped
    application_name: storefront
    deployment_group_name: production
    auto_rollback_enabled: true
"""

RETURN = r"""
deployment:
  description:
    - The deployment; when nothing was to be done, the one that brought the revision. Empty when there is none.
  returned: always
  type: dict
  contains:
    deployment_id:
      description: Its id.
      type: str
      returned: when there is one
      sample: d-ABCDEF123
    application_name:
      description: Its application.
      type: str
      returned: when there is one
      sample: storefront
    deployment_group_name:
      description: Its deployment group.
      type: str
      returned: when there is one
      sample: production
    deployment_config_name:
      description: Its deployment configuration.
      type: str
      returned: when there is one
      sample: CodeDeployDefault.HalfAtATime
    status:
      description: V(Created), V(Queued), V(InProgress), V(Baking), V(Ready), V(Succeeded), V(Failed) or V(Stopped).
      type: str
      returned: when there is one
      sample: Succeeded
    deployment_overview:
      description: How many targets are in which status.
      type: dict
      returned: when it has started
      sample: {"failed": 0, "in_progress": 0, "pending": 0, "ready": 0, "skipped": 0, "succeeded": 6}
    error_information:
      description: C(code) and C(message) of why it failed, and a C(hint) for a known code.
      type: dict
      returned: when it failed or was stopped
    revision:
      description: What it brought.
      type: dict
      returned: when there is one
    creator:
      description: Who created it, V(user) or a service.
      type: str
      returned: when there is one
      sample: user
    description:
      description: The comment on it.
      type: str
      returned: when it has one
    create_time:
      description: When it was created.
      type: str
      returned: when there is one
      sample: "2026-11-23T17:00:00+00:00"
    start_time:
      description: When it was started.
      type: str
      returned: when it has started
    complete_time:
      description: When it ended.
      type: str
      returned: when it is over
joined:
  description: Whether the deployment was in flight before the task.
  returned: when a deployment was asked for
  type: bool
  sample: false
reason:
  description: Why there was something to do, or nothing.
  returned: always
  type: str
  sample: "the last deployment, d-ABCDEF123, brought s3://example-releases/storefront/1.zip"
revision:
  description: The revision that was asked for.
  returned: when a deployment was asked for
  type: dict
previous_revision:
  description: The revision that the group had before.
  returned: when a deployment was asked for
  type: dict
plan:
  description: What a deployment would do.
  returned: in check mode, when there is something to do, also when it is refused
  type: dict
  contains:
    deployment_config_name:
      description: The deployment configuration that would be used.
      type: str
      returned: when the group exists
      sample: CodeDeployDefault.HalfAtATime
    minimum_healthy_hosts:
      description: How many hosts would have to stay healthy.
      type: int
      returned: when the group exists
      sample: 3
    hosts:
      description:
        - The hosts, as RV(slipway.aws.codedeploy_fleet_info#module:hosts) names them, with C(condition) V(unhealthy) (the last
          deployment failed there), V(unknown) (never deployed to), V(old) or V(current).
      type: list
      elements: dict
      returned: always
    waves:
      description: Ids of the hosts in the order they would be deployed to. Healthy hosts that take equally long make one wave.
      type: list
      elements: list
      returned: always
    hooks:
      description: The scripts of the bundle by C(lifecycle_event_name), as C(scripts); null when its AppSpec could not be read.
      type: list
      elements: dict
      returned: when the group exists
      sample: [{"lifecycle_event_name": "ValidateService", "scripts": ["scripts/validate.sh"]}]
    auto_rollback_configuration:
      description: When it would be rolled back, by its own options or else by its group's.
      type: dict
      returned: when the group exists
      sample: {"enabled": true, "events": ["DEPLOYMENT_FAILURE"]}
    alarm_configuration:
      description: Which alarms would stop it, by its own options or else by its group's.
      type: dict
      returned: when the group exists
      sample: {"alarms": [{"name": "storefront-errors"}], "enabled": true, "ignore_poll_alarm_failure": false}
    problems:
      description: What stands against the deployment as a whole.
      type: list
      elements: dict
      returned: always
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
failed_targets:
  description: Hosts on which it failed, 50 at most.
  returned: when it is over
  type: list
  elements: dict
  contains:
    target_id:
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
    status:
      description: V(Failed).
      type: str
    lifecycle_event_name:
      description: The event that failed.
      type: str
      sample: AfterInstall
    script_name:
      description: The script that failed.
      type: str
      sample: scripts/after_install.sh
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
    cause:
      description: Identifier of the most likely cause. What EC2 says of the instance comes before what its silence suggests.
      type: str
      sample: script_failed
    hint:
      description: The most likely cause, and what to do about it.
      type: str
rollback:
  description: What became of the rollback. Empty when there was none.
  returned: when it is over
  type: dict
  contains:
    deployment:
      description: The deployment that rolled back, with C(deployment_id), C(status), C(deployment_overview) and C(revision) as RV(deployment).
      type: dict
      returned: when there was one
    failed_targets:
      description: Hosts on which it failed, as RV(failed_targets).
      type: list
      elements: dict
      returned: when there was one
    left:
      description:
        - What runs on the hosts after a rollback that failed too, a map for each revision, with C(revision), C(target_ids), and
          C(complete), which is false where the last deployment failed, so that what runs there is not known.
      type: list
      elements: dict
      returned: when there was one
    message:
      description: Why there was none.
      type: str
      returned: when AWS says so
active_deployment_id:
  description: The deployment that is in the way.
  returned: when it was refused for another deployment
  type: str
problems:
  description: What stands against the deployment, or stopped it, as RV(plan.problems).
  returned: when it was refused for them, or stopped by an alarm
  type: list
  elements: dict
instance_refreshes:
  description: The instance refreshes that are in the way.
  returned: when it was refused for them
  type: list
  elements: dict
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.task import (
    DEPLOYMENT_OPTIONS,
    IGNORE_OPTION,
    run,
)
from ansible_collections.slipway.aws.plugins.module_utils._core.client import ROLE_OPTIONS
from ansible_collections.slipway.aws.plugins.module_utils._core.waiting import FOLLOW_OPTION, WAIT_OPTIONS

ARGUMENT_SPEC = {
    "state": {"type": "str", "choices": ["deployed", "stopped"], "default": "deployed"},
    "application_name": {"type": "str"},
    "deployment_group_name": {"type": "str"},
    **DEPLOYMENT_OPTIONS,
    **IGNORE_OPTION,
    "force": {"type": "bool", "default": False},
    "when_active": {"type": "str", "choices": ["fail", "wait", "stop"], "default": "fail"},
    "fail_on_failed_targets": {"type": "bool", "default": False},
    "log_tail": {"type": "bool", "default": True},
    "appspec": {"type": "str"},
    "deployment_id": {"type": "str"},
    "auto_rollback_enabled": {"type": "bool"},
    **WAIT_OPTIONS,
    **FOLLOW_OPTION,
    **ROLE_OPTIONS,
}


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=ARGUMENT_SPEC,
        supports_check_mode=True,
        required_if=[
            ("state", "deployed", ("application_name", "deployment_group_name")),
            ("state", "stopped", ("deployment_id", "deployment_group_name"), True),
        ],
        required_by={"deployment_group_name": ("application_name",)},
    )
    run(module)


if __name__ == "__main__":
    main()
