#!/usr/bin/python
# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: imagebuilder_image
short_description: Build an image with EC2 Image Builder, or remove images
version_added: 1.0.0
description:
  - Have an image that is made from the present inputs of a pipeline, or of a recipe and its companions. Waits until it is
    available and shows the steps of the build meanwhile.
  - Nothing is built when the newest available image is made from the same. That is told by the tag
    C(slipway:inputs-digest) of the image, over the recipe (name, volumes, working directory, build instance, AMI tags and
    watermarks), what the documents of its components say at present with their parameters, the AMI or image build its
    parent stands for at present, the members C(instance_profile_name), C(instance_types) and C(parent_instance) of the
    infrastructure configuration, and workflows that replace AWS's own. Where a build runs (subnet, logs, key pair) does not
    count, nor do descriptions, versions without other content, tests and scans.
  - An image that is missing in a Region or account of the distribution configuration is built again. Other changes of the
    distribution (permissions, tags) reach AWS with the next build.
  - A build in flight from the same inputs, or one that does not tell its inputs (as those of a schedule), is joined.
  - In check mode nothing is written, and the result tells whether an image would be built, and why.
author:
  - Slipway contributors (@slipway-aws)
options:
  state:
    description:
      - V(present) has an image built when it has to be. V(absent) removes images; those that are being built are refused.
    type: str
    choices: [present, absent]
    default: present
  image_pipeline_arn:
    description:
      - The pipeline to run. ARN, or the name of a pipeline of this account. It may be disabled.
      - With O(state=absent), all its images are meant.
    type: str
    aliases: [image_pipeline]
  image_recipe_arn:
    description:
      - The recipe to build from without a pipeline. ARN, or the name of a recipe of this account, perhaps with a version
        (V(web/1.x.x)). Needs O(infrastructure_configuration_arn).
      - With O(state=absent), all images of the recipe's name are meant.
    type: str
    aliases: [image_recipe]
  container_recipe_arn:
    description:
      - The container recipe to build from without a pipeline, written as O(image_recipe_arn).
    type: str
    aliases: [container_recipe]
  infrastructure_configuration_arn:
    description:
      - Where and how to build without a pipeline. ARN, or the name of a configuration of this account.
    type: str
    aliases: [infrastructure_configuration]
  distribution_configuration_arn:
    description:
      - Where the image goes without a pipeline. ARN, or the name of a configuration of this account.
    type: str
    aliases: [distribution_configuration]
  logging_configuration:
    description:
      - Log group of a build without a pipeline.
    type: dict
    suboptions:
      log_group_name:
        description: C(/aws/imagebuilder/IMAGE) when not given; other names need O(execution_role).
        type: str
  image_build_version_arn:
    description:
      - With O(state=absent), the one image to remove. ARN, or name, version and build number (V(web/1.0.3/2)).
    type: str
  delete_resources:
    description:
      - With O(state=absent), whether the AMIs and their snapshots are removed too, in every Region. Otherwise only what Image
        Builder knows of them goes.
      - The caller needs C(ec2:DescribeImages), C(ec2:DeregisterImage) and C(ec2:DeleteSnapshot). Copies in other accounts
        stay and are returned as RV(left); with O(execution_role) Image Builder removes them as well.
    type: bool
    default: false
  tags:
    description:
      - Tags for the image that is built. They do not change an image that is there, and are not tags of the AMI.
    type: dict
    aliases: [resource_tags]
  force:
    description:
      - Whether an image is built although nothing has moved. A build in flight is joined all the same.
    type: bool
    default: false
  max_age_days:
    description:
      - Build again when the newest image was begun more than so many days ago, by the clock of AWS. So an image gets what
        package repositories have had since.
    type: int
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - slipway.aws._imagebuilder.build
  - slipway.aws._options.wait
  - slipway.aws._options.follow
  - slipway.aws._options.role
  - slipway.aws._attributes.act
notes:
  - The result that Ansible prints of a failed task is short; see the notes of M(slipway.aws.codedeploy_deployment) for when it is not.
  - O(image_tests_configuration), O(enhanced_image_metadata_enabled), O(image_scanning_configuration) and O(workflows) are for builds
    without a pipeline; a pipeline has its own.
  - When O(wait_timeout) is not given, a build is waited for until it is six hours old. When the time is over the task
    fails, the build goes on, and a second run joins it.
seealso:
  - module: slipway.aws.imagebuilder_image_info
  - module: slipway.aws.imagebuilder_image_pipeline
  - name: Images in EC2 Image Builder
    description: What they are, in the AWS documentation.
    link: https://docs.aws.amazon.com/imagebuilder/latest/userguide/create-images.html
"""

EXAMPLES = r"""
- name: Have an image from the pipeline, not older than 30 days
  slipway.aws.imagebuilder_image:
    image_pipeline: golden
    max_age_days: 30
  register: baked

- name: Build without a pipeline
  slipway.aws.imagebuilder_image:
    image_recipe: golden
    infrastructure_configuration: golden
    distribution_configuration: golden

- name: Start a build and do something else meanwhile
  slipway.aws.imagebuilder_image:
    image_pipeline: golden
    wait: false

- name: Remove all images of the pipeline with their AMIs and snapshots
  slipway.aws.imagebuilder_image:
    image_pipeline: golden
    state: absent
    delete_resources: true
"""

RETURN = r"""
image:
  description:
    - The image that was built or joined, or the newest available one when nothing is built. Empty when there is none.
  returned: always
  type: dict
  contains:
    arn:
      description: ARN of the build.
      type: str
      returned: when there is one
      sample: arn:aws:imagebuilder:eu-west-1:123456789012:image/golden/1.0.0/1
    name:
      description: Its name, which is the recipe's.
      type: str
      returned: when there is one
      sample: golden
    version:
      description: Version of the recipe and number of the build.
      type: str
      returned: when there is one
      sample: 1.0.0/1
    type:
      description: V(AMI) or V(DOCKER).
      type: str
      returned: when there is one
      sample: AMI
    platform:
      description: Its platform.
      type: str
      returned: when there is one
      sample: Linux
    os_version:
      description: Its operating system.
      type: str
      returned: when AWS tells
    state:
      description: How far it is; with reason and context when it failed.
      type: dict
      returned: when there is one
      sample: {"status": "AVAILABLE"}
    output_resources:
      description: All AMIs and container images it came to be, in every Region and account.
      type: dict
      returned: when there are any
    image_recipe:
      description: The recipe as it was built.
      type: dict
      returned: for AMIs
    container_recipe:
      description: The recipe as it was built.
      type: dict
      returned: for container images
    infrastructure_configuration:
      description: The infrastructure configuration as it was.
      type: dict
      returned: when there is one
    distribution_configuration:
      description: The distribution configuration as it was.
      type: dict
      returned: when it has one
    source_pipeline_arn:
      description: The pipeline that built it.
      type: str
      returned: when one did
    build_type:
      description: Who started it.
      type: str
      returned: when there is one
      sample: USER_INITIATED
    logging_configuration:
      description: Its log group.
      type: dict
      returned: when AWS tells
    date_created:
      description: When the build began.
      type: str
      returned: when there is one
      sample: "2026-11-23T17:00:00.000Z"
    tags:
      description: Its tags, among them those that tell what it was made from.
      type: dict
      returned: when there is one
image_ids:
  description: AMI id by Region, this account's own where there are several.
  returned: always
  type: dict
  sample: {"eu-central-1": "ami-0fedcba9876543210", "eu-west-1": "ami-0123456789abcdef0"}
joined:
  description: Whether a build was joined that was in flight.
  returned: with O(state=present)
  type: bool
  sample: false
reason:
  description: Why an image is built, joined or not built.
  returned: with O(state=present)
  type: str
  sample: since golden/1.0.0/1 was made there is another set of components
digest:
  description: Digest of what shapes the image at present.
  returned: with O(state=present), when everything it is built from is there
  type: str
  sample: 4f3c2b1a4f3c2b1a4f3c2b1a4f3c2b1a4f3c2b1a4f3c2b1a4f3c2b1a4f3c2b1a
inputs:
  description: What shapes the image at present, by part.
  returned: with O(state=present), when everything it is built from is there
  type: dict
removed:
  description: ARNs of the images that were removed, or in check mode would be.
  returned: with O(state=absent)
  type: list
  elements: str
deregistered:
  description: AMIs that were removed with them.
  returned: with O(state=absent)
  type: list
  elements: dict
left:
  description: AMIs that stay, each with the reason.
  returned: with O(state=absent)
  type: list
  elements: dict
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.slipway.aws.plugins.module_utils._core.client import ROLE_OPTIONS, STATE_OPTION, connect
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import FAILURES, failure
from ansible_collections.slipway.aws.plugins.module_utils._core.waiting import FOLLOW_OPTION, WAIT_OPTIONS
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.baking import bake, unbake
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.options import BUILD_OPTIONS

SUBJECTS = ("image_pipeline_arn", "image_recipe_arn", "container_recipe_arn", "image_build_version_arn")

ARGUMENT_SPEC = {
    "image_pipeline_arn": {"type": "str", "aliases": ["image_pipeline"]},
    "image_recipe_arn": {"type": "str", "aliases": ["image_recipe"]},
    "container_recipe_arn": {"type": "str", "aliases": ["container_recipe"]},
    "infrastructure_configuration_arn": {"type": "str", "aliases": ["infrastructure_configuration"]},
    "distribution_configuration_arn": {"type": "str", "aliases": ["distribution_configuration"]},
    "logging_configuration": {"type": "dict", "options": {"log_group_name": {"type": "str"}}},
    "image_build_version_arn": {"type": "str"},
    "delete_resources": {"type": "bool", "default": False},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "force": {"type": "bool", "default": False},
    "max_age_days": {"type": "int"},
    **BUILD_OPTIONS,
    **STATE_OPTION,
    **WAIT_OPTIONS,
    **FOLLOW_OPTION,
    **ROLE_OPTIONS,
}


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=ARGUMENT_SPEC,
        supports_check_mode=True,
        mutually_exclusive=[SUBJECTS],
        required_one_of=[SUBJECTS],
        required_if=[("state", "present", SUBJECTS[:3], True)],
    )
    params, present = module.params, module.params["state"] == "present"
    subject = next(params[name] for name in SUBJECTS if params[name])
    try:
        result = (bake if present else unbake)(connect(module), params, module.check_mode)
    except FAILURES as problem:
        verb = "build the image of" if present else "remove the images of"
        module.fail_json(**failure(problem, f"Failed to {verb} {subject}", module.argument_spec))
    if not module._diff:
        result.pop("diff", None)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
