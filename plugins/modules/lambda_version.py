#!/usr/bin/python
# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: lambda_version
short_description: Publish a version of an AWS Lambda function
version_added: 1.0.0
description:
  - Publish the current code and configuration of a Lambda function as a new version. If they are the same as those of the newest
    version, nothing is published and the newest version is returned.
  - What is published is exactly what was compared. If the function is changed while the task runs, the task fails.
  - Optionally, old versions that no alias uses are found and deleted.
  - Code and configuration are updated with M(amazon.aws.lambda), and traffic is moved to the version with
    M(slipway.aws.codedeploy_deployment).
author:
  - Slipway contributors (@slipway-aws)
options:
  name:
    description:
      - Name or ARN of the function.
    type: str
    required: true
    aliases: [function_name]
  description:
    description:
      - Description of the version. If not set, the version gets the description of the function.
      - The description of an existing version cannot be changed. If only the description differs, nothing is published.
    type: str
  retain:
    description:
      - Number of versions to keep, the newest ones. Older versions that no alias uses are returned in RV(unused_versions), and deleted
        if O(prune=true).
      - A version that is not kept cannot be rolled back to.
      - If not set, old versions are not looked for.
    type: int
  prune:
    description:
      - Whether to delete the versions in RV(unused_versions). Requires O(retain).
    type: bool
    default: false
  wait:
    description:
      - Whether to wait for an update of the function that is in progress, and until the new version can be used.
    type: bool
    default: true
  wait_timeout:
    description:
      - Maximum time to wait, in seconds, 300 if not set.
    type: int
  wait_delay:
    description:
      - Maximum time between two status checks, in seconds. The first intervals are shorter.
    type: int
    default: 15
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - slipway.aws._options.role
  - slipway.aws._attributes.act
notes:
  - Values of environment variables are shown neither in the result nor in the diff. A digest tells whether two of them are the same.
  - Lambda has no way to recognize a repeated request. If an answer is lost, the newest version is read and compared, so that none is
    published twice.
seealso:
  - module: amazon.aws.lambda
  - module: amazon.aws.lambda_alias
  - module: slipway.aws.codedeploy_deployment
  - name: Versions of Lambda functions
    description: The AWS documentation about versions.
    link: https://docs.aws.amazon.com/lambda/latest/dg/configuration-versions.html
"""

EXAMPLES = r"""
- name: Publish a version if the code or the configuration changed
  slipway.aws.lambda_version:
    name: storefront
    description: Release 1.4.2
  register: published

- name: Publish a version and show which older ones could be deleted
  slipway.aws.lambda_version:
    name: storefront
    retain: 5

- name: Publish a version, and keep 5 versions and those that an alias uses
  slipway.aws.lambda_version:
    name: storefront
    retain: 5
    prune: true
"""

RETURN = r"""
version:
  description:
    - The version, as GetFunctionConfiguration returns it. In check mode, if a version would be published, the configuration that it
      would have, without its number.
  returned: always
  type: dict
  contains:
    version:
      description: Number of the version.
      type: str
      returned: when the version exists
      sample: "7"
    function_arn:
      description: ARN of the version.
      type: str
      returned: when the version exists
      sample: arn:aws:lambda:eu-west-1:123456789012:function:storefront:7
    code_sha256:
      description: SHA-256 of the code, in Base64.
      type: str
      returned: always
      sample: 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=
    description:
      description: Description of the version.
      type: str
      returned: when the version exists
      sample: Release 1.4.2
    environment:
      description: The environment variables, with digests in the place of their values.
      type: dict
      returned: when there are any
published:
  description: Whether the version was published by this run, or would be published in check mode.
  returned: always
  type: bool
unused_versions:
  description:
    - Numbers of the versions beyond O(retain) that no alias uses. They are deleted if O(prune=true).
  returned: when O(retain) is set
  type: list
  elements: str
  sample: ["1", "2"]
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.slipway.aws.plugins.module_utils._core.client import ROLE_OPTIONS, connect
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import FAILURES, failure
from ansible_collections.slipway.aws.plugins.module_utils._core.waiting import WAIT_OPTIONS
from ansible_collections.slipway.aws.plugins.module_utils._lambda import publishing

ARGUMENT_SPEC = {
    "name": {"type": "str", "required": True, "aliases": ["function_name"]},
    "description": {"type": "str"},
    "retain": {"type": "int"},
    "prune": {"type": "bool", "default": False},
    **WAIT_OPTIONS,
    **ROLE_OPTIONS,
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    params, doing = module.params, "read the versions"
    try:
        publishing.check(params)
        aws = connect(module)
        todo = publishing.plan_version(aws, params)
        pruning, made = params["prune"] and bool(todo.unused), todo.expected
        if not module.check_mode:
            doing = "publish a version"
            made = publishing.publish(aws, params, todo)
        if pruning and not module.check_mode:
            doing = "delete old versions"
            publishing.prune(aws, params, todo)
    except FAILURES as problem:
        module.fail_json(
            **failure(problem, f"Failed to {doing} of the function {params['name']}", module.argument_spec)
        )
    published = todo.published(made)
    result = {"changed": published or pruning, "version": publishing.describe(made), "published": published}
    if params["retain"] is not None:
        result["unused_versions"] = list(todo.unused)
    if module._diff:
        result["diff"] = publishing.diff(todo, pruning)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
