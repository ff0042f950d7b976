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
  - Read EC2 Image Builder's components of an account and Region.
  - All versions of components are listed without their documents; one that is asked for by O(name) comes whole.
  - Deprecated components are left out unless the filter V(status) asks for them.
author:
  - Slipway contributors (@slipway-aws)
options:
  owner:
    description:
      - Whose to list; one's own when not given.
    type: str
    choices: [Self, Shared, Amazon, ThirdParty, AWSMarketplace]
  by_name:
    description:
      - Whether all versions of a name are one entry. Does not go with the filter V(version).
    type: bool
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - slipway.aws._imagebuilder.info
  - slipway.aws._options.role
  - slipway.aws._attributes.info
notes:
  - The filters of the service are description, name, platform, productCodes, status, supportedOsVersion, type, version.
seealso:
  - module: slipway.aws.imagebuilder_component
  - name: Components in EC2 Image Builder
    description: What they are, in the AWS documentation.
    link: https://docs.aws.amazon.com/imagebuilder/latest/userguide/manage-components.html
"""

EXAMPLES = r"""
- name: Read the newest version of a component with its document
  slipway.aws.imagebuilder_component_info:
    name: web-server

- name: Which of Amazon's components are there for Linux
  slipway.aws.imagebuilder_component_info:
    owner: Amazon
    by_name: true
    filters:
      platform: Linux
"""

RETURN = r"""
components:
  description: What was found, in the order of the service.
  returned: always
  type: list
  elements: dict
  contains:
    arn:
      description: Its ARN.
      type: str
      returned: always
      sample: arn:aws:imagebuilder:eu-west-1:123456789012:component/web-server/1.0.0/1
    name:
      description: Its name.
      type: str
      returned: always
      sample: golden
    version:
      description: Its version without the build number.
      type: str
      returned: always
      sample: 1.0.0
    description:
      description: What it is for.
      type: str
      returned: when it has one
    type:
      description: V(BUILD) or V(TEST).
      type: str
      returned: always
      sample: BUILD
    platform:
      description: Its platform.
      type: str
      returned: always
      sample: Linux
    owner:
      description: Whom it belongs to.
      type: str
      returned: always
      sample: "123456789012"
    supported_os_versions:
      description: Operating systems it is for.
      type: list
      elements: str
      returned: when set
    data:
      description: The document.
      type: str
      returned: when O(name) is given
    state:
      description: Whether recipes may use it.
      type: dict
      returned: when O(name) is given
      sample: {"status": "ACTIVE"}
    status:
      description: Whether recipes may use it.
      type: str
      returned: when listed
      sample: ACTIVE
    date_created:
      description: When it was created.
      type: str
      returned: always
      sample: "2026-11-23T17:00:00.000Z"
    tags:
      description: Its tags.
      type: dict
      returned: when AWS tells
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
