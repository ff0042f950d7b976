#!/usr/bin/python
# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: imagebuilder_workflow_step_info
short_description: Read the waiting workflow steps of EC2 Image Builder images
version_added: 1.0.0
description:
  - Read the workflow steps that wait for an answer, for example for an approval of a new image. They are answered with
    M(slipway.aws.imagebuilder_workflow_step).
author:
  - Slipway contributors (@slipway-aws)
options:
  image_build_version_arn:
    description:
      - The image whose steps to read, as an ARN or as name, version and build number (V(web/1.0.3/2)). If not set, the steps of all images in the Region
        that are being built.
    type: str
  name:
    description:
      - Name of the step. If not set, all steps that wait.
    type: str
    aliases: [step_name]
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - slipway.aws._options.role
  - slipway.aws._attributes.info
seealso:
  - module: slipway.aws.imagebuilder_workflow_step
  - module: slipway.aws.imagebuilder_workflow
  - name: Workflow steps that wait
    description: The action WaitForAction in the AWS documentation.
    link: https://docs.aws.amazon.com/imagebuilder/latest/userguide/wfdoc-step-actions.html
"""

EXAMPLES = r"""
- name: Read the steps that wait for an approval
  slipway.aws.imagebuilder_workflow_step_info:
    name: Approve
  register: waiting

- name: Show their images
  ansible.builtin.debug:
    msg: "{{ waiting.workflow_steps | map(attribute='image_build_version_arn') | list }}"
"""

RETURN = r"""
workflow_steps:
  description: The steps that wait.
  returned: always
  type: list
  elements: dict
  contains:
    step_execution_id:
      description: Id of the step.
      type: str
      sample: step-01234567-89ab-cdef-0123-456789abcdef
    name:
      description: Name of the step.
      type: str
      sample: Approve
    action:
      description: Action of the step.
      type: str
      sample: WaitForAction
    image_build_version_arn:
      description: ARN of the image.
      type: str
      sample: arn:aws:imagebuilder:eu-west-1:123456789012:image/web/1.0.3/2
    workflow_build_version_arn:
      description: ARN of the workflow.
      type: str
      sample: arn:aws:imagebuilder:eu-west-1:123456789012:workflow/test/approved-test/1.0.0/1
    workflow_execution_id:
      description: Id of the run of the workflow.
      type: str
      sample: wf-01234567-89ab-cdef-0123-456789abcdef
    start_time:
      description: Since when the step waits.
      type: str
      sample: "2026-11-23T17:00:00.000Z"
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.slipway.aws.plugins.module_utils._core.client import ROLE_OPTIONS
from ansible_collections.slipway.aws.plugins.module_utils._core.resource import report
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.waiting_steps import waiting_steps

ARGUMENT_SPEC = {
    "image_build_version_arn": {"type": "str"},
    "name": {"type": "str", "aliases": ["step_name"]},
    **ROLE_OPTIONS,
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    image, name = module.params["image_build_version_arn"], module.params["name"]
    report(module, "workflow_steps", lambda aws: waiting_steps(aws, image, name))


if __name__ == "__main__":
    main()
