#!/usr/bin/python
# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: imagebuilder_container_recipe
short_description: Manage an EC2 Image Builder container recipe
version_added: 1.0.0
description:
  - Create, tag and remove EC2 Image Builder container recipes. A container recipe defines the parent image, the components and the Dockerfile
    template that a container image is built from.
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
    aliases: [container_recipe_name]
  description:
    description:
      - Description of the recipe, up to 1024 characters.
    type: str
  container_type:
    description:
      - Type of the container. If not set, V(DOCKER) for a new recipe.
    type: str
    choices: [DOCKER]
  parent_image:
    description:
      - Image to build from. The name of an image in a registry (V(amazonlinux:latest)), the address of an image in Amazon ECR, or the ARN of an
        Image Builder image, optionally with wildcards. V(OWNER:NAME[/VERSION]) is a short form of such an ARN.
      - Required for a new recipe.
    type: str
  dockerfile_template_data:
    description:
      - Dockerfile template, up to 16,000 characters. A new recipe requires either this option or O(dockerfile_template_uri).
      - AWS replaces C({{{ imagebuilder:parentImage }}}), C({{{ imagebuilder:environments }}}) and C({{{ imagebuilder:components }}}). Write the text
        as C(!unsafe), or read it with P(ansible.builtin.file#lookup), so that Ansible does not evaluate them.
    type: str
  dockerfile_template_uri:
    description:
      - Location of the Dockerfile template in S3, V(s3://BUCKET/KEY). AWS reads it once, when the version is created.
      - The caller needs the permission C(s3:GetObject), because the module reads the template to compare it.
    type: str
  target_repository:
    description:
      - Repository that the image is stored in. Required for a new recipe. It must exist in the Region of the build.
    type: dict
    suboptions:
      service:
        description: Service of the repository.
        type: str
        required: true
        choices: [ECR]
      repository_name:
        description: Name of the repository without its host.
        type: str
        required: true
  instance_configuration:
    description:
      - Settings of the instance that builds the container image.
    type: dict
    suboptions:
      image:
        description: Id of the AMI, or C(ssm:) and the name of an SSM parameter. If not set, an AMI of AWS for Amazon ECS.
        type: str
      block_device_mappings:
        description: Block device mappings of the instance. The order does not matter.
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
  kms_key_id:
    description:
      - KMS key to encrypt the Dockerfile template with.
    type: str
  platform_override:
    description:
      - Platform of an image in a registry that is not Amazon ECR. If not set, AWS uses Linux.
    type: str
    choices: [Linux, Windows, macOS]
  image_os_version_override:
    description:
      - Operating system of an image in a registry that is not Amazon ECR.
      - AWS does not return this value. A different value alone does not create a new version. It is used for the next version.
    type: str
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
  - module: slipway.aws.imagebuilder_container_recipe_info
  - module: slipway.aws.imagebuilder_component
  - module: slipway.aws.imagebuilder_image_pipeline
  - name: Container recipes in EC2 Image Builder
    description: Recipes in the AWS documentation.
    link: https://docs.aws.amazon.com/imagebuilder/latest/userguide/manage-recipes.html
"""

EXAMPLES = r"""
- name: Ensure a recipe for a container image with a custom component exists
  slipway.aws.imagebuilder_container_recipe:
    name: golden
    parent_image: amazonlinux:2023
    platform_override: Linux
    components:
      - component: web-server
    dockerfile_template_data: !unsafe |
      FROM {{{ imagebuilder:parentImage }}}
      {{{ imagebuilder:environments }}}
      {{{ imagebuilder:components }}}
    target_repository:
      service: ECR
      repository_name: golden

- name: Remove all versions that no pipeline uses
  slipway.aws.imagebuilder_container_recipe:
    name: golden
    state: absent
"""

RETURN = r"""
container_recipe:
  description:
    - The version of the recipe. Empty with O(state=absent). In check mode, the expected state.
  returned: always
  type: dict
  contains:
    arn:
      description: ARN of the recipe version. In check mode, the ARN of the existing version.
      type: str
      returned: when the recipe exists
      sample: arn:aws:imagebuilder:eu-west-1:123456789012:container-recipe/golden/1.0.0
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
    container_type:
      description: Type of the container.
      type: str
      returned: when the recipe exists
      sample: DOCKER
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
      sample: amazonlinux:2023
    components:
      description: Components that are run.
      type: list
      elements: dict
      returned: when set
    dockerfile_template_data:
      description: The Dockerfile template.
      type: str
      returned: when the recipe exists
    target_repository:
      description: Repository that the image is stored in.
      type: dict
      returned: when the recipe exists
      sample: {"repository_name": "golden", "service": "ECR"}
    instance_configuration:
      description: Settings of the instance that builds the container image.
      type: dict
      returned: when set
    working_directory:
      description: Working directory of the components.
      type: str
      returned: when the recipe exists
      sample: /tmp
    kms_key_id:
      description: KMS key that the Dockerfile template is encrypted with.
      type: str
      returned: when the key is a customer managed key
    encrypted:
      description: Whether the recipe is encrypted. Always V(true).
      type: bool
      returned: when the recipe exists
      sample: true
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
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.distribution_options import TARGET_REPOSITORY
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.nouns import deleter, retag
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.options import DEVICES, RECIPE_OPTIONS
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.pruning import RETAIN_OPTIONS, ensure_pruned
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.recipes import (
    CONTAINER_RECIPE,
    container_content,
    find_container_recipe,
    recipe_creator,
    versioner,
)
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.removal import withdraw
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.shapes import asked

TEMPLATE = ("dockerfile_template_data", "dockerfile_template_uri")


def want(params: Shape) -> Shape:
    named = asked(params, "name", "semantic_version", "dockerfile_template_uri")
    return {**named, **container_content(params), "tags": params["tags"]}


RECIPE = Resource(
    service="imagebuilder",
    name="container_recipe",
    find=find_container_recipe,
    want=want,
    create=recipe_creator(CONTAINER_RECIPE),
    update=versioner(CONTAINER_RECIPE, repoint=True),
    delete=deleter(CONTAINER_RECIPE),
    retag=retag,
    fixed=frozenset({"name"}),
)

ARGUMENT_SPEC = {
    "name": {"type": "str", "required": True, "aliases": ["container_recipe_name"]},
    "description": {"type": "str"},
    "container_type": {"type": "str", "choices": ["DOCKER"]},
    "parent_image": {"type": "str"},
    **{name: {"type": "str"} for name in TEMPLATE},
    "target_repository": TARGET_REPOSITORY,
    "instance_configuration": {
        "type": "dict",
        "options": {"image": {"type": "str"}, "block_device_mappings": DEVICES},
    },
    "kms_key_id": {"type": "str"},
    "platform_override": {"type": "str", "choices": ["Linux", "Windows", "macOS"]},
    "image_os_version_override": {"type": "str"},
    **RECIPE_OPTIONS,
    **RETAIN_OPTIONS,
    **STATE_OPTION,
    **TAG_OPTIONS,
    **ROLE_OPTIONS,
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True, mutually_exclusive=[TEMPLATE])
    if module.params["state"] == "absent":
        withdraw(module, CONTAINER_RECIPE)
    else:
        repoint = module.params["repoint_pipelines"]
        ensure_pruned(module, CONTAINER_RECIPE, replace(RECIPE, update=versioner(CONTAINER_RECIPE, repoint)))


if __name__ == "__main__":
    main()
