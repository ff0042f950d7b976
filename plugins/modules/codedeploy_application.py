#!/usr/bin/python
# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: codedeploy_application
short_description: Manage an AWS CodeDeploy application
version_added: 1.0.0
description:
  - Create, tag and delete a CodeDeploy application. An application is the name that groups revisions and deployment groups.
  - Deleting an application also deletes its deployment groups and its deployment history. Instances and the bundles in S3 are not
    changed.
author:
  - Slipway contributors (@slipway-aws)
options:
  name:
    description:
      - Name of the application. 1 to 100 characters, which can be letters, digits and any of C(+=,.@_-).
    type: str
    required: true
    aliases: [application_name]
  compute_platform:
    description:
      - The compute platform of the application. V(Server) means EC2 instances and on-premises hosts.
      - The compute platform of an existing application cannot be changed. If not set, AWS uses V(Server).
    type: str
    choices: [Server, Lambda, ECS]
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
  - slipway.aws._options.state
  - slipway.aws._options.role
  - slipway.aws._attributes.noun
seealso:
  - module: slipway.aws.codedeploy_application_info
  - module: slipway.aws.codedeploy_deployment_group
  - name: Applications in CodeDeploy
    description: The AWS documentation about applications.
    link: https://docs.aws.amazon.com/codedeploy/latest/userguide/applications.html
"""

EXAMPLES = r"""
- name: Create an application for the storefront
  slipway.aws.codedeploy_application:
    name: storefront
    compute_platform: Server
    tags:
      Team: shop

- name: Delete an application and its deployment groups
  slipway.aws.codedeploy_application:
    name: storefront
    state: absent
"""

RETURN = r"""
application:
  description:
    - The application. Empty when the application does not exist. In check mode, its expected state.
  returned: always
  type: dict
  contains:
    application_id:
      description: ID that AWS assigned to the application. An application that is deleted and created again gets a new ID.
      type: str
      returned: when the application exists
      sample: 1a2b3c4d-5678-90ab-cdef-000000000001
    application_name:
      description: Name of the application.
      type: str
      returned: when the application exists
      sample: storefront
    compute_platform:
      description: Compute platform of the application, V(Server), V(Lambda) or V(ECS).
      type: str
      returned: when the application exists
      sample: Server
    create_time:
      description: When the application was created.
      type: str
      returned: when the application exists
      sample: "2026-11-23T17:00:00+00:00"
    git_hub_account_name:
      description: Name of the GitHub connection.
      type: str
      returned: when the application is linked to GitHub
    linked_to_git_hub:
      description: Whether the application uses a GitHub connection.
      type: bool
      returned: when the application exists
      sample: false
    tags:
      description: Tags of the application.
      type: dict
      returned: when O(tags) is set
      sample: {"Team": "shop"}
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.applications import (
    create_application,
    delete_application,
    find_application,
)
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.tags import retag
from ansible_collections.slipway.aws.plugins.module_utils._core.client import ROLE_OPTIONS, STATE_OPTION, TAG_OPTIONS
from ansible_collections.slipway.aws.plugins.module_utils._core.resource import Resource, ensure
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape


def want(params: Shape) -> Shape:
    return {
        "applicationName": params["name"],
        "computePlatform": params["compute_platform"],
        "tags": params["tags"],
    }


APPLICATION = Resource(
    service="codedeploy",
    name="application",
    find=find_application,
    want=want,
    create=create_application,
    delete=delete_application,
    retag=retag,
    fixed=frozenset({"computePlatform"}),
)

ARGUMENT_SPEC = {
    "name": {"type": "str", "required": True, "aliases": ["application_name"]},
    "compute_platform": {"type": "str", "choices": ["Server", "Lambda", "ECS"]},
    **STATE_OPTION,
    **TAG_OPTIONS,
    **ROLE_OPTIONS,
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    ensure(module, APPLICATION)


if __name__ == "__main__":
    main()
