#!/usr/bin/python
# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: codedeploy_lifecycle_hook
short_description: Report the result of a hook of an AWS CodeDeploy deployment
version_added: 1.0.0
description:
  - Report whether the validation of a lifecycle event of an ECS or Lambda deployment succeeded. CodeDeploy waits up to one hour for
    this report after it has invoked the hook function of the event.
  - Usually the hook function reports by itself. Use this module if the function only passes its payload on, for example to a queue or
    an approval step, and a playbook runs the validation.
  - After a failure, the deployment fails and is rolled back if the deployment group says so.
  - If the event is completed already, because the result was reported before or because it timed out, nothing is changed. AWS does not
    tell which result counted. RV(deployment_status) tells how the deployment goes on.
author:
  - Slipway contributors (@slipway-aws)
options:
  deployment_id:
    description:
      - ID of the deployment, C(DeploymentId) in the payload of the hook function.
    type: str
    required: true
  lifecycle_event_hook_execution_id:
    description:
      - ID of this run of the hook, C(LifecycleEventHookExecutionId) in the payload of the hook function.
    type: str
    required: true
  status:
    description:
      - The result of the validation.
    type: str
    required: true
    choices: [Succeeded, Failed]
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - slipway.aws._options.role
  - slipway.aws._attributes.act
notes:
  - In check mode a change is predicted while the deployment is in progress, because only a report shows whether the event is completed.
seealso:
  - module: slipway.aws.codedeploy_deployment
  - name: The hooks section of an AppSpec file
    description: The AWS documentation about hooks and their payload.
    link: https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html
"""

EXAMPLES = r"""
- name: Let the deployment continue after the tests of the new version succeeded
  slipway.aws.codedeploy_lifecycle_hook:
    deployment_id: d-ABCDEF456
    lifecycle_event_hook_execution_id: eyJlbmNyeXB0ZWREYXRhIjoiY3VHU2NjdkJXUTJQUENVd2d
    status: Succeeded

- name: Stop the deployment, because the tests failed
  slipway.aws.codedeploy_lifecycle_hook:
    deployment_id: d-ABCDEF456
    lifecycle_event_hook_execution_id: eyJlbmNyeXB0ZWREYXRhIjoiY3VHU2NjdkJXUTJQUENVd2d
    status: Failed
"""

RETURN = r"""
lifecycle_event_hook_execution_id:
  description: ID of this run of the hook.
  returned: always
  type: str
  sample: eyJlbmNyeXB0ZWREYXRhIjoiY3VHU2NjdkJXUTJQUENVd2d
already_completed:
  description: Whether the event was completed before, so that the report had no effect.
  returned: always
  type: bool
deployment_status:
  description: Status of the deployment before the report.
  returned: always
  type: str
  sample: InProgress
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.lifecycle_hooks import is_open, report
from ansible_collections.slipway.aws.plugins.module_utils._core.client import ROLE_OPTIONS, connect
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import FAILURES, failure

ARGUMENT_SPEC = {
    "deployment_id": {"type": "str", "required": True},
    "lifecycle_event_hook_execution_id": {"type": "str", "required": True},
    "status": {"type": "str", "required": True, "choices": ["Succeeded", "Failed"]},
    **ROLE_OPTIONS,
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    params = module.params
    execution_id, what = params["lifecycle_event_hook_execution_id"], "report the hook of the deployment"
    try:
        aws = connect(module)
        deployment_status, changed = is_open(aws, params["deployment_id"])
        if changed and not module.check_mode:
            changed = report(aws, params["deployment_id"], execution_id, params["status"])
    except FAILURES as problem:
        module.fail_json(**failure(problem, f"Failed to {what} {params['deployment_id']}", module.argument_spec))
    result = {
        "changed": changed,
        "lifecycle_event_hook_execution_id": execution_id,
        "already_completed": not changed,
        "deployment_status": deployment_status,
    }
    if module._diff:
        after = {"status": params["status"]} if changed else {"already_completed": True}
        result["diff"] = {"before": {"status": "InProgress"} if changed else after, "after": after}
    module.exit_json(**result)


if __name__ == "__main__":
    main()
