# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is to be deployed, and how, in a pair with _codedeploy.deployments.task.FORESEEN_OPTIONS. Private to this collection."""

from __future__ import annotations


class ModuleDocFragment:
    FORESEEN = r"""
options:
  revision:
    description:
      - The revision to deploy, in the form of RV(slipway.aws.codedeploy_revision#module:revision).
    type: dict
    suboptions:
      revision_type:
        description: Where the revision is stored.
        type: str
        required: true
        choices: [S3, GitHub, AppSpecContent]
      s3_location:
        description: The bundle in S3, or the AppSpec file of ECS or Lambda, for O(revision.revision_type=S3).
        type: dict
        suboptions:
          bucket:
            description: Name of the bucket.
            type: str
            required: true
          key:
            description: Key of the bundle or of the AppSpec file.
            type: str
            required: true
          bundle_type:
            description:
              - File type. V(zip), V(tar) and V(tgz) are bundles for hosts. V(YAML) and V(JSON) are AppSpec files for ECS and Lambda,
                which the caller must be allowed to read.
            type: str
            required: true
            choices: [zip, tar, tgz, YAML, JSON]
          version:
            description: Version of the object.
            type: str
          e_tag:
            description: ETag of the object. An object that has a different ETag is refused.
            type: str
      git_hub_location:
        description: The commit on GitHub, for O(revision.revision_type=GitHub).
        type: dict
        suboptions:
          repository:
            description: Account and name of the repository, C(account/repository).
            type: str
            required: true
          commit_id:
            description: Full SHA-1 of the commit.
            type: str
            required: true
      app_spec_content:
        description: An AppSpec for ECS or Lambda, for O(revision.revision_type=AppSpecContent). Not for hosts.
        type: dict
        suboptions:
          content:
            description: The AppSpec as a dictionary, or as text in YAML or JSON. It is sent as JSON with sorted keys.
            type: raw
            required: true
  deployment_config_name:
    description:
      - Name of the deployment configuration, which determines how many hosts are deployed to at once. If not set, the deployment
        configuration of the deployment group is used.
    type: str
  override_alarm_configuration:
    description:
      - Alarms to use instead of those of the deployment group. With V(enabled=false) a fix can be deployed while an alarm is in the
        C(ALARM) state. The caller needs permission to update the deployment group.
    type: dict
    suboptions:
      enabled:
        description: Whether alarms stop the deployment.
        type: bool
      ignore_poll_alarm_failure:
        description: Whether the deployment continues when the alarm does not exist or its state cannot be read from CloudWatch.
        type: bool
      alarms:
        description: The alarms.
        type: list
        elements: dict
        suboptions:
          name:
            description: Name of an alarm.
            type: str
            required: true
  ec2_deployment_options:
    description:
      - Options for deployments to EC2 instances. If not set, the options of the deployment group are used.
    type: dict
    suboptions:
      auto_scaling_group_processes_to_suspend:
        description:
          - Processes of the Auto Scaling groups of the deployment group to suspend during the deployment. With V(InstanceRefresh),
            a deployment is not refused while an instance refresh is in progress.
        type: list
        elements: str
        choices: [Terminate, AZRebalance, InstanceRefresh, ScheduledActions]
  ignore_problems:
    description:
      - Causes of problems that do not stop the task. A deployment that is known to fail is refused before it is created. List the
        cause here if you know that the deployment can succeed, for example V(too_many_hosts) when AWS has raised the quota of your
        account.
      - An ignored problem is still returned, but it no longer blocks.
    type: list
    elements: str
    choices:
      - too_many_hosts
      - no_host_left
      - alarm_on
      - alarm_missing
      - auto_scaling_group_missing
      - platform_mismatch
      - bundle_type_unsupported
      - bundle_denied
      - bundle_missing
      - bundle_changed
      - bundle_unreadable
      - bucket_region
      - appspec_missing
      - appspec_invalid
      - hook_missing
"""
