#!/usr/bin/python
# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: codedeploy_revision_info
short_description: Read the revisions of an AWS CodeDeploy application
version_added: 1.0.0
description:
  - Read the revisions that are registered for a CodeDeploy application, or one of these revisions.
  - If the application or the revision does not exist, the result is empty.
author:
  - Slipway contributors (@slipway-aws)
options:
  application_name:
    description:
      - Name of the application.
    type: str
    required: true
  revision:
    description:
      - Read only this revision. It must be specified by its exact location, including the version and the ETag.
    type: dict
    suboptions:
      s3_location:
        description: A bundle in S3.
        type: dict
        suboptions:
          bucket:
            description: Name of the bucket.
            type: str
            required: true
          key:
            description: Key of the object.
            type: str
            required: true
          bundle_type:
            description: File type of the bundle.
            type: str
            required: true
            choices: [zip, tar, tgz, YAML, JSON]
          version:
            description: Version of the object.
            type: str
          e_tag:
            description: ETag of the object.
            type: str
      git_hub_location:
        description: A commit on GitHub.
        type: dict
        suboptions:
          repository:
            description: Account and name of the repository, C(account/repository).
            type: str
            required: true
          commit_id:
            description: SHA-1 of the commit.
            type: str
            required: true
  s3_bucket:
    description:
      - Read only revisions that are stored in this bucket.
    type: str
  s3_key_prefix:
    description:
      - Read only revisions whose key begins with this prefix. Requires O(s3_bucket).
    type: str
  deployed:
    description:
      - V(include) reads only revisions that are the target revision of a deployment group. V(exclude) reads only revisions that are
        not. V(ignore) reads all revisions.
    type: str
    choices: [include, exclude, ignore]
  sort_by:
    description:
      - The time to sort by. If not set, the order is arbitrary.
    type: str
    choices: [registerTime, firstUsedTime, lastUsedTime]
  sort_order:
    description:
      - The sort order. If not set, AWS uses V(ascending).
    type: str
    choices: [ascending, descending]
  limit:
    description:
      - Maximum number of revisions to read. If not set, all revisions are read.
    type: int
  details:
    description:
      - Whether to read the details of each revision in addition to its location. This takes one more request for every 25
        revisions.
    type: bool
    default: true
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - slipway.aws._options.role
  - slipway.aws._attributes.info
seealso:
  - module: slipway.aws.codedeploy_revision
"""

EXAMPLES = r"""
- name: Read the five newest revisions of the storefront
  slipway.aws.codedeploy_revision_info:
    application_name: storefront
    sort_by: registerTime
    sort_order: descending
    limit: 5

- name: Read the locations of the revisions that no deployment group uses
  slipway.aws.codedeploy_revision_info:
    application_name: storefront
    s3_bucket: example-releases
    s3_key_prefix: storefront/
    deployed: exclude
    details: false

- name: Read one revision
  slipway.aws.codedeploy_revision_info:
    application_name: storefront
    revision:
      s3_location:
        bucket: example-releases
        key: storefront-1.4.2.zip
        bundle_type: zip
        e_tag: d41d8cd98f00b204e9800998ecf8427e
"""

RETURN = r"""
revisions:
  description: The revisions that were found, in the order in which AWS returned them.
  returned: always
  type: list
  elements: dict
  contains:
    revision:
      description: Location of the revision, in the form of O(slipway.aws.codedeploy_deployment#module:revision).
      type: dict
      sample:
        revision_type: S3
        s3_location: {"bucket": "example-releases", "key": "storefront-1.4.2.zip", "bundle_type": "zip"}
    description:
      description: The comment about the revision.
      type: str
      returned: when O(details=true) and the revision has a comment
      sample: Built by the nightly pipeline
    fingerprint:
      description: SHA-256 of the content of a bundle that was created by M(slipway.aws.codedeploy_revision).
      type: str
      returned: when O(details=true) and the fingerprint is known
      sample: 5d41402abc4b2a76b9719d911017c592ae3f1b3a9c2d8e7f605142332415ffed
    deployment_groups:
      description: Names of the deployment groups whose target revision it is.
      type: list
      elements: str
      returned: when O(details=true)
      sample: [production]
    first_used_time:
      description: When the revision was first deployed.
      type: str
      returned: when O(details=true) and the revision was deployed
      sample: "2026-11-23T17:05:00+00:00"
    last_used_time:
      description: When the revision was last deployed.
      type: str
      returned: when O(details=true) and the revision was deployed
      sample: "2026-11-23T17:05:00+00:00"
    register_time:
      description: When the revision was registered.
      type: str
      returned: when O(details=true)
      sample: "2026-11-23T17:00:00+00:00"
"""

from ansible.module_utils.common.dict_transformations import snake_dict_to_camel_dict
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.registering import (
    list_revisions,
    look_up_revision,
)
from ansible_collections.slipway.aws.plugins.module_utils._core.client import ROLE_OPTIONS, Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.resource import report
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape, given

S3_LOCATION = {
    "bucket": {"type": "str", "required": True},
    "key": {"type": "str", "required": True, "no_log": False},
    "bundle_type": {"type": "str", "required": True, "choices": ["zip", "tar", "tgz", "YAML", "JSON"]},
    "version": {"type": "str"},
    "e_tag": {"type": "str"},
}
GIT_HUB_LOCATION = {
    "repository": {"type": "str", "required": True},
    "commit_id": {"type": "str", "required": True},
}
REVISION = {
    "s3_location": {"type": "dict", "options": S3_LOCATION},
    "git_hub_location": {"type": "dict", "options": GIT_HUB_LOCATION},
}
ARGUMENT_SPEC = {
    "application_name": {"type": "str", "required": True},
    "revision": {
        "type": "dict",
        "options": REVISION,
        "mutually_exclusive": [("s3_location", "git_hub_location")],
        "required_one_of": [("s3_location", "git_hub_location")],
    },
    "s3_bucket": {"type": "str"},
    "s3_key_prefix": {"type": "str", "no_log": False},
    "deployed": {"type": "str", "choices": ["include", "exclude", "ignore"]},
    "sort_by": {"type": "str", "choices": ["registerTime", "firstUsedTime", "lastUsedTime"]},
    "sort_order": {"type": "str", "choices": ["ascending", "descending"]},
    "limit": {"type": "int"},
    "details": {"type": "bool", "default": True},
    **ROLE_OPTIONS,
}
FILTERS = ("s3_bucket", "s3_key_prefix", "deployed", "sort_by", "sort_order", "limit")


def found(aws: Connection, params: Shape) -> list[Shape]:
    if params["revision"] is None:
        return list_revisions(aws, params)
    place = given(snake_dict_to_camel_dict(params["revision"]))
    one = look_up_revision(aws, params, {"revisionType": "S3" if "s3Location" in place else "GitHub", **place})
    return [one] if one else []


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=ARGUMENT_SPEC,
        supports_check_mode=True,
        mutually_exclusive=[("revision", name) for name in FILTERS],
        required_by={"s3_key_prefix": ("s3_bucket",)},
    )
    report(module, "revisions", lambda aws: found(aws, module.params))


if __name__ == "__main__":
    main()
