#!/usr/bin/python
# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: imagebuilder_resource_policy
short_description: Share an EC2 Image Builder component, recipe or image by its resource policy
version_added: 1.0.0
description:
  - Set the resource policy of a component, an image, an image recipe or a container recipe, so that other accounts can use it.
  - A policy that exists and means something else is only replaced with O(force=true), because others may have made it. Policies are compared
    by their meaning, not by their formatting.
  - AWS makes a resource share of the policy in Resource Access Manager (RAM). Other accounts do not see the resource before this share is promoted, which the
    module does as well.
author:
  - Slipway contributors (@slipway-aws)
options:
  component_arn:
    description:
      - The component, as an ARN or as V(NAME[/VERSION[/BUILD]]). Without a build number, the newest build.
      - Exactly one of O(component_arn), O(image_arn), O(image_recipe_arn) and O(container_recipe_arn) is required.
    type: str
    aliases: [component]
  image_arn:
    description:
      - The image, as an ARN or as V(NAME[/VERSION[/BUILD]]). Without a build number, the newest build that is available.
      - This shares the image resource. To let others launch the AMI, use a distribution configuration.
    type: str
    aliases: [image]
  image_recipe_arn:
    description:
      - The image recipe, as an ARN or as V(NAME[/VERSION]). Without a version, the newest version.
    type: str
    aliases: [image_recipe]
  container_recipe_arn:
    description:
      - The container recipe, as an ARN or as V(NAME[/VERSION]). Without a version, the newest version.
    type: str
    aliases: [container_recipe]
  policy:
    description:
      - The policy, as a map or as JSON text. It needs at least one statement. The resources of its statements are the ARN of the resource.
      - AWS has no call that removes a policy. Delete its resource share in RAM to stop sharing.
    type: json
    required: true
  force:
    description:
      - Whether to replace a policy that exists and differs.
    type: bool
    default: false
  promote:
    description:
      - Whether to promote the resource share of the policy. It needs the permissions C(ram:GetResourceShares), C(ram:GetResourceShareAssociations) and
        C(ram:PromoteResourceShareCreatedFromPolicy).
    type: bool
    default: true
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - slipway.aws._options.role
  - slipway.aws._attributes.act
notes:
  - AWS does not delete a component, a recipe or an image as long as it is shared.
seealso:
  - module: slipway.aws.imagebuilder_component
  - module: slipway.aws.imagebuilder_image_distribution
  - name: Share Image Builder resources
    description: Sharing with AWS RAM in the AWS documentation.
    link: https://docs.aws.amazon.com/imagebuilder/latest/userguide/manage-shared-resources.html
"""

EXAMPLES = r"""
- name: Read the newest build of the component
  slipway.aws.imagebuilder_component_info:
    name: web-server
  register: found

- name: Ensure another account can use the component
  slipway.aws.imagebuilder_resource_policy:
    component: web-server
    policy:
      Version: "2012-10-17"
      Statement:
        - Sid: UseComponent
          Effect: Allow
          Principal:
            AWS: ["210987654321"]
          Action: ["imagebuilder:GetComponent", "imagebuilder:ListComponents"]
          Resource: "{{ found.components | map(attribute='arn') | list }}"
"""

RETURN = r"""
resource_arn:
  description: ARN of the resource, V(null) in check mode if it does not exist.
  returned: always
  type: str
  sample: arn:aws:imagebuilder:eu-west-1:123456789012:component/web-server/1.0.0/1
policy:
  description: The policy. In check mode, the expected policy.
  returned: always
  type: dict
promoted:
  description: ARNs of the resource shares that were promoted. In check mode, of those that exist and would be promoted.
  returned: always
  type: list
  elements: str
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.slipway.aws.plugins.module_utils._core.client import ROLE_OPTIONS, connect
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import FAILURES, failure
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.sharing import KINDS, share

ARGUMENT_SPEC = {
    **{name: {"type": "str", "aliases": [name.removesuffix("_arn")]} for name in KINDS},
    "policy": {"type": "json", "required": True},
    "force": {"type": "bool", "default": False},
    "promote": {"type": "bool", "default": True},
    **ROLE_OPTIONS,
}


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=ARGUMENT_SPEC,
        supports_check_mode=True,
        mutually_exclusive=[tuple(KINDS)],
        required_one_of=[tuple(KINDS)],
    )
    subject = next(
        f"{kind.replace('-', ' ')} {module.params[name]}" for name, kind in KINDS.items() if module.params[name]
    )
    try:
        result = share(connect(module), module.params, module.check_mode)
    except FAILURES as problem:
        module.fail_json(**failure(problem, f"Failed to share the {subject}", module.argument_spec))
    if not module._diff:
        result.pop("diff", None)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
