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
  - Read the revisions that are registered for a CodeDeploy application, or one of them.
  - An application or a revision that does not exist gives an empty result.
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
      - Read only this one, given by its exact location, version and ETag included.
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
            description: Its kind.
            type: str
            required: true
            choices: [zip, tar, tgz, YAML, JSON]
          version:
            description: Its version.
            type: str
          e_tag:
            description: Its ETag.
            type: str
      git_hub_location:
        description: A commit on GitHub.
        type: dict
        suboptions:
          repository:
            description: Owner and name, with a slash between.
            type: str
            required: true
          commit_id:
            description: The SHA-1 of the commit.
            type: str
            required: true
  s3_bucket:
    description:
      - Only revisions in this bucket.
    type: str
  s3_key_prefix:
    description:
      - Only revisions whose key begins so. Needs O(s3_bucket).
    type: str
  deployed:
    description:
      - V(include) gives only revisions that are the target of a deployment group, V(exclude) only those that are not,
        V(ignore) all.
    type: str
    choices: [include, exclude, ignore]
  sort_by:
    description:
      - What to sort by. When not given, the order is arbitrary.
    type: str
    choices: [registerTime, firstUsedTime, lastUsedTime]
  sort_order:
    description:
      - In which order. When not given, AWS takes V(ascending).
    type: str
    choices: [ascending, descending]
  limit:
    description:
      - Read so many at most. When not given, all.
    type: int
  details:
    description:
      - Whether to read, beside the locations, what is known of each revision; one more call for 25 of them.
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

- name: Read where the revisions that no deployment group runs are stored
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
  description: What was found, in the order AWS gave it.
  returned: always
  type: list
  elements: dict
  contains:
    revision:
      description: Where it is, as O(slipway.aws.codedeploy_deployment#module:revision) takes it.
      type: dict
      sample:
        revision_type: S3
        s3_location: {"bucket": "example-releases", "key": "storefront-1.4.2.zip", "bundle_type": "zip"}
    description:
      description: The comment it was registered with.
      type: str
      returned: with O(details=true), when there is one
      sample: Built by the nightly pipeline
    fingerprint:
      description: SHA-256 over the content, of a bundle that M(slipway.aws.codedeploy_revision) made.
      type: str
      returned: with O(details=true), when it is known
      sample: 5d41402abc4b2a76b9719d911017c592ae3f1b3a9c2d8e7f605142332415ffed
    deployment_groups:
      description: Names of the deployment groups that it is the target of.
      type: list
      elements: str
      returned: with O(details=true)
      sample: [production]
    first_used_time:
      description: When it was first deployed.
      type: str
      returned: with O(details=true), when it was
      sample: "2026-11-23T17:05:00+00:00"
    last_used_time:
      description: When it was last deployed.
      type: str
      returned: with O(details=true), when it was
      sample: "2026-11-23T17:05:00+00:00"
    register_time:
      description: When it was registered.
      type: str
      returned: with O(details=true)
      sample: "2026-11-23T17:00:00+00:00"
"""

from ansible.module_utils.common.dict_transformations import snake_dict_to_camel_dict
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.push import list_revisions, look_up_revision
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
