#!/usr/bin/python
# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: imagebuilder_image_recipe
short_description: Manage an EC2 Image Builder image recipe
version_added: 1.0.0
description:
  - Create, tag and remove EC2 Image Builder image recipes. A recipe defines the parent image and the components that an AMI is built from.
  - An existing recipe cannot be changed. If something differs from the existing version, the module creates exactly one new version, which is
    numbered by AWS. Pipelines that reference exactly the previous version are updated to the new version, pipelines that use a wildcard use
    it automatically, and old versions are kept.
  - Options that are not set are copied from the previous version. An empty value (V(""), V([]), V({})) clears the value of an option. Lists are
    replaced as a whole.
  - A digest of the content is stored in the tag C(slipway:content-digest), which is neither returned nor purged.
author:
  - Slipway contributors (@slipway-aws)
options:
  name:
    description:
      - Name of the recipe, 3 to 128 letters, digits, spaces, hyphens and underscores. The images of the recipe have the same name.
      - AWS treats names that differ only in case, or in spaces and underscores instead of hyphens, as the same recipe.
    type: str
    required: true
    aliases: [image_recipe_name]
  description:
    description:
      - Description of the recipe, up to 1024 characters. It is also the description of the AMI.
    type: str
  parent_image:
    description:
      - Image to build from. One of the id of an AMI in this Region; C(ssm:) followed by the name or ARN of an SSM parameter that contains
        the id of an AMI; the ARN of an Image Builder image, optionally with wildcards; V(OWNER:NAME[/VERSION]) as a short form of such an ARN, for
        example V(aws:amazon-linux-2023-x86), or V(self:base/1.x.x) for an image of this account; or the id of an AWS Marketplace product.
      - Required for a new recipe. The module fails before anything is written if the parent image does not exist.
    type: str
  block_device_mappings:
    description:
      - Block device mappings of the image. The order does not matter.
    type: list
    elements: dict
    suboptions:
      device_name:
        description: Name of the device, for example C(/dev/xvda).
        type: str
      virtual_name:
        description: Name of an instance store volume, for example C(ephemeral0).
        type: str
      no_device:
        description: Whether to remove a device of the parent image.
        type: bool
      ebs:
        description: Settings of an EBS volume.
        type: dict
        suboptions:
          encrypted:
            description: Whether the volume is encrypted.
            type: bool
          delete_on_termination:
            description: Whether the volume is deleted when the instance is terminated.
            type: bool
          iops:
            description: I/O operations per second (IOPS), 100 to 64000. For V(io1), V(io2) and V(gp3).
            type: int
          kms_key_id:
            description: KMS key to encrypt the volume with.
            type: str
          snapshot_id:
            description: Snapshot to create the volume from.
            type: str
          volume_size:
            description: Size of the volume in GiB, 1 to 16000.
            type: int
          volume_type:
            description: Type of the volume.
            type: str
            choices: [standard, io1, io2, gp2, gp3, sc1, st1]
          throughput:
            description: Throughput in MiB per second, 125 to 1000. For V(gp3).
            type: int
  additional_instance_configuration:
    description:
      - Additional settings of the build instance.
    type: dict
    suboptions:
      systems_manager_agent:
        description: Settings of the SSM agent, which is required for builds.
        type: dict
        suboptions:
          uninstall_after_build:
            description: Whether the agent is removed from the image. AWS removes it only if AWS installed it. Not available for Windows.
            type: bool
      user_data_override:
        description:
          - User data of the build instance, up to 16 KB, for example a script that begins with C(#!). It must install the SSM agent if the
            parent image does not contain it.
          - Plain text is encoded for the API. A value that is completely Base64 is treated as encoded user data and is not encoded again.
            Line breaks from tools that wrap Base64 are removed.
          - User data can contain a password, so the result, the diff and messages contain only a digest of it.
        type: str
  ami_tags:
    description:
      - Tags of the AMI before it is distributed. They replace the existing AMI tags of the recipe.
    type: dict
  ami_watermarks:
    description:
      - Watermarks of the AMI, at most 5. An AMI with watermarks cannot be public. The order does not matter.
    type: list
    elements: str
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
  - slipway.aws._imagebuilder.recipe
  - slipway.aws._imagebuilder.retain
  - slipway.aws._options.state
  - slipway.aws._options.role
  - slipway.aws._attributes.noun
notes:
  - With O(state=absent) and without O(semantic_version), all versions that no pipeline uses are removed. The other versions are returned in
    RV(kept) with the reason. With O(semantic_version), the module fails if the version is in use.
seealso:
  - module: slipway.aws.imagebuilder_image_recipe_info
  - module: slipway.aws.imagebuilder_component
  - module: slipway.aws.imagebuilder_image_pipeline
  - name: Recipes in EC2 Image Builder
    description: Recipes in the AWS documentation.
    link: https://docs.aws.amazon.com/imagebuilder/latest/userguide/manage-recipes.html
"""

EXAMPLES = r"""
- name: Ensure a recipe with Amazon Linux, the CodeDeploy agent and a custom component exists
  slipway.aws.imagebuilder_image_recipe:
    name: golden
    parent_image: aws:amazon-linux-2023-x86
    components:
      - component: aws:aws-codedeploy-agent-linux
      - component: web-server
    block_device_mappings:
      - device_name: /dev/xvda
        ebs:
          volume_size: 20
          volume_type: gp3

- name: List versions beyond the newest five that nothing uses
  slipway.aws.imagebuilder_image_recipe:
    name: golden
    retain: 5
  register: recipe

- name: Remove all versions that no pipeline uses
  slipway.aws.imagebuilder_image_recipe:
    name: golden
    state: absent
"""

RETURN = r"""
image_recipe:
  description:
    - The version of the recipe. Empty with O(state=absent). In check mode, the expected state.
  returned: always
  type: dict
  contains:
    arn:
      description: ARN of the recipe version. In check mode, the ARN of the existing version.
      type: str
      returned: when the recipe exists
      sample: arn:aws:imagebuilder:eu-west-1:123456789012:image-recipe/golden/1.0.0
    name:
      description: Name of the recipe.
      type: str
      returned: when the recipe exists
      sample: golden
    version:
      description: Version of the recipe.
      type: str
      returned: when the recipe exists
      sample: 1.0.0
    semantic_version:
      description: The requested version.
      type: str
      returned: when the recipe exists
      sample: 1.0.x
    type:
      description: Type of the image.
      type: str
      returned: when AWS returns it
    description:
      description: Description of the recipe.
      type: str
      returned: when set
    platform:
      description: Platform of the images.
      type: str
      returned: when the recipe exists
      sample: Linux
    owner:
      description: Account that owns the recipe.
      type: str
      returned: when the recipe exists
      sample: "123456789012"
    parent_image:
      description: The parent image.
      type: str
      returned: when the recipe exists
      sample: arn:aws:imagebuilder:eu-west-1:aws:image/amazon-linux-2023-x86/x.x.x
    components:
      description: Components that are run.
      type: list
      elements: dict
      returned: when set
    block_device_mappings:
      description: Block device mappings of the image.
      type: list
      elements: dict
      returned: when set
    working_directory:
      description: Working directory of the components.
      type: str
      returned: when the recipe exists
      sample: /tmp
    additional_instance_configuration:
      description: Additional settings of the build instance.
      type: dict
      returned: when set
    ami_tags:
      description: Tags of the AMI.
      type: dict
      returned: when set
    ami_watermarks:
      description: Watermarks of the AMI.
      type: list
      elements: str
      returned: when set
    date_created:
      description: When the recipe was created.
      type: str
      returned: when the recipe exists
      sample: "2026-11-23T17:00:00.000Z"
    tags:
      description: Tags of the recipe, without C(slipway:content-digest).
      type: dict
      returned: when the recipe exists
      sample: {"Team": "platform"}
removed:
  description: ARNs of the versions that were removed, or that would be removed in check mode.
  returned: with O(state=absent)
  type: list
  elements: str
kept:
  description: Versions that were not removed.
  returned: with O(state=absent)
  type: list
  elements: dict
  contains:
    arn:
      description: ARN of the version.
      type: str
      returned: always
    reason:
      description: What uses the version.
      type: str
      returned: always
      sample: used by image pipeline golden
unused_versions:
  description: ARNs of the versions beyond O(retain) that nothing uses, newest first. They are deleted if O(prune=true).
  returned: when O(retain) is set
  type: list
  elements: str
used_versions:
  description: The versions beyond O(retain) that something uses, and that are kept.
  returned: when O(retain) is set
  type: list
  elements: dict
  contains:
    arn:
      description: ARN of the version.
      type: str
      returned: always
    reason:
      description: What uses the version.
      type: str
      returned: always
      sample: used by image recipe web/1.0.0
pruned:
  description: Whether the unused versions were deleted, or would be deleted in check mode.
  returned: when O(retain) is set
  type: bool
  sample: false
"""

from dataclasses import replace

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.slipway.aws.plugins.module_utils._core.client import ROLE_OPTIONS, STATE_OPTION, TAG_OPTIONS
from ansible_collections.slipway.aws.plugins.module_utils._core.resource import Resource
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.nouns import deleter, retag
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.options import DEVICES, RECIPE_OPTIONS
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.pruning import RETAIN_OPTIONS, ensure_pruned
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.recipes import (
    RECIPE,
    content,
    find_recipe,
    recipe_creator,
    versioner,
)
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.removal import withdraw
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.shapes import asked

AGENT = {"type": "dict", "options": {"uninstall_after_build": {"type": "bool"}}}


def want(params: Shape) -> Shape:
    return {**asked(params, "name", "semantic_version"), **content(params), "tags": params["tags"]}


IMAGE_RECIPE = Resource(
    service="imagebuilder",
    name="image_recipe",
    find=find_recipe,
    want=want,
    create=recipe_creator(RECIPE),
    update=versioner(RECIPE, repoint=True),
    delete=deleter(RECIPE),
    retag=retag,
    fixed=frozenset({"name"}),
)

ARGUMENT_SPEC = {
    "name": {"type": "str", "required": True, "aliases": ["image_recipe_name"]},
    "description": {"type": "str"},
    "parent_image": {"type": "str"},
    "block_device_mappings": DEVICES,
    "additional_instance_configuration": {
        "type": "dict",
        "options": {"systems_manager_agent": AGENT, "user_data_override": {"type": "str", "no_log": True}},
    },
    "ami_tags": {"type": "dict"},
    "ami_watermarks": {"type": "list", "elements": "str"},
    **RECIPE_OPTIONS,
    **RETAIN_OPTIONS,
    **STATE_OPTION,
    **TAG_OPTIONS,
    **ROLE_OPTIONS,
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    if module.params["state"] == "absent":
        withdraw(module, RECIPE)
    else:
        repoint = module.params["repoint_pipelines"]
        ensure_pruned(module, RECIPE, replace(IMAGE_RECIPE, update=versioner(RECIPE, repoint)))


if __name__ == "__main__":
    main()
