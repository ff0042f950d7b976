#!/usr/bin/python
# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: codedeploy_deployment_info
short_description: Read AWS CodeDeploy deployments
version_added: 1.0.0
description:
  - Read deployments by ID, the deployments of a deployment group, or all deployments of the region, newest first. The targets of
    the deployments can be included.
  - For a deployment group the module also returns whether launch deployments fail in a loop. A new host of an Auto Scaling group
    gets the last revision before it is put in service. When that deployment fails, the host is terminated and replaced by one that
    fails in the same way.
author:
  - Slipway contributors (@slipway-aws)
options:
  deployment_ids:
    description:
      - IDs of the deployments to read. Deployments that do not exist are left out of the result.
    type: list
    elements: str
  application_name:
    description:
      - Name of the application of O(deployment_group_name).
    type: str
  deployment_group_name:
    description:
      - Read the deployments of this deployment group. For a group that does not exist the result is empty.
    type: str
  statuses:
    description:
      - Read only deployments with one of these statuses. Cannot be combined with O(deployment_ids).
    type: list
    elements: str
    choices: [Created, Queued, InProgress, Baking, Ready, Succeeded, Failed, Stopped]
  creators:
    description:
      - Read only deployments that were created by one of these. V(autoscaling) creates launch deployments to new hosts,
        V(codeDeployRollback) creates rollbacks.
    type: list
    elements: str
    choices:
      - user
      - autoscaling
      - codeDeployRollback
      - CodeDeploy
      - CodeDeployAutoUpdate
      - CloudFormation
      - CloudFormationRollback
      - autoscalingTermination
  created_after:
    description:
      - Read only deployments that were created at this time or later, in ISO 8601 format such as V(2026-11-23T17:00:00Z). A time
        without a time zone is UTC.
    type: str
  created_before:
    description:
      - Read only deployments that were created at this time or earlier, in the format of O(created_after).
    type: str
  targets:
    description:
      - Which targets of each deployment to read, with their lifecycle events. V(failed) reads at most 50 failed targets, each with
        the event that failed and a hint.
      - With V(failed) and V(all), each deployment takes some more requests.
    type: str
    choices: [none, failed, all]
    default: none
  log_tail:
    description:
      - Whether to return the last output of scripts with the targets, at most 2048 characters. The output may contain secrets if
        the scripts print them.
    type: bool
    default: true
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - slipway.aws._options.role
  - slipway.aws._attributes.info
seealso:
  - module: slipway.aws.codedeploy_deployment
  - module: slipway.aws.codedeploy_fleet_info
"""

EXAMPLES = r"""
- name: Find out why a deployment failed
  slipway.aws.codedeploy_deployment_info:
    deployment_ids: [d-ABCDEF123]
    targets: failed

- name: Read the launch deployments of the last hour
  slipway.aws.codedeploy_deployment_info:
    application_name: storefront
    deployment_group_name: production
    creators: [autoscaling]
    created_after: "{{ '%Y-%m-%dT%H:%M:%SZ' | strftime(now().timestamp() - 3600, utc=true) }}"
  register: launches

- name: Fail when launch deployments fail in a loop
  ansible.builtin.assert:
    that: not launches.launch_failures.looping
    fail_msg: "New hosts fail: {{ launches.launch_failures.error_information.message }}"

- name: Read the deployments that are in progress in the region
  slipway.aws.codedeploy_deployment_info:
    statuses: [Created, Queued, InProgress, Baking, Ready]
"""

RETURN = r"""
deployments:
  description: The deployments that were found, newest first, each in the form of RV(slipway.aws.codedeploy_deployment#module:deployment).
  returned: always
  type: list
  elements: dict
  contains:
    deployment_id:
      description: ID of the deployment.
      type: str
      sample: d-ABCDEF123
    status:
      description: Status of the deployment.
      type: str
      sample: Failed
    creator:
      description: What created the deployment.
      type: str
      sample: user
    failed_targets:
      description: Failed targets of the deployment, in the form of RV(slipway.aws.codedeploy_deployment#module:failed_targets).
      type: list
      elements: dict
      returned: when O(targets=failed)
    targets:
      description: Targets of the deployment.
      type: list
      elements: dict
      returned: when O(targets=all)
      contains:
        target_id:
          description: ID of the instance.
          type: str
          sample: i-0123456789abcdef0
        status:
          description: Status of the target, V(Pending), V(InProgress), V(Succeeded), V(Failed), V(Skipped), V(Ready) or V(Unknown).
          type: str
          sample: Succeeded
        last_updated_at:
          description: When the target was last updated.
          type: str
        lifecycle_events:
          description:
            - Lifecycle events of the target in order, with C(lifecycle_event_name), C(status), C(start_time), C(end_time) and
              C(diagnostics).
          type: list
          elements: dict
launch_failures:
  description: Launch deployments of the deployment group that failed since the last successful one, among the deployments that were read.
  returned: when O(deployment_group_name) is set
  type: dict
  contains:
    count:
      description: Number of launch deployments that failed in a row.
      type: int
      sample: 0
    looping:
      description: Whether launch deployments fail in a loop, which does not end by itself. This is assumed from three failures on.
      type: bool
      sample: false
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
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.listing import (
    CREATORS,
    STATUSES,
    find,
)
from ansible_collections.slipway.aws.plugins.module_utils._core.client import ROLE_OPTIONS, connect
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import FAILURES, failure
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import to_result

ARGUMENT_SPEC = {
    "deployment_ids": {"type": "list", "elements": "str"},
    "application_name": {"type": "str"},
    "deployment_group_name": {"type": "str"},
    "statuses": {"type": "list", "elements": "str", "choices": STATUSES},
    "creators": {"type": "list", "elements": "str", "choices": CREATORS},
    "created_after": {"type": "str"},
    "created_before": {"type": "str"},
    "targets": {"type": "str", "choices": ["none", "failed", "all"], "default": "none"},
    "log_tail": {"type": "bool", "default": True},
    **ROLE_OPTIONS,
}
FILTERS = ("deployment_group_name", "statuses", "created_after", "created_before")


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=ARGUMENT_SPEC,
        supports_check_mode=True,
        required_together=[("application_name", "deployment_group_name")],
        mutually_exclusive=[("deployment_ids", name) for name in FILTERS],
    )
    try:
        found = find(connect(module), module.params)
    except FAILURES as problem:
        module.fail_json(**failure(problem, "Failed to read the deployments"))
    module.exit_json(changed=False, **to_result(found))


if __name__ == "__main__":
    main()
