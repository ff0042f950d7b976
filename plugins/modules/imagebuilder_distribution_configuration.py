#!/usr/bin/python
# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: imagebuilder_distribution_configuration
short_description: Manage an EC2 Image Builder distribution configuration
version_added: 1.0.0
description:
  - Create, change, tag and delete a distribution configuration, which says to which Regions and accounts an image goes,
    under which name, and what is told of it there.
  - O(distributions) is one value; what is left out of an item is removed from it.
author:
  - Slipway contributors (@slipway-aws)
options:
  name:
    description:
      - Name of the configuration, 3 to 128 letters, digits, spaces and any of C(-_).
      - Names that differ only in case, or in spaces and underscores instead of hyphens, are the same configuration to AWS.
    type: str
    required: true
    aliases: [distribution_configuration_name]
  description:
    description:
      - What it is for, up to 1024 characters.
      - The AMI in the Region of the build inherits the description of the recipe when the distribution gives none; copies
        have none then.
    type: str
  distributions:
    description:
      - Where images go. Each Region stands here once, in an item that sets at least one more suboption.
      - Required for a new configuration.
    type: list
    elements: dict
    suboptions:
      region:
        description: The Region.
        type: str
        required: true
      ami_distribution_configuration:
        description: The AMI there.
        type: dict
        suboptions:
          name:
            description:
              - Its name, 1 to 127 characters. It must contain C({{ imagebuilder:buildDate }}), since names of AMIs are unique.
              - Write it as C(!unsafe) text, or Ansible takes the braces for its own.
            type: str
          description:
            description: Its description.
            type: str
          target_account_ids:
            description:
              - Accounts that get a copy. Each needs the role C(EC2ImageBuilderDistributionCrossAccountRole) with the managed policy
                C(Ec2ImageBuilderCrossAccountDistributionAccess).
            type: list
            elements: str
          ami_tags:
            description: Tags of the AMI.
            type: dict
          kms_key_id:
            description:
              - Key in that Region with which the copy is encrypted. An AMI under the AWS-managed key cannot be shared.
            type: str
          launch_permission:
            description: Who else may launch it. It is shared, not copied.
            type: dict
            suboptions:
              user_ids:
                description: Accounts.
                type: list
                elements: str
              user_groups:
                description: V(all) makes it public.
                type: list
                elements: str
              organization_arns:
                description: Organizations, at most 25.
                type: list
                elements: str
              organizational_unit_arns:
                description: Organizational units, at most 25.
                type: list
                elements: str
      container_distribution_configuration:
        description: The container image there.
        type: dict
        suboptions:
          description:
            description: Its description.
            type: str
          container_tags:
            description: Tags of the container image.
            type: list
            elements: str
          target_repository:
            description: Where it is kept.
            type: dict
            required: true
            suboptions:
              service:
                description: Kind of registry.
                type: str
                choices: [ECR]
                required: true
              repository_name:
                description: Name of the repository, without the host.
                type: str
                required: true
      license_configuration_arns:
        description: License Manager configurations for the AMI, at most 50.
        type: list
        elements: str
      launch_template_configurations:
        description: Launch templates that get a new version with the AMI.
        type: list
        elements: dict
        suboptions:
          launch_template_id:
            description: Id (not name) of the launch template.
            type: str
            required: true
          account_id:
            description: The account it is in.
            type: str
          set_default_version:
            description: Whether the new version becomes the default one.
            type: bool
            default: true
      s3_export_configuration:
        description: Export the image as a disk image to S3.
        type: dict
        suboptions:
          role_name:
            description: Role for the export.
            type: str
            required: true
          disk_image_format:
            description: Format of the disk image.
            type: str
            choices: [VMDK, RAW, VHD]
            required: true
          s3_bucket:
            description: The bucket.
            type: str
            required: true
          s3_prefix:
            description: What the key begins with.
            type: str
      fast_launch_configurations:
        description: Faster launching of Windows AMIs.
        type: list
        elements: dict
        suboptions:
          enabled:
            description: Whether it is on.
            type: bool
            required: true
          account_id:
            description: The account that owns the AMI.
            type: str
          max_parallel_launches:
            description: Instances launched at a time to make snapshots.
            type: int
          launch_template:
            description: Template for those instances.
            type: dict
            suboptions:
              launch_template_id:
                description: Its id; either this or the name.
                type: str
              launch_template_name:
                description: Its name.
                type: str
              launch_template_version:
                description: Its version.
                type: str
          snapshot_configuration:
            description: How many snapshots are kept ready.
            type: dict
            suboptions:
              target_resource_count:
                description: Number of snapshots, 1 to 10000.
                type: int
      ssm_parameter_configurations:
        description: SSM parameters that are set to the id of the AMI.
        type: list
        elements: dict
        suboptions:
          parameter_name:
            description:
              - Name of the parameter; it is created or overwritten. The service-linked role may write below C(/imagebuilder/)
                only, any other name needs an execution role in the pipeline.
            type: str
            required: true
          ami_account_id:
            description: Whose copy of the AMI; one of the target accounts.
            type: str
          data_type:
            description: Data type of the parameter.
            type: str
            choices: [text, "aws:ec2:image"]
            default: text
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
  - slipway.aws._options.state
  - slipway.aws._options.role
  - slipway.aws._attributes.noun
seealso:
  - module: slipway.aws.imagebuilder_distribution_configuration_info
  - module: slipway.aws.imagebuilder_image_pipeline
  - name: Distribution settings in EC2 Image Builder
    description: What they are, in the AWS documentation.
    link: https://docs.aws.amazon.com/imagebuilder/latest/userguide/manage-distribution-settings.html
"""

EXAMPLES = r"""
- name: Have the image in two Regions, and launchable from another account
  slipway.aws.imagebuilder_distribution_configuration:
    name: golden
    distributions:
      - region: eu-west-1
        ami_distribution_configuration:
          name: !unsafe "golden {{ imagebuilder:buildDate }}"
          ami_tags:
            Role: web
          launch_permission:
            user_ids: ["210987654321"]
      - region: eu-central-1
        ami_distribution_configuration:
          name: !unsafe "golden {{ imagebuilder:buildDate }}"
        ssm_parameter_configurations:
          - parameter_name: /imagebuilder/golden/ami
            data_type: "aws:ec2:image"

- name: Remove it
  slipway.aws.imagebuilder_distribution_configuration:
    name: golden
    state: absent
"""

RETURN = r"""
distribution_configuration:
  description:
    - The configuration. Empty when it is absent. In check mode, as it would become.
  returned: always
  type: dict
  contains:
    arn:
      description: Its ARN.
      type: str
      returned: when it exists
      sample: arn:aws:imagebuilder:eu-west-1:123456789012:distribution-configuration/golden
    name:
      description: Its name.
      type: str
      returned: when it exists
      sample: golden
    description:
      description: What it is for.
      type: str
      returned: when it has one
    distributions:
      description: Where images go, as in O(distributions).
      type: list
      elements: dict
      returned: when it exists
    timeout_minutes:
      description: A number AWS returns and does not use.
      type: int
      returned: when it exists
      sample: 720
    date_created:
      description: When it was created.
      type: str
      returned: when it exists
      sample: "2026-11-23T17:00:00.000Z"
    date_updated:
      description: When it was last changed.
      type: str
      returned: when it was ever changed
    tags:
      description: Its tags.
      type: dict
      returned: when it exists
      sample: {"Team": "platform"}
"""

import typing as t

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.slipway.aws.plugins.module_utils._core.client import ROLE_OPTIONS, STATE_OPTION, TAG_OPTIONS
from ansible_collections.slipway.aws.plugins.module_utils._core.resource import Resource, ensure
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.distribution_options import DISTRIBUTIONS
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.nouns import (
    DISTRIBUTION,
    creator,
    deleter,
    retag,
    updater,
)
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.references import find_referring_distribution
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.shapes import asked, whole

MEMBERS: t.Dict[str, t.Any] = {"description": {"type": "str"}, "distributions": DISTRIBUTIONS}


def want(params: Shape) -> Shape:
    wanted = asked(params, "name", *MEMBERS)
    return {**wanted, "distributions": whole(wanted["distributions"]), "tags": params["tags"]}


DISTRIBUTION_CONFIGURATION = Resource(
    service="imagebuilder",
    name="distribution_configuration",
    find=find_referring_distribution,
    want=want,
    create=creator(DISTRIBUTION),
    update=updater(DISTRIBUTION),
    delete=deleter(DISTRIBUTION),
    retag=retag,
    fixed=frozenset({"name"}),
)

ARGUMENT_SPEC = {
    "name": {"type": "str", "required": True, "aliases": ["distribution_configuration_name"]},
    **MEMBERS,
    **STATE_OPTION,
    **TAG_OPTIONS,
    **ROLE_OPTIONS,
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    ensure(module, DISTRIBUTION_CONFIGURATION)


if __name__ == "__main__":
    main()
