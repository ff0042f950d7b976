#!/usr/bin/python
# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: codedeploy_application_info
short_description: Read AWS CodeDeploy applications
version_added: 1.0.0
description:
  - Read AWS CodeDeploy applications. Applications that do not exist are left out of the result.
author:
  - Slipway contributors (@slipway-aws)
options:
  names:
    description:
      - Names of the applications to read. If not set, all applications are read.
    type: list
    elements: str
  include_tags:
    description:
      - Whether to read the tags as well. This takes one more request for each application.
    type: bool
    default: false
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - slipway.aws._options.role
  - slipway.aws._attributes.info
seealso:
  - module: slipway.aws.codedeploy_application
"""

EXAMPLES = r"""
- name: Read all applications
  slipway.aws.codedeploy_application_info:
  register: all_applications

- name: Read one application with its tags
  slipway.aws.codedeploy_application_info:
    names: [storefront]
    include_tags: true
"""

RETURN = r"""
applications:
  description: The applications that were found, each in the form of RV(slipway.aws.codedeploy_application#module:application).
  returned: always
  type: list
  elements: dict
  contains:
    application_name:
      description: Name of the application.
      type: str
      sample: storefront
    application_id:
      description: ID that AWS assigned to the application.
      type: str
      sample: 1a2b3c4d-5678-90ab-cdef-000000000001
    compute_platform:
      description: Compute platform of the application, V(Server), V(Lambda) or V(ECS).
      type: str
      sample: Server
    create_time:
      description: When the application was created.
      type: str
      sample: "2026-11-23T17:00:00+00:00"
    linked_to_git_hub:
      description: Whether the application uses a GitHub connection.
      type: bool
      sample: false
    tags:
      description: Tags of the application.
      type: dict
      returned: when O(include_tags=true)
      sample: {"Team": "shop"}
"""


from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.applications import read_applications
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.tags import with_tags
from ansible_collections.slipway.aws.plugins.module_utils._core.client import ROLE_OPTIONS, Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.resource import report
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape

ARGUMENT_SPEC = {
    "names": {"type": "list", "elements": "str"},
    "include_tags": {"type": "bool", "default": False},
    **ROLE_OPTIONS,
}


def found(aws: Connection, params: Shape) -> list[Shape]:
    return [with_tags(aws, params, each) for each in read_applications(aws, params["names"])]


def main() -> None:
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    report(module, "applications", lambda aws: found(aws, module.params))


if __name__ == "__main__":
    main()
