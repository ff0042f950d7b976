#!/usr/bin/python
# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: codedeploy_on_premises_instance_info
short_description: Read the on-premises instances of AWS CodeDeploy
version_added: 1.0.0
description:
  - Read the on-premises instances that are registered with AWS CodeDeploy, and those that were registered once.
author:
  - Slipway contributors (@slipway-aws)
options:
  names:
    description:
      - Names of the instances to read. Instances that were never registered are left out of the result. If not set, the instances
        are selected by the other options.
    type: list
    elements: str
  registration_status:
    description:
      - Whether to read the instances that are registered or those that were deregistered. If not set, both are read.
    type: str
    choices: [Registered, Deregistered]
  tag_filters:
    description:
      - Only read instances that match any of these filters.
    type: list
    elements: dict
    suboptions:
      key:
        description: Key of the tag.
        type: str
      value:
        description: Value of the tag.
        type: str
      type:
        description:
          - What is compared. If not set, this depends on which of O(tag_filters[].key) and O(tag_filters[].value) are set.
        type: str
        choices: [KEY_ONLY, VALUE_ONLY, KEY_AND_VALUE]
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - slipway.aws._options.role
  - slipway.aws._attributes.info
seealso:
  - module: slipway.aws.codedeploy_on_premises_instance
  - module: slipway.aws.codedeploy_fleet_info
"""

EXAMPLES = r"""
- name: Read the registered hosts of the storefront
  slipway.aws.codedeploy_on_premises_instance_info:
    registration_status: Registered
    tag_filters:
      - key: Application
        value: storefront

- name: Read one host
  slipway.aws.codedeploy_on_premises_instance_info:
    names: [web-1.example.com]
"""

RETURN = r"""
on_premises_instances:
  description:
    - The instances that were found, each in the form of
      RV(slipway.aws.codedeploy_on_premises_instance#module:on_premises_instance).
  returned: always
  type: list
  elements: dict
  contains:
    instance_name:
      description: Name of the instance.
      type: str
      sample: web-1.example.com
    instance_arn:
      description: ARN of the instance.
      type: str
      sample: arn:aws:codedeploy:eu-west-1:123456789012:instance/web-1.example.com_a1B2c3D4e5
    iam_user_arn:
      description: ARN of the IAM user that the host uses.
      type: str
      returned: when the instance was registered with an IAM user
      sample: arn:aws:iam::123456789012:user/codedeploy/web-1
    iam_session_arn:
      description: ARN of the role session that the host uses.
      type: str
      returned: when the instance was registered with a role session
      sample: arn:aws:sts::123456789012:assumed-role/codedeploy-hosts/web-2.example.com
    register_time:
      description: When the instance was registered.
      type: str
      sample: "2026-11-23T17:00:00+00:00"
    deregister_time:
      description: When the instance was deregistered.
      type: str
      returned: when the instance was deregistered
      sample: "2026-11-24T17:00:00+00:00"
    tags:
      description: Tags of the instance.
      type: dict
      sample: {"Application": "storefront"}
"""


from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.group_options import TAG_FILTERS
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.groups import tag_filters
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.on_premises import list_instances, read_instances
from ansible_collections.slipway.aws.plugins.module_utils._core.client import ROLE_OPTIONS, Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.resource import report
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape

ARGUMENT_SPEC = {
    "names": {"type": "list", "elements": "str"},
    "registration_status": {"type": "str", "choices": ["Registered", "Deregistered"]},
    "tag_filters": TAG_FILTERS,
    **ROLE_OPTIONS,
}


def found(aws: Connection, params: Shape) -> list[Shape]:
    names = params["names"]
    if names is None:
        names = list_instances(aws, params["registration_status"], tag_filters(params["tag_filters"]))
    return read_instances(aws, names)


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=ARGUMENT_SPEC,
        supports_check_mode=True,
        mutually_exclusive=[("names", "registration_status"), ("names", "tag_filters")],
    )
    report(module, "on_premises_instances", lambda aws: found(aws, module.params))


if __name__ == "__main__":
    main()
