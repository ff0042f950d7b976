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
  - Read the EC2 Image Builder image pipelines of an account and Region.
  - Pipelines are returned with all details, both in a list and with O(name).
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
  - The filters of AWS are description, distributionConfigurationArn, imageRecipeArn, infrastructureConfigurationArn, name, status.
seealso:
  - module: slipway.aws.imagebuilder_image_pipeline
  - name: Image pipelines in EC2 Image Builder
    description: Image pipelines in the AWS documentation.
    link: https://docs.aws.amazon.com/imagebuilder/latest/userguide/manage-pipelines.html
"""

EXAMPLES = r"""
- name: Read one pipeline
  slipway.aws.imagebuilder_image_pipeline_info:
    name: golden

- name: List the disabled pipelines
  slipway.aws.imagebuilder_image_pipeline_info:
    filters:
      status: DISABLED
"""

RETURN = r"""
image_pipelines:
  description: The pipelines that were found, in the order in which AWS returns them.
  returned: always
  type: list
  elements: dict
  contains:
    arn:
      description: ARN of the pipeline.
      type: str
      returned: always
      sample: arn:aws:imagebuilder:eu-west-1:123456789012:image-pipeline/golden
    name:
      description: Name of the pipeline.
      type: str
      returned: always
      sample: golden
    description:
      description: Description of the pipeline.
      type: str
      returned: when set
    platform:
      description: Platform of the pipeline.
      type: str
      returned: always
      sample: Linux
    status:
      description: Whether the schedule is active.
      type: str
      returned: always
      sample: ENABLED
    image_recipe_arn:
      description: ARN of the recipe, which can contain wildcards.
      type: str
      returned: when the pipeline builds AMIs
    infrastructure_configuration_arn:
      description: ARN of the infrastructure configuration.
      type: str
      returned: always
    distribution_configuration_arn:
      description: ARN of the distribution configuration.
      type: str
      returned: when set
    schedule:
      description: Schedule of the pipeline.
      type: dict
      returned: when set
    date_last_run:
      description: When the pipeline last ran.
      type: str
      returned: if the pipeline has run
    date_next_run:
      description: When the pipeline runs next on its schedule.
      type: str
      returned: when the pipeline has a schedule
    date_created:
      description: When the pipeline was created.
      type: str
      returned: always
      sample: "2026-11-23T17:00:00.000Z"
    tags:
      description: Tags of the pipeline.
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
    report(module, "image_pipelines", lambda aws: found(aws, "image-pipeline", module.params))


if __name__ == "__main__":
    main()
