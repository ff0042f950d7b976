#!/usr/bin/python
# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ssm_distributor_package
short_description: Publish a package with Distributor of AWS Systems Manager
version_added: 1.0.0
description:
  - Build, publish, share, replicate, prune and remove packages of Distributor, a feature of AWS Systems Manager. A package is an SSM document
    of the type C(Package), which nodes install with the document C(AWS-ConfigureAWSPackage).
  - Each platform, version and architecture gets a zip, which is created from a folder or taken as it is. The module writes the manifest with
    their SHA-256 sums, uploads the zips that are not in the bucket yet, and publishes them as a version of the package.
  - A published version cannot be changed. If the version exists with the same content, nothing is written. If it exists with other content,
    the task fails.
  - Content is compared by the manifest and the sums that AWS has for the files. Equal content always results in the same zips.
  - Before anything is uploaded, the sources are checked for what SSM Agent or AWS would refuse. The error message names every problem.
  - Run this module on the host that has the sources, usually the controller.
author:
  - Slipway contributors (@slipway-aws)
options:
  name:
    description:
      - Name of the package, 3 to 128 letters, digits, dots, hyphens and underscores. Names that begin with V(aws), V(amazon) or V(amzn)
        are reserved, and a name of a package that AWS offers is refused, because nodes would install that package.
    type: str
    required: true
    aliases: [package_name]
  version:
    description:
      - Version to publish, up to 128 letters, digits, dots, hyphens and underscores. It is the version in the manifest, which nodes record as
        installed, and the version name of the document. Required with O(src) or O(packages).
    type: str
    aliases: [version_name]
  src:
    description:
      - Path of a directory with a folder or zip for each target, as V(PLATFORM/VERSION/ARCHITECTURE), for example V(amazon/2023/x86_64),
        V(redhat/9.*/_any) or V(windows/_any/_any.zip). Other files and hidden folders in it are ignored.
      - On the controller, a relative path is searched for like C(src) of M(ansible.builtin.copy), that is in the role and in the directory of
        the playbook, in each of them first in C(files/), and then in the working directory of C(ansible-playbook).
      - Without O(src) and O(packages), an existing package is only managed. Its default version, sharing and tags are changed and its old
        versions are pruned, as far as the task asks for it.
    type: path
  packages:
    description:
      - The targets one by one, instead of O(src). Targets with the same source share one zip.
      - SSM Agent takes the platform that matches, then a version only of this platform, then an architecture only of this version.
    type: list
    elements: dict
    suboptions:
      platform:
        description:
          - V(amazon), V(redhat), V(suse), V(ubuntu), V(debian), V(centos), V(oracle), V(windows), V(_any), or the ID in the os-release file
            of another system.
        type: str
        required: true
      platform_version:
        description: Version that hosts report, for example V(2023), V(24.04) or V(10.0.20348), or all that begin so, for example V(9.*).
        type: str
        default: _any
      architecture:
        description: V(x86_64), V(arm64), V(386) or V(_any).
        type: str
        default: _any
      src:
        description:
          - Path of a folder, which becomes a zip, or of a zip. The scripts must be at its root.
          - Linux needs V(install.sh) and V(uninstall.sh), Windows V(install.ps1) and V(uninstall.ps1).
        type: path
        required: true
  exclude:
    description:
      - Patterns of what to leave out of zips that are created from folders, as for O(slipway.aws.codedeploy_revision#module:exclude).
    type: list
    elements: str
    default: [.git]
  publisher:
    description:
      - Publisher in the manifest.
    type: str
  inventory_manifest:
    description:
      - Whether to add a file V(manifest.json) with name, version, platform and architecture to each zip that has none. Inventory lists a
        package only if its zip has this file.
    type: bool
    default: true
  in_place_update:
    description:
      - Whether nodes update the package in place. If V(true), a zip without a script V(update.sh) or V(update.ps1) is refused, because such an
        update would fail without a rollback.
    type: bool
    default: false
  bucket:
    description:
      - Name of the bucket to upload the zips to. Required with O(src) or O(packages). AWS copies the files, so that the objects may be deleted
        later.
    type: str
  region_buckets:
    description:
      - Buckets for individual Regions, as a map from the Region to the bucket. All other Regions read from O(bucket).
    type: dict
  key_prefix:
    description:
      - Prefix of the keys of the zips. The rest of the key consists of the target and a digest of the content. If not set, the name of the
        package is used.
    type: str
  server_side_encryption:
    description:
      - How S3 encrypts the zips. If not set, the default encryption of the bucket is used.
    type: str
    choices: [AES256, 'aws:kms', 'aws:kms:dsse']
  sse_kms_key_id:
    description:
      - The KMS key for the encryption.
    type: str
  expected_bucket_owner:
    description:
      - ID of the account that must own the bucket, or V(self) for the account of the caller. S3 refuses every request if another account owns
        it.
    type: str
  regions:
    description:
      - Regions to manage the package in. If not set, only the region of the task.
      - A Region that fails is named in the error message, and all others are done.
    type: list
    elements: str
  default_version:
    description:
      - Version to make the default version, which nodes install if they are not told another one. V(latest) is the newest version, V(keep)
        is the current one. If not set, the default version is not changed. The first version of a package is always the default version.
      - Set it to an earlier version to roll back.
    type: str
  keep_versions:
    description:
      - How many versions to keep. The oldest others are deleted. The default version, O(version) and versions that an association pins are
        never deleted. If not set, nothing is deleted. A package can have 25 versions.
      - Pins are found in associations with the document C(AWS-ConfigureAWSPackage).
      - AWS deletes no version while the package is shared. Sharing is stopped while versions are deleted, and then put back as it was.
    type: int
  replace_failed:
    description:
      - Whether to delete a version that AWS could not create, and publish it again. If the package has no other version, the whole package is
        deleted first, with its tags and its sharing.
    type: bool
    default: false
  shared_accounts:
    description:
      - IDs of the accounts to share the package with, or V(all) to make it public. Packages are shared within their Region.
    type: list
    elements: str
  purge_shared_accounts:
    description:
      - Whether to stop sharing with accounts that are not in O(shared_accounts).
    type: bool
    default: false
  delete_associations:
    description:
      - With O(state=absent), whether to delete the associations that install the package. If V(false), the task fails if there are any.
      - This does not uninstall anything. Uninstall the package first, because nodes cannot uninstall a package that was deleted.
    type: bool
    default: false
  wait:
    description:
      - Whether to wait until the version is active, and until deleted versions are gone. If V(false), the default version is only changed to a
        version that is active already.
    type: bool
    default: true
  wait_timeout:
    description:
      - Maximum time to wait in each Region, in seconds. If not set, 600 seconds. Running the task again continues to wait.
    type: int
  wait_delay:
    description:
      - Maximum time between two status checks, in seconds. The first intervals are shorter.
    type: int
    default: 15
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
  - slipway.aws._options.state
  - slipway.aws._options.role
  - slipway.aws._attributes.noun
notes:
  - A version that AWS could not create keeps its name and counts as a version. The task fails with the reason, and so does every later task for
    this version until O(replace_failed=true) is set.
  - Symlinks in folders are refused, because SSM Agent does not restore them. Of the permissions of files only the executable bit of the owner is
    kept.
  - If nothing differs, the module makes three requests in each Region, and one more each with O(shared_accounts), O(tags) and, if there are more
    versions than O(keep_versions), for the list of associations and each of them.
seealso:
  - module: slipway.aws.ssm_distributor_package_info
  - plugin: slipway.aws.package_manifest_problems
    plugin_type: filter
  - name: Distributor
    description: The AWS documentation about packages.
    link: https://docs.aws.amazon.com/systems-manager/latest/userguide/distributor.html
"""

EXAMPLES = r"""
- name: Publish a package for each platform that has a folder, and let nodes install it
  slipway.aws.ssm_distributor_package:
    name: monitoring-agent
    version: 1.4.2
    src: monitoring-agent
    bucket: example-releases
    default_version: latest
    keep_versions: 10

- name: Publish a package to three Regions and share it
  slipway.aws.ssm_distributor_package:
    name: monitoring-agent
    version: 1.4.2
    packages:
      - platform: amazon
        src: monitoring-agent/amazon/2023/x86_64
      - platform: ubuntu
        platform_version: 24.04
        src: monitoring-agent/amazon/2023/x86_64
    bucket: example-releases
    regions: [eu-west-1, eu-central-1, us-east-1]
    shared_accounts: ["210987654321"]
    tags:
      Team: platform

- name: Roll back to an earlier version
  slipway.aws.ssm_distributor_package:
    name: shop-agent
    default_version: 1.0.0

- name: Remove a package
  slipway.aws.ssm_distributor_package:
    name: shop-agent
    state: absent
"""

RETURN = r"""
package:
  description: The package in the first Region. Empty with O(state=absent). In check mode, the expected state.
  returned: always
  type: dict
  contains:
    name:
      description: Name of the package.
      type: str
      returned: when the package exists
      sample: monitoring-agent
    owner:
      description: Account that owns the package.
      type: str
      returned: when the package exists
      sample: "123456789012"
    platform_types:
      description: Kinds of platforms that the package is for.
      type: list
      elements: str
      returned: when the package exists
      sample: [Linux]
    version:
      description: The version that the task publishes.
      type: str
      returned: when O(version) is set
      sample: 1.4.2
    document_version:
      description: Number of this version.
      type: str
      returned: when the version exists
      sample: "3"
    status:
      description: Status of this version, or of the default version if O(version) is not set.
      type: str
      returned: when the version exists
      sample: Active
    default_version:
      description: Name of the default version.
      type: str
      returned: when the package exists
      sample: 1.4.2
    versions:
      description: All versions, the newest first.
      type: list
      elements: dict
      returned: when the package exists
      contains:
        version_name:
          description: Name of the version.
          type: str
          returned: when it has one
          sample: 1.4.2
        document_version:
          description: Number of the version.
          type: str
          returned: when the version exists
          sample: "3"
        is_default_version:
          description: Whether it is the default version.
          type: bool
          returned: when the version exists
          sample: true
        status:
          description: Status of the version.
          type: str
          returned: when the version exists
          sample: Active
        status_information:
          description: Why AWS could not create the version.
          type: str
          returned: when AWS gives a reason
        created_date:
          description: When the version was created.
          type: str
          returned: when the version exists
          sample: "2026-11-23T17:00:00+00:00"
    manifest:
      description: The manifest of the version.
      type: dict
      returned: with O(src) or O(packages)
    files:
      description: The files of the version.
      type: list
      elements: dict
      returned: with O(src) or O(packages)
      contains:
        name:
          description: Name of the file.
          type: str
          sample: amazon-2023-x86_64-5d41402abc4b2a76b9719d911017c592.zip
        size:
          description: Size in bytes.
          type: int
          sample: 1048576
        sha256:
          description: SHA-256 sum.
          type: str
          sample: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
    shared_accounts:
      description: Accounts that the package is shared with.
      type: list
      elements: str
      returned: when O(shared_accounts) is set
      sample: ["210987654321"]
    tags:
      description: Tags of the package.
      type: dict
      returned: when O(tags) is set
      sample: {"Team": "platform"}
regions:
  description: The outcome in each Region.
  returned: always
  type: list
  elements: dict
  contains:
    region:
      description: The Region.
      type: str
      returned: always
      sample: eu-west-1
    changed:
      description: Whether anything was changed there.
      type: bool
      returned: always
    failed:
      description: Whether the Region failed.
      type: bool
      returned: always
    msg:
      description: Why the Region failed.
      type: str
      returned: when it failed
    package:
      description: The package in this Region, in the form of RV(package).
      type: dict
      returned: always
    pruned:
      description: Names of the versions that were deleted because of O(keep_versions), or would be in check mode.
      type: list
      elements: str
      returned: always
uploaded:
  description: Names of the zips that were uploaded.
  returned: always
  type: list
  elements: str
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.slipway.aws.plugins.module_utils._core.client import (
    ROLE_OPTIONS,
    STATE_OPTION,
    TAG_OPTIONS,
    connect,
)
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import FAILURES, failure, warn
from ansible_collections.slipway.aws.plugins.module_utils._core.waiting import WAIT_OPTIONS
from ansible_collections.slipway.aws.plugins.module_utils._ssm.packages.regions import converge, diff, refuse, results

TARGET_OPTIONS = {
    "platform": {"type": "str", "required": True},
    "platform_version": {"type": "str", "default": "_any"},
    "architecture": {"type": "str", "default": "_any"},
    "src": {"type": "path", "required": True},
}
ARGUMENT_SPEC = {
    "name": {"type": "str", "required": True, "aliases": ["package_name"]},
    "version": {"type": "str", "aliases": ["version_name"]},
    "src": {"type": "path"},
    "packages": {"type": "list", "elements": "dict", "options": TARGET_OPTIONS},
    "exclude": {"type": "list", "elements": "str", "default": [".git"]},
    "publisher": {"type": "str"},
    "inventory_manifest": {"type": "bool", "default": True},
    "in_place_update": {"type": "bool", "default": False},
    "bucket": {"type": "str"},
    "region_buckets": {"type": "dict"},
    "key_prefix": {"type": "str", "no_log": False},
    "server_side_encryption": {"type": "str", "choices": ["AES256", "aws:kms", "aws:kms:dsse"]},
    "sse_kms_key_id": {"type": "str", "no_log": False},
    "expected_bucket_owner": {"type": "str"},
    "regions": {"type": "list", "elements": "str"},
    "default_version": {"type": "str"},
    "keep_versions": {"type": "int"},
    "replace_failed": {"type": "bool", "default": False},
    "shared_accounts": {"type": "list", "elements": "str"},
    "purge_shared_accounts": {"type": "bool", "default": False},
    "delete_associations": {"type": "bool", "default": False},
    **STATE_OPTION,
    **TAG_OPTIONS,
    **WAIT_OPTIONS,
    **ROLE_OPTIONS,
}


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=ARGUMENT_SPEC,
        supports_check_mode=True,
        mutually_exclusive=[("src", "packages")],
        required_by={"src": ("version", "bucket"), "packages": ("version", "bucket")},
    )
    what = (
        f"Failed to {'remove' if module.params['state'] == 'absent' else 'publish'} the package {module.params['name']}"
    )
    try:
        outcome = converge(connect(module), module.params, module.check_mode, module._diff)
    except FAILURES as problem:
        module.fail_json(**failure(problem, what, ARGUMENT_SPEC))
    for warning in outcome.warnings:
        warn(warning)
    result = {**results(outcome), **({"diff": diff(outcome)} if module._diff else {})}
    failed = refuse(outcome, what, ARGUMENT_SPEC)
    if failed:
        module.fail_json(**{**result, **failed})
    module.exit_json(**result)


if __name__ == "__main__":
    main()
