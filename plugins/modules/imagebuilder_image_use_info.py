#!/usr/bin/python
# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: imagebuilder_image_use_info
short_description: Read what uses EC2 Image Builder images, and which can be retired
version_added: 1.0.0
description:
  - Read what needs each image of this account in every Region where it has an AMI. That are running and stopped instances, Auto Scaling groups with
    a launch template, a mixed instances policy or a launch configuration, default and newest versions of launch templates, versions of launch
    templates that were replaced a short time ago, and recipes that build upon the image.
  - With O(deprecate_after_days), O(disable_after_days) and O(delete_after_days), also decide which images can be deprecated, disabled and deleted. An
    image that something needs is kept, and so are the newest images of each name. An image that other accounts can launch is deprecated first, and
    goes further when O(notice_days) have passed since.
  - Nothing is changed. The role P(slipway.aws.image_retirement#role) carries the decision out.
author:
  - Slipway contributors (@slipway-aws)
options:
  image_pipeline_arn:
    description:
      - Pipeline whose images to read, as an ARN or as the name of a pipeline of this account.
      - If no option selects images, all images of this account in this Region are read.
    type: str
    aliases: [image_pipeline]
  image_recipe_arn:
    description:
      - Recipe whose images to read, as an ARN or as the name of a recipe of this account. The images of all versions are read.
    type: str
    aliases: [image_recipe]
  keep:
    description:
      - Number of the newest available images of each name that are kept, whatever their age.
    type: int
    default: 1
  deprecate_after_days:
    description:
      - Age in days, counted from the start of the build, at which an image can be deprecated.
    type: int
  disable_after_days:
    description:
      - Age in days at which an image can be disabled. No instance can be launched from it then.
    type: int
  delete_after_days:
    description:
      - Age in days at which an image can be deleted. It applies to images of failed and canceled builds as well.
    type: int
  notice_days:
    description:
      - For how many days an image that other accounts can launch, or have a copy of, has to be deprecated before it can be disabled or deleted.
    type: int
    default: 30
  rollback_days:
    description:
      - For how many days after a new version of a launch template replaced an image the old image is needed, so that the fleet can go back to it.
    type: int
    default: 14
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - slipway.aws._options.role
  - slipway.aws._attributes.info
notes:
  - The number of calls depends on the Regions and launch templates, not on the number of images. Only for images that can be disabled or deleted,
    one or two calls for each AMI read who else can launch it.
  - The caller needs the permissions C(imagebuilder:ListImageBuildVersions), C(imagebuilder:ListImageRecipes), C(imagebuilder:ListContainerRecipes),
    C(autoscaling:DescribeAutoScalingGroups), C(autoscaling:DescribeLaunchConfigurations), C(ec2:DescribeInstances),
    C(ec2:DescribeLaunchTemplateVersions), C(ec2:DescribeImages), C(ec2:DescribeImageAttribute), and C(ssm:GetParameters) if a launch template or a
    recipe names an SSM parameter. If one is missing the module fails, because what cannot be read may be in use.
  - Instances in other accounts cannot be seen, nor can AMI ids in scripts, in Spot Fleet and EC2 Fleet requests, and in old versions of launch templates.
seealso:
  - module: slipway.aws.imagebuilder_image
  - module: slipway.aws.imagebuilder_lifecycle_policy
  - name: Deprecated and disabled AMIs
    description: AMI deprecation in the AWS documentation.
    link: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ami-deprecate.html
"""

EXAMPLES = r"""
- name: Read what uses the images of the pipeline
  slipway.aws.imagebuilder_image_use_info:
    image_pipeline: golden
  register: used

- name: Show what needs them
  ansible.builtin.debug:
    msg: "{{ used.images | map(attribute='held_by') | list }}"

- name: Find the images that can be retired
  slipway.aws.imagebuilder_image_use_info:
    keep: 3
    deprecate_after_days: 30
    disable_after_days: 60
    delete_after_days: 90
"""

RETURN = r"""
images:
  description: The images with what needs them, by name, and the newest first. Deleted images are left out.
  returned: always
  type: list
  elements: dict
  contains:
    arn:
      description: ARN of the build.
      type: str
      sample: arn:aws:imagebuilder:eu-west-1:123456789012:image/golden/1.0.0/1
    name:
      description: Name of the image.
      type: str
      sample: golden
    version:
      description: Version and build number.
      type: str
      sample: 1.0.0/1
    state:
      description: State of the image.
      type: dict
      sample: {"status": "AVAILABLE"}
    date_created:
      description: When the build started.
      type: str
      sample: "2026-11-23T17:00:00.000Z"
    age_days:
      description: Whole days since then, by the clock of AWS.
      type: int
      sample: 41
    deprecation_time:
      description: When the image was or will be deprecated, V(null) otherwise.
      type: str
    amis:
      description: The AMIs of the image, in every Region and account.
      type: list
      elements: dict
    tags:
      description: Tags of the image.
      type: dict
    held_by:
      description: What needs the image.
      type: list
      elements: str
      sample: ["running instance i-0123456789abcdef0 in eu-west-1"]
    shared_with:
      description: Who else can launch the image or has a copy. Only read for images that can be disabled or deleted, V(null) for others.
      type: list
      elements: str
      sample: ["account 210987654321"]
    action:
      description: What can be done with the image, V(keep), V(deprecate), V(disable) or V(delete).
      type: str
      sample: keep
    reason:
      description: Why.
      type: str
      sample: needed by running instance i-0123456789abcdef0 in eu-west-1
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.slipway.aws.plugins.module_utils._core.client import ROLE_OPTIONS
from ansible_collections.slipway.aws.plugins.module_utils._core.resource import report
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.image_use import use_of_images

SUBJECTS = ("image_pipeline_arn", "image_recipe_arn")
DAYS = ("deprecate_after_days", "disable_after_days", "delete_after_days")

ARGUMENT_SPEC = {
    "image_pipeline_arn": {"type": "str", "aliases": ["image_pipeline"]},
    "image_recipe_arn": {"type": "str", "aliases": ["image_recipe"]},
    "keep": {"type": "int", "default": 1},
    **{name: {"type": "int"} for name in DAYS},
    "notice_days": {"type": "int", "default": 30},
    "rollback_days": {"type": "int", "default": 14},
    **ROLE_OPTIONS,
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True, mutually_exclusive=[SUBJECTS])
    params = {**module.params, "image_build_version_arn": None, "container_recipe_arn": None}
    report(module, "images", lambda aws: use_of_images(aws, params))


if __name__ == "__main__":
    main()
