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
  - Create, tag and remove EC2 Image Builder components. A component is a document that defines the steps to build or test an image.
  - An existing component cannot be changed. If O(data), O(uri), O(supported_os_versions) or O(kms_key_id) differ from the existing
    component, the module adds exactly one new build version to the same semantic version and keeps the old builds. Recipes that
    reference the component with a wildcard or without a build number use the new build automatically.
  - Documents are compared by their content, not by their formatting. A digest of the content is also stored in the tag
    C(slipway:content-digest), which is neither returned nor purged.
  - Documents are validated before anything is written. Error messages name the line of each problem.
author:
  - Slipway contributors (@slipway-aws)
options:
  name:
    description:
      - Name of the component, 3 to 128 letters, digits, spaces, hyphens and underscores.
      - AWS treats names that differ only in case, or in spaces and underscores instead of hyphens, as the same component.
    type: str
    required: true
    aliases: [component_name]
  semantic_version:
    description:
      - Version of the component, three numbers. If not set, the newest existing version, or V(1.0.0) for a new component.
      - With O(state=absent), only this version is removed, or with a build number (V(1.0.0/2)) only this build.
    type: str
    aliases: [version]
  platform:
    description:
      - Platform of the images that the component is for. Required for a new component. It cannot be changed.
    type: str
    choices: [Linux, Windows, macOS]
  data:
    description:
      - Content of the component document, up to 16,000 characters. A new component requires either this option or O(uri).
      - Image Builder and Ansible both use double braces. Write the text as C(!unsafe), or read it with
        P(ansible.builtin.file#lookup), so that Ansible does not evaluate them.
    type: str
  uri:
    description:
      - Location of the component document in S3, V(s3://BUCKET/KEY). The document can have up to 64 KB.
      - The caller needs the permission C(s3:GetObject), because the module reads the document to compare it.
    type: str
  description:
    description:
      - Description of the component, up to 1024 characters.
      - A different description alone does not create a new build. It is used for the next build.
    type: str
  change_description:
    description:
      - Description of the change in this version, up to 1024 characters.
      - A different change description alone does not create a new build.
    type: str
  supported_os_versions:
    description:
      - Operating systems that the component supports, for example V(Amazon Linux 2023) or V(Ubuntu), at most 25. The operating system of
        a parent image must begin with one of them. The order does not matter.
    type: list
    elements: str
  kms_key_id:
    description:
      - KMS key to encrypt the component with.
    type: str
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
  - slipway.aws._imagebuilder.retain
  - slipway.aws._options.state
  - slipway.aws._options.role
  - slipway.aws._attributes.noun
notes:
  - With O(state=absent) and without O(semantic_version), all versions that no recipe uses are removed. The other versions are returned in
    RV(kept) with the reason. With O(semantic_version), the module fails if the version is in use.
  - If nothing differs, the module makes one API call, two with O(uri), and one more if the account cannot be determined from the
    credentials.
seealso:
  - module: slipway.aws.imagebuilder_component_info
  - module: slipway.aws.imagebuilder_image_recipe
  - name: Component documents
    description: The schema of component documents in the AWS documentation.
    link: https://docs.aws.amazon.com/imagebuilder/latest/userguide/toe-use-documents.html
"""

EXAMPLES = r"""
- name: Ensure a component that installs a package exists
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

- name: Delete old versions that nothing uses, but keep the newest five
  slipway.aws.imagebuilder_component:
    name: web-server
    retain: 5
    prune: true

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
    - The newest build of the version. Empty with O(state=absent). In check mode, the expected state.
  returned: always
  type: dict
  contains:
    arn:
      description: ARN of the build. In check mode, the ARN of the existing build.
      type: str
      returned: when the component exists
      sample: arn:aws:imagebuilder:eu-west-1:123456789012:component/web-server/1.0.0/1
    name:
      description: Name of the component.
      type: str
      returned: when the component exists
      sample: web-server
    version:
      description: Version of the component without the build number.
      type: str
      returned: when the component exists
      sample: 1.0.0
    semantic_version:
      description: Version of the component, under the name of the option.
      type: str
      returned: when the component exists
      sample: 1.0.0
    type:
      description: V(TEST) if the document has only a test phase, otherwise V(BUILD).
      type: str
      returned: when the component exists
      sample: BUILD
    platform:
      description: Platform of the component.
      type: str
      returned: when the component exists
      sample: Linux
    data:
      description: Content of the component document.
      type: str
      returned: when the component exists
    description:
      description: Description of the component.
      type: str
      returned: when set
    change_description:
      description: Description of the change in this version.
      type: str
      returned: when set
    supported_os_versions:
      description: Operating systems that the component supports.
      type: list
      elements: str
      returned: when set
    state:
      description: State of the component, which shows whether recipes can use it.
      type: dict
      returned: when the component exists
      sample: {"status": "ACTIVE"}
    parameters:
      description: Parameters of the component.
      type: list
      elements: dict
      returned: when set
    owner:
      description: Account that owns the component.
      type: str
      returned: when the component exists
      sample: "123456789012"
    encrypted:
      description: Whether the component is encrypted. Always V(true).
      type: bool
      returned: when the component exists
      sample: true
    kms_key_id:
      description: KMS key that the component is encrypted with.
      type: str
      returned: when the key is a customer managed key
    date_created:
      description: When the component was created.
      type: str
      returned: when the component exists
      sample: "2026-11-23T17:00:00.000Z"
    tags:
      description: Tags of the component, without C(slipway:content-digest).
      type: dict
      returned: when the component exists
      sample: {"Team": "platform"}
removed:
  description: ARNs of the builds that were removed, or that would be removed in check mode.
  returned: with O(state=absent)
  type: list
  elements: str
kept:
  description: Builds that were not removed.
  returned: with O(state=absent)
  type: list
  elements: dict
  contains:
    arn:
      description: ARN of the build.
      type: str
      returned: always
    reason:
      description: What uses the build.
      type: str
      returned: always
      sample: used by image recipe web/1.0.0
unused_versions:
  description: ARNs of the versions beyond O(retain) that nothing uses, newest first. They are deleted if O(prune=true).
  returned: when O(retain) is set
  type: list
  elements: str
used_versions:
  description: The versions beyond O(retain) that something uses, and that are kept.
  returned: when O(retain) is set
  type: list
  elements: dict
  contains:
    arn:
      description: ARN of the version.
      type: str
      returned: always
    reason:
      description: What uses the version.
      type: str
      returned: always
      sample: used by image recipe web/1.0.0
pruned:
  description: Whether the unused versions were deleted, or would be deleted in check mode.
  returned: when O(retain) is set
  type: bool
  sample: false
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.slipway.aws.plugins.module_utils._core.client import ROLE_OPTIONS, STATE_OPTION, TAG_OPTIONS
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.components import (
    COMPONENT,
    IMAGEBUILDER_COMPONENT,
)
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.pruning import RETAIN_OPTIONS, ensure_pruned
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.removal import withdraw

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
    **RETAIN_OPTIONS,
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
        ensure_pruned(module, COMPONENT, IMAGEBUILDER_COMPONENT)


if __name__ == "__main__":
    main()
