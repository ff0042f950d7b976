#!/usr/bin/python
# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: imagebuilder_image_pipeline_info
short_description: Read EC2 Image Builder image pipelines
version_added: 1.0.0
description:
  - Read EC2 Image Builder's image pipelines of an account and Region.
  - Pipelines come whole, listed or asked for by O(name).
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
  - The filters of the service are description, distributionConfigurationArn, imageRecipeArn, infrastructureConfigurationArn, name, status.
seealso:
  - module: slipway.aws.imagebuilder_image_pipeline
  - name: Image pipelines in EC2 Image Builder
    description: What they are, in the AWS documentation.
    link: https://docs.aws.amazon.com/imagebuilder/latest/userguide/manage-pipelines.html
"""

EXAMPLES = r"""
- name: Read one pipeline
  slipway.aws.imagebuilder_image_pipeline_info:
    name: golden

- name: List those that are disabled
  slipway.aws.imagebuilder_image_pipeline_info:
    filters:
      status: DISABLED
"""

RETURN = r"""
image_pipelines:
  description: What was found, in the order of the service.
  returned: always
  type: list
  elements: dict
  contains:
    arn:
      description: Its ARN.
      type: str
      returned: always
      sample: arn:aws:imagebuilder:eu-west-1:123456789012:image-pipeline/golden
    name:
      description: Its name.
      type: str
      returned: always
      sample: golden
    description:
      description: What it is for.
      type: str
      returned: when it has one
    platform:
      description: Its platform.
      type: str
      returned: always
      sample: Linux
    status:
      description: Whether the schedule is heeded.
      type: str
      returned: always
      sample: ENABLED
    image_recipe_arn:
      description: The recipe, perhaps with wildcards.
      type: str
      returned: when it makes AMIs
    infrastructure_configuration_arn:
      description: Where and how it builds.
      type: str
      returned: always
    distribution_configuration_arn:
      description: Where its images go.
      type: str
      returned: when set
    schedule:
      description: When it runs by itself.
      type: dict
      returned: when set
    date_last_run:
      description: When it last ran.
      type: str
      returned: when it ever ran
    date_next_run:
      description: When it runs next.
      type: str
      returned: when it has a schedule
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
    report(module, "image_pipelines", lambda aws: found(aws, "image-pipeline", module.params))


if __name__ == "__main__":
    main()
