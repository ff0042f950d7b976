#!/usr/bin/python
# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: imagebuilder_infrastructure_configuration
short_description: Manage an EC2 Image Builder infrastructure configuration
version_added: 1.0.0
description:
  - Create, change, tag and delete an infrastructure configuration, which says where and how build and test instances run.
  - What is not given stays as it is. An empty value (V(""), V([]), V({})) clears a member.
  - A new configuration asks for IMDSv2 unless O(instance_metadata_options.http_tokens) says otherwise, because accounts
    that enforce it reject builds without it.
author:
  - Slipway contributors (@slipway-aws)
options:
  name:
    description:
      - Name of the configuration, 3 to 128 letters, digits, spaces and any of C(-_).
      - Names that differ only in case, or in spaces and underscores instead of hyphens, are the same configuration to AWS.
    type: str
    required: true
    aliases: [infrastructure_configuration_name]
  description:
    description:
      - What it is for, up to 1024 characters.
    type: str
  instance_profile_name:
    description:
      - Name (not ARN) of the instance profile of build instances. It must exist.
      - Its role needs the managed policies C(EC2InstanceProfileForImageBuilder) and C(AmazonSSMManagedInstanceCore), and
        C(s3:PutObject) on the bucket of O(logging).
      - Required for a new configuration. The caller needs C(iam:PassRole) for its role.
    type: str
  instance_types:
    description:
      - Instance types that may be used, the first one available in this order. AWS chooses when there are none.
    type: list
    elements: str
  subnet_id:
    description:
      - Subnet for build instances; needs O(security_group_ids). Without it the default VPC is used.
      - Build instances reach AWS through a NAT gateway or VPC endpoints; nothing has to reach them.
    type: str
  security_group_ids:
    description:
      - Security groups of build instances; their order means nothing.
    type: list
    elements: str
  logging:
    description:
      - Where logs go beside CloudWatch Logs.
    type: dict
    suboptions:
      s3_logs:
        description: An S3 bucket for logs. AWS neither checks nor creates it.
        type: dict
        suboptions:
          s3_bucket_name:
            description: Name of the bucket.
            type: str
          s3_key_prefix:
            description: What the keys of the logs begin with.
            type: str
  key_pair:
    description:
      - Key pair with which one may log in to build instances.
    type: str
  terminate_instance_on_failure:
    description:
      - Whether an instance is terminated when its build failed; V(false) keeps it for a look. AWS does when not given.
    type: bool
  terminate_instance_on_completion:
    description:
      - Whether an instance is terminated when its build is complete. AWS does when not given.
    type: bool
  sns_topic_arn:
    description:
      - Standard SNS topic that is told of images that became available or failed. It must exist; a FIFO topic will not do.
    type: str
  resource_tags:
    description:
      - Tags for what a build creates on its way (instances, volumes), at most 30. They replace those that were there.
      - Here this is the member of the API, not another name for O(tags). Keys C(CreatedBy), C(Ec2ImageBuilderArn), C(Name),
        C(Tags) and those that begin with C(aws:) are AWS's own.
    type: dict
  instance_metadata_options:
    description:
      - How build and test instances answer for their metadata.
    type: dict
    suboptions:
      http_tokens:
        description: V(required) is IMDSv2 only, V(optional) allows IMDSv1 too. A new configuration gets V(required) when it is not given.
        type: str
        choices: [optional, required]
      http_put_response_hop_limit:
        description: Hops a token may travel, 1 to 64; containers need 2.
        type: int
  placement:
    description:
      - Where instances are placed.
      - One value. What is left out of it is removed.
    type: dict
    suboptions:
      availability_zone:
        description: Availability zone.
        type: str
      tenancy:
        description: Shared hardware, hardware of one's own, or a dedicated host.
        type: str
        choices: [default, dedicated, host]
      host_id:
        description: Dedicated host, with O(placement.tenancy=host).
        type: str
      host_resource_group_arn:
        description: Host resource group, with O(placement.tenancy=host).
        type: str
  parent_instance:
    description:
      - Take build instances from an Auto Scaling group instead of launching them. V({}) clears it.
    type: dict
    suboptions:
      auto_scaling_group:
        description: The group.
        type: dict
        suboptions:
          name:
            description: Name of the group.
            type: str
            required: true
          capacity_wait_timeout_seconds:
            description: How long to wait for capacity, 0 to 3600 seconds.
            type: int
  tags:
    description:
      - Tags of the configuration itself. When not given, they stay as they are; V({}) with O(purge_tags=true) removes all.
    type: dict
  purge_tags:
    description:
      - Whether tags that are not in O(tags) are removed.
    type: bool
    default: true
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - slipway.aws._options.state
  - slipway.aws._options.role
  - slipway.aws._attributes.noun
seealso:
  - module: slipway.aws.imagebuilder_infrastructure_configuration_info
  - module: slipway.aws.imagebuilder_image_pipeline
  - name: Infrastructure configurations in EC2 Image Builder
    description: What it is, in the AWS documentation.
    link: https://docs.aws.amazon.com/imagebuilder/latest/userguide/manage-infra-config.html
"""

EXAMPLES = r"""
- name: Build in the default VPC
  slipway.aws.imagebuilder_infrastructure_configuration:
    name: golden
    instance_profile_name: image-builder
    instance_types: [t3.small, t3a.small]
    tags:
      Team: platform

- name: Build in a private subnet and keep logs
  slipway.aws.imagebuilder_infrastructure_configuration:
    name: golden
    instance_profile_name: image-builder
    subnet_id: subnet-0123456789abcdef0
    security_group_ids: [sg-0123456789abcdef0]
    logging:
      s3_logs:
        s3_bucket_name: build-logs
        s3_key_prefix: golden

- name: Remove it
  slipway.aws.imagebuilder_infrastructure_configuration:
    name: golden
    state: absent
"""

RETURN = r"""
infrastructure_configuration:
  description:
    - The configuration. Empty when it is absent. In check mode, as it would become.
    - Every option that is set is returned under its own name as well.
  returned: always
  type: dict
  contains:
    arn:
      description: Its ARN.
      type: str
      returned: when it exists
      sample: arn:aws:imagebuilder:eu-west-1:123456789012:infrastructure-configuration/golden
    name:
      description: Its name.
      type: str
      returned: when it exists
      sample: golden
    description:
      description: What it is for.
      type: str
      returned: when it has one
    instance_profile_name:
      description: Instance profile of build instances.
      type: str
      returned: when it exists
      sample: image-builder
    instance_types:
      description: Instance types that may be used.
      type: list
      elements: str
      returned: when set
    subnet_id:
      description: Subnet of build instances.
      type: str
      returned: when set
    security_group_ids:
      description: Their security groups.
      type: list
      elements: str
      returned: when set
    logging:
      description: Where logs go.
      type: dict
      returned: when set
    key_pair:
      description: Key pair of build instances.
      type: str
      returned: when set
    terminate_instance_on_failure:
      description: Whether an instance is terminated when its build failed.
      type: bool
      returned: when it exists
      sample: true
    terminate_instance_on_completion:
      description: Whether an instance is terminated when its build is complete.
      type: bool
      returned: when it exists
      sample: true
    sns_topic_arn:
      description: Topic that is told of images.
      type: str
      returned: when set
    resource_tags:
      description: Tags for what a build creates.
      type: dict
      returned: when set
    instance_metadata_options:
      description: How instances answer for their metadata.
      type: dict
      returned: when set
      sample: {"http_tokens": "required"}
    placement:
      description: Where instances are placed.
      type: dict
      returned: when set
    parent_instance:
      description: Where instances are taken from.
      type: dict
      returned: when set
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

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.slipway.aws.plugins.module_utils._core.client import ROLE_OPTIONS, STATE_OPTION, TAG_OPTIONS
from ansible_collections.slipway.aws.plugins.module_utils._core.resource import Resource, ensure
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape, Unordered, chosen
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.nouns import (
    INFRASTRUCTURE,
    creator,
    deleter,
    retag,
    updater,
)
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.options import INFRASTRUCTURE_OPTIONS
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.references import find_referring_infrastructure
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.shapes import PLACEMENT, asked


def want(params: Shape) -> Shape:
    wanted = asked(params, "name", *INFRASTRUCTURE_OPTIONS)
    if wanted["securityGroupIds"] is not None:
        wanted["securityGroupIds"] = Unordered(wanted["securityGroupIds"])
    return {**wanted, "placement": chosen(wanted["placement"], PLACEMENT), "tags": params["tags"]}


INFRASTRUCTURE_CONFIGURATION = Resource(
    service="imagebuilder",
    name="infrastructure_configuration",
    find=find_referring_infrastructure,
    want=want,
    create=creator(INFRASTRUCTURE),
    update=updater(INFRASTRUCTURE),
    delete=deleter(INFRASTRUCTURE),
    retag=retag,
    fixed=frozenset({"name"}),
)

ARGUMENT_SPEC = {
    "name": {"type": "str", "required": True, "aliases": ["infrastructure_configuration_name"]},
    **INFRASTRUCTURE_OPTIONS,
    "tags": {"type": "dict"},  # without the usual alias resource_tags, which is a member of its own here
    "purge_tags": TAG_OPTIONS["purge_tags"],
    **STATE_OPTION,
    **ROLE_OPTIONS,
}


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=ARGUMENT_SPEC, supports_check_mode=True, required_by={"subnet_id": ("security_group_ids",)}
    )
    ensure(module, INFRASTRUCTURE_CONFIGURATION)


if __name__ == "__main__":
    main()
