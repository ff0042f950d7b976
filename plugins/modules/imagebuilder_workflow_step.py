#!/usr/bin/python
# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: imagebuilder_workflow_step
short_description: Resume or stop a waiting workflow step of an EC2 Image Builder image
version_added: 1.0.0
description:
  - Answer a workflow step that waits for an action (C(WaitForAction)), for example to approve or reject an image.
  - If the step does not wait yet, the module waits for it as long as the image is being built.
  - If the step already got the same answer, nothing is done. If it got the other one, the module fails.
author:
  - Slipway contributors (@slipway-aws)
options:
  state:
    description:
      - With V(resumed), the step is completed and the workflow continues. With V(stopped), the step fails. C(onFailure) of the step in the
        workflow document then determines whether the workflow continues.
    type: str
    required: true
    choices: [resumed, stopped]
  image_build_version_arn:
    description:
      - Image that is being built, as an ARN or as name, version and build number (V(web/1.0.3/2)).
    type: str
    required: true
  name:
    description:
      - Name of the step in the workflow document. Required if several steps wait.
    type: str
    aliases: [step_name]
  reason:
    description:
      - Reason for the answer, up to 1024 characters. AWS stores it with the step, and later steps can read it.
    type: str
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - slipway.aws._options.wait
  - slipway.aws._options.role
  - slipway.aws._attributes.act
notes:
  - If O(wait_timeout) is not set, the module waits up to six hours for the step. With O(wait=false), it fails if the step does not wait yet.
  - In check mode the module does not wait. It fails if no step waits.
seealso:
  - module: slipway.aws.imagebuilder_workflow
  - module: slipway.aws.imagebuilder_image
  - name: Workflow step actions
    description: The action WaitForAction in the AWS documentation.
    link: https://docs.aws.amazon.com/imagebuilder/latest/userguide/wfdoc-step-actions.html
"""

EXAMPLES = r"""
- name: Approve the image
  slipway.aws.imagebuilder_workflow_step:
    image_build_version_arn: approved/1.0.0/1
    name: Approve
    state: resumed
    reason: Passed the acceptance test

- name: Reject the image
  slipway.aws.imagebuilder_workflow_step:
    image_build_version_arn: approved/1.0.0/1
    state: stopped
    reason: Wrong version of the application
    wait: false
"""

RETURN = r"""
workflow_step:
  description: The step. In check mode, the step that waits.
  returned: always
  type: dict
  contains:
    step_execution_id:
      description: Id of the step.
      type: str
      returned: always
      sample: step-01234567-89ab-cdef-0123-456789abcdef
    name:
      description: Name of the step.
      type: str
      returned: always
      sample: Approve
    action:
      description: Action of the step.
      type: str
      returned: always
      sample: WaitForAction
    image_build_version_arn:
      description: ARN of the image.
      type: str
      returned: when the step waited
      sample: arn:aws:imagebuilder:eu-west-1:123456789012:image/web/1.0.3/2
    status:
      description: Status of the step.
      type: str
      returned: after the answer
      sample: COMPLETED
    outputs:
      description: Outputs of the step as JSON, with the answer and its reason.
      type: str
      returned: after the answer
      sample: '{"action": "RESUME", "reason": "Passed the acceptance test"}'
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.slipway.aws.plugins.module_utils._core.client import ROLE_OPTIONS, connect
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import FAILURES, failure
from ansible_collections.slipway.aws.plugins.module_utils._core.waiting import WAIT_OPTIONS
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.waiting_steps import ACTIONS, answer

ARGUMENT_SPEC = {
    "state": {"type": "str", "required": True, "choices": list(ACTIONS)},
    "image_build_version_arn": {"type": "str", "required": True},
    "name": {"type": "str", "aliases": ["step_name"]},
    "reason": {"type": "str"},
    **WAIT_OPTIONS,
    **ROLE_OPTIONS,
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    params = module.params
    try:
        result = answer(connect(module), params, module.check_mode)
    except FAILURES as problem:
        verb = "resume" if params["state"] == "resumed" else "stop"
        what = f"Failed to {verb} the workflow step {' of '.join(filter(None, (params['name'], params['image_build_version_arn'])))}"
        module.fail_json(**failure(problem, what, module.argument_spec))
    if not module._diff:
        result.pop("diff", None)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
