#!/usr/bin/python
# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: policy_statements
short_description: Manage single statements of a bucket policy, of a role's trust policy or of an inline policy
version_added: 1.0.0
description:
  - Adds, updates and removes statements by their C(Sid) and leaves all other statements of the policy as they are, in
    their order.
  - Modules that manage a whole policy replace what other people wrote into it. This one does not, and it does not
    write to a policy that it may not read.
  - Statements are compared by what they mean. The order of a list, one value in place of a list of one, and the two
    names of an account are no difference.
author:
  - Slipway contributors (@slipway-aws)
options:
  bucket:
    description:
      - Name of the bucket whose policy holds the statements.
    type: str
  role:
    description:
      - Name of the role whose policy holds the statements. Without O(policy_name) that is its trust policy.
    type: str
  policy_name:
    description:
      - Name of the inline policy of O(role). It is created with its first statement and deleted with its last.
    type: str
  statements:
    description:
      - The statements, each with a C(Sid) of its own. With O(state=absent) only the C(Sid) is looked at.
      - A statement with the same C(Sid) is replaced, but conditions that somebody added to it are kept.
      - A statement without a C(Sid) that says the same apart from its conditions is taken for the statement and gets its
        C(Sid).
    type: list
    elements: dict
    required: true
  unless_allowed:
    description:
      - Whether to leave out statements whose rights are granted already by others of the policy or, for an inline
        policy, by other policies of the role. Statements of others are then never replaced.
      - Only statements with the effect C(Allow) are considered. Denials, permissions boundaries and policies of the organization
        are not evaluated.
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
- name: Ensure the bucket refuses requests without TLS, whatever else its policy says
  slipway.aws.policy_statements:
    bucket: storefront-bundles
    statements:
      - Sid: DenyPlainHttp
        Effect: Deny
        Principal: "*"
        Action: s3:*
        Resource: ["arn:aws:s3:::storefront-bundles", "arn:aws:s3:::storefront-bundles/*"]
        Condition: {Bool: {"aws:SecureTransport": "false"}}

- name: See which right the hosts lack, without a change
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
  register: rights

- name: Show the statements that are missing
  ansible.builtin.debug:
    msg: "{{ rights.missing }}"
"""

RETURN = r"""
policy:
  description: The policy. Empty when there is none. In check mode, as it would become.
  returned: always
  type: dict
  sample: {"Version": "2012-10-17", "Statement": [{"Sid": "ReadBundles", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
missing:
  description: Those of O(statements) that were not there as they were given, and were added or updated. In check mode, those that would be.
  returned: always
  type: list
  elements: dict
unread:
  description: Names of attached policies that the caller may not read; they may grant what is missing.
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
