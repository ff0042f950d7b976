#!/usr/bin/python
# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ssm_distributor_package_info
short_description: Read packages of Distributor of AWS Systems Manager
version_added: 1.0.0
description:
  - Read the packages of Distributor that an account owns, with their versions, files, manifests, sharing and tags. Packages that do not exist
    are left out of the result.
author:
  - Slipway contributors (@slipway-aws)
options:
  names:
    description:
      - Names of the packages to read. If not set, all packages that the account owns are read.
      - A package of another account is named by its ARN, one of AWS by its name. Their sharing and their tags are not read.
    type: list
    elements: str
    aliases: [name]
  version:
    description:
      - Name of the version to read manifest and files of. If not set, the default version.
    type: str
    aliases: [version_name]
  include_tags:
    description:
      - Whether to read the tags as well. This takes one more request for each package.
    type: bool
    default: false
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - slipway.aws._options.role
  - slipway.aws._attributes.info
notes:
  - The module makes four requests for each package.
seealso:
  - module: slipway.aws.ssm_distributor_package
"""

EXAMPLES = r"""
- name: Read all packages of the account
  slipway.aws.ssm_distributor_package_info:
  register: published

- name: Read the files of one version
  slipway.aws.ssm_distributor_package_info:
    names: [shop-agent]
    version: 1.0.0
"""

RETURN = r"""
packages:
  description: The packages that were found.
  returned: always
  type: list
  elements: dict
  contains:
    name:
      description: Name of the package.
      type: str
      returned: always
      sample: monitoring-agent
    owner:
      description: Account that owns the package.
      type: str
      returned: always
      sample: "123456789012"
    platform_types:
      description: Kinds of platforms that the package is for.
      type: list
      elements: str
      returned: always
      sample: [Linux]
    version:
      description: Name of the version that manifest and files are of. Of a version without a name, its number.
      type: str
      returned: when the version exists
      sample: 1.4.2
    document_version:
      description: Number of this version.
      type: str
      returned: when the version exists
      sample: "3"
    status:
      description: Status of this version.
      type: str
      returned: when the version exists
      sample: Active
    default_version:
      description: Name of the default version.
      type: str
      returned: always
      sample: 1.4.2
    versions:
      description: All versions, the newest first, each in the form of RV(slipway.aws.ssm_distributor_package#module:package.versions).
      type: list
      elements: dict
      returned: always
    manifest:
      description: The manifest of the version. Empty if it is not a map.
      type: dict
      returned: when the version exists
    files:
      description: The files of the version, each in the form of RV(slipway.aws.ssm_distributor_package#module:package.files).
      type: list
      elements: dict
      returned: when the version exists
    shared_accounts:
      description: Accounts that the package is shared with.
      type: list
      elements: str
      returned: when the account owns the package
      sample: ["210987654321"]
    tags:
      description: Tags of the package.
      type: dict
      returned: when O(include_tags=true) and the account owns the package
      sample: {"Team": "platform"}
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.slipway.aws.plugins.module_utils._core.client import ROLE_OPTIONS, connect
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import FAILURES, failure
from ansible_collections.slipway.aws.plugins.module_utils._ssm.packages.reading import read_packages

ARGUMENT_SPEC = {
    "names": {"type": "list", "elements": "str", "aliases": ["name"]},
    "version": {"type": "str", "aliases": ["version_name"]},
    "include_tags": {"type": "bool", "default": False},
    **ROLE_OPTIONS,
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    try:
        found = read_packages(connect(module), module.params)
    except FAILURES as problem:
        module.fail_json(**failure(problem, "Failed to read the packages", ARGUMENT_SPEC))
    module.exit_json(changed=False, packages=found)


if __name__ == "__main__":
    main()
