#!/usr/bin/python
# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: imagebuilder_distribution_configuration_info
short_description: Read EC2 Image Builder distribution configurations
version_added: 1.0.0
description:
  - Read EC2 Image Builder's distribution configurations of an account and Region.
  - Configurations are listed in short; one that is asked for by O(name) comes whole.
author:
  - Slipway contributors (@slipway-aws)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - slipway.aws._imagebuilder.info
  - slipway.aws._options.role
  - slipway.aws._attributes.info
notes:
  - The filter of the service is name.
seealso:
  - module: slipway.aws.imagebuilder_distribution_configuration
  - name: Distribution configurations in EC2 Image Builder
    description: What they are, in the AWS documentation.
    link: https://docs.aws.amazon.com/imagebuilder/latest/userguide/manage-distribution-settings.html
"""

EXAMPLES = r"""
- name: Read one configuration
  slipway.aws.imagebuilder_distribution_configuration_info:
    name: golden

- name: List all
  slipway.aws.imagebuilder_distribution_configuration_info:
"""

RETURN = r"""
distribution_configurations:
  description: What was found, in the order of the service.
  returned: always
  type: list
  elements: dict
  contains:
    arn:
      description: Its ARN.
      type: str
      returned: always
      sample: arn:aws:imagebuilder:eu-west-1:123456789012:distribution-configuration/golden
    name:
      description: Its name.
      type: str
      returned: always
      sample: golden
    description:
      description: What it is for.
      type: str
      returned: when it has one
    regions:
      description: Where images go.
      type: list
      elements: str
      returned: when listed
      sample: [eu-west-1, eu-central-1]
    distributions:
      description: Where images go, and what happens there.
      type: list
      elements: dict
      returned: when O(name) is given
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
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.reading import INFO_OPTIONS, found

ARGUMENT_SPEC = {
    **INFO_OPTIONS,
    **ROLE_OPTIONS,
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    report(module, "distribution_configurations", lambda aws: found(aws, "distribution-configuration", module.params))


if __name__ == "__main__":
    main()
