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
  - Create, update, tag and delete an EC2 Image Builder infrastructure configuration. It defines where and how build and test instances run.
  - Options that are not set keep their current values. An empty value (V(""), V([]), V({})) clears the value of an option.
  - A new configuration requires IMDSv2 unless O(instance_metadata_options.http_tokens) is set differently, because accounts
    that enforce IMDSv2 reject builds without it.
author:
  - Slipway contributors (@slipway-aws)
options:
  name:
    description:
      - Name of the configuration, 3 to 128 letters, digits, spaces, hyphens and underscores.
      - AWS treats names that differ only in case, or in spaces and underscores instead of hyphens, as the same configuration.
    type: str
    required: true
    aliases: [infrastructure_configuration_name]
  description:
    description:
      - Description of the configuration, up to 1024 characters.
    type: str
  instance_profile_name:
    description:
      - Name (not ARN) of the instance profile for build instances. The instance profile must exist.
      - The role of the instance profile needs the managed policies C(EC2InstanceProfileForImageBuilder) and C(AmazonSSMManagedInstanceCore), and
        the permission C(s3:PutObject) on the bucket of O(logging).
      - Required for a new configuration. The caller needs the permission C(iam:PassRole) for the role of the instance profile.
    type: str
  instance_types:
    description:
      - Instance types for build and test instances. AWS uses the first available type in this order. If the list is empty, AWS chooses a type.
    type: list
    elements: str
  subnet_id:
    description:
      - Subnet for build instances. Requires O(security_group_ids). If not set, the default VPC is used.
      - Build instances need access to AWS, for example through a NAT gateway or VPC endpoints. They need no inbound access.
    type: str
  security_group_ids:
    description:
      - Security groups for build instances. The order does not matter.
    type: list
    elements: str
  logging:
    description:
      - Destination of logs in addition to CloudWatch Logs.
    type: dict
    suboptions:
      s3_logs:
        description: S3 bucket for logs. AWS neither checks nor creates the bucket.
        type: dict
        suboptions:
          s3_bucket_name:
            description: Name of the bucket.
            type: str
          s3_key_prefix:
            description: Prefix of the keys of the logs.
            type: str
  key_pair:
    description:
      - Name of the key pair to log in to build instances with.
    type: str
  terminate_instance_on_failure:
    description:
      - Whether an instance is terminated when its build fails. With V(false), it is kept for inspection. If not set, AWS terminates it.
    type: bool
  terminate_instance_on_completion:
    description:
      - Whether an instance is terminated when its build is complete. If not set, AWS terminates it.
    type: bool
  sns_topic_arn:
    description:
      - ARN of the SNS topic that gets a notification when an image becomes available or fails. The topic must exist and be a standard topic, not
        a FIFO topic.
    type: str
  resource_tags:
    description:
      - Tags for the resources that a build creates (instances, volumes), at most 30. They replace the existing resource tags.
      - In this module, this option is the member of the API and not an alias of O(tags). The keys C(CreatedBy), C(Ec2ImageBuilderArn), C(Name) and
        C(Tags), and keys that begin with C(aws:), are reserved by AWS.
    type: dict
  instance_metadata_options:
    description:
      - Instance metadata options of build and test instances.
    type: dict
    suboptions:
      http_tokens:
        description:
          - V(required) allows only IMDSv2, V(optional) also allows IMDSv1. If not set, a new configuration gets V(required), but not if
            O(instance_metadata_options) is V({}).
        type: str
        choices: [optional, required]
      http_put_response_hop_limit:
        description: Maximum number of network hops of a token, 1 to 64. Containers need 2.
        type: int
  placement:
    description:
      - Placement of the instances.
      - This option is replaced as a whole. Suboptions that are omitted are removed.
    type: dict
    suboptions:
      availability_zone:
        description: Availability Zone of the instances.
        type: str
      tenancy:
        description: Tenancy of the instances. Shared hardware, dedicated hardware, or a dedicated host.
        type: str
        choices: [default, dedicated, host]
      host_id:
        description: Id of the dedicated host, with O(placement.tenancy=host).
        type: str
      host_resource_group_arn:
        description: ARN of the host resource group, with O(placement.tenancy=host).
        type: str
  parent_instance:
    description:
      - Takes build instances from an Auto Scaling group instead of launching them. V({}) clears the value.
    type: dict
    suboptions:
      auto_scaling_group:
        description: Auto Scaling group to take the instances from.
        type: dict
        suboptions:
          name:
            description: Name of the Auto Scaling group.
            type: str
            required: true
          capacity_wait_timeout_seconds:
            description: Maximum time to wait for capacity in seconds, 0 to 3600.
            type: int
  tags:
    description:
      - Tags of the configuration itself. If not set, existing tags are not changed. V({}) with O(purge_tags=true) removes all tags.
    type: dict
  purge_tags:
    description:
      - Whether to remove existing tags that are not in O(tags).
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
    description: Infrastructure configurations in the AWS documentation.
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

- name: Remove the configuration
  slipway.aws.imagebuilder_infrastructure_configuration:
    name: golden
    state: absent
"""

RETURN = r"""
infrastructure_configuration:
  description:
    - The configuration. Empty if the configuration does not exist. In check mode, the expected state.
    - Every option that is set is also returned under its own name.
  returned: always
  type: dict
  contains:
    arn:
      description: ARN of the configuration.
      type: str
      returned: when the configuration exists
      sample: arn:aws:imagebuilder:eu-west-1:123456789012:infrastructure-configuration/golden
    name:
      description: Name of the configuration.
      type: str
      returned: when the configuration exists
      sample: golden
    description:
      description: Description of the configuration.
      type: str
      returned: when set
    instance_profile_name:
      description: Name of the instance profile of build instances.
      type: str
      returned: when the configuration exists
      sample: image-builder
    instance_types:
      description: Instance types for build and test instances.
      type: list
      elements: str
      returned: when set
    subnet_id:
      description: Subnet of build instances.
      type: str
      returned: when set
    security_group_ids:
      description: Security groups of build instances.
      type: list
      elements: str
      returned: when set
    logging:
      description: Destination of logs.
      type: dict
      returned: when set
    key_pair:
      description: Key pair of build instances.
      type: str
      returned: when set
    terminate_instance_on_failure:
      description: Whether an instance is terminated when its build fails.
      type: bool
      returned: when the configuration exists
      sample: true
    terminate_instance_on_completion:
      description: Whether an instance is terminated when its build is complete.
      type: bool
      returned: when the configuration exists
      sample: true
    sns_topic_arn:
      description: SNS topic that gets notifications about images.
      type: str
      returned: when set
    resource_tags:
      description: Tags for the resources that a build creates.
      type: dict
      returned: when set
    instance_metadata_options:
      description: Instance metadata options.
      type: dict
      returned: when set
      sample: {"http_tokens": "required"}
    placement:
      description: Placement of the instances.
      type: dict
      returned: when set
    parent_instance:
      description: Auto Scaling group that the instances are taken from.
      type: dict
      returned: when set
    date_created:
      description: When the configuration was created.
      type: str
      returned: when the configuration exists
      sample: "2026-11-23T17:00:00.000Z"
    date_updated:
      description: When the configuration was last changed.
      type: str
      returned: if the configuration has been changed
    tags:
      description: Tags of the configuration.
      type: dict
      returned: when the configuration exists
      sample: {"Team": "platform"}
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.slipway.aws.plugins.module_utils._core.client import ROLE_OPTIONS, STATE_OPTION, TAG_OPTIONS
from ansible_collections.slipway.aws.plugins.module_utils._core.resource import Resource, ensure
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape, Unordered, chosen
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.nouns import (
    INFRASTRUCTURE,
    creator,
    retag,
    updater,
)
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.options import INFRASTRUCTURE_OPTIONS
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.references import find_referring_infrastructure
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.removal import unused_deleter
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
    delete=unused_deleter(INFRASTRUCTURE),
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
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    ensure(module, INFRASTRUCTURE_CONFIGURATION)


if __name__ == "__main__":
    main()
