#!/usr/bin/python
# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: codedeploy_deployment_info
short_description: Read deployments of AWS CodeDeploy
version_added: 1.0.0
description:
  - Read deployments by their ids, of a deployment group, or all of the region, newest first, with their targets on wish.
  - For a group it also tells whether launch deployments fail in a loop. A new host of an Auto Scaling group gets the last
    revision before it serves; when that fails, the host is ended and replaced by one that fails the same way.
author:
  - Slipway contributors (@slipway-aws)
options:
  deployment_ids:
    description:
      - Read these. Ids that do not exist are left out of the result.
    type: list
    elements: str
  application_name:
    description:
      - Name of the application of O(deployment_group_name).
    type: str
  deployment_group_name:
    description:
      - Read the deployments of this group. A group that does not exist has none.
    type: str
  statuses:
    description:
      - Only those with one of these statuses. It cannot be combined with O(deployment_ids).
    type: list
    elements: str
    choices: [Created, Queued, InProgress, Baking, Ready, Succeeded, Failed, Stopped]
  creators:
    description:
      - Only those that one of these has made. V(autoscaling) are launch deployments to new hosts, V(codeDeployRollback) are rollbacks.
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
      - Only those created at this time or later, in ISO 8601 such as V(2026-11-23T17:00:00Z). Without a zone it is UTC.
    type: str
  created_before:
    description:
      - Only those created at this time or earlier, like O(created_after).
    type: str
  targets:
    description:
      - Which targets to read of each deployment, with their lifecycle events. V(failed) reads 50 at most, flat and with a hint.
      - Every deployment costs some more calls then.
    type: str
    choices: [none, failed, all]
    default: none
  log_tail:
    description:
      - Whether to return the last output of scripts with the targets, 2048 characters at most. It may hold what the scripts
        should not have printed.
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
- name: Read why a deployment failed
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

- name: Stop when new hosts fail again and again
  ansible.builtin.assert:
    that: not launches.launch_failures.looping
    fail_msg: "New hosts fail: {{ launches.launch_failures.error_information.message }}"

- name: Read what is in flight in the region
  slipway.aws.codedeploy_deployment_info:
    statuses: [Created, Queued, InProgress, Baking, Ready]
"""

RETURN = r"""
deployments:
  description: What was found, newest first, as RV(slipway.aws.codedeploy_deployment#module:deployment) has it.
  returned: always
  type: list
  elements: dict
  contains:
    deployment_id:
      description: Its id.
      type: str
      sample: d-ABCDEF123
    status:
      description: Its status.
      type: str
      sample: Failed
    creator:
      description: What made it.
      type: str
      sample: user
    failed_targets:
      description: Its failed targets as RV(slipway.aws.codedeploy_deployment#module:failed_targets) has them.
      type: list
      elements: dict
      returned: with O(targets=failed)
    targets:
      description: Its targets.
      type: list
      elements: dict
      returned: with O(targets=all)
      contains:
        target_id:
          description: Id of the instance.
          type: str
          sample: i-0123456789abcdef0
        status:
          description: V(Pending), V(InProgress), V(Succeeded), V(Failed), V(Skipped), V(Ready) or V(Unknown).
          type: str
          sample: Succeeded
        last_updated_at:
          description: When it was heard of last.
          type: str
        lifecycle_events:
          description: Its events in order, with C(lifecycle_event_name), C(status), C(start_time), C(end_time) and C(diagnostics).
          type: list
          elements: dict
launch_failures:
  description: Launch deployments of the group that failed since the last one that succeeded, among those that were read.
  returned: when O(deployment_group_name) is given
  type: dict
  contains:
    count:
      description: How many failed in a row.
      type: int
      sample: 0
    looping:
      description: Whether there are so many that this will not end by itself; three are enough.
      type: bool
      sample: false
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
