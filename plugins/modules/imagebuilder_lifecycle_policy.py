#!/usr/bin/python
# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: imagebuilder_lifecycle_policy
short_description: Manage an EC2 Image Builder lifecycle policy
version_added: 1.0.0
description:
  - Create, update, tag and delete an EC2 Image Builder lifecycle policy. AWS runs an enabled policy once a day. Its rules deprecate, disable
    or delete old images, if wanted together with their AMIs, snapshots and container images, in every Region and account that the images
    were distributed to.
  - Options that are not set keep their current values. V("") clears O(description).
  - This module does not run the policy. M(slipway.aws.imagebuilder_lifecycle_policy_info) shows what the runs did.
author:
  - Slipway contributors (@slipway-aws)
options:
  name:
    description:
      - Name of the policy, 3 to 128 letters, digits, spaces, hyphens and underscores.
      - AWS treats names that differ only in case, or in spaces and underscores instead of hyphens, as the same policy.
    type: str
    required: true
    aliases: [lifecycle_policy_name]
  description:
    description:
      - Description of the policy, up to 1024 characters.
    type: str
  status:
    description:
      - Whether AWS runs the policy. If not set, a new policy is enabled.
    type: str
    choices: [ENABLED, DISABLED]
  execution_role:
    description:
      - Name or ARN of the IAM role that Image Builder uses to run the policy, with the permissions of the managed policy
        C(EC2ImageBuilderLifecycleExecutionPolicy). Required for a new policy. The caller needs the permission C(iam:PassRole) for the role.
      - With that managed policy, the role can change only AMIs and snapshots that have the tag C(CreatedBy) with the value
        C(EC2 Image Builder), which Image Builder adds.
    type: str
  resource_type:
    description:
      - Type of the images that the policy applies to. Required for a new policy. It cannot be changed.
    type: str
    choices: [AMI_IMAGE, CONTAINER_IMAGE]
  policy_details:
    description:
      - Rules of the policy, at most one for each action. Required for a new policy. The order does not matter.
      - The list is replaced as a whole.
    type: list
    elements: dict
    suboptions:
      action:
        description: What the rule does.
        type: dict
        required: true
        suboptions:
          type:
            description:
              - Action for the image. A deprecated image can still be used, a disabled image cannot be used by new builds, and a deleted
                image cannot be restored. Container images can only be deleted.
            type: str
            choices: [DELETE, DEPRECATE, DISABLE]
            required: true
          include_resources:
            description: What else the action applies to. If not set, it applies only to the image resource of Image Builder.
            type: dict
            suboptions:
              amis:
                description: Whether the action also applies to the AMIs of the image.
                type: bool
              snapshots:
                description: Whether the snapshots of the AMIs are deleted as well. Requires the action V(DELETE) and C(amis).
                type: bool
              containers:
                description: Whether the container images are deleted as well, with O(resource_type=CONTAINER_IMAGE).
                type: bool
      filter:
        description: Which images the rule applies to.
        type: dict
        required: true
        suboptions:
          type:
            description:
              - With V(AGE), the rule applies to images that are older than O(policy_details[].filter.value). With V(COUNT), it applies to all images
                but the newest ones, and requires the action V(DELETE).
            type: str
            choices: [AGE, COUNT]
            required: true
          value:
            description: Age of the images, or number of images to keep, 1 to 1000.
            type: int
            required: true
          unit:
            description: Unit of the age. Required with V(AGE).
            type: str
            choices: [DAYS, WEEKS, MONTHS, YEARS]
          retain_at_least:
            description: Number of images to keep whatever their age, 1 to 10. Requires the type V(AGE). AWS describes it only for the action V(DELETE).
            type: int
      exclusion_rules:
        description: Which images and AMIs the rule does not apply to.
        type: dict
        suboptions:
          tag_map:
            description: Tags of images. An image with any of these tags is not changed.
            type: dict
          amis:
            description: Which AMIs are not changed. An image whose AMI is not changed is not deleted.
            type: dict
            suboptions:
              is_public:
                description: Whether public AMIs are excluded.
                type: bool
              regions:
                description: Regions whose AMIs are excluded.
                type: list
                elements: str
              shared_accounts:
                description: Accounts. AMIs that are shared with one of them are excluded.
                type: list
                elements: str
              last_launched:
                description: Time. AMIs from which an instance was launched in this time are excluded.
                type: dict
                suboptions:
                  value:
                    description: Number of units, 1 to 365.
                    type: int
                    required: true
                  unit:
                    description: Unit of the time.
                    type: str
                    choices: [DAYS, WEEKS, MONTHS, YEARS]
                    required: true
              tag_map:
                description: Tags of AMIs. AMIs with any of these tags are excluded.
                type: dict
  resource_selection:
    description:
      - Images that the policy applies to, either by their recipes or by their tags. Required for a new policy.
      - This option is replaced as a whole.
    type: dict
    suboptions:
      recipes:
        description: Recipes of the images, at most 50. The order does not matter.
        type: list
        elements: dict
        suboptions:
          name:
            description: Name of the recipe.
            type: str
            required: true
          semantic_version:
            description: Version of the recipe. The last numbers can be V(x), for example V(1.x.x), and V(x.x.x) stands for all versions.
            type: str
            required: true
            aliases: [version]
      tag_map:
        description: Tags. The policy applies to images that have all of them.
        type: dict
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
  - slipway.aws._options.state
  - slipway.aws._options.role
  - slipway.aws._attributes.noun
seealso:
  - module: slipway.aws.imagebuilder_lifecycle_policy_info
  - module: slipway.aws.imagebuilder_image
  - name: Lifecycle policies in EC2 Image Builder
    description: Lifecycle policies in the AWS documentation.
    link: https://docs.aws.amazon.com/imagebuilder/latest/userguide/manage-image-lifecycles.html
"""

EXAMPLES = r"""
- name: Deprecate images after a month, and delete them after half a year but keep three
  slipway.aws.imagebuilder_lifecycle_policy:
    name: golden
    execution_role: image-lifecycle
    resource_type: AMI_IMAGE
    policy_details:
      - action:
          type: DEPRECATE
          include_resources: {amis: true}
        filter: {type: AGE, value: 1, unit: MONTHS}
      - action:
          type: DELETE
          include_resources: {amis: true, snapshots: true}
        filter: {type: AGE, value: 6, unit: MONTHS, retain_at_least: 3}
        exclusion_rules:
          amis:
            last_launched: {value: 2, unit: WEEKS}
    resource_selection:
      recipes:
        - name: golden
          semantic_version: x.x.x

- name: Stop the policy for now
  slipway.aws.imagebuilder_lifecycle_policy:
    name: golden
    status: DISABLED

- name: Remove the policy
  slipway.aws.imagebuilder_lifecycle_policy:
    name: golden
    state: absent
"""

RETURN = r"""
lifecycle_policy:
  description:
    - The policy. Empty if the policy does not exist. In check mode, the expected state.
    - Rules, recipes, Regions and accounts are sorted, and flags that are V(false) are left out.
  returned: always
  type: dict
  contains:
    arn:
      description: ARN of the policy.
      type: str
      returned: when the policy exists
      sample: arn:aws:imagebuilder:eu-west-1:123456789012:lifecycle-policy/golden
    name:
      description: Name of the policy.
      type: str
      returned: when the policy exists
      sample: golden
    description:
      description: Description of the policy.
      type: str
      returned: when set
    status:
      description: Whether AWS runs the policy.
      type: str
      returned: when the policy exists
      sample: ENABLED
    execution_role:
      description: Role that Image Builder uses to run the policy.
      type: str
      returned: when the policy exists
      sample: image-lifecycle
    resource_type:
      description: Type of the images that the policy applies to.
      type: str
      returned: when the policy exists
      sample: AMI_IMAGE
    policy_details:
      description: Rules of the policy.
      type: list
      elements: dict
      returned: when the policy exists
      sample: [{"action": {"type": "DELETE"}, "filter": {"type": "COUNT", "value": 3}}]
    resource_selection:
      description: Images that the policy applies to.
      type: dict
      returned: when the policy exists
      sample: {"recipes": [{"name": "golden", "semantic_version": "x.x.x"}]}
    date_created:
      description: When the policy was created.
      type: str
      returned: when the policy exists
      sample: "2026-11-23T17:00:00+00:00"
    date_updated:
      description: When the policy was last changed.
      type: str
      returned: if the policy has been changed
    date_last_run:
      description: When AWS last ran the policy.
      type: str
      returned: if the policy has been run
    tags:
      description: Tags of the policy.
      type: dict
      returned: when the policy exists
      sample: {"Team": "platform"}
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.slipway.aws.plugins.module_utils._core.client import ROLE_OPTIONS, STATE_OPTION, TAG_OPTIONS
from ansible_collections.slipway.aws.plugins.module_utils._core.resource import Resource, ensure
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.lifecycles import (
    POLICY,
    find_lifecycle_policy,
    wanted_policy,
)
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.nouns import creator, deleter, retag, updater
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.options import LIFECYCLE_OPTIONS

LIFECYCLE_POLICY = Resource(
    service="imagebuilder",
    name="lifecycle_policy",
    find=find_lifecycle_policy,
    want=wanted_policy,
    create=creator(POLICY),
    update=updater(POLICY),
    delete=deleter(POLICY),
    retag=retag,
    fixed=frozenset({"name", "resourceType"}),
)

ARGUMENT_SPEC = {
    "name": {"type": "str", "required": True, "aliases": ["lifecycle_policy_name"]},
    **LIFECYCLE_OPTIONS,
    **STATE_OPTION,
    **TAG_OPTIONS,
    **ROLE_OPTIONS,
}


def main() -> None:
    ensure(AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True), LIFECYCLE_POLICY)


if __name__ == "__main__":
    main()
