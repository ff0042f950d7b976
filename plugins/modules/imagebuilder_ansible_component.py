#!/usr/bin/python
# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: imagebuilder_ansible_component
short_description: Manage an EC2 Image Builder component that runs an Ansible playbook or roles
version_added: 1.0.0
description:
  - Create a component from a directory with Ansible content. In the build phase, the component installs ansible-core on the build
    instance in a virtual environment and runs a playbook or roles of the directory there, with the local connection.
  - The virtual environment and the bundle are removed from the instance before the image is created.
author:
  - Slipway contributors (@slipway-aws)
options:
  src:
    description:
      - Path of the directory to bundle, for example the repository of a playbook with its roles, variables and C(ansible.cfg). Required with
        O(state=present). It is the working directory of the run.
      - On the controller, a relative path is searched for like C(src) of M(ansible.builtin.copy). A task that runs on another host uses
        the directory on that host, and requires an absolute path.
    type: path
  playbook:
    description:
      - Path of the playbook to run, from the root of O(src). O(state=present) requires either this option or O(roles).
    type: str
  roles:
    description:
      - Names of roles to run instead of a playbook. Roles without a namespace must be in O(roles_path).
    type: list
    elements: str
  roles_path:
    description:
      - Path of the directory with roles, from the root of O(src).
    type: str
    default: roles
  collections_path:
    description:
      - Path of the directory with collections, from the root of O(src). Install them there before, for example with
        C(ansible-galaxy collection install -r requirements.yml -p collections). Nothing is downloaded from Galaxy in the build.
    type: str
    default: collections
  groups:
    description:
      - Groups of the inventory that the build instance belongs to, so that plays with these hosts and their C(group_vars) apply.
    type: list
    elements: str
    default: []
  extra_vars:
    description:
      - Extra variables for the run. They are stored in the bundle as they are, so do not use them for secrets. Names that look like
        secrets cause a warning.
    type: dict
  ansible_core_version:
    description:
      - Version of ansible-core to install, for example V(2.17.14). Required with O(state=present).
      - The Python interpreter of the build instance must support it.
    type: str
  wheels:
    description:
      - Path of a directory with the wheels of ansible-core and of everything that it needs, from the root of O(src). If set, they are
        installed without an index, and the build needs no network besides S3. If not set, pip installs ansible-core from its index.
      - Download them with C(pip download --dest wheels ansible-core==VERSION), with the Python version and on the platform of the build
        instance.
    type: str
  python:
    description:
      - Python interpreter on the build instance for the virtual environment. It needs the module C(venv).
    type: str
    default: python3
  idempotent:
    description:
      - Whether to run the playbook a second time in the validate phase, and to fail the image if the second run changes something.
    type: bool
    default: false
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
  - slipway.aws._imagebuilder.bundle
  - slipway.aws._options.state
  - slipway.aws._options.role
  - slipway.aws._attributes.noun
seealso:
  - module: slipway.aws.imagebuilder_application_component
  - module: slipway.aws.imagebuilder_component
  - module: slipway.aws.imagebuilder_component_info
  - module: slipway.aws.imagebuilder_image_recipe
"""

EXAMPLES = r"""
- name: Ensure a component that runs a playbook exists
  slipway.aws.imagebuilder_ansible_component:
    name: web-servers
    src: site
    playbook: web.yml
    groups: [web]
    ansible_core_version: 2.17.14
    python: python3.11
    idempotent: true
    bucket: example-releases

- name: Ensure a component that runs roles exists, for builds without access to the internet
  slipway.aws.imagebuilder_ansible_component:
    name: hardening
    src: site
    roles: [hardening]
    extra_vars:
      hardening_level: 2
    ansible_core_version: 2.17.14
    wheels: wheels
    bucket: example-releases

- name: Remove all versions that no recipe uses
  slipway.aws.imagebuilder_ansible_component:
    name: hardening
    state: absent
"""

RETURN = r"""
component:
  description:
    - The newest build of the version, as M(slipway.aws.imagebuilder_component) returns it. Empty with O(state=absent).
  returned: always
  type: dict
  sample:
    arn: arn:aws:imagebuilder:eu-west-1:123456789012:component/storefront/1.0.0/1
    name: storefront
    semantic_version: 1.0.0
bundle:
  description: The bundle in S3.
  returned: with O(state=present)
  type: dict
  contains:
    bucket:
      description: Name of the bucket.
      type: str
      sample: example-releases
    key:
      description: Key of the object.
      type: str
      sample: storefront/5d41402abc4b2a76b9719d911017c592ae3f1b3a9c2d8e7f605142332415ffed.tar.gz
    digest:
      description: SHA-256 of the uncompressed tar archive, which the component document names.
      type: str
      sample: 5d41402abc4b2a76b9719d911017c592ae3f1b3a9c2d8e7f605142332415ffed
    files:
      description: Number of files in the bundle, with the scripts of the module.
      type: int
      sample: 12
    source_size:
      description: Total size of these files, in bytes.
      type: int
      sample: 40960
    uploaded:
      description: Whether the bundle was uploaded, or would be uploaded in check mode.
      type: bool
      sample: true
playbook:
  description: Path of the playbook in the bundle that is run.
  returned: with O(state=present)
  type: str
  sample: web.yml
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
    reason:
      description: What uses the build.
      type: str
      sample: used by image recipe web/1.0.0
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.bundled.ansible import ansible_content
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.bundled.task import (
    BUNDLE_OPTIONS,
    BUNDLE_RULES,
    ensure_bundled,
)

ARGUMENT_SPEC = {
    **BUNDLE_OPTIONS,
    "playbook": {"type": "str"},
    "roles": {"type": "list", "elements": "str"},
    "roles_path": {"type": "str", "default": "roles"},
    "collections_path": {"type": "str", "default": "collections"},
    "groups": {"type": "list", "elements": "str", "default": []},
    "extra_vars": {"type": "dict"},
    "ansible_core_version": {"type": "str"},
    "wheels": {"type": "str"},
    "python": {"type": "str", "default": "python3"},
    "idempotent": {"type": "bool", "default": False},
}


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=ARGUMENT_SPEC,
        supports_check_mode=True,
        mutually_exclusive=[("playbook", "roles")],
        required_if=[
            *BUNDLE_RULES["required_if"],
            ("state", "present", ("playbook", "roles"), True),
            ("state", "present", ("ansible_core_version",)),
        ],
        required_by=BUNDLE_RULES["required_by"],
    )
    ensure_bundled(module, ansible_content)


if __name__ == "__main__":
    main()
