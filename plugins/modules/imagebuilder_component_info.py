#!/usr/bin/python
# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: imagebuilder_component_info
short_description: Read EC2 Image Builder components
version_added: 1.0.0
description:
  - Read the EC2 Image Builder components of an account and Region.
  - A list contains all versions of the components without their documents. With O(name), one component is returned with all details.
  - Deprecated components are not listed unless the filter V(status) selects them.
author:
  - Slipway contributors (@slipway-aws)
options:
  owner:
    description:
      - Owner of the components to list. If not set, the components of this account.
    type: str
    choices: [Self, Shared, Amazon, ThirdParty, AWSMarketplace]
  by_name:
    description:
      - Whether to list all versions of a name as one entry. Cannot be combined with the filter V(version).
    type: bool
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - slipway.aws._imagebuilder.info
  - slipway.aws._options.role
  - slipway.aws._attributes.info
notes:
  - The filters of AWS are description, name, platform, productCodes, status, supportedOsVersion, type, version.
seealso:
  - module: slipway.aws.imagebuilder_component
  - name: Components in EC2 Image Builder
    description: Components in the AWS documentation.
    link: https://docs.aws.amazon.com/imagebuilder/latest/userguide/manage-components.html
"""

EXAMPLES = r"""
- name: Read the newest version of a component with its document
  slipway.aws.imagebuilder_component_info:
    name: web-server

- name: List the components of Amazon for Linux
  slipway.aws.imagebuilder_component_info:
    owner: Amazon
    by_name: true
    filters:
      platform: Linux
"""

RETURN = r"""
components:
  description: The components that were found, in the order in which AWS returns them.
  returned: always
  type: list
  elements: dict
  contains:
    arn:
      description: ARN of the component.
      type: str
      returned: always
      sample: arn:aws:imagebuilder:eu-west-1:123456789012:component/web-server/1.0.0/1
    name:
      description: Name of the component.
      type: str
      returned: always
      sample: golden
    version:
      description: Version of the component without the build number.
      type: str
      returned: always
      sample: 1.0.0
    description:
      description: Description of the component.
      type: str
      returned: when set
    type:
      description: V(BUILD) or V(TEST).
      type: str
      returned: always
      sample: BUILD
    platform:
      description: Platform of the component.
      type: str
      returned: always
      sample: Linux
    owner:
      description: Owner of the component.
      type: str
      returned: always
      sample: "123456789012"
    supported_os_versions:
      description: Operating systems that the component supports.
      type: list
      elements: str
      returned: when set
    data:
      description: Content of the component document.
      type: str
      returned: when O(name) is set
    state:
      description: State of the component, which shows whether recipes can use it.
      type: dict
      returned: when O(name) is set
      sample: {"status": "ACTIVE"}
    status:
      description: Status of the component, which shows whether recipes can use it.
      type: str
      returned: when O(name) is not set
      sample: ACTIVE
    date_created:
      description: When the component was created.
      type: str
      returned: always
      sample: "2026-11-23T17:00:00.000Z"
    tags:
      description: Tags of the component.
      type: dict
      returned: when AWS returns it
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
    report(module, "components", lambda aws: found(aws, "component", module.params))


if __name__ == "__main__":
    main()
