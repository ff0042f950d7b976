#!/usr/bin/python
# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: imagebuilder_lifecycle_policy_info
short_description: Read EC2 Image Builder lifecycle policies
version_added: 1.0.0
description:
  - Read the EC2 Image Builder lifecycle policies of an account and Region, and what their runs did.
  - A list contains a summary of each policy. With O(name), one policy is returned with all details.
author:
  - Slipway contributors (@slipway-aws)
options:
  include_executions:
    description:
      - Whether to return the runs of the policy, with O(name). The newest run is returned with the images that it changed.
    type: bool
    default: false
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - slipway.aws._imagebuilder.info
  - slipway.aws._options.role
  - slipway.aws._attributes.info
notes:
  - The filters of AWS are name, resourceType and status.
seealso:
  - module: slipway.aws.imagebuilder_lifecycle_policy
  - name: Lifecycle policies in EC2 Image Builder
    description: Lifecycle policies in the AWS documentation.
    link: https://docs.aws.amazon.com/imagebuilder/latest/userguide/manage-image-lifecycles.html
"""

EXAMPLES = r"""
- name: Read one policy and what its last run did
  slipway.aws.imagebuilder_lifecycle_policy_info:
    name: golden
    include_executions: true

- name: List the policies that are disabled
  slipway.aws.imagebuilder_lifecycle_policy_info:
    filters:
      status: DISABLED
"""

RETURN = r"""
lifecycle_policies:
  description: The lifecycle policies that were found, in the order in which AWS returns them.
  returned: always
  type: list
  elements: dict
  contains:
    arn:
      description: ARN of the policy.
      type: str
      returned: always
      sample: arn:aws:imagebuilder:eu-west-1:123456789012:lifecycle-policy/golden
    name:
      description: Name of the policy.
      type: str
      returned: always
      sample: golden
    description:
      description: Description of the policy.
      type: str
      returned: when set
    status:
      description: Whether AWS runs the policy.
      type: str
      returned: always
      sample: ENABLED
    execution_role:
      description: Role that Image Builder uses to run the policy.
      type: str
      returned: always
      sample: image-lifecycle
    resource_type:
      description: Type of the images that the policy applies to.
      type: str
      returned: always
      sample: AMI_IMAGE
    policy_details:
      description: Rules of the policy.
      type: list
      elements: dict
      returned: when O(name) is set
    resource_selection:
      description: Images that the policy applies to.
      type: dict
      returned: when O(name) is set
    executions:
      description: Runs of the policy, newest first.
      type: list
      elements: dict
      returned: when O(name) and O(include_executions) are set
      contains:
        lifecycle_execution_id:
          description: Id of the run.
          type: str
          returned: always
          sample: lce-01234567-89ab-cdef-0123-456789abcdef
        state:
          description: State of the run.
          type: dict
          returned: always
          sample: {"status": "SUCCESS"}
        start_time:
          description: When the run started.
          type: str
          returned: always
        end_time:
          description: When the run ended.
          type: str
          returned: when it has ended
        resources:
          description:
            - Images that the run changed or tried to change, with action and state of each. An image that failed or was skipped also has
              C(resources), its AMIs or container images.
          type: list
          elements: dict
          returned: for the newest run
    date_created:
      description: When the policy was created.
      type: str
      returned: always
      sample: "2026-11-23T17:00:00+00:00"
    date_updated:
      description: When the policy was last changed.
      type: str
      returned: if the policy has been changed
    date_last_run:
      description: When AWS last ran the policy.
      type: str
      returned: if the policy has been run
    tags:
      description: Tags of the policy.
      type: dict
      returned: when AWS returns it
      sample: {"Team": "platform"}
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.slipway.aws.plugins.module_utils._core.client import ROLE_OPTIONS
from ansible_collections.slipway.aws.plugins.module_utils._core.resource import report
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.lifecycles import policies
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.reading import INFO_OPTIONS

ARGUMENT_SPEC = {
    **INFO_OPTIONS,
    "include_executions": {"type": "bool", "default": False},
    **ROLE_OPTIONS,
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    report(module, "lifecycle_policies", lambda aws: policies(aws, module.params))


if __name__ == "__main__":
    main()
