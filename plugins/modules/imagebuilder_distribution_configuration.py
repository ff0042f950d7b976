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
  - Create, update, tag and delete an EC2 Image Builder distribution configuration. It defines the Regions and accounts that an image is
    distributed to, the name of the image there, and the launch templates and SSM parameters that are updated with it.
  - O(distributions) is replaced as a whole. Suboptions that are omitted from an item are removed from it.
author:
  - Slipway contributors (@slipway-aws)
options:
  name:
    description:
      - Name of the configuration, 3 to 128 letters, digits, spaces, hyphens and underscores.
      - AWS treats names that differ only in case, or in spaces and underscores instead of hyphens, as the same configuration.
    type: str
    required: true
    aliases: [distribution_configuration_name]
  description:
    description:
      - Description of the configuration, up to 1024 characters.
      - If a distribution sets no description, the AMI in the Region of the build gets the description of the recipe, and its copies have
        no description.
    type: str
  distributions:
    description:
      - Regions that images are distributed to. Each Region can appear only once, and each item must set at least one more suboption.
      - Required for a new configuration.
    type: list
    elements: dict
    suboptions:
      region:
        description: Region to distribute to.
        type: str
        required: true
      ami_distribution_configuration:
        description: Settings of the AMI in the Region.
        type: dict
        suboptions:
          name:
            description:
              - Name of the AMI, 1 to 127 characters. It must contain C({{ imagebuilder:buildDate }}), because names of AMIs are unique.
              - Write it as C(!unsafe) text, so that Ansible does not evaluate the braces.
            type: str
          description:
            description: Description of the AMI.
            type: str
          target_account_ids:
            description:
              - Accounts that get a copy of the AMI. Each account needs the role C(EC2ImageBuilderDistributionCrossAccountRole) with the managed policy
                C(Ec2ImageBuilderCrossAccountDistributionAccess).
            type: list
            elements: str
          ami_tags:
            description: Tags of the AMI.
            type: dict
          kms_key_id:
            description:
              - KMS key in the Region to encrypt the copy with. An AMI that is encrypted with the AWS managed key cannot be shared.
            type: str
          launch_permission:
            description: Who else may launch the AMI. The AMI is shared, not copied.
            type: dict
            suboptions:
              user_ids:
                description: Ids of accounts.
                type: list
                elements: str
              user_groups:
                description: User groups. V(all) makes the AMI public.
                type: list
                elements: str
              organization_arns:
                description: ARNs of organizations, at most 25.
                type: list
                elements: str
              organizational_unit_arns:
                description: ARNs of organizational units, at most 25.
                type: list
                elements: str
      container_distribution_configuration:
        description: Settings of the container image in the Region.
        type: dict
        suboptions:
          description:
            description: Description of the container image.
            type: str
          container_tags:
            description: Tags of the container image.
            type: list
            elements: str
          target_repository:
            description: Repository for the container image.
            type: dict
            required: true
            suboptions:
              service:
                description: Service of the repository.
                type: str
                choices: [ECR]
                required: true
              repository_name:
                description: Name of the repository, without the host name of the registry.
                type: str
                required: true
      license_configuration_arns:
        description: ARNs of License Manager configurations for the AMI, at most 50.
        type: list
        elements: str
      launch_template_configurations:
        description: Launch templates that get a new version with the AMI.
        type: list
        elements: dict
        suboptions:
          launch_template_id:
            description: Id of the launch template. The name is not accepted.
            type: str
            required: true
          account_id:
            description: Account of the launch template.
            type: str
          set_default_version:
            description: Whether the new version becomes the default version.
            type: bool
            default: true
      s3_export_configuration:
        description: Exports the image to S3 as a disk image.
        type: dict
        suboptions:
          role_name:
            description: Name of the role for the export.
            type: str
            required: true
          disk_image_format:
            description: Format of the disk image.
            type: str
            choices: [VMDK, RAW, VHD]
            required: true
          s3_bucket:
            description: Bucket for the disk image.
            type: str
            required: true
          s3_prefix:
            description: Prefix of the key.
            type: str
      fast_launch_configurations:
        description: Settings for the faster launch of Windows AMIs.
        type: list
        elements: dict
        suboptions:
          enabled:
            description: Whether faster launching is enabled.
            type: bool
            required: true
          account_id:
            description: Account that owns the AMI.
            type: str
          max_parallel_launches:
            description: Maximum number of instances that are launched in parallel to create snapshots.
            type: int
          launch_template:
            description: Launch template for these instances.
            type: dict
            suboptions:
              launch_template_id:
                description: Id of the launch template. Set either the id or the name.
                type: str
              launch_template_name:
                description: Name of the launch template.
                type: str
              launch_template_version:
                description: Version of the launch template.
                type: str
          snapshot_configuration:
            description: Settings for the snapshots that are kept ready.
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
              - Name of the parameter. It is created or overwritten. The service-linked role can write only to names that begin with
                C(/imagebuilder/). For other names, the pipeline needs an execution role.
            type: str
            required: true
          ami_account_id:
            description: Account whose copy of the AMI is used. It must be one of the target accounts.
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
    description: Distribution settings in the AWS documentation.
    link: https://docs.aws.amazon.com/imagebuilder/latest/userguide/manage-distribution-settings.html
"""

EXAMPLES = r"""
- name: Distribute the image to two Regions and share it with another account
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

- name: Remove the configuration
  slipway.aws.imagebuilder_distribution_configuration:
    name: golden
    state: absent
"""

RETURN = r"""
distribution_configuration:
  description:
    - The configuration. Empty if the distribution configuration does not exist. In check mode, the expected state.
  returned: always
  type: dict
  contains:
    arn:
      description: ARN of the distribution configuration.
      type: str
      returned: when the distribution configuration exists
      sample: arn:aws:imagebuilder:eu-west-1:123456789012:distribution-configuration/golden
    name:
      description: Name of the distribution configuration.
      type: str
      returned: when the distribution configuration exists
      sample: golden
    description:
      description: Description of the distribution configuration.
      type: str
      returned: when set
    distributions:
      description: Distributions, as in O(distributions).
      type: list
      elements: dict
      returned: when the distribution configuration exists
    timeout_minutes:
      description: A number that AWS returns and does not use.
      type: int
      returned: when the distribution configuration exists
      sample: 720
    date_created:
      description: When the distribution configuration was created.
      type: str
      returned: when the distribution configuration exists
      sample: "2026-11-23T17:00:00.000Z"
    date_updated:
      description: When the distribution configuration was last changed.
      type: str
      returned: if the distribution configuration has been changed
    tags:
      description: Tags of the distribution configuration.
      type: dict
      returned: when the distribution configuration exists
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
    retag,
    updater,
)
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.references import find_referring_distribution
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.removal import unused_deleter
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
    delete=unused_deleter(DISTRIBUTION),
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
