#!/usr/bin/python
# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: imagebuilder_image_distribution
short_description: Distribute an existing image to Regions and accounts with EC2 Image Builder
version_added: 1.0.0
description:
  - Distribute an AMI that exists by a distribution configuration, without building it again. AWS copies it to the Regions and accounts,
    shares it, and updates launch templates and SSM parameters, as the configuration says.
  - AWS makes a new image resource of every distribution. In its tags C(slipway:source-image) and C(slipway:distribution-digest) the module
    records the AMI and a digest of the configuration.
  - Nothing is distributed if the image has been distributed by the same configuration, or was built with it. If such a distribution is in
    progress, the module waits for it. If it failed or was canceled, it is retried, which continues where it ended.
  - If the configuration has changed, the image is distributed again. AWS then makes a new copy in each of its Regions and accounts, except in the
    Region and account where the AMI is.
  - In check mode nothing is written. The result shows whether and where the image would be distributed, and why.
author:
  - Slipway contributors (@slipway-aws)
options:
  source_image:
    description:
      - The image to distribute, as the id of an AMI of this Region, as C(ssm:) and the name of an SSM parameter with such an id, as an ARN of an
        image of Image Builder, or as its name with or without a version (V(golden), V(golden/1.0.3/2)).
      - A name without a version or build number stands for the newest available build. Images that distributions made are not meant.
    type: str
    required: true
  required_tags:
    description:
      - Tags that the image resource must have, for example one that a test or an approval has set. Without them the module fails before anything is
        written. An AMI or a parameter must belong to an image of Image Builder then.
    type: dict
  distribution_configuration_arn:
    description:
      - Distribution configuration that says where the image goes, as an ARN or as the name of a configuration of this account and Region.
    type: str
    required: true
    aliases: [distribution_configuration]
  execution_role:
    description:
      - Name or ARN of the IAM role that Image Builder uses to distribute the image. The caller needs the permission C(iam:PassRole) for it.
    type: str
    required: true
  logging_configuration:
    description:
      - Logging settings of the distribution.
    type: dict
    suboptions:
      log_group_name:
        description: Name of the log group.
        type: str
  tags:
    description:
      - Tags for the image resource of a new distribution. The tags of AMIs are settings of the distribution configuration.
    type: dict
    aliases: [resource_tags]
  force:
    description:
      - Whether to distribute an image even if it has been distributed by the same configuration, and instead of retrying a distribution that
        failed. If a distribution is in progress, the module waits for that.
    type: bool
    default: false
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - slipway.aws._options.wait
  - slipway.aws._options.follow
  - slipway.aws._options.role
  - slipway.aws._attributes.act
notes:
  - Other accounts need the role C(EC2ImageBuilderDistributionCrossAccountRole) for copies.
  - If O(wait_timeout) is not set, the module waits until the distribution is six hours old. After that the task fails, but the distribution
    continues in AWS, and a second run waits for it again.
seealso:
  - module: slipway.aws.imagebuilder_distribution_configuration
  - module: slipway.aws.imagebuilder_image
  - name: Distribution in EC2 Image Builder
    description: Distribution settings in the AWS documentation.
    link: https://docs.aws.amazon.com/imagebuilder/latest/userguide/manage-distribution-settings.html
"""

EXAMPLES = r"""
- name: Ensure the newest image is in every Region and account of the configuration
  slipway.aws.imagebuilder_image_distribution:
    source_image: golden
    distribution_configuration: golden
    execution_role: image-builder

- name: Distribute the AMI of an SSM parameter and do not wait
  slipway.aws.imagebuilder_image_distribution:
    source_image: ssm:/imagebuilder/golden/ami
    distribution_configuration: golden
    execution_role: image-builder
    region: eu-central-1
    wait: false
"""

RETURN = r"""
image:
  description: The image resource of the distribution, or the image that was built with this distribution. Empty in check mode if there is none.
  returned: always
  type: dict
  contains:
    arn:
      description: ARN of the image.
      type: str
      returned: when there is an image
      sample: arn:aws:imagebuilder:eu-west-1:123456789012:image/golden/1.0.0/2
    name:
      description: Name of the image.
      type: str
      returned: when there is an image
      sample: golden
    version:
      description: Version and build number.
      type: str
      returned: when there is an image
      sample: 1.0.0/2
    state:
      description: State of the distribution, with reason and context if it failed.
      type: dict
      returned: when there is an image
      sample: {"status": "AVAILABLE"}
    output_resources:
      description: The AMIs, in every Region and account.
      type: dict
      returned: when there is an image
    distribution_configuration:
      description: The distribution configuration at the time of the distribution.
      type: dict
      returned: when there is an image
    tags:
      description: Tags of the image.
      type: dict
      returned: when there is an image
image_ids:
  description: Id of the AMI in each Region. If there are several in a Region, the AMI of this account.
  returned: always
  type: dict
  sample: {"eu-central-1": "ami-0fedcba9876543210", "eu-west-1": "ami-0123456789abcdef0"}
source:
  description: What is distributed. Empty in check mode if it does not exist.
  returned: always
  type: dict
  contains:
    image_id:
      description: Id of the AMI in this Region.
      type: str
      returned: when it exists
      sample: ami-0123456789abcdef0
    arn:
      description: ARN of the image, V(null) if O(source_image) is an AMI or a parameter.
      type: str
      returned: when it exists
      sample: arn:aws:imagebuilder:eu-west-1:123456789012:image/golden/1.0.0/1
places:
  description:
    - The Regions and accounts of the configuration, as they were before the task.
  returned: always
  type: list
  elements: dict
  contains:
    region:
      description: Region.
      type: str
      sample: eu-central-1
    account_id:
      description: Account that has the AMI.
      type: str
      sample: "123456789012"
    image_id:
      description: Id of the AMI there, V(null) if it was missing.
      type: str
joined:
  description: Whether a distribution that was already in progress is used instead of a new one.
  returned: always
  type: bool
  sample: false
reason:
  description: Why the image is distributed, why a distribution is joined or retried, or why nothing is done.
  returned: always
  type: str
  sample: golden is not in eu-central-1 of account 123456789012
log_tail:
  description: Last lines of the log of the distribution.
  returned: if the distribution fails and its log can be read (permission C(logs:GetLogEvents))
  type: str
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.slipway.aws.plugins.module_utils._core.client import ROLE_OPTIONS, connect
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import FAILURES, failure
from ansible_collections.slipway.aws.plugins.module_utils._core.waiting import FOLLOW_OPTION, WAIT_OPTIONS
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.distributing import distribute

ARGUMENT_SPEC = {
    "source_image": {"type": "str", "required": True},
    "required_tags": {"type": "dict"},
    "distribution_configuration_arn": {"type": "str", "required": True, "aliases": ["distribution_configuration"]},
    "execution_role": {"type": "str", "required": True},
    "logging_configuration": {"type": "dict", "options": {"log_group_name": {"type": "str"}}},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "force": {"type": "bool", "default": False},
    **WAIT_OPTIONS,
    **FOLLOW_OPTION,
    **ROLE_OPTIONS,
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    source = module.params["source_image"]
    try:
        result = distribute(connect(module), module.params, module.check_mode)
    except FAILURES as problem:
        module.fail_json(**failure(problem, f"Failed to distribute the image {source}", module.argument_spec))
    if not module._diff:
        result.pop("diff", None)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
