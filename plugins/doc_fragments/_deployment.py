# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is to be deployed, and how, in a pair with _deployments.task.FORESEEN_OPTIONS. Private to this collection."""

from __future__ import annotations


class ModuleDocFragment:
    FORESEEN = r"""
options:
  revision:
    description:
      - What to deploy, as RV(slipway.aws.codedeploy_revision#module:revision) has it.
    type: dict
    suboptions:
      revision_type:
        description: Where the revision is.
        type: str
        required: true
        choices: [S3, GitHub]
      s3_location:
        description: The bundle in S3, for O(revision.revision_type=S3).
        type: dict
        suboptions:
          bucket:
            description: Name of the bucket.
            type: str
            required: true
          key:
            description: Key of the bundle.
            type: str
            required: true
          bundle_type:
            description: Kind of the bundle.
            type: str
            required: true
            choices: [zip, tar, tgz]
          version:
            description: Version of the object.
            type: str
          e_tag:
            description: ETag of the object. A host refuses another one.
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
  deployment_config_name:
    description:
      - How many hosts at once. When not given, as the group says.
    type: str
  override_alarm_configuration:
    description:
      - Alarms to use instead of the group's. V(enabled=false) lets a fix through while an alarm is on. The caller needs the
        right to update the deployment group.
    type: dict
    suboptions:
      enabled:
        description: Whether alarms stop the deployment.
        type: bool
      ignore_poll_alarm_failure:
        description: Whether to go on when CloudWatch cannot be asked, or does not know the alarm.
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
      - Options of deployments to EC2 instances. When not given, as the group says.
    type: dict
    suboptions:
      auto_scaling_group_processes_to_suspend:
        description:
          - What the Auto Scaling groups of the group must not do meanwhile. With V(InstanceRefresh) a deployment is not refused
            while an instance refresh runs.
        type: list
        elements: str
        choices: [Terminate, AZRebalance, InstanceRefresh, ScheduledActions]
  ignore_problems:
    description:
      - Causes of problems that do not stop the task. A deployment that is known to fail is refused before it is created; name
        its cause here where you know better, for example V(too_many_hosts) when AWS raised the quota of your account.
      - The problem is still returned and no longer blocks.
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
"""
