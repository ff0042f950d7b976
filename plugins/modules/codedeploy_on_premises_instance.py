#!/usr/bin/python
# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: codedeploy_on_premises_instance
short_description: Manage an on-premises instance of AWS CodeDeploy
version_added: 1.0.0
description:
  - Register, tag and deregister an on-premises instance. This is a host outside of EC2 that CodeDeploy deploys to.
  - A deployment group selects on-premises instances by their tags.
  - The module registers the host with CodeDeploy. The role P(slipway.aws.codedeploy_agent#role) installs the agent on the host and
    writes the file with its credentials.
  - Deregistering an instance does not change the host, its IAM user or the access keys of the user.
author:
  - Slipway contributors (@slipway-aws)
options:
  name:
    description:
      - Name of the instance, 1 to 100 characters, which can be letters, digits and any of C(+=,.@_-). It must not begin with
        C(i-) or C(mi-).
    type: str
    required: true
    aliases: [instance_name]
  iam_user_arn:
    description:
      - ARN of the IAM user whose access keys the host uses. Each instance needs an IAM user of its own.
      - Required when O(state=present), unless O(iam_session_arn) is set. It cannot be changed. Deregister the instance first.
    type: str
  iam_session_arn:
    description:
      - ARN of the role session that the host uses, C(arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION). Each instance needs a
        session of its own, and something on the host has to renew its temporary credentials.
      - Required when O(state=present), unless O(iam_user_arn) is set. It cannot be changed. Deregister the instance first.
    type: str
  tags:
    description:
      - Tags of the instance, at most 10. AWS requires a value for each tag.
      - These tags are not IAM tags or SSM tags. Deployment groups select the instance by them.
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
  - slipway.aws._options.state
  - slipway.aws._options.role
  - slipway.aws._attributes.noun
seealso:
  - module: slipway.aws.codedeploy_on_premises_instance_info
  - module: slipway.aws.codedeploy_deployment_group
  - name: On-premises instances in CodeDeploy
    description: The AWS documentation about on-premises instances.
    link: https://docs.aws.amazon.com/codedeploy/latest/userguide/instances-on-premises.html
"""

EXAMPLES = r"""
- name: Register a host of the data center
  slipway.aws.codedeploy_on_premises_instance:
    name: web-1.example.com
    iam_user_arn: arn:aws:iam::123456789012:user/codedeploy/web-1
    tags:
      Application: storefront

- name: Register a host that uses temporary credentials of a role
  slipway.aws.codedeploy_on_premises_instance:
    name: web-2.example.com
    iam_session_arn: arn:aws:sts::123456789012:assumed-role/codedeploy-hosts/web-2.example.com
    tags:
      Application: storefront

- name: Deregister a host
  slipway.aws.codedeploy_on_premises_instance:
    name: web-1.example.com
    state: absent
"""

RETURN = r"""
on_premises_instance:
  description:
    - The instance. Empty when the instance is not registered. In check mode, its expected state.
  returned: always
  type: dict
  contains:
    instance_name:
      description: Name of the instance.
      type: str
      returned: when the instance is registered
      sample: web-1.example.com
    instance_arn:
      description: ARN of the instance.
      type: str
      returned: when the instance is registered
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
      returned: when the instance is registered
      sample: "2026-11-23T17:00:00+00:00"
    tags:
      description: Tags of the instance.
      type: dict
      returned: when the instance is registered
      sample: {"Application": "storefront"}
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.on_premises import (
    deregister_instance,
    find_instance,
    register_instance,
    retag,
)
from ansible_collections.slipway.aws.plugins.module_utils._core.client import ROLE_OPTIONS, STATE_OPTION, TAG_OPTIONS
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import refuse
from ansible_collections.slipway.aws.plugins.module_utils._core.resource import Resource, ensure
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape


def want(params: Shape) -> Shape:
    tags = params["tags"] or {}
    refuse(f"the tag {key} has no value, and AWS requires one" for key, value in tags.items() if value in (None, ""))
    return {
        "instanceName": params["name"],
        "iamUserArn": params["iam_user_arn"],
        "iamSessionArn": params["iam_session_arn"],
        "tags": params["tags"],
    }


INSTANCE = Resource(
    service="codedeploy",
    name="on_premises_instance",
    find=find_instance,
    want=want,
    create=register_instance,
    delete=deregister_instance,
    retag=retag,
    fixed=frozenset({"iamUserArn", "iamSessionArn"}),
)

ARGUMENT_SPEC = {
    "name": {"type": "str", "required": True, "aliases": ["instance_name"]},
    "iam_user_arn": {"type": "str"},
    "iam_session_arn": {"type": "str"},
    **STATE_OPTION,
    **TAG_OPTIONS,
    **ROLE_OPTIONS,
}


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=ARGUMENT_SPEC,
        supports_check_mode=True,
        mutually_exclusive=[("iam_user_arn", "iam_session_arn")],
        required_if=[("state", "present", ("iam_user_arn", "iam_session_arn"), True)],
    )
    ensure(module, INSTANCE)


if __name__ == "__main__":
    main()
