#!/usr/bin/python
# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: policy_statements
short_description: Manage individual statements of a bucket policy, a role trust policy or an inline policy
version_added: 1.0.0
description:
  - Add, update and remove statements by their C(Sid). All other statements of the policy and their order are not changed.
  - Modules that manage a whole policy replace statements that were added by others. This module does not, and it does not write to
    a policy that it is not allowed to read.
  - Statements are compared by their meaning. The order of a list, a single value instead of a list with one element, and the two
    forms of an account principal make no difference.
author:
  - Slipway contributors (@slipway-aws)
options:
  bucket:
    description:
      - Name of the bucket whose policy contains the statements.
    type: str
  role:
    description:
      - Name of the role whose policy contains the statements. Without O(policy_name), this is the trust policy of the role.
    type: str
  policy_name:
    description:
      - Name of the inline policy of O(role). The policy is created with its first statement and deleted with its last one.
    type: str
  statements:
    description:
      - The statements, each with a unique C(Sid). With O(state=absent), only the C(Sid) is used.
      - An existing statement with the same C(Sid) is replaced, but conditions that someone added to it are kept.
      - An existing statement without a C(Sid) that is equal apart from its conditions is treated as the statement, and is given its
        C(Sid).
    type: list
    elements: dict
    required: true
  unless_allowed:
    description:
      - Whether to leave out statements whose permissions are already granted by other statements of the policy or, for an inline
        policy, by other policies of the role. Statements that were created by others are then never replaced.
      - Only statements with the effect C(Allow) are considered. Statements with the effect C(Deny), permissions boundaries and
        policies of the organization are not evaluated.
    type: bool
    default: false
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - slipway.aws._options.state
  - slipway.aws._options.role
  - slipway.aws._attributes.noun
seealso:
  - module: amazon.aws.iam_role
  - module: amazon.aws.iam_policy
  - module: amazon.aws.s3_bucket
"""

EXAMPLES = r"""
- name: Ensure the bucket policy denies requests without TLS
  slipway.aws.policy_statements:
    bucket: storefront-bundles
    statements:
      - Sid: DenyPlainHttp
        Effect: Deny
        Principal: "*"
        Action: s3:*
        Resource: ["arn:aws:s3:::storefront-bundles", "arn:aws:s3:::storefront-bundles/*"]
        Condition: {Bool: {"aws:SecureTransport": "false"}}

- name: Check which permissions the role is missing
  slipway.aws.policy_statements:
    role: deployer
    policy_name: read-bundles
    unless_allowed: true
    statements:
      - Sid: ReadBundles
        Effect: Allow
        Action: s3:GetObject
        Resource: arn:aws:s3:::storefront-bundles/storefront/*
  check_mode: true
  register: permissions

- name: Show the missing statements
  ansible.builtin.debug:
    msg: "{{ permissions.missing }}"
"""

RETURN = r"""
policy:
  description: The policy. Empty when the policy does not exist. In check mode, its expected state.
  returned: always
  type: dict
  sample: {"Version": "2012-10-17", "Statement": [{"Sid": "ReadBundles", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
missing:
  description:
    - The O(statements) that were added or updated, because they did not exist as specified. In check mode, the statements that
      would be added or updated.
  returned: always
  type: list
  elements: dict
unread:
  description: Names of attached policies that the caller is not allowed to read. They may grant missing permissions.
  returned: always
  type: list
  elements: str
  sample: [deployers]
"""

import typing as t

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.slipway.aws.plugins.module_utils._core.client import ROLE_OPTIONS, STATE_OPTION, connect
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import FAILURES, failure
from ansible_collections.slipway.aws.plugins.module_utils._iam.places import place, plan, title
from ansible_collections.slipway.aws.plugins.module_utils._iam.statements import equal

ARGUMENT_SPEC = {
    "bucket": {"type": "str"},
    "role": {"type": "str"},
    "policy_name": {"type": "str"},
    "statements": {"type": "list", "elements": "dict", "required": True},
    "unless_allowed": {"type": "bool", "default": False},
    **STATE_OPTION,
    **ROLE_OPTIONS,
}


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=ARGUMENT_SPEC,
        supports_check_mode=True,
        required_one_of=[("bucket", "role")],
        mutually_exclusive=[("bucket", "role"), ("bucket", "policy_name")],
    )
    params = module.params
    which = [params[name] for name in ("bucket", "role", "policy_name")]
    try:
        where = place(connect(module), *which)
        todo = plan(where, params["statements"], params["state"], params["unless_allowed"])
        changed = not equal(todo.before, todo.after)
        if changed and not module.check_mode:
            where.write(todo.after)
    except FAILURES as problem:
        module.fail_json(**failure(problem, f"Failed to change the {title(*which)}"))
    diff: dict[str, t.Any] = {"diff": {"before": todo.before, "after": todo.after}} if module._diff else {}
    module.exit_json(changed=changed, policy=todo.after, missing=todo.missing, unread=todo.unread, **diff)


if __name__ == "__main__":
    main()
