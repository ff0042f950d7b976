#!/usr/bin/python
# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: codedeploy_deployment_group_info
short_description: Read the deployment groups of an AWS CodeDeploy application
version_added: 1.0.0
description:
  - Read the deployment groups of an AWS CodeDeploy application. Deployment groups that do not exist are left out of the result. For
    an application that does not exist the result is empty.
author:
  - Slipway contributors (@slipway-aws)
options:
  application_name:
    description:
      - Name of the application.
    type: str
    required: true
  names:
    description:
      - Names of the deployment groups to read. If not set, all deployment groups are read.
    type: list
    elements: str
  include_tags:
    description:
      - Whether to read the tags as well. This takes one more request for each deployment group.
    type: bool
    default: false
  traffic:
    description:
      - Whether to read as well where the traffic of a deployment group for ECS goes, which CodeDeploy changes with every deployment. This
        takes 2 more requests for each deployment group, 3 if it has a test listener.
      - Deployment groups of other compute platforms have no result for this. A deployment group for Lambda belongs to no function. The
        AppSpec file of a deployment names the function and the alias, so read the alias with M(amazon.aws.lambda_info).
    type: bool
    default: false
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - slipway.aws._options.role
  - slipway.aws._attributes.info
seealso:
  - module: slipway.aws.codedeploy_deployment_group
"""

EXAMPLES = r"""
- name: Read the deployment groups of the storefront
  slipway.aws.codedeploy_deployment_group_info:
    application_name: storefront
  register: groups

- name: Read one deployment group with its tags
  slipway.aws.codedeploy_deployment_group_info:
    application_name: storefront
    names: [production]
    include_tags: true

- name: Read which target group of an ECS service is live, and with what weight
  slipway.aws.codedeploy_deployment_group_info:
    application_name: storefront-ecs
    names: [production]
    traffic: true
  register: live
"""

RETURN = r"""
deployment_groups:
  description:
    - The deployment groups that were found, each in the form of
      RV(slipway.aws.codedeploy_deployment_group#module:deployment_group).
  returned: always
  type: list
  elements: dict
  contains:
    application_name:
      description: Name of the application that the group belongs to.
      type: str
      sample: storefront
    deployment_group_name:
      description: Name of the group.
      type: str
      sample: production
    auto_scaling_groups:
      description: Names of the Auto Scaling groups.
      type: list
      elements: str
      sample: []
    target_revision:
      description: The revision that was last deployed to the group.
      type: dict
      returned: when there was a deployment
    last_successful_deployment:
      description: The last deployment to the group that succeeded.
      type: dict
      returned: when a deployment has succeeded
    tags:
      description: Tags of the group.
      type: dict
      returned: when O(include_tags=true)
      sample: {"Team": "shop"}
"""


from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.group_traffic import with_traffic
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.groups import read_deployment_groups
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.tags import with_tags
from ansible_collections.slipway.aws.plugins.module_utils._core.client import ROLE_OPTIONS, Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.resource import report
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape

ARGUMENT_SPEC = {
    "application_name": {"type": "str", "required": True},
    "names": {"type": "list", "elements": "str"},
    "include_tags": {"type": "bool", "default": False},
    "traffic": {"type": "bool", "default": False},
    **ROLE_OPTIONS,
}


def found(aws: Connection, params: Shape) -> list[Shape]:
    groups = read_deployment_groups(aws, params["application_name"], params["names"])
    found = [with_tags(aws, params, each) for each in groups]
    return [with_traffic(aws, each) for each in found] if params["traffic"] else found


def main() -> None:
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    report(module, "deployment_groups", lambda aws: found(aws, module.params))


if __name__ == "__main__":
    main()
