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
  - Create, tag and remove image recipes, which say from which parent image and by which components an AMI is made.
  - A recipe cannot be changed. When something differs from what is there, a new version is created, exactly one, numbered by the
    service; pipelines that name just the version before go on to the new one, those that name a wildcard follow by
    themselves, and old versions are kept.
  - What is not given is taken from the version before. An empty value (V(""), V([]), V({})) clears a member. Lists are
    replaced whole.
  - The digest of the content is kept in the tag C(slipway:content-digest), which is neither shown nor purged.
author:
  - Slipway contributors (@slipway-aws)
options:
  name:
    description:
      - Name of the recipe, 3 to 128 letters, digits, spaces and any of C(-_). Its images have the same name.
      - Names that differ only in case, or in spaces and underscores instead of hyphens, are the same recipe to AWS.
    type: str
    required: true
    aliases: [image_recipe_name]
  semantic_version:
    description:
      - The version, three nodes, of which the last ones may be V(x); then it counts up by itself (V(1.0.x)). When not given, the
        newest version that is there with its last node V(x), and V(1.0.x) for a new recipe.
      - A version without V(x) cannot take other content; asked for it, the module fails and says what differs.
      - With O(state=absent), remove this version only.
    type: str
    aliases: [version]
  description:
    description:
      - What it makes, up to 1024 characters. Also the description of the AMI.
    type: str
  parent_image:
    description:
      - What images are made from. The id of an AMI of this Region; C(ssm:) and the name or ARN of an SSM parameter that
        holds one; the ARN of an image, perhaps with wildcards; V(OWNER:NAME[/VERSION]) for such an ARN, for example
        V(aws:amazon-linux-2023-x86), or V(self:base/1.x.x) for an image of this account; or the id of a Marketplace product.
      - Required for a new recipe. One that stands for nothing is refused before anything is written.
    type: str
  components:
    description:
      - What is done, in this order, at most 20 components by default.
    type: list
    elements: dict
    suboptions:
      component_arn:
        description:
          - ARN of a component, with or without a build number, perhaps with wildcards; or V(NAME[/VERSION]) for one of this account and
            V(OWNER:NAME[/VERSION]) for another owner's (V(aws:update-linux)).
          - A name alone stands for the newest version, which every build looks for anew.
        type: str
        required: true
        aliases: [component]
      parameters:
        description: Values for its parameters; all that have no default need one. No place for secrets.
        type: list
        elements: dict
        suboptions:
          name:
            description: Name of the parameter.
            type: str
            required: true
          value:
            description: Its value, or values.
            type: list
            elements: str
            required: true
  block_device_mappings:
    description:
      - Volumes of the image. Their order means nothing.
    type: list
    elements: dict
    suboptions:
      device_name:
        description: Name of the device, such as C(/dev/xvda).
        type: str
      virtual_name:
        description: Name of an instance store volume, such as C(ephemeral0).
        type: str
      no_device:
        description: Whether a device of the parent image is left out.
        type: bool
      ebs:
        description: An EBS volume.
        type: dict
        suboptions:
          encrypted:
            description: Whether it is encrypted.
            type: bool
          delete_on_termination:
            description: Whether it goes with the instance.
            type: bool
          iops:
            description: Operations a second, 100 to 64000; with V(io1), V(io2) and V(gp3).
            type: int
          kms_key_id:
            description: Key with which it is encrypted.
            type: str
          snapshot_id:
            description: Snapshot it is made from.
            type: str
          volume_size:
            description: Size in GiB, 1 to 16000.
            type: int
          volume_type:
            description: Kind of volume.
            type: str
            choices: [standard, io1, io2, gp2, gp3, sc1, st1]
          throughput:
            description: MiB a second, 125 to 1000; with V(gp3).
            type: int
  working_directory:
    description:
      - Where components work. C(/tmp), or C(C:/) on Windows, when not given.
    type: str
  additional_instance_configuration:
    description:
      - More about the build instance.
    type: dict
    suboptions:
      systems_manager_agent:
        description: The SSM agent, which builds need.
        type: dict
        suboptions:
          uninstall_after_build:
            description: Whether it is removed from the image. AWS removes it only if it put it there. Not for Windows.
            type: bool
      user_data_override:
        description:
          - User data of the build instance, such as a script that begins with C(#!). It has to install the SSM agent if it
            is not there. No more than 16 KB.
          - Text is encoded as the API takes it. A value that is Base64 as a whole is taken for encoded user data and stays
            as it is; line breaks of a tool that wraps Base64 are removed.
          - It may hold a password, so the result, the diff and messages hold a digest of it only.
        type: str
  ami_tags:
    description:
      - Tags of the AMI before it is distributed. They replace those that were there.
    type: dict
  ami_watermarks:
    description:
      - Watermarks of the AMI, at most 5; it cannot be public then. Their order means nothing.
    type: list
    elements: str
  repoint_pipelines:
    description:
      - Whether pipelines that name just the version before are given the new one.
    type: bool
    default: true
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
  - slipway.aws._options.state
  - slipway.aws._options.role
  - slipway.aws._attributes.noun
notes:
  - With O(state=absent) and no O(semantic_version), all versions go that no pipeline uses; those that are kept are returned as
    RV(kept) with the reason. Asked for one version that is in use, the module fails.
seealso:
  - module: slipway.aws.imagebuilder_image_recipe_info
  - module: slipway.aws.imagebuilder_component
  - module: slipway.aws.imagebuilder_image_pipeline
  - name: Recipes in EC2 Image Builder
    description: What they are, in the AWS documentation.
    link: https://docs.aws.amazon.com/imagebuilder/latest/userguide/manage-recipes.html
"""

EXAMPLES = r"""
- name: A recipe on Amazon Linux with the CodeDeploy agent and a component of one's own
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

- name: Remove all versions that no pipeline uses
  slipway.aws.imagebuilder_image_recipe:
    name: golden
    state: absent
"""

RETURN = r"""
image_recipe:
  description:
    - The version. Empty with O(state=absent). In check mode, as it would become.
  returned: always
  type: dict
  contains:
    arn:
      description: Its ARN; in check mode, of the version that is there now.
      type: str
      returned: when it exists
      sample: arn:aws:imagebuilder:eu-west-1:123456789012:image-recipe/golden/1.0.0
    name:
      description: Its name.
      type: str
      returned: when it exists
      sample: golden
    version:
      description: Its version.
      type: str
      returned: when it exists
      sample: 1.0.0
    semantic_version:
      description: The version that was asked for.
      type: str
      returned: when it exists
      sample: 1.0.x
    type:
      description: Kind of image.
      type: str
      returned: when AWS tells
    description:
      description: What it makes.
      type: str
      returned: when it has one
    platform:
      description: Platform of its images.
      type: str
      returned: when it exists
      sample: Linux
    owner:
      description: The account it belongs to.
      type: str
      returned: when it exists
      sample: "123456789012"
    parent_image:
      description: What images are made from.
      type: str
      returned: when it exists
      sample: arn:aws:imagebuilder:eu-west-1:aws:image/amazon-linux-2023-x86/x.x.x
    components:
      description: What is done.
      type: list
      elements: dict
      returned: when it has any
    block_device_mappings:
      description: Volumes of the image.
      type: list
      elements: dict
      returned: when set
    working_directory:
      description: Where components work.
      type: str
      returned: when it exists
      sample: /tmp
    additional_instance_configuration:
      description: More about the build instance.
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
      description: When it was created.
      type: str
      returned: when it exists
      sample: "2026-11-23T17:00:00.000Z"
    tags:
      description: Its tags, without C(slipway:content-digest).
      type: dict
      returned: when it exists
      sample: {"Team": "platform"}
removed:
  description: ARNs of the versions that were removed, or in check mode would be.
  returned: with O(state=absent)
  type: list
  elements: str
kept:
  description: Versions that were kept.
  returned: with O(state=absent)
  type: list
  elements: dict
  contains:
    arn:
      description: ARN of the version.
      type: str
      returned: always
    reason:
      description: What uses it.
      type: str
      returned: always
      sample: used by image pipeline golden
"""

from dataclasses import replace

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.slipway.aws.plugins.module_utils._core.client import ROLE_OPTIONS, STATE_OPTION, TAG_OPTIONS
from ansible_collections.slipway.aws.plugins.module_utils._core.resource import Resource, ensure
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.nouns import deleter, retag
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.options import DEVICES, PARAMETERS
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.recipes import (
    RECIPE,
    content,
    create_recipe,
    find_recipe,
    new_version,
    new_version_and_repoint,
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
    create=create_recipe,
    update=new_version_and_repoint,
    delete=deleter(RECIPE),
    retag=retag,
    fixed=frozenset({"name"}),
)

ARGUMENT_SPEC = {
    "name": {"type": "str", "required": True, "aliases": ["image_recipe_name"]},
    "semantic_version": {"type": "str", "aliases": ["version"]},
    "description": {"type": "str"},
    "parent_image": {"type": "str"},
    "components": {
        "type": "list",
        "elements": "dict",
        "options": {
            "component_arn": {"type": "str", "required": True, "aliases": ["component"]},
            "parameters": PARAMETERS,
        },
    },
    "block_device_mappings": DEVICES,
    "working_directory": {"type": "str"},
    "additional_instance_configuration": {
        "type": "dict",
        "options": {"systems_manager_agent": AGENT, "user_data_override": {"type": "str", "no_log": True}},
    },
    "ami_tags": {"type": "dict"},
    "ami_watermarks": {"type": "list", "elements": "str"},
    "repoint_pipelines": {"type": "bool", "default": True},
    **STATE_OPTION,
    **TAG_OPTIONS,
    **ROLE_OPTIONS,
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    if module.params["state"] == "absent":
        withdraw(module, RECIPE)
    elif module.params["repoint_pipelines"]:
        ensure(module, IMAGE_RECIPE)
    else:
        ensure(module, replace(IMAGE_RECIPE, update=new_version))


if __name__ == "__main__":
    main()
