#!/usr/bin/python
# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: imagebuilder_workflow_info
short_description: Read EC2 Image Builder workflows
version_added: 1.0.0
description:
  - Read the EC2 Image Builder workflows of an account and Region.
  - A list contains all versions of the workflows without their documents. With O(name), one workflow is returned with all details.
author:
  - Slipway contributors (@slipway-aws)
options:
  name:
    description:
      - ARN of a single workflow to read with all details, or its type in lowercase and its name, for example V(test/approved-test). A version can
        be added (V(test/approved-test/1.2.x)); without it, the newest version is read. V(aws:build/build-image) is a workflow of AWS.
      - If the workflow does not exist, the returned list is empty. O(filters) are ignored if this option is set.
    type: str
  filters:
    description:
      - Filters for the list. The names are those of the AWS filters, in the case that AWS uses or in snake_case. The values are
        strings or lists of strings. In the filter V(name), V(*) at the beginning and end matches any text.
    type: dict
  owner:
    description:
      - Owner of the workflows to list. If not set, the workflows of this account.
    type: str
    choices: [Self, Shared, Amazon, ThirdParty, AWSMarketplace]
  by_name:
    description:
      - Whether to list all versions of a name as one entry.
    type: bool
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - slipway.aws._options.role
  - slipway.aws._attributes.info
notes:
  - The filters of AWS are description, name, type and version.
seealso:
  - module: slipway.aws.imagebuilder_workflow
  - name: Workflows in EC2 Image Builder
    description: Workflows in the AWS documentation.
    link: https://docs.aws.amazon.com/imagebuilder/latest/userguide/manage-image-workflows.html
"""

EXAMPLES = r"""
- name: Read the newest version of a workflow with its document
  slipway.aws.imagebuilder_workflow_info:
    name: test/approved-test

- name: List the build workflows of AWS
  slipway.aws.imagebuilder_workflow_info:
    owner: Amazon
    by_name: true
    filters:
      type: BUILD
"""

RETURN = r"""
workflows:
  description: The workflows that were found, in the order in which AWS returns them.
  returned: always
  type: list
  elements: dict
  contains:
    arn:
      description: ARN of the workflow.
      type: str
      returned: always
      sample: arn:aws:imagebuilder:eu-west-1:123456789012:workflow/test/approved-test/1.0.0/1
    name:
      description: Name of the workflow.
      type: str
      returned: always
      sample: approved-test
    version:
      description: Version of the workflow without the build number.
      type: str
      returned: always
      sample: 1.0.0
    type:
      description: Stage of the image build that the workflow is for.
      type: str
      returned: always
      sample: TEST
    description:
      description: Description of the workflow.
      type: str
      returned: when set
    owner:
      description: Owner of the workflow.
      type: str
      returned: always
      sample: "123456789012"
    data:
      description: Content of the workflow document.
      type: str
      returned: when O(name) is set
    parameters:
      description: Parameters of the workflow.
      type: list
      elements: dict
      returned: when O(name) is set and the workflow has any
    date_created:
      description: When the workflow was created.
      type: str
      returned: always
      sample: "2026-11-23T17:00:00.000Z"
    tags:
      description: Tags of the workflow.
      type: dict
      returned: when O(name) is set
      sample: {"Team": "platform"}
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.slipway.aws.plugins.module_utils._core.client import ROLE_OPTIONS
from ansible_collections.slipway.aws.plugins.module_utils._core.resource import report
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.reading import INFO_OPTIONS, OWNERS, found

ARGUMENT_SPEC = {
    **INFO_OPTIONS,
    "owner": {"type": "str", "choices": OWNERS},
    "by_name": {"type": "bool"},
    **ROLE_OPTIONS,
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    report(module, "workflows", lambda aws: found(aws, "workflow", module.params))


if __name__ == "__main__":
    main()
