#!/usr/bin/python
# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: imagebuilder_component
short_description: Manage an EC2 Image Builder component
version_added: 1.0.0
description:
  - Create, tag and remove components, the documents that say what is done to an image.
  - A component cannot be changed. When O(data), O(uri), O(supported_os_versions) or O(kms_key_id) differ from what is there,
    a new build version is added to the same semantic version, exactly one, and old ones are kept. Recipes that name
    the component with a wildcard or without a build number follow it by themselves.
  - Documents are compared by what they say, not by how they are written; the digest of the content is also kept in the tag
    C(slipway:content-digest), which is neither shown nor purged.
  - Documents are checked before anything is written; what is wrong is named by line.
author:
  - Slipway contributors (@slipway-aws)
options:
  name:
    description:
      - Name of the component, 3 to 128 letters, digits, spaces and any of C(-_).
      - Names that differ only in case, or in spaces and underscores instead of hyphens, are the same component to AWS.
    type: str
    required: true
    aliases: [component_name]
  semantic_version:
    description:
      - The version, three numbers. When not given, the newest that is there, and V(1.0.0) for a new component.
      - With O(state=absent), remove this version only, or with a fourth number (V(1.0.0/2)) this build of it only.
    type: str
    aliases: [version]
  platform:
    description:
      - The platform of the images it is for. Required for a new component, and cannot be changed.
    type: str
    choices: [Linux, Windows, macOS]
  data:
    description:
      - The document, up to 16,000 characters. Either this or O(uri) is required for a new component.
      - Image Builder and Ansible both use double braces; write the text as C(!unsafe), or read it by
        P(ansible.builtin.file#lookup), so that Ansible leaves them alone.
    type: str
  uri:
    description:
      - The document in S3, V(s3://BUCKET/KEY), up to 64 KB. The caller needs C(s3:GetObject), since it is read to be compared.
    type: str
  description:
    description:
      - What it does, up to 1024 characters. A changed description alone makes no new version; it goes to the next one.
    type: str
  change_description:
    description:
      - What changed in this version, up to 1024 characters. Makes no new version by itself either.
    type: str
  supported_os_versions:
    description:
      - What the operating system of a parent image may begin with, at most 25 (V(Amazon Linux 2023), V(Ubuntu)). Their order means
        nothing.
    type: list
    elements: str
  kms_key_id:
    description:
      - Key with which the component is encrypted.
    type: str
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
  - slipway.aws._options.state
  - slipway.aws._options.role
  - slipway.aws._attributes.noun
notes:
  - With O(state=absent) and no O(semantic_version), all versions go that no recipe uses; those that are kept are returned as
    RV(kept) with the reason. Asked for one version that is in use, the module fails.
  - A component without a difference costs one call, with O(uri) two; one more where the account is not known from the
    credentials.
seealso:
  - module: slipway.aws.imagebuilder_component_info
  - module: slipway.aws.imagebuilder_image_recipe
  - name: Component documents
    description: What may stand in one, in the AWS documentation.
    link: https://docs.aws.amazon.com/imagebuilder/latest/userguide/toe-use-documents.html
"""

EXAMPLES = r"""
- name: Have a component that installs a package
  slipway.aws.imagebuilder_component:
    name: web-server
    platform: Linux
    supported_os_versions: [Amazon Linux 2023]
    data: |
      name: web-server
      schemaVersion: 1.0
      phases:
        - name: build
          steps:
            - name: Install
              action: ExecuteBash
              inputs:
                commands:
                  - dnf install -y nginx
        - name: test
          steps:
            - name: IsInstalled
              action: ExecuteBash
              inputs:
                commands:
                  - rpm -q nginx

- name: Remove one version
  slipway.aws.imagebuilder_component:
    name: web-server
    semantic_version: 1.0.0
    state: absent

- name: Remove all versions that no recipe uses
  slipway.aws.imagebuilder_component:
    name: web-server
    state: absent
"""

RETURN = r"""
component:
  description:
    - The newest build of the version. Empty with O(state=absent). In check mode, as it would become.
  returned: always
  type: dict
  contains:
    arn:
      description: ARN of the build; in check mode, of the one that is there now.
      type: str
      returned: when it exists
      sample: arn:aws:imagebuilder:eu-west-1:123456789012:component/web-server/1.0.0/1
    name:
      description: Its name.
      type: str
      returned: when it exists
      sample: web-server
    version:
      description: Its version without the build number.
      type: str
      returned: when it exists
      sample: 1.0.0
    semantic_version:
      description: The same, by the name of the option.
      type: str
      returned: when it exists
      sample: 1.0.0
    type:
      description: V(TEST) when it has nothing but a test phase, else V(BUILD).
      type: str
      returned: when it exists
      sample: BUILD
    platform:
      description: The platform it is for.
      type: str
      returned: when it exists
      sample: Linux
    data:
      description: The document.
      type: str
      returned: when it exists
    description:
      description: What it does.
      type: str
      returned: when it has one
    change_description:
      description: What changed in this version.
      type: str
      returned: when it has one
    supported_os_versions:
      description: Operating systems it is for.
      type: list
      elements: str
      returned: when set
    state:
      description: Whether recipes may use it.
      type: dict
      returned: when it exists
      sample: {"status": "ACTIVE"}
    parameters:
      description: Its parameters.
      type: list
      elements: dict
      returned: when it has any
    owner:
      description: The account it belongs to.
      type: str
      returned: when it exists
      sample: "123456789012"
    encrypted:
      description: Whether it is encrypted; it always is.
      type: bool
      returned: when it exists
      sample: true
    kms_key_id:
      description: Key with which it is encrypted.
      type: str
      returned: when it is a key of one's own
    date_created:
      description: When it was created.
      type: str
      returned: when it exists
      sample: "2026-11-23T17:00:00.000Z"
    tags:
      description: Its tags, without C(slipway:content-digest).
      type: dict
      returned: when it exists
      sample: {"Team": "platform"}
removed:
  description: ARNs of the builds that were removed, or in check mode would be.
  returned: with O(state=absent)
  type: list
  elements: str
kept:
  description: Builds that were kept.
  returned: with O(state=absent)
  type: list
  elements: dict
  contains:
    arn:
      description: ARN of the build.
      type: str
      returned: always
    reason:
      description: What uses it.
      type: str
      returned: always
      sample: used by image recipe web/1.0.0
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.slipway.aws.plugins.module_utils._core.client import ROLE_OPTIONS, STATE_OPTION, TAG_OPTIONS
from ansible_collections.slipway.aws.plugins.module_utils._core.resource import Resource, ensure
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.components import (
    COMPONENT,
    content,
    create_component,
    find_component,
    update_component,
)
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.nouns import deleter, retag
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.removal import withdraw
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.shapes import asked


def want(params: Shape) -> Shape:
    named = asked(params, "name", "semantic_version", "uri", "description", "change_description")
    return {**named, **content(params), "tags": params["tags"]}


IMAGEBUILDER_COMPONENT = Resource(
    service="imagebuilder",
    name="component",
    find=find_component,
    want=want,
    create=create_component,
    update=update_component,
    delete=deleter(COMPONENT),
    retag=retag,
    fixed=frozenset({"name", "platform"}),
)

ARGUMENT_SPEC = {
    "name": {"type": "str", "required": True, "aliases": ["component_name"]},
    "semantic_version": {"type": "str", "aliases": ["version"]},
    "platform": {"type": "str", "choices": ["Linux", "Windows", "macOS"]},
    "data": {"type": "str"},
    "uri": {"type": "str"},
    "description": {"type": "str"},
    "change_description": {"type": "str"},
    "supported_os_versions": {"type": "list", "elements": "str"},
    "kms_key_id": {"type": "str"},
    **STATE_OPTION,
    **TAG_OPTIONS,
    **ROLE_OPTIONS,
}


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=ARGUMENT_SPEC, supports_check_mode=True, mutually_exclusive=[("data", "uri")]
    )
    if module.params["state"] == "absent":
        withdraw(module, COMPONENT)
    else:
        ensure(module, IMAGEBUILDER_COMPONENT)


if __name__ == "__main__":
    main()
