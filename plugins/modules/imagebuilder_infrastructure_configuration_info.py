#!/usr/bin/python
# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: imagebuilder_infrastructure_configuration_info
short_description: Read EC2 Image Builder infrastructure configurations
version_added: 1.0.0
description:
  - Read the EC2 Image Builder infrastructure configurations of an account and Region.
  - A list contains a summary of each configuration. With O(name), one configuration is returned with all details.
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
  - The only filter of AWS is name.
seealso:
  - module: slipway.aws.imagebuilder_infrastructure_configuration
  - name: Infrastructure configurations in EC2 Image Builder
    description: Infrastructure configurations in the AWS documentation.
    link: https://docs.aws.amazon.com/imagebuilder/latest/userguide/manage-infra-config.html
"""

EXAMPLES = r"""
- name: Read one configuration
  slipway.aws.imagebuilder_infrastructure_configuration_info:
    name: golden

- name: List the configurations whose name begins with web
  slipway.aws.imagebuilder_infrastructure_configuration_info:
    filters:
      name: web*
"""

RETURN = r"""
infrastructure_configurations:
  description: The infrastructure configurations that were found, in the order in which AWS returns them.
  returned: always
  type: list
  elements: dict
  contains:
    arn:
      description: ARN of the infrastructure configuration.
      type: str
      returned: always
      sample: arn:aws:imagebuilder:eu-west-1:123456789012:infrastructure-configuration/golden
    name:
      description: Name of the infrastructure configuration.
      type: str
      returned: always
      sample: golden
    description:
      description: Description of the infrastructure configuration.
      type: str
      returned: when set
    instance_profile_name:
      description: Name of the instance profile of build instances.
      type: str
      returned: always
      sample: image-builder
    instance_types:
      description: Instance types for build and test instances.
      type: list
      elements: str
      returned: when set
    subnet_id:
      description: Subnet of build instances.
      type: str
      returned: when O(name) is given and the value is set
    resource_tags:
      description: Tags for the resources that a build creates.
      type: dict
      returned: when set
    instance_metadata_options:
      description: Instance metadata options.
      type: dict
      returned: when O(name) is given and the value is set
    date_created:
      description: When the infrastructure configuration was created.
      type: str
      returned: always
      sample: "2026-11-23T17:00:00.000Z"
    tags:
      description: Tags of the infrastructure configuration.
      type: dict
      returned: when AWS returns it
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
    report(
        module, "infrastructure_configurations", lambda aws: found(aws, "infrastructure-configuration", module.params)
    )


if __name__ == "__main__":
    main()
