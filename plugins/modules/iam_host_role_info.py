#!/usr/bin/python
# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: iam_host_role_info
short_description: Read an instance profile, its role and the account in one task
version_added: 1.0.0
description:
  - Read an instance profile and the role that it gives to hosts, or a role by its name.
  - The roles of this collection use this module, because they need both together with the account and the partition. It reads only
    what they compare. M(amazon.aws.iam_role_info) and M(amazon.aws.iam_instance_profile_info) read more.
author:
  - Slipway contributors (@slipway-aws)
options:
  instance_profile:
    description:
      - Name of the instance profile. Its role is read, whatever the name of the role is.
    type: str
  role:
    description:
      - Name of the role that is read if there is no O(instance_profile), or if it has no role.
    type: str
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - slipway.aws._options.role
  - slipway.aws._attributes.info
seealso:
  - module: slipway.aws.policy_statements
  - module: amazon.aws.iam_role_info
  - module: amazon.aws.iam_instance_profile_info
"""

EXAMPLES = r"""
- name: Read the instance profile of the hosts and its role
  slipway.aws.iam_host_role_info:
    instance_profile: storefront-host
    role: storefront-host
  register: hosts_act_as

- name: Show the policies that are attached to the role
  ansible.builtin.debug:
    msg: "{{ hosts_act_as.role.managed_policies | default([]) }}"
  when: hosts_act_as.role is not none
"""

RETURN = r"""
account_id:
  description: ID of the account.
  returned: always
  type: str
  sample: "123456789012"
partition:
  description: Partition of the account.
  returned: always
  type: str
  sample: aws
instance_profile:
  description: The instance profile. Null if it does not exist.
  returned: always
  type: dict
  contains:
    instance_profile_name:
      description: Name of the instance profile.
      type: str
      sample: storefront-host
    arn:
      description: ARN of the instance profile.
      type: str
      sample: arn:aws:iam::123456789012:instance-profile/storefront-host
    role_name:
      description: Name of its role. Null if it has no role.
      type: str
      sample: storefront-host
    tags:
      description: Tags of the instance profile.
      type: dict
      sample: {"Team": "shop"}
role:
  description: The role. Null if it does not exist.
  returned: always
  type: dict
  contains:
    role_name:
      description: Name of the role.
      type: str
      sample: storefront-host
    arn:
      description: ARN of the role.
      type: str
      sample: arn:aws:iam::123456789012:role/storefront-host
    path:
      description: Path of the role.
      type: str
      sample: /
    description:
      description: Description of the role. Empty if it has none.
      type: str
    assume_role_policy_document:
      description: Trust policy of the role, as IAM stores it.
      type: dict
    managed_policies:
      description: ARNs of the policies that are attached to the role.
      type: list
      elements: str
      sample: ["arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"]
    instance_profiles:
      description: Names of the instance profiles that the role is in.
      type: list
      elements: str
      sample: ["storefront-host"]
    tags:
      description: Tags of the role.
      type: dict
      sample: {"Team": "shop"}
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.slipway.aws.plugins.module_utils._core.client import ROLE_OPTIONS, connect
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import FAILURES, failure
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import to_result
from ansible_collections.slipway.aws.plugins.module_utils._iam.roles import read_host_role

ARGUMENT_SPEC = {"instance_profile": {"type": "str"}, "role": {"type": "str"}, **ROLE_OPTIONS}


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=ARGUMENT_SPEC, supports_check_mode=True, required_one_of=[("instance_profile", "role")]
    )
    wanted = module.params["instance_profile"], module.params["role"]
    try:
        found = read_host_role(connect(module), wanted[1], wanted[0])
    except FAILURES as problem:
        what = f"instance profile {wanted[0]}" if wanted[0] else f"role {wanted[1]}"
        module.fail_json(**failure(problem, f"Failed to read the {what}"))
    module.exit_json(changed=False, **to_result(found))


if __name__ == "__main__":
    main()
