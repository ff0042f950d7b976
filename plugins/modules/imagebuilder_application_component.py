#!/usr/bin/python
# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: imagebuilder_application_component
short_description: Manage an EC2 Image Builder component that installs an application
version_added: 1.0.0
description:
  - Create a component from the directory of an application that CodeDeploy could deploy, with the same C(appspec.yml). An image with
    the component has the application installed, and hosts that are launched from it start it.
  - In the build phase, the component runs the scripts of the C(BeforeInstall) hook, installs C(files) with C(permissions) like the
    CodeDeploy agent does, and runs the scripts of the C(AfterInstall) hook.
  - In the test phase, on an instance that is launched from the new image, it runs the scripts of C(ApplicationStart) and
    C(ValidateService). A script that fails or exceeds its C(timeout) fails the image.
  - The scripts of all other hooks are not run, because they concern deployments to hosts that are running. RV(hooks_not_run) names them.
author:
  - Slipway contributors (@slipway-aws)
options:
  src:
    description:
      - Path of the directory to bundle, with C(appspec.yml) in its root. Required with O(state=present).
      - On the controller, a relative path is searched for like C(src) of M(ansible.builtin.copy). A task that runs on another host uses
        the directory on that host, and requires an absolute path.
      - An AppSpec file for Windows is refused.
    type: path
  application_name:
    description:
      - Value of the environment variable E(APPLICATION_NAME) of the scripts. If not set, the name of the component.
    type: str
  deployment_group_name:
    description:
      - Value of the environment variable E(DEPLOYMENT_GROUP_NAME) of the scripts, for scripts that depend on it. If not set, it is empty.
    type: str
  start_at_boot:
    description:
      - Whether hosts that are launched from the image run the scripts of C(ApplicationStart) each time they boot. The component installs
        and enables the systemd unit C(slipway-NAME.service) for this, and the test phase waits for this unit.
      - If V(false), the scripts are run only in the test phase. What hosts are to start has to be enabled in C(AfterInstall) then, for
        example with C(systemctl enable).
    type: bool
    default: true
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
  - slipway.aws._imagebuilder.bundle
  - slipway.aws._options.state
  - slipway.aws._options.role
  - slipway.aws._attributes.noun
notes:
  - The bundle stays on the host in C(/opt/slipway/NAME), which is the working directory of the scripts. C(runas) works as with the agent.
  - Scripts get the environment variables E(APPLICATION_NAME), E(DEPLOYMENT_GROUP_NAME) and E(LIFECYCLE_EVENT). There is no deployment, so
    E(DEPLOYMENT_ID) and E(DEPLOYMENT_GROUP_ID) are empty.
  - C(file_exists_behavior) of the AppSpec file applies to files of the parent image. Without it, a file that exists fails the build.
seealso:
  - module: slipway.aws.codedeploy_revision
  - module: slipway.aws.imagebuilder_ansible_component
  - module: slipway.aws.imagebuilder_component
  - module: slipway.aws.imagebuilder_component_info
  - module: slipway.aws.imagebuilder_image_recipe
"""

EXAMPLES = r"""
- name: Ensure a component with the application exists
  slipway.aws.imagebuilder_application_component:
    name: storefront
    src: storefront
    bucket: example-releases
  register: application

- name: Ensure a recipe for images with the application exists
  slipway.aws.imagebuilder_image_recipe:
    name: storefront
    parent_image: aws:amazon-linux-2023-x86
    components:
      - component: storefront

- name: Ensure a component exists whose application is started by a unit that AfterInstall enables
  slipway.aws.imagebuilder_application_component:
    name: storefront
    src: storefront
    bucket: example-releases
    start_at_boot: false
    deployment_group_name: production

- name: Remove all versions that no recipe uses
  slipway.aws.imagebuilder_application_component:
    name: storefront
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
hooks_not_run:
  description: Hooks of the AppSpec file whose scripts the component does not run.
  returned: with O(state=present)
  type: list
  elements: str
  sample: [ApplicationStop]
problems:
  description: The problems of the AppSpec file.
  returned: when the AppSpec file is refused
  type: list
  elements: dict
  contains:
    line:
      description: Line number in the file, counted from 1. Null when the problem concerns the file as a whole.
      type: int
      sample: 7
    path:
      description: Location in the document.
      type: str
      sample: hooks.AfterInstall[0].location
    what:
      description: What is wrong.
      type: str
    remedy:
      description: How to fix it.
      type: str
    level:
      description: Always V(error) here.
      type: str
      sample: error
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

from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.bundled.application import application
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.bundled.task import (
    BUNDLE_OPTIONS,
    BUNDLE_RULES,
    ensure_bundled,
)

ARGUMENT_SPEC = {
    **BUNDLE_OPTIONS,
    "application_name": {"type": "str"},
    "deployment_group_name": {"type": "str"},
    "start_at_boot": {"type": "bool", "default": True},
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True, **BUNDLE_RULES)
    ensure_bundled(module, application)


if __name__ == "__main__":
    main()
