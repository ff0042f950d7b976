#!/usr/bin/python
# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: imagebuilder_container_recipe_info
short_description: Read EC2 Image Builder container recipes
version_added: 1.0.0
description:
  - Read the EC2 Image Builder container recipes of an account and Region.
  - A list contains a summary of all versions of the recipes. With O(name), one recipe is returned with all details.
author:
  - Slipway contributors (@slipway-aws)
options:
  owner:
    description:
      - Owner of the recipes to list. If not set, the recipes of this account.
    type: str
    choices: [Self, Shared, Amazon, ThirdParty, AWSMarketplace]
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - slipway.aws._imagebuilder.info
  - slipway.aws._options.role
  - slipway.aws._attributes.info
notes:
  - The filters of AWS are containerType, name, parentImage and platform.
seealso:
  - module: slipway.aws.imagebuilder_container_recipe
  - name: Container recipes in EC2 Image Builder
    description: Recipes in the AWS documentation.
    link: https://docs.aws.amazon.com/imagebuilder/latest/userguide/manage-recipes.html
"""

EXAMPLES = r"""
- name: Read the newest version of a recipe
  slipway.aws.imagebuilder_container_recipe_info:
    name: golden

- name: List the recipes for Linux
  slipway.aws.imagebuilder_container_recipe_info:
    filters:
      platform: Linux
"""

RETURN = r"""
container_recipes:
  description: The recipes that were found, in the order in which AWS returns them.
  returned: always
  type: list
  elements: dict
  contains:
    arn:
      description: ARN of the recipe.
      type: str
      returned: always
      sample: arn:aws:imagebuilder:eu-west-1:123456789012:container-recipe/golden/1.0.0
    name:
      description: Name of the recipe.
      type: str
      returned: always
      sample: golden
    version:
      description: Version of the recipe.
      type: str
      returned: when O(name) is set
      sample: 1.0.0
    description:
      description: Description of the recipe.
      type: str
      returned: when set
    platform:
      description: Platform of the recipe.
      type: str
      returned: always
      sample: Linux
    owner:
      description: Owner of the recipe.
      type: str
      returned: always
      sample: "123456789012"
    parent_image:
      description: The parent image.
      type: str
      returned: always
    components:
      description: Components that are run.
      type: list
      elements: dict
      returned: when O(name) is set
    working_directory:
      description: Working directory of the components.
      type: str
      returned: when O(name) is set
      sample: /tmp
    container_type:
      description: Type of the container.
      type: str
      returned: always
      sample: DOCKER
    dockerfile_template_data:
      description: The Dockerfile template.
      type: str
      returned: when O(name) is set
    target_repository:
      description: Repository that the image is stored in.
      type: dict
      returned: when O(name) is set
      sample: {"repository_name": "golden", "service": "ECR"}
    date_created:
      description: When the recipe was created.
      type: str
      returned: always
      sample: "2026-11-23T17:00:00.000Z"
    tags:
      description: Tags of the recipe.
      type: dict
      returned: when AWS returns it
      sample: {"Team": "platform"}
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.slipway.aws.plugins.module_utils._core.client import ROLE_OPTIONS
from ansible_collections.slipway.aws.plugins.module_utils._core.resource import report
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.reading import INFO_OPTIONS, OWNERS, found

ARGUMENT_SPEC = {
    **INFO_OPTIONS,
    "owner": {"type": "str", "choices": OWNERS},
    **ROLE_OPTIONS,
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    report(module, "container_recipes", lambda aws: found(aws, "container-recipe", module.params))


if __name__ == "__main__":
    main()
