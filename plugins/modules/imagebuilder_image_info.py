#!/usr/bin/python
# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: imagebuilder_image_info
short_description: Read EC2 Image Builder images
version_added: 1.0.0
description:
  - Read the images of an account and Region, each build of them; or those of other owners, each version of them.
  - Images are listed in short, with state and AMIs; one that is asked for by O(name) comes whole. A name without a build number stands
    for the newest build that became available.
author:
  - Slipway contributors (@slipway-aws)
options:
  image_pipeline_arn:
    description:
      - List the images of this pipeline. ARN, or the name of a pipeline of this account.
    type: str
    aliases: [image_pipeline]
  owner:
    description:
      - List versions of images of this owner instead of builds of one's own.
    type: str
    choices: [Self, Shared, Amazon, ThirdParty, AWSMarketplace]
  by_name:
    description:
      - With O(owner), whether all versions of a name are one entry. Does not go with the filter V(version).
    type: bool
  include_deprecated:
    description:
      - With O(owner), whether deprecated images of Amazon are listed too.
    type: bool
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - slipway.aws._imagebuilder.info
  - slipway.aws._options.role
  - slipway.aws._attributes.info
notes:
  - The filters of the service are name, osVersion, platform, type and version; with O(image_pipeline_arn), name and version.
seealso:
  - module: slipway.aws.imagebuilder_image
  - name: Images in EC2 Image Builder
    description: What they are, in the AWS documentation.
    link: https://docs.aws.amazon.com/imagebuilder/latest/userguide/manage-images.html
"""

EXAMPLES = r"""
- name: Read the newest image of a recipe
  slipway.aws.imagebuilder_image_info:
    name: golden

- name: Read one build, whatever became of it
  slipway.aws.imagebuilder_image_info:
    name: golden/1.0.0/2

- name: List the builds of a pipeline
  slipway.aws.imagebuilder_image_info:
    image_pipeline: golden

- name: Which images Amazon has for parents
  slipway.aws.imagebuilder_image_info:
    owner: Amazon
    by_name: true
"""

RETURN = r"""
images:
  description: What was found, in the order of the service.
  returned: always
  type: list
  elements: dict
  contains:
    arn:
      description: Its ARN.
      type: str
      returned: always
      sample: arn:aws:imagebuilder:eu-west-1:123456789012:image/golden/1.0.0/1
    name:
      description: Its name.
      type: str
      returned: always
      sample: golden
    version:
      description: Version of the recipe, and number of the build.
      type: str
      returned: always
      sample: 1.0.0/1
    type:
      description: V(AMI) or V(DOCKER).
      type: str
      returned: always
      sample: AMI
    platform:
      description: Its platform.
      type: str
      returned: always
      sample: Linux
    os_version:
      description: Its operating system.
      type: str
      returned: when AWS tells
    state:
      description: How far it is; with reason and context when it failed.
      type: dict
      returned: for builds
      sample: {"status": "AVAILABLE"}
    output_resources:
      description: AMIs and container images it came to be.
      type: dict
      returned: for builds
    build_type:
      description: Who started it.
      type: str
      returned: always
      sample: USER_INITIATED
    owner:
      description: Whom it belongs to.
      type: str
      returned: always
      sample: "123456789012"
    image_recipe:
      description: The recipe as it was built.
      type: dict
      returned: when O(name) is given
    source_pipeline_arn:
      description: The pipeline that built it.
      type: str
      returned: when O(name) is given and one did
    logging_configuration:
      description: Its log group.
      type: dict
      returned: for builds
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

from ansible_collections.slipway.aws.plugins.module_utils._core.client import ROLE_OPTIONS, Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.resource import report
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.arns import full_arn
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.nouns import PIPELINE
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.reading import (
    INFO_OPTIONS,
    OWNERS,
    found,
    query,
)
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.removal import listed

ARGUMENT_SPEC = {
    **INFO_OPTIONS,
    "image_pipeline_arn": {"type": "str", "aliases": ["image_pipeline"]},
    "owner": {"type": "str", "choices": OWNERS},
    "by_name": {"type": "bool"},
    "include_deprecated": {"type": "bool"},
    **ROLE_OPTIONS,
}


def items(aws: Connection, params: Shape) -> list[Shape]:
    if params["image_pipeline_arn"]:
        arn = full_arn(aws, PIPELINE, params["image_pipeline_arn"])
        return listed(aws, "list_image_pipeline_images", "imageSummaryList", imagePipelineArn=arn, **query(params))
    if params["owner"] or params["name"]:
        return found(aws, "image", params)
    return listed(aws, "list_image_build_versions", "imageSummaryList", **query(params))


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=ARGUMENT_SPEC,
        supports_check_mode=True,
        mutually_exclusive=[("name", "image_pipeline_arn", "owner")],
        required_by={"by_name": ("owner",), "include_deprecated": ("owner",)},
    )
    report(module, "images", lambda aws: items(aws, module.params))


if __name__ == "__main__":
    main()
