#!/usr/bin/python
# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: codedeploy_deployment
short_description: Deploy with AWS CodeDeploy to hosts, ECS or Lambda, or stop, continue or roll back a deployment
version_added: 1.0.0
description:
  - Deploy a revision to every host of a deployment group, in place on EC2 instances; or move the traffic of an ECS service to new
    tasks, or of a Lambda alias to another version. The task waits until the deployment and, if it
    fails, its rollback have finished, and shows progress while it waits.
  - If the deployment group is configured for it, deployments to hosts are blue/green. The revision is deployed to new hosts, the green
    ones, which take over the traffic of the present ones, the blue ones. RV(blue_green) tells what became of both.
  - For ECS and Lambda, O(ecs) and O(lambda) write the AppSpec. What is not set is read from the live service or the alias, and check
    mode shows it. A task definition or version that has all traffic already is not deployed again, however it came there.
  - For ECS and Lambda, the task reads afterwards what serves. If the new tasks are not healthy, or do not have all traffic, it fails
    even if AWS calls the deployment a success.
  - A revision that is live is not deployed again. A revision is live when the last deployment of the deployment group deployed it,
    succeeded and failed on no host, and when every host that the group now selects got it in that deployment, or in one that Auto
    Scaling or CodeDeploy created for hosts that were added later.
  - If a deployment of the same revision is in progress, the task joins it.
  - A deployment that is known to fail is refused before it is created, in check mode as well. Known causes are an alarm that is in
    the C(ALARM) state or missing, a deployment configuration that leaves no host to deploy to, more hosts than AWS accepts, and a
    bundle that is missing, was changed or was built for another operating system. O(ignore_problems) overrides a cause that does
    not apply.
  - In check mode nothing is changed. The result shows which hosts would be deployed to, in which waves, from which revision and to
    which one.
author:
  - Slipway contributors (@slipway-aws)
options:
  state:
    description:
      - V(deployed) deploys the revision.
      - V(stopped) stops the deployment O(deployment_id), or the one that is in progress in the deployment group. Scripts that are
        running are not killed, but no further scripts are started. If the deployment has already finished, nothing is done.
        Without a rollback, traffic that has moved stays where it is. For Lambda, every later deployment then fails
        until the alias is on one version again; see O(repair_alias).
      - V(continued) ends a wait of an ECS deployment, or of a blue/green deployment to hosts, that is in progress; see O(deployment_wait_type). If the
        deployment has already finished, nothing is done.
      - V(rolled_back) returns hosts, an ECS service or a Lambda alias to what was there before the last deployment. A deployment that is in
        progress is stopped and rolled back. After a deployment that has finished, what was there before is
        deployed again. It is read from the deployments of the deployment group, and the task fails if it is not known. If the last deployment was
        a rollback, nothing is done.
      - For hosts, V(rolled_back) deploys the last revision that a deployment brought to every host. Deployments that failed, were
        stopped or were rolled back do not count. The task fails if the bundle is gone or was changed since.
    type: str
    choices: [deployed, stopped, continued, rolled_back]
    default: deployed
  application_name:
    description:
      - Name of the application. Required unless a deployment is stopped or continued by its ID.
    type: str
  deployment_group_name:
    description:
      - Name of the deployment group. Required unless a deployment is stopped or continued by its ID.
    type: str
  description:
    description:
      - A comment about the deployment. At most 256 characters.
    type: str
  deployment_mode:
    description:
      - V(RESTART) restarts the application with the revision that the hosts have, in every run. It cannot be combined with
        O(revision), and it requires version 2.1.0 or newer of the CodeDeploy agent.
      - If not set, AWS uses V(STANDARD).
    type: str
    choices: [STANDARD, RESTART]
  ignore_application_stop_failures:
    description:
      - Whether the deployment to a host continues when scripts of its previous revision fail (C(ApplicationStop),
        C(BeforeBlockTraffic) and C(AfterBlockTraffic)). Use this to replace a revision whose own stop script is broken.
    type: bool
  file_exists_behavior:
    description:
      - What to do with a file that already exists on the host and was not installed by a deployment of this deployment group.
        V(DISALLOW) fails, V(OVERWRITE) replaces the file, V(RETAIN) keeps it. C(file_exists_behavior) in C(appspec.yml) overrides
        this option.
      - If not set, AWS uses V(DISALLOW).
    type: str
    choices: [DISALLOW, OVERWRITE, RETAIN]
  auto_rollback_configuration:
    description:
      - When to roll back. If not set, the configuration of the deployment group is used.
    type: dict
    suboptions:
      enabled:
        description: Whether automatic rollback is enabled.
        type: bool
      events:
        description: The events that start a rollback. Required when automatic rollback is enabled.
        type: list
        elements: str
        choices: [DEPLOYMENT_FAILURE, DEPLOYMENT_STOP_ON_ALARM, DEPLOYMENT_STOP_ON_REQUEST]
  update_outdated_instances_only:
    description:
      - Whether to deploy only to hosts that do not have the revision.
    type: bool
  force:
    description:
      - Whether to deploy even if the revision is live. With V(true), every run reports a change.
    type: bool
    default: false
  when_active:
    description:
      - What to do when a deployment of another revision is in progress. A deployment group runs one deployment at a time.
      - V(fail) fails. V(wait) waits until that deployment and its rollback have finished. V(stop) stops that deployment without a
        rollback.
    type: str
    choices: [fail, wait, stop]
    default: fail
  fail_on_failed_targets:
    description:
      - Whether the task fails when the deployment succeeded but failed on some of its hosts. AWS reports a deployment as successful
        when enough hosts succeeded. With C(CodeDeployDefault.AllAtOnce) one host is enough.
      - With V(false), a warning names the hosts that failed. The revision is not treated as live, so the next run deploys it again.
    type: bool
    default: false
  log_tail:
    description:
      - Whether to return and show the last output of failed scripts, at most 2048 characters. The output may contain secrets if the
        scripts print them.
    type: bool
    default: true
  appspec:
    description:
      - Path of the AppSpec file of the revision on the controller. A relative path is searched for in the same directories as
        O(slipway.aws.codedeploy_revision#module:src).
      - It is only used for the plan in check mode, to name the scripts of a bundle that has not been pushed yet.
    type: str
  deployment_id:
    description:
      - ID of the deployment to stop or to continue. Only used when O(state=stopped) or O(state=continued). If not set, it is the
        deployment that is in progress in the deployment group.
    type: str
  ecs:
    description:
      - What to deploy to the ECS service of the deployment group. The AppSpec is written from it. What is not set is copied from the
        tasks that serve.
      - Mutually exclusive with O(lambda) and O(revision).
      - When O(state=rolled_back), only O(ecs.hooks) and O(ecs.task_definition) are used. Set the task definition
        if it is not known what served before.
    type: dict
    suboptions:
      task_definition:
        description:
          - ARN of the task definition, or C(family:revision), or a family, of which the newest active revision is used. Required when
            O(state=deployed).
        type: str
      container_name:
        description: Name of the container that gets the traffic.
        type: str
      container_port:
        description: Port of the container that gets the traffic.
        type: int
      platform_version:
        description: Platform version of Fargate.
        type: str
      network_configuration:
        description: Network of tasks with the network mode C(awsvpc). AWS takes all three suboptions or none.
        type: dict
        suboptions:
          subnets:
            description: IDs of the subnets.
            type: list
            elements: str
          security_groups:
            description: IDs of the security groups.
            type: list
            elements: str
          assign_public_ip:
            description: Whether tasks get a public IP address.
            type: bool
      capacity_provider_strategy:
        description: Capacity providers of the new tasks.
        type: list
        elements: dict
        suboptions:
          capacity_provider:
            description: Name of the capacity provider.
            type: str
            required: true
          base:
            description: How many tasks run at least on this capacity provider.
            type: int
          weight:
            description: Share of this capacity provider in the other tasks.
            type: int
      hooks:
        description: Names or ARNs of the Lambda functions that validate the deployment, for each lifecycle event.
        type: dict
        suboptions:
          before_install:
            description: Runs before new tasks start.
            type: str
          after_install:
            description: Runs when the new tasks are healthy.
            type: str
          after_allow_test_traffic:
            description: Runs when the test listener sends traffic to the new tasks.
            type: str
          before_allow_traffic:
            description: Runs before traffic moves.
            type: str
          after_allow_traffic:
            description: Runs when all traffic has moved.
            type: str
  lambda:
    description:
      - What to deploy to a Lambda alias. The AppSpec is written from it, with the version that the alias is on as the current version.
      - Mutually exclusive with O(ecs) and O(revision).
      - When O(state=rolled_back), only O(lambda.hooks) is used.
    type: dict
    suboptions:
      function_name:
        description: Name of the function. Required when O(state=deployed).
        type: str
      alias:
        description: Name of the alias. Required when O(state=deployed).
        type: str
      target_version:
        description: The published version that gets the traffic. Required when O(state=deployed).
        type: str
      hooks:
        description: Names or ARNs of the Lambda functions that validate the deployment, for each lifecycle event.
        type: dict
        suboptions:
          before_allow_traffic:
            description: Runs before traffic moves.
            type: str
          after_allow_traffic:
            description: Runs when all traffic has moved.
            type: str
  from_group:
    description:
      - A deployment group of hosts. The revision that is live on all of its hosts is deployed, for example what runs in a staging
        environment.
      - The task fails if the hosts have different revisions, if it is not known what they have, if a deployment to them is in
        progress, or if the bundle is gone or was changed since.
      - Mutually exclusive with O(revision), O(ecs) and O(lambda).
    type: dict
    suboptions:
      application_name:
        description: Name of the application of that deployment group. If not set, it is O(application_name).
        type: str
      deployment_group_name:
        description: Name of that deployment group.
        type: str
        required: true
      region:
        description:
          - Region of that deployment group. If not set, it is the Region of the task. The bundle has to be in the Region of the
            hosts that it is deployed to.
        type: str
      assume_role_arn:
        description: ARN of an IAM role to read that deployment group with, for example of another account.
        type: str
      assume_role_external_id:
        description: The external ID that the trust policy of O(from_group.assume_role_arn) requires. The value is never shown.
        type: str
  allow_older:
    description:
      - Whether an older release may be deployed. With V(false), the task fails instead of going back by accident.
      - For hosts, the age of a bundle is the time when its object in S3 was stored, which the task writes to the end of the
        description of each deployment. For ECS and Lambda, the numbers of the revisions of a task definition and of versions are compared.
      - If it is not known which release is older, a warning says so, and the task deploys.
      - O(state=rolled_back) goes back in any case.
    type: bool
    default: true
  target_instances:
    description:
      - The hosts that take over from those of the deployment group, for a blue/green deployment to existing hosts. Required for it.
        When the deployment has succeeded, they are the hosts of the deployment group.
    type: dict
    suboptions:
      tag_filters:
        description: EC2 instances that match any of these filters.
        type: list
        elements: dict
        suboptions:
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
        description: EC2 instances that match at least one filter of every list. Mutually exclusive with O(target_instances.tag_filters).
        type: dict
        suboptions:
          ec2_tag_set_list:
            description: Up to 3 lists of filters, each with up to 10 filters in the form of O(target_instances.tag_filters).
            type: list
            elements: list
      auto_scaling_groups:
        description: Names of Auto Scaling groups whose instances take over.
        type: list
        elements: str
  wait_until:
    description:
      - How far a blue/green deployment to hosts, an ECS or a Lambda deployment has to be before the task ends, if O(wait=true).
      - V(finished) waits until it has finished. With a deployment group that waits before it ends the old tasks or hosts, that is after this
        wait, which can take two days.
      - V(traffic_moved) waits until all traffic has moved and the hooks after that have run. The old tasks or hosts then still run, and
        O(state=rolled_back) returns to them at once.
      - V(ready) waits until traffic is about to move. With a deployment group that then waits to be continued, the task ends
        at that moment; see O(state=continued). For hosts of a deployment group that does not wait, it is the same as V(traffic_moved).
    type: str
    choices: [ready, traffic_moved, finished]
    default: finished
  repair_alias:
    description:
      - Whether to remove the weights of a Lambda alias that is on two versions without a deployment in progress, for example after a
        deployment was stopped without a rollback. All traffic then goes to the version that the alias names, and the deployment
        starts from there. Without it, such an alias is reported and nothing is deployed, because AWS would
        fail every deployment.
    type: bool
    default: false
  deployment_wait_type:
    description:
      - Which wait to end. Only used when O(state=continued). If not set, it is the one that the deployment is in.
      - V(READY_WAIT) is the wait before traffic moves, V(TERMINATION_WAIT) the one before the old tasks or hosts end.
    type: str
    choices: [READY_WAIT, TERMINATION_WAIT]
  auto_rollback_enabled:
    description:
      - Whether the stopped deployment is rolled back. Only used when O(state=stopped). If not set, the configuration of the
        deployment or of its deployment group is used.
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
  - When the task fails, it prints a report, and the result that Ansible prints after the report is short. It contains only the IDs
    and statuses of RV(deployment) and RV(rollback), and host, event, script and code of at most ten RV(failed_targets).
    M(slipway.aws.codedeploy_deployment_info) returns the rest. No report is printed, and the result is complete, for a task with
    C(failed_when=false) or C(no_log), for a task that runs asynchronously or with C(-vvv), and with a stdout callback for programs
    such as C(ansible.posix.json). M(slipway.aws.show_failure) shows such a result later.
  - In check mode the task prints the plan, or with C(--diff) shows it as part of the differences. A task with C(changed_when=false)
    does not show the plan.
  - O(revision) is required to deploy, unless O(deployment_mode=RESTART). An object in S3 that is specified without version and ETag
    is treated as the same revision as long as its key is the same, even if the object was replaced. A warning says so. Specify the
    version or the ETag, or set O(force=true).
  - If O(wait_timeout) is not set, the task waits as long as AWS lets a deployment run, which is 12 hours in place, and 109 hours
    blue/green and for ECS and Lambda.
  - For ECS and Lambda, what served before and after is written to the end of the description of the deployment, because AWS
    keeps no task definition of a deployment. O(state=rolled_back) reads it there. For hosts, it is the time when the bundle was
    stored. A description that is too long for it is sent as it is.
  - A deployment is refused while an instance refresh is in progress in an Auto Scaling group of the deployment group.
  - To find out whether a revision is live, the caller needs the permissions C(ec2:DescribeInstances) and
    C(autoscaling:DescribeAutoScalingGroups), and for a deployment group with on-premises instances
    C(codedeploy:ListOnPremisesInstances) and C(codedeploy:BatchGetOnPremisesInstances). Without them every run deploys, and a
    warning says so.
  - To find out whether a deployment would fail, the caller needs the permissions C(cloudwatch:DescribeAlarms) for a deployment
    group with alarms, C(s3:GetObject) for the bundle and C(codedeploy:GetDeploymentConfig). A missing permission does not prevent
    the deployment.
  - CodeDeploy has no API operation that returns whether the agent of a host is running. A deployment to a host without a running
    agent fails after about five minutes. M(slipway.aws.codedeploy_preflight) detects this beforehand.
seealso:
  - module: slipway.aws.codedeploy_deployment_info
  - module: slipway.aws.codedeploy_preflight
  - module: slipway.aws.codedeploy_revision
  - name: Deployments in CodeDeploy
    description: The AWS documentation about deployments.
    link: https://docs.aws.amazon.com/codedeploy/latest/userguide/deployments.html
"""

EXAMPLES = r"""
- name: Push a revision of the storefront
  slipway.aws.codedeploy_revision:
    application_name: storefront
    src: storefront
    bucket: example-releases
  register: pushed

- name: Deploy the revision to half of the hosts at a time
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

- name: Move the traffic of a Lambda alias to a version, in the steps of the deployment group
  slipway.aws.codedeploy_deployment:
    application_name: checkout
    deployment_group_name: live
    lambda:
      function_name: checkout
      alias: live
      target_version: "8"
      hooks:
        before_allow_traffic: CodeDeployHook_check_checkout

- name: Return to the version that served before
  slipway.aws.codedeploy_deployment:
    state: rolled_back
    application_name: checkout
    deployment_group_name: live

- name: Deploy to production what runs on all hosts of staging
  slipway.aws.codedeploy_deployment:
    application_name: storefront
    deployment_group_name: production
    from_group:
      deployment_group_name: staging
    allow_older: false

- name: Return the hosts to the last revision that was good on all of them
  slipway.aws.codedeploy_deployment:
    state: rolled_back
    application_name: storefront
    deployment_group_name: production

- name: Deploy blue/green to hosts that are there, until they have the traffic
  slipway.aws.codedeploy_deployment:
    application_name: storefront
    deployment_group_name: blue-green
    revision: "{{ slipway_revision }}"
    target_instances:
      tag_filters:
        - key: Color
          value: green
    wait_until: traffic_moved

- name: Stop the deployment in progress and deploy a fix, even if an alarm is active
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

- name: Stop the deployment in progress and roll back to the previous revision
  slipway.aws.codedeploy_deployment:
    state: stopped
    application_name: storefront
    deployment_group_name: production
    auto_rollback_enabled: true
"""

RETURN = r"""
target:
  description: What serves after the deployment, for ECS and Lambda.
  returned: for ECS and Lambda, when O(state=deployed) or O(state=rolled_back), unless a deployment in progress was rolled back
  type: dict
  sample: {"function_name": "checkout", "function_alias": "live", "version": "8"}
previous_target:
  description: What served before, in the form of RV(target).
  returned: in the same cases as RV(target)
  type: dict
  sample: {"function_name": "checkout", "function_alias": "live", "version": "7"}
traffic:
  description: What serves now. One dictionary for each version or task set, with C(percent) of the traffic.
  returned: for ECS and Lambda, when the task waited until the traffic has moved
  type: list
  elements: dict
  sample: [{"version": "8", "percent": 100.0}]
deployment:
  description:
    - The deployment. When there was nothing to do, the deployment that brought the revision. Empty when there is no deployment.
  returned: always
  type: dict
  contains:
    deployment_id:
      description: ID of the deployment.
      type: str
      returned: when there is a deployment
      sample: d-ABCDEF123
    application_name:
      description: Name of the application.
      type: str
      returned: when there is a deployment
      sample: storefront
    deployment_group_name:
      description: Name of the deployment group.
      type: str
      returned: when there is a deployment
      sample: production
    deployment_config_name:
      description: Name of the deployment configuration.
      type: str
      returned: when there is a deployment
      sample: CodeDeployDefault.HalfAtATime
    status:
      description:
        - Status of the deployment, V(Created), V(Queued), V(InProgress), V(Baking), V(Ready), V(Succeeded), V(Failed) or
          V(Stopped).
      type: str
      returned: when there is a deployment
      sample: Succeeded
    deployment_overview:
      description: Number of targets in each status.
      type: dict
      returned: when the deployment has started
      sample: {"failed": 0, "in_progress": 0, "pending": 0, "ready": 0, "skipped": 0, "succeeded": 6}
    error_information:
      description: C(code) and C(message) of the error, and a C(hint) for a known code.
      type: dict
      returned: when the deployment failed or was stopped
    revision:
      description: The revision of the deployment.
      type: dict
      returned: when there is a deployment
    creator:
      description: What created the deployment, V(user) or a service.
      type: str
      returned: when there is a deployment
      sample: user
    description:
      description: The comment about the deployment.
      type: str
      returned: when the deployment has a comment
    create_time:
      description: When the deployment was created.
      type: str
      returned: when there is a deployment
      sample: "2026-11-23T17:00:00+00:00"
    start_time:
      description: When the deployment was started.
      type: str
      returned: when the deployment has started
    complete_time:
      description: When the deployment ended.
      type: str
      returned: when the deployment has finished
joined:
  description: Whether the task joined a deployment that was already in progress.
  returned: when O(state=deployed)
  type: bool
  sample: false
reason:
  description: Why there was something to do, or nothing to do.
  returned: always
  type: str
  sample: "the last deployment, d-ABCDEF123, brought s3://example-releases/storefront/1.zip"
revision:
  description: The revision to deploy.
  returned: when O(state=deployed)
  type: dict
previous_revision:
  description: The revision that the deployment group had before.
  returned: when O(state=deployed)
  type: dict
from_group:
  description: Where the revision was found that is live on all hosts of another deployment group.
  returned: when O(from_group) is set
  type: dict
  contains:
    application_name:
      description: Name of the application.
      type: str
      sample: storefront
    deployment_group_name:
      description: Name of the deployment group.
      type: str
      sample: staging
    region:
      description: Region of the deployment group.
      type: str
      sample: eu-west-1
    deployment_id:
      description: ID of the newest deployment that brought the revision to its hosts.
      type: str
      sample: d-ABCDEF123
    host_count:
      description: Number of its hosts. All of them have the revision.
      type: int
      sample: 4
rollback_of:
  description: ID of the deployment that is taken back.
  returned: for hosts, when O(state=rolled_back) and the last deployment had finished
  type: str
  sample: d-ABCDEF124
rollback_to:
  description: What the hosts are returned to. RV(reason) says why.
  returned: in the same cases as RV(rollback_of)
  type: dict
  contains:
    deployment_id:
      description: ID of the deployment that brought the revision before.
      type: str
      sample: d-ABCDEF123
    revision:
      description: The revision.
      type: dict
    host_count:
      description: Number of hosts that it brought the revision to.
      type: int
      sample: 6
plan:
  description: What a deployment would do.
  returned: in check mode, when there is something to do, even if the deployment is refused
  type: dict
  contains:
    compute_platform:
      description: V(ECS) or V(Lambda).
      type: str
      returned: for ECS and Lambda
      sample: Lambda
    traffic:
      description:
        - The steps in which traffic moves. From C(minutes) after the first step, C(percent) of it goes to the new tasks or version. Null
          when the deployment configuration could not be read.
      type: list
      elements: dict
      returned: for ECS and Lambda
      sample: [{"minutes": 0, "percent": 10}, {"minutes": 5, "percent": 100}]
    copied:
      description: Settings that were not given, with the values of the tasks that serve.
      type: dict
      returned: for ECS and Lambda
    repair_alias:
      description: Whether the alias would be put on one version first.
      type: bool
      returned: for ECS and Lambda
    ready_wait_minutes:
      description: How long the deployment waits to be continued before traffic moves. Null when it does not.
      type: int
      returned: for ECS and Lambda, and for a blue/green deployment to hosts
    termination_wait_minutes:
      description: How long the old tasks or hosts run after all traffic has moved. Null when that is not configured.
      type: int
      returned: for ECS and Lambda, and for a blue/green deployment to hosts
    green:
      description:
        - The green hosts, with C(provisioning), C(host_count) and C(wave_sizes), which is how many of them are deployed to at a time. For a copy
          of an Auto Scaling group also its name as C(auto_scaling_group), C(copy_of), and C(not_copied), the names of lifecycle hooks, scaling
          policies, scheduled actions, group metrics and notified topics, and the warm pool that the copy will not have. Null instead of names where
          they could not be read. M(slipway.aws.autoscaling_group_settings) gives them to the copy.
      type: dict
      returned: for a blue/green deployment to hosts
      sample: {"provisioning": "DISCOVER_EXISTING", "host_count": 2, "wave_sizes": [1, 1]}
    blue:
      description: The blue hosts as C(hosts), and C(action), whether they are terminated or kept after that.
      type: dict
      returned: for a blue/green deployment to hosts
      sample: {"hosts": ["i-0123456789abcdef0"], "action": "TERMINATE"}
    steps:
      description: What happens, in order. C(hosts) is the number of hosts concerned, C(minutes) how long a wait lasts at most.
      type: list
      elements: dict
      returned: for a blue/green deployment to hosts
      sample: [{"step": "allow_traffic_to_green", "hosts": 2, "minutes": null}]
    deployment_config_name:
      description: Name of the deployment configuration that would be used.
      type: str
      returned: when the deployment group exists
      sample: CodeDeployDefault.HalfAtATime
    minimum_healthy_hosts:
      description: How many hosts would have to stay healthy.
      type: int
      returned: for hosts, when the deployment group exists
      sample: 3
    hosts:
      description:
        - The hosts, with the members of RV(slipway.aws.codedeploy_fleet_info#module:hosts) and C(condition), which is V(unhealthy)
          (the last deployment failed on the host), V(unknown) (nothing was deployed to the host yet), V(old) or V(current).
      type: list
      elements: dict
      returned: always
    waves:
      description: IDs of the hosts in the order in which they would be deployed to. Healthy hosts that take equally long form one wave.
      type: list
      elements: list
      returned: always
    zones:
      description:
        - Availability Zones in the order in which they would be deployed to, with C(availability_zone), C(waves) and C(monitor_seconds), how long
          the deployment waits after the zone. Empty if the deployment configuration is not zonal.
      type: list
      elements: dict
      returned: for hosts, when the deployment group exists
      sample: [{"availability_zone": "eu-west-1a", "waves": [["i-0123456789abcdef0"]], "monitor_seconds": 300}]
    hooks:
      description:
        - The lifecycle events of the bundle, with C(lifecycle_event_name) and C(scripts). Null when its AppSpec file could not be
          read. For ECS and Lambda with C(function_name) instead of C(scripts).
      type: list
      elements: dict
      returned: when the deployment group exists
      sample: [{"lifecycle_event_name": "ValidateService", "scripts": ["scripts/validate.sh"]}]
    auto_rollback_configuration:
      description: When the deployment would be rolled back, according to the options of the task or else to those of the deployment group.
      type: dict
      returned: when the deployment group exists
      sample: {"enabled": true, "events": ["DEPLOYMENT_FAILURE"]}
    alarm_configuration:
      description: Which alarms would stop the deployment, according to the options of the task or else to those of the deployment group.
      type: dict
      returned: when the deployment group exists
      sample: {"alarms": [{"name": "storefront-errors"}], "enabled": true, "ignore_poll_alarm_failure": false}
    problems:
      description: Problems with the deployment as a whole.
      type: list
      elements: dict
      returned: always
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
failed_targets:
  description: Hosts on which the deployment failed, at most 50.
  returned: when the deployment has finished
  type: list
  elements: dict
  contains:
    target_id:
      description: ID of the instance.
      type: str
      sample: i-0123456789abcdef0
    name:
      description: Value of the tag C(Name) of the instance.
      type: str
    private_ip_address:
      description: Private IP address of the instance.
      type: str
      sample: 10.0.0.4
    status:
      description: Status of the target, always V(Failed).
      type: str
    lifecycle_event_name:
      description: The lifecycle event that failed.
      type: str
      sample: AfterInstall
    script_name:
      description: The script that failed.
      type: str
      sample: scripts/after_install.sh
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
    cause:
      description: Identifier of the most likely cause. If it can only be guessed, the state of the instance in EC2 takes precedence.
      type: str
      sample: script_failed
    hint:
      description: The most likely cause, and how to fix it.
      type: str
    function_name:
      description: The hook function of the event that failed.
      type: str
      returned: for ECS and Lambda
    log_group:
      description: The log group of the hook function in CloudWatch Logs.
      type: str
      returned: for ECS and Lambda
    stopped_tasks:
      description: Tasks of the new task set that stopped, at most 10, with C(task_id), C(reason) and C(containers).
      type: list
      elements: dict
      returned: for ECS
rollback:
  description: The result of the rollback. Empty when there was no rollback.
  returned: when the deployment has finished
  type: dict
  contains:
    deployment:
      description:
        - The deployment that rolled back, with the members C(deployment_id), C(status), C(deployment_overview) and C(revision) of
          RV(deployment).
      type: dict
      returned: when there was a rollback
    failed_targets:
      description: Hosts on which the rollback failed, in the form of RV(failed_targets).
      type: list
      elements: dict
      returned: when there was a rollback
    left:
      description:
        - What runs on the hosts after a rollback that failed as well. One dictionary for each revision, with C(revision),
          C(target_ids) and C(complete). C(complete) is false where the last deployment failed, so that it is not known what runs
          there.
      type: list
      elements: dict
      returned: when there was a rollback
    message:
      description: Why there was no rollback.
      type: str
      returned: when AWS returns it
blue_green:
  description: What became of the hosts of a blue/green deployment.
  returned: for a blue/green deployment to hosts, when the task waited for it
  type: dict
  contains:
    green_hosts:
      description: IDs of the hosts that the revision was deployed to.
      type: list
      elements: str
      sample: [i-0123456789abcdef0]
    blue_hosts:
      description: IDs of the hosts that were to be replaced. They may be terminated by now.
      type: list
      elements: str
      sample: [i-0fedcba9876543210]
    traffic:
      description: Which hosts have the traffic, V(green), V(blue) or V(both).
      type: str
      sample: green
    green_auto_scaling_group:
      description: Name of the Auto Scaling group that was made as a copy, if there is one.
      type: str
      sample: CodeDeploy_production_d-ABCDEF123
active_deployment_id:
  description: ID of the deployment in progress that prevents this one.
  returned: when the deployment was refused because of another deployment
  type: str
problems:
  description: The problems that prevented or stopped the deployment, in the form of RV(plan.problems).
  returned: when the deployment was refused because of problems, or stopped by an alarm
  type: list
  elements: dict
instance_refreshes:
  description: The instance refreshes in progress that prevent the deployment.
  returned: when the deployment was refused because of instance refreshes
  type: list
  elements: dict
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.shifting.options import SHIFT_OPTIONS
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.task import (
    DEPLOYMENT_OPTIONS,
    FROM_OPTION,
    IGNORE_OPTION,
    run,
)
from ansible_collections.slipway.aws.plugins.module_utils._core.client import ROLE_OPTIONS
from ansible_collections.slipway.aws.plugins.module_utils._core.waiting import FOLLOW_OPTION, WAIT_OPTIONS

ARGUMENT_SPEC = {
    "state": {"type": "str", "choices": ["deployed", "stopped", "continued", "rolled_back"], "default": "deployed"},
    "application_name": {"type": "str"},
    "deployment_group_name": {"type": "str"},
    **DEPLOYMENT_OPTIONS,
    **IGNORE_OPTION,
    **SHIFT_OPTIONS,
    **FROM_OPTION,
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
            ("state", "continued", ("deployment_id", "deployment_group_name"), True),
            ("state", "rolled_back", ("application_name", "deployment_group_name")),
        ],
        required_by={"deployment_group_name": ("application_name",)},
    )
    run(module)


if __name__ == "__main__":
    main()
